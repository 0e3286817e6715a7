// The one error of this folder.

/** Speech could not be rendered; the message says what was expected and what came. */
export class SpeechFailed extends Error {
  override name = 'SpeechFailed'
}

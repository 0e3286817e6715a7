// What every speech program is to the rest, whichever it is: a phrase in, its sound or SpeechFailed out.
import type { Sound } from './wav.ts'

/** Speech could not be rendered; the message says what was expected and what came. */
export class SpeechFailed extends Error {
  override name = 'SpeechFailed'
}

/** A speech program. `name` is part of the cache's key, since two engines never sound quite alike. */
export type Engine = {
  readonly name: string
  /** Speaks one phrase. Throws SpeechFailed. */
  render(phrase: string): Promise<Sound>
  close(): void
}

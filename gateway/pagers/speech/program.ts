// What every speech program is to the rest, whichever it is: a phrase in, its sound out.
import type { Sound } from './wav.ts'

/** A speech program. `name` is part of the cache's key, since two engines never sound quite alike. */
export type Engine = {
  readonly name: string
  /** Speaks one phrase. Throws SpeechFailed. */
  render(phrase: string): Promise<Sound>
  close(): void
}

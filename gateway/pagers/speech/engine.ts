// Which program speaks: espeak-ng where it is installed, otherwise its npm build, each as a process of its own.
import type { Speech } from '../../../schemas/site/paging.ts'
import { createBundledEngine } from './bundled.ts'
import { type Engine, SpeechFailed } from './program.ts'
import { createSystemEngine } from './system.ts'

export type EngineChoice = 'system' | 'bundled'

/** The engine of this machine; `choice` insists on one. Throws SpeechFailed where there is none. */
export async function findEngine(speech: Speech, choice?: EngineChoice): Promise<Engine> {
  const system = choice === 'bundled' ? null : await createSystemEngine(speech)
  const engine = system ?? (choice === 'system' ? null : createBundledEngine(speech))
  if (engine) return engine
  throw new SpeechFailed(
    'expected espeak-ng on the PATH or the package @echogarden/espeak-ng-emscripten installed, came neither',
  )
}

// The voice, tried: one sentence is rendered by the program that speaks on the telephone, and thrown away.
import type { Speech } from '../../../schemas/site/paging.ts'
import { findEngine } from '../../pagers/speech/engine.ts'
import { broken, type Finding, ok, warning } from './finding.ts'

const SENTENCE = 'Personal alarm. This is a trial of the voice.'
/** Half a second of it at least. */
const SPOKEN_MS_MIN = 500

export async function tryVoice(speech: Speech): Promise<Finding> {
  try {
    const engine = await findEngine(speech)
    try {
      const { samples, rateHz } = await engine.render(SENTENCE)
      const ms = Math.round((samples.length * 1000) / rateHz)
      if (ms < SPOKEN_MS_MIN) return broken('voice', `${engine.name} rendered a sentence of ${ms} ms`)
      const came = `${engine.name} speaks ${speech.voice}: a sentence of ${ms / 1000} s`
      return engine.name === 'espeak-ng-emscripten'
        ? warning('voice', `${came}, slowly`, 'apt install espeak-ng')
        : ok('voice', came)
    } finally {
      engine.close()
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return broken('voice', `calls would be alert tones without words: ${why}`, 'apt install espeak-ng')
  }
}

// One phrase as telephone samples: found on disk, or rendered by the engine, resampled, trimmed and kept.
import type { Speech as SpeechSettings } from '../../../schemas/site/paging.ts'
import { type Cache, createCache, TELEPHONE_HZ } from './cache.ts'
import { type EngineChoice, findEngine } from './engine.ts'
import { type Engine, SpeechFailed } from './program.ts'
import { resample } from './resample.ts'
import { trimSilence } from './trim.ts'

export type Voice = {
  /** Throws what the engine throws, or SpeechFailed where nothing is heard of it. */
  render(text: string): Promise<Int16Array>
  close(): void
}

type VoiceOptions = { settings: SpeechSettings; cacheDir: string; engine?: EngineChoice }

/** The engine is looked for with the first phrase, and again after it was not found. `onKeep`: null where a phrase was kept. */
export function createVoice(options: VoiceOptions, onKeep: (error: unknown) => void): Voice {
  let found: Promise<{ engine: Engine; cache: Cache }> | null = null

  const find = async () => {
    const engine = await findEngine(options.settings, options.engine)
    return { engine, cache: createCache(options.cacheDir, engine.name, options.settings) }
  }

  return {
    async render(text) {
      found ??= find().catch(cause => {
        found = null
        throw cause
      })
      const { engine, cache } = await found
      const kept = await cache.find(text)
      if (kept) return kept
      const sound = await engine.render(text)
      const samples = trimSilence(resample(sound.samples, sound.rateHz, TELEPHONE_HZ))
      if (samples.length === 0)
        throw new SpeechFailed(`${engine.name} spoke ${JSON.stringify(text)} as silence`)
      // A full disk costs a rendering after the next start, never this call.
      await cache.keep(text, samples).then(() => onKeep(null), onKeep)
      return samples
    },
    close() {
      void found?.then(
        ({ engine }) => engine.close(),
        () => {},
      )
    },
  }
}

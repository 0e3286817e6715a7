// The spoken phrases: texts in, telephone samples out, rendered once and kept in memory and on disk.
// A caller never waits: a phrase is ready, still being rendered, or failed. Urgent phrases go before those rendered ahead.
import type { Speech as SpeechSettings } from '../../../schemas/site.ts'
import { type Cache, createCache, TELEPHONE_HZ } from './cache.ts'
import { type EngineChoice, findEngine } from './engine.ts'
import { SpeechFailed } from './failed.ts'
import type { Engine } from './program.ts'
import { resample } from './resample.ts'
import { trimSilence } from './trim.ts'

/** Two at a time: one that hangs does not hold up the rest, and the sound of calls in progress has a core left. */
const RENDERS_AT_ONCE = 2
/** While somebody is called, rendering ahead is one at a time, with a rest of so many times what the last one took. */
const REST_TIMES = 10
const REST_MAX_MS = 1_000
/** In memory; at about 30 kB a phrase this is 15 MB. The rest is on disk. */
const KEPT_PHRASES = 512
const RETRY_MS = 30_000

export type Phrase = Int16Array | 'pending' | 'failed'

export type Speech = {
  /** What is there now of this phrase; unknown ones begin to be rendered, before all that is rendered ahead. */
  phrase(text: string): Phrase
  /** Resolves when each of the phrases is rendered or has failed (which `onFault` says). */
  prepare(texts: readonly string[]): Promise<void>
  close(): void
}

export type SpeechOptions = {
  settings: SpeechSettings
  cacheDir: string
  engine?: EngineChoice
  /** Told when rendering begins to fail, and null once it works again. */
  onFault(text: string | null): void
  /** Whether a call is under way: what is rendered ahead is then not to be in its way. */
  isCalling?(): boolean
}

type Entry = { samples: Int16Array | 'pending' | 'failed'; done: Promise<void>; usedAt: number }
type Job = { text: string; run(): Promise<void> }

export function createSpeech(options: SpeechOptions): Speech {
  const entries = new Map<string, Entry>()
  const urgent: Job[] = []
  const ahead: Job[] = []
  let running = 0
  let uses = 0
  const faults = new Map<'rendering' | 'keeping', string>()
  let retry: NodeJS.Timeout | null = null
  let rest: NodeJS.Timeout | null = null
  let voice: Promise<{ engine: Engine; cache: Cache }> | null = null

  const findVoice = async () => {
    const engine = await findEngine(options.settings, options.engine)
    return { engine, cache: createCache(options.cacheDir, engine.name, options.settings) }
  }

  const render = async (text: string): Promise<Int16Array> => {
    voice ??= findVoice().catch(cause => {
      voice = null
      throw cause
    })
    const { engine, cache } = await voice
    const kept = await cache.find(text)
    if (kept) return kept
    const sound = await engine.render(text)
    const samples = trimSilence(resample(sound.samples, sound.rateHz, TELEPHONE_HZ))
    if (samples.length === 0)
      throw new SpeechFailed(`${engine.name} spoke ${JSON.stringify(text)} as silence`)
    // A full disk costs a rendering after the next start, never this call.
    await cache.keep(text, samples).then(
      () => fault('keeping', null),
      cause => fault('keeping', `rendered speech cannot be kept: ${textOf(cause)}`),
    )
    return samples
  }

  const fault = (of: 'rendering' | 'keeping', text: string | null): void => {
    if (text === null && !faults.has(of)) return
    if (text === null) faults.delete(of)
    else faults.set(of, text)
    options.onFault(faults.size === 0 ? null : [...faults.values()].join('; '))
  }

  const work = (): void => {
    while (running < RENDERS_AT_ONCE) {
      const job = urgent.shift() ?? nextAhead()
      if (!job) return
      running += 1
      const beganAtMs = performance.now()
      void job.run().finally(() => {
        running -= 1
        takeRest(performance.now() - beganAtMs)
        work()
      })
    }
  }

  const isCalling = options.isCalling ?? (() => false)
  const nextAhead = (): Job | undefined => (isCalling() && (running > 0 || rest) ? undefined : ahead.shift())

  /** Starting a program holds the thread up for a millisecond or more, in which no INVITE leaves. */
  const takeRest = (tookMs: number): void => {
    if (!isCalling() || rest) return
    rest = setTimeout(
      () => {
        rest = null
        work()
      },
      Math.min(REST_MAX_MS, REST_TIMES * tookMs),
    )
  }

  const begin = (text: string, queue: Job[]): Entry => {
    const entry: Entry = { samples: 'pending', done: Promise.resolve(), usedAt: 0 }
    entry.done = new Promise(resolve => {
      queue.push({ text, run: () => renderInto(entry, text).then(resolve) })
    })
    entries.set(text, entry)
    forgetOldest()
    work()
    return entry
  }

  const renderInto = async (entry: Entry, text: string): Promise<void> => {
    try {
      entry.samples = await render(text)
      if (![...entries.values()].some(each => each.samples === 'failed')) fault('rendering', null)
    } catch (cause) {
      entry.samples = 'failed'
      fault('rendering', `speech cannot be rendered: ${textOf(cause)}`)
      retryLater()
    }
  }

  const retryLater = (): void => {
    if (retry) return
    retry = setTimeout(() => {
      retry = null
      for (const [text, entry] of entries) if (entry.samples === 'failed') begin(text, ahead)
    }, RETRY_MS)
    retry.unref()
  }

  const forgetOldest = (): void => {
    if (entries.size <= KEPT_PHRASES) return
    const idle = [...entries].filter(([, entry]) => entry.samples !== 'pending')
    const oldest = idle.reduce<[string, Entry] | null>(
      (one, other) => (one && one[1].usedAt <= other[1].usedAt ? one : other),
      null,
    )
    if (oldest) entries.delete(oldest[0])
  }

  const hasten = (text: string): void => {
    const at = ahead.findIndex(job => job.text === text)
    if (at >= 0) urgent.push(...ahead.splice(at, 1))
  }

  return {
    phrase(text) {
      const entry = entries.get(text) ?? begin(text, urgent)
      if (entry.samples === 'pending') hasten(text)
      uses += 1
      entry.usedAt = uses
      return entry.samples
    },
    async prepare(texts) {
      const found = texts.map(text => {
        const entry = entries.get(text)
        return entry && entry.samples !== 'failed' ? entry : begin(text, ahead)
      })
      await Promise.all(found.map(entry => entry.done))
    },
    close() {
      if (retry) clearTimeout(retry)
      if (rest) clearTimeout(rest)
      urgent.length = 0
      ahead.length = 0
      void voice?.then(
        ({ engine }) => engine.close(),
        () => {},
      )
    },
  }
}

function textOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return cause.cause instanceof Error ? `${cause.message} (${cause.cause.message})` : cause.message
}

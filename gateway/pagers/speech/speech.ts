// The spoken phrases: texts in, telephone samples out, rendered once and kept in memory and on disk.
// A caller never waits: a phrase is ready, still being rendered, or failed. Urgent phrases go before those rendered ahead.
import type { Speech as SpeechSettings } from '../../../schemas/site/paging.ts'
import type { EngineChoice } from './engine.ts'
import { createJobs } from './jobs.ts'
import { createVoice } from './voice.ts'

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

export function createSpeech(options: SpeechOptions): Speech {
  const entries = new Map<string, Entry>()
  const jobs = createJobs(options.isCalling ?? (() => false))
  const fault = faultsTo(options.onFault)
  const voice = createVoice(options, cause =>
    fault('keeping', cause === null ? null : `rendered speech cannot be kept: ${textOf(cause)}`),
  )
  let uses = 0
  let retry: NodeJS.Timeout | null = null

  const begin = (text: string, isUrgent: boolean): Entry => {
    const entry: Entry = { samples: 'pending', done: Promise.resolve(), usedAt: 0 }
    entries.set(text, entry)
    forgetOldest(entries)
    entry.done = new Promise(resolve => {
      jobs.add({ text, run: () => renderInto(entry, text).then(resolve) }, isUrgent)
    })
    return entry
  }

  const renderInto = async (entry: Entry, text: string): Promise<void> => {
    try {
      entry.samples = await voice.render(text)
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
      for (const [text, entry] of entries) if (entry.samples === 'failed') begin(text, false)
    }, RETRY_MS)
    retry.unref()
  }

  return {
    phrase(text) {
      const entry = entries.get(text) ?? begin(text, true)
      if (entry.samples === 'pending') jobs.hasten(text)
      uses += 1
      entry.usedAt = uses
      return entry.samples
    },
    async prepare(texts) {
      const found = texts.map(text => {
        const entry = entries.get(text)
        return entry && entry.samples !== 'failed' ? entry : begin(text, false)
      })
      await Promise.all(found.map(entry => entry.done))
    },
    close() {
      if (retry) clearTimeout(retry)
      jobs.close()
      voice.close()
    },
  }
}

/** Both faults as one text, null where there is none; a fault that is gone before it was there is not told. */
function faultsTo(onFault: SpeechOptions['onFault']) {
  const faults = new Map<'rendering' | 'keeping', string>()
  return (of: 'rendering' | 'keeping', text: string | null): void => {
    if (text === null && !faults.has(of)) return
    if (text === null) faults.delete(of)
    else faults.set(of, text)
    onFault(faults.size === 0 ? null : [...faults.values()].join('; '))
  }
}

function forgetOldest(entries: Map<string, Entry>): void {
  if (entries.size <= KEPT_PHRASES) return
  const idle = [...entries].filter(([, entry]) => entry.samples !== 'pending')
  const oldest = idle.reduce<[string, Entry] | null>(
    (one, other) => (one && one[1].usedAt <= other[1].usedAt ? one : other),
    null,
  )
  if (oldest) entries.delete(oldest[0])
}

function textOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return cause.cause instanceof Error ? `${cause.message} (${cause.cause.message})` : cause.message
}

// Acknowledgements that are owed: what a message asks for was carried out, people are called, and the disk does not take it yet. The sender's
// connection goes on, so that the next alarm comes through it. Promises that the first and the newest message about each thing are
// acknowledged no sooner than they are on disk: whoever has no acknowledgement sends them again to whoever starts next.
import type { Clock, EngineEvent, Submit } from '../../ports.ts'
import { aged, inParts } from './parts.ts'

/** The disk is asked again each so long. */
const AGAIN_MS = 1_000
/** So many at once of one sender; beyond that its connection is ended, as for any other failure. */
const OWED_MAX = 1_000

export type Owed = {
  /** What it is about. Between the first and the newest about the same, none is owed any more: senders have few on their way. */
  about: readonly string[]
  /** Resolves once all of it is on disk. */
  again(): Promise<unknown>
  acknowledge(): void
}

export type Owing = {
  /** False where too many are owed, or this cannot be. */
  add(owed: Owed | null): boolean
  /** Acknowledges nothing more. */
  close(): void
}

/** The acknowledgement of a message at QoS 1 (MQTT 3.1.1 §3.4). */
export const puback = (messageId: number): Buffer => Buffer.from([0x40, 2, messageId >> 8, messageId & 0xff])

/** Whether it was carried out, and only the disk did not take it (engine/writer). */
export const isNotKept = (error: Error): boolean => error.name === 'NotKept'

export type Message = {
  topic: string
  arrivedAtMs: number
  /** What it says; asked once. */
  hear(): readonly EngineEvent[]
}

/** A message to be carried out, part by part, and what is owed for it where the disk does not take it. */
export function carrying(
  { topic, arrivedAtMs, hear }: Message,
  { submit, clock }: { submit: Submit; clock: Clock },
) {
  let events: readonly EngineEvent[] = []
  const parts = () =>
    events.flatMap(inParts).map(part => () => submit(aged(part, clock.nowMs() - arrivedAtMs)))
  return {
    events: () => events,
    read() {
      events = hear()
      return parts()
    },
    /** Null where that would be another press. */
    owed: (acknowledge: () => void): Owed | null =>
      events.every(mayBeAskedAgain)
        ? {
            about: aboutOf(events, topic),
            again: () => Promise.all(parts().map(part => part())),
            acknowledge,
          }
        : null,
  }
}

/** What has a time of its own is the same when it is asked again. A press by name has none, and some reports. */
const mayBeAskedAgain = (event: EngineEvent): boolean =>
  event.kind === 'reports' && event.reports.every(({ ageMs }) => ageMs !== null)

/** A pendant sends an alarm again and again: all of it is about its address. */
function aboutOf(events: readonly EngineEvent[], topic: string): string[] {
  const addresses = events.flatMap(event =>
    event.kind === 'reports' ? event.reports.map(report => report.address) : [],
  )
  return addresses.length > 0 ? [...new Set(addresses)] : [topic]
}

export function owing(clock: Clock): Owing {
  const ends = new Map<string, { first: Owed; newest: Owed | null }>()
  /** Those that are owed, each with how many things it is the first or the newest about. */
  const open = new Map<Owed, number>()
  let cancel: (() => void) | null = null
  let isClosed = false

  function settle(owed: Owed): void {
    if (!open.delete(owed)) return
    for (const about of owed.about) {
      const of = ends.get(about)
      if (of?.newest === owed) of.newest = null
      if (of?.first !== owed) continue
      if (of.newest === null) ends.delete(about)
      else ends.set(about, { first: of.newest, newest: null })
    }
    owed.acknowledge()
  }

  function stand(owed: Owed, about: string): void {
    const of = ends.get(about)
    if (of === undefined) return void ends.set(about, { first: owed, newest: null })
    const before = of.newest
    of.newest = owed
    if (before === null) return
    const left = (open.get(before) ?? 1) - 1
    if (left === 0) settle(before)
    else open.set(before, left)
  }

  /** The oldest first; where the disk takes it, it takes the others too. */
  async function ask(): Promise<void> {
    for (const owed of [...open.keys()]) {
      if (isClosed || !open.has(owed)) continue
      const isKept = await owed.again().then(
        () => true,
        () => false,
      )
      if (isClosed) return
      if (!isKept) break
      settle(owed)
    }
    askLater()
  }

  function askLater(): void {
    cancel = null
    if (!isClosed && open.size > 0) cancel = clock.after(AGAIN_MS, () => void ask())
  }

  return {
    add(owed) {
      if (owed === null || isClosed || open.size >= OWED_MAX) return false
      const isFirst = open.size === 0
      open.set(owed, owed.about.length)
      for (const about of owed.about) stand(owed, about)
      if (isFirst && cancel === null) askLater()
      return true
    },
    close() {
      isClosed = true
      cancel?.()
      open.clear()
      ends.clear()
    },
  }
}

// What is to stand on each topic, on its way to the broker: the newest of each topic wins, a few at once, incidents first. Promises
// that never more waits than there are topics, however long the broker is away, and that nothing here is waited for.
import type { Kept, KeptWay } from './ports.ts'

/** At once: the broker's thread has receivers to hear between two of these. */
export const AT_ONCE = 32

export type Outbox = {
  /** From now on this is to stand there. `last` is said once where it ends. */
  set(topic: string, payload: string | null, how?: { isUrgent?: boolean; last?: string }): void
  /** Topics on which something is to stand. */
  topics(): Iterable<string>
  /** All that there is was set by now: what stands there is true once it is handed over. */
  complete(): void
  /** Says that whoever sets is there, though there is nothing new. */
  beat(): void
  close(): void
}

export type OutboxOptions = {
  way: KeptWay
  /** Why nothing can be handed over; null once it can. */
  onWay(why: string | null): void
}

export function outbox({ way, onWay }: OutboxOptions): Outbox {
  const wanted = new Map<string, { payload: string; isUrgent: boolean }>()
  const waiting = createLanes()
  let isComplete = false
  let isWhole = false
  /** Nothing is handed over until it is known where to begin. */
  let isLost = false
  let isClosed = false
  let life = 0
  let busy = false

  way.onEmpty(() => {
    life += 1
    busy = false
    isLost = false
    isWhole = false
    waiting.clear()
    for (const [topic, { payload, isUrgent }] of wanted) waiting.put({ topic, payload }, isUrgent)
    pump()
  })

  function pump(isBeat = false): void {
    if (busy || isLost || isClosed) return
    const batch = waiting.next()
    const isAll = isComplete && waiting.size() === 0
    if (batch.length === 0 && !isBeat && (isWhole || !isAll)) return
    isWhole ||= isAll
    busy = true
    const own = life
    way.keep(batch, isWhole).then(
      () => over(own, null),
      (error: unknown) => over(own, error instanceof Error ? error.message : String(error)),
    )
  }

  /** What was handed over in another life of the broker is handed over again anyhow. */
  function over(own: number, why: string | null): void {
    if (own !== life || isClosed) return
    busy = false
    isLost = why !== null
    if (isLost) waiting.clear()
    onWay(why)
    pump()
  }

  return {
    set(topic, payload, { isUrgent = false, last } = {}) {
      if ((wanted.get(topic)?.payload ?? null) === payload) return
      if (payload === null) wanted.delete(topic)
      else wanted.set(topic, { payload, isUrgent })
      if (isLost) return
      waiting.put({ topic, payload, ...(last !== undefined && { last }) }, isUrgent)
      pump()
    },
    topics: () => wanted.keys(),
    complete() {
      isComplete = true
      pump()
    },
    beat: () => pump(true),
    close() {
      isClosed = true
    },
  }
}

/** Two lanes: what is urgent goes first, each in the order in which it came; of a topic there is one. */
function createLanes() {
  const urgent = new Map<string, Kept>()
  const others = new Map<string, Kept>()
  return {
    put(kept: Kept, isUrgent: boolean): void {
      urgent.delete(kept.topic)
      others.delete(kept.topic)
      const lane = isUrgent ? urgent : others
      lane.set(kept.topic, kept)
    },
    /** The next few, taken out. */
    next(): Kept[] {
      const batch: Kept[] = []
      for (const lane of [urgent, others])
        for (const [topic, kept] of lane) {
          if (batch.length === AT_ONCE) return batch
          lane.delete(topic)
          batch.push(kept)
        }
      return batch
    },
    size: () => urgent.size + others.size,
    clear(): void {
      urgent.clear()
      others.clear()
    },
  }
}

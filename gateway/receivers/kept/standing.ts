// What other systems are told, as it stands on a broker: documents in, retained messages out, and on the status topic whether they are
// true. Promises that the status is offline before the first of them, and again where whoever hands them over falls silent.
import { OUT_ALIVE_MS } from '../../../schemas/api/out.ts'
import type { Clock } from '../../ports.ts'
import type { Kept } from './way.ts'

/** Resolves once the broker has it. */
export type Publish = (topic: string, payload: string, isRetained: boolean) => Promise<void>

export type Standing = {
  keep(kept: readonly Kept[], isWhole: boolean): Promise<void>
  /** Whether something of ours stands there. */
  has(topic: string): boolean
  /** Says that nothing of it is to be believed any more, and where `isGone` takes all of it away. */
  end(isGone: boolean): Promise<void>
}

export type StandingOptions = {
  publish: Publish
  status: string
  clock: Clock
  /** What must have happened before it is said to be true. */
  beforeOnline?(): Promise<void>
}

/** `offline` stands there already when this is called. */
export function standing({ publish, status, clock, beforeOnline }: StandingOptions): Standing {
  const topics = new Set<string>()
  let isOnline = false
  let isEnded = false
  let cancel = (): void => {}

  async function say(next: boolean): Promise<void> {
    if (isEnded || next === isOnline) return
    if (next) await beforeOnline?.()
    isOnline = next
    await publish(status, next ? 'online' : 'offline', true)
  }

  async function put({ topic, payload, last }: Kept): Promise<void> {
    if (payload === null) topics.delete(topic)
    else topics.add(topic)
    const said = last === undefined ? undefined : publish(topic, last, false)
    await Promise.all([said, publish(topic, payload ?? '', true)])
  }

  return {
    has: topic => topic === status || topics.has(topic),
    async keep(kept, isWhole) {
      cancel()
      cancel = clock.after(OUT_ALIVE_MS, () => void say(false).catch(() => undefined))
      await Promise.all(kept.map(put))
      await say(isWhole)
    },
    async end(isGone) {
      cancel()
      await say(false)
      isEnded = true
      if (!isGone) return
      await Promise.all([...topics].map(topic => publish(topic, '', true)))
      await publish(status, '', true)
    },
  }
}

// Whether more comes in than can be carried out. In: each event that found no place. Out: the technical alarm of it, raised
// at the next look and mended when it has not happened for a minute.
import type { CoreEvent } from '../core/deciding/decision/decision.ts'
import type { Clock } from '../ports.ts'

const KEY = 'queue'
const TEXT =
  'More comes in than can be carried out: messages of receivers are refused and sent again (tocsin_refused_total, reason overrun)'
const QUIET_MS = 60_000

export type Load = {
  overran(): void
  /** What is to be decided about it now. */
  due(): CoreEvent[]
}

export function createLoad(clock: Clock): Load {
  let lastAtMs: number | null = null
  let isSaid = false
  return {
    overran: () => {
      lastAtMs = clock.nowMs()
    },
    due() {
      const isOver = lastAtMs === null || clock.nowMs() - lastAtMs >= QUIET_MS
      if (isOver !== isSaid) return []
      isSaid = !isOver
      return [{ kind: 'fault', key: KEY, text: isOver ? null : TEXT }]
    },
  }
}

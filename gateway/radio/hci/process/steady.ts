// Whether a radio comes and goes. In: what its processes say, and that one was lost. Out: the same; but of one that was lost again and
// again, that it is well only once it has stayed. Otherwise each time is over before anybody is told of it.
import type { Clock } from '../../../ports.ts'
import type { ScannerTell } from '../scanner.ts'
import type { Told } from './told.ts'

/** Lost so often within so long though it had heard something, it comes and goes: it is back once it has stayed for as long as that takes. */
const GOES_MIN = 3
const GOES_MS = 5 * 60_000
const STAYS_MS = 30_000

export type Steady = {
  said(tell: ScannerTell): void
  /** Its process is over. Where it had said why, how the process went then is no news. */
  lost(why: string): void
  close(): void
}

export function createSteady(
  clock: Pick<Clock, 'nowMs' | 'after'>,
  told: Pick<Told, 'said' | 'lost'>,
): Steady {
  let lostAtMs: number[] = []
  let hasHeard = false
  let isOver = false
  let kept: ScannerTell[] = []
  let cancel = (): void => {}

  const comesAndGoes = (): boolean =>
    lostAtMs.length === GOES_MIN && clock.nowMs() - (lostAtMs[0] ?? 0) <= GOES_MS
  const drop = (): void => {
    kept = []
    cancel()
  }
  const handOn = (): void => {
    for (const each of kept.splice(0)) told.said(each)
  }

  return {
    said(each) {
      const isWell = each.is === 'listening' || each.is === 'hearing'
      if (each.is === 'hearing') hasHeard = true
      if (!isWell && each.is !== 'mute') drop()
      if (each.is === 'over') isOver = true
      if (!isWell || !comesAndGoes()) return told.said(each)
      kept.push(each)
      if (kept.length === 1) cancel = clock.after(STAYS_MS, handOn)
    },
    lost(why) {
      drop()
      if (hasHeard) lostAtMs = [...lostAtMs, clock.nowMs()].slice(-GOES_MIN)
      hasHeard = false
      if (!isOver) told.lost(comesAndGoes() ? `${why}; it comes and goes` : why)
      isOver = false
    },
    close: drop,
  }
}

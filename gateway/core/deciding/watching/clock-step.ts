// In: that the machine's clock stands off from the gateway's own time, or where it stood at a start. Out: a row that says so,
// and a loud technical alarm for some minutes. Nothing waits longer for it, and nothing is taken to be late.
import type { Change } from '../../plan/change.ts'
import { type ClockState, STEP_MS, STEP_ROWS_MAX } from '../../state/clock.ts'
import type { State } from '../../state/state.ts'
import { type Decision, nothing } from '../decision/decision.ts'

export const CLOCK = 'clock'
const QUIET_MS = STEP_ROWS_MAX * 60_000
const LOUD_MS = 600_000
/** Nobody is called about an open alarm for so long only while no gateway runs. */
const GAP_MS = 600_000

/** A time service sets a clock that had stopped with the power so soon after a start; later it is somebody's hand. */
const SOON_MS = 900_000

const MEND = 'check its time service and its battery'

/** The machine's clock says so much more (less, where negative) than the gateway's own time. */
export function decideClock(state: State, offsetMs: number, nowMs: number): Decision {
  const { clock, beganSeq, startedAtMs } = state
  const byMs = offsetMs - clock.offsetMs
  const lately = clock.notedAtMs.filter(atMs => nowMs - atMs < QUIET_MS)
  if (Math.abs(byMs) < STEP_MS || lately.length >= STEP_ROWS_MAX) return nothing()
  const text = `The machine's clock was ${stepWords(byMs, offsetMs)}: ${MEND}. Nobody waits longer for it, and times shown are by the clock as it is now`
  return {
    ...nothing(),
    changes: [
      { is: 'clock-stepped', byMs, offsetMs, afterSeq: beganSeq },
      { is: 'technical-raised', key: CLOCK, text },
    ],
    observations: byMs > 0 && nowMs - startedAtMs < SOON_MS ? [{ is: 'older-by', byMs }] : [],
  }
}

/** The last step, and where several leave the clock: to where it stood when this process began. */
function stepWords(byMs: number, offsetMs: number): string {
  const step = `put ${byMs < 0 ? 'back' : 'forward'} by ${lengthWords(Math.abs(byMs))}`
  if (Math.abs(offsetMs - byMs) < STEP_MS) return step
  if (Math.abs(offsetMs) < STEP_MS) return `${step}, and is again as it was when the gateway started`
  const side = offsetMs < 0 ? 'behind' : 'ahead of'
  return `${step}, and is ${lengthWords(Math.abs(offsetMs))} ${side} what it was when the gateway started`
}

/** At a start: how the clock stood to the newest row. What was being waited for by another clock is over. */
export function decideClockStart({ clock, beganSeq, incidents }: State): Decision {
  const changes: Change[] = []
  if (clock.wasStepped) changes.push({ is: 'clock-stepped', byMs: 0, offsetMs: 0, afterSeq: beganSeq })
  const text = atStart(clock, [...incidents.values()].find(({ state }) => state === 'raised')?.id)
  if (text !== null) changes.push({ is: 'technical-raised', key: CLOCK, text })
  return { ...nothing(), changes }
}

export function decideClockTick(state: State, nowMs: number): Decision {
  const loud = state.technical.get(CLOCK)
  if (loud === undefined || nowMs - loud.saidAtMs < LOUD_MS) return nothing()
  return { ...nothing(), changes: [{ is: 'technical-mended', key: CLOCK }] }
}

function atStart({ aheadMs, sinceNewestMs }: ClockState, raised: string | undefined): string | null {
  if (aheadMs >= STEP_MS)
    return `The machine's clock stands ${lengthWords(aheadMs)} before the newest row of the journal: ${MEND}. Whoever was to be called later is called now`
  if (raised === undefined || sinceNewestMs < GAP_MS) return null
  return `By the machine's clock nobody was called about ${raised} for ${lengthWords(sinceNewestMs)}: the gateway was off, or its clock was put ahead: ${MEND}`
}

const UNITS: readonly [ms: number, one: string, many: string][] = [
  [365 * 86_400_000, 'year', 'years'],
  [86_400_000, 'day', 'days'],
  [3_600_000, 'h', 'h'],
  [60_000, 'min', 'min'],
  [1_000, 's', 's'],
]

/** "1 h 5 min", "2 years 3 days": the two largest units that there are. */
export function lengthWords(ms: number): string {
  let leftMs = Math.max(1_000, Math.round(ms / 1_000) * 1_000)
  const words: string[] = []
  for (const [unitMs, one, many] of UNITS) {
    const count = Math.floor(leftMs / unitMs)
    leftMs -= count * unitMs
    if (count > 0) words.push(`${count} ${count === 1 ? one : many}`)
    if (words.length === 2 || (words.length === 1 && count === 0)) break
  }
  return words.join(' ')
}

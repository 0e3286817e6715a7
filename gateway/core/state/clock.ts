// How the machine's clock stands to the gateway's own time, and how it stood to the newest row at the start.

/** A time service that slews stays below this; what steps does not. */
export const STEP_MS = 1_000

/** A clock that is set back and forth is a row a minute; a few in a row are each said at once, so that the words are of the last. */
export const STEP_ROWS_MAX = 3

export type ClockState = {
  /** What the machine's clock says, less the gateway's own time, as it was last written down. */
  offsetMs: number
  /** When its steps were written down, the newest last; no more than what bounds their rows asks for. */
  notedAtMs: readonly number[]
  /** How the newest row of the journal stood to the clock when this process began: see applying/redated.ts. */
  aheadMs: number
  sinceNewestMs: number
  wasStepped: boolean
}

export const newClockState = (): ClockState => ({
  offsetMs: 0,
  notedAtMs: [],
  aheadMs: 0,
  sinceNewestMs: 0,
  wasStepped: false,
})

/**
 * Whether what was written down then is as old as it seems. A row of a run before is not where the clock stood before it at the
 * start, or was put ahead since: it went wrong while no gateway ran, for nobody knows how long.
 */
export const isAgeKnown = (
  { clock, startedAtMs }: { clock: ClockState; startedAtMs: number },
  atMs: number,
): boolean => atMs >= startedAtMs || (clock.aheadMs < STEP_MS && clock.offsetMs < STEP_MS)

/** Whether the rows before this start were dated by a clock that was ahead of this one. */
export const isClockBehind = ({ clock }: { clock: ClockState }): boolean => clock.aheadMs >= STEP_MS

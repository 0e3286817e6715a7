// What the state knows of the journal that it came from, and the keys and words of the technical alarms about it.

/** What the state knows of the journal that it came from. */
export type JournalState = {
  /** The highest heard of, so that the next is above all of them. */
  edition: number
  /** How many rows there are of what this Tocsin does not know. */
  strange: Map<string, number>
  /** Beacon counters up to here may have been used by rows and counters that were lost. */
  beaconsUsed: number
}
export const newJournalState = (): JournalState => ({ edition: 1, strange: new Map(), beaconsUsed: 0 })

/** More beacons than one pendant is sent in ten years, by which a clock that stands too early is outdone. */
const BEACONS_LEAP = 1 << 20
/** A counter has 32 bits: so much stays free, whatever the clock says. */
const BEACONS_USED_MAX = 0xf000_0000

/**
 * How far beacon counters may have been used by a journal of which something was lost at `atMs`. A pendant drops every beacon whose
 * counter is not above the last that it believed. None is sent as many as one a second, so the seconds since 1970 are above all.
 */
export const beaconsUsedBy = (before: number, atMs: number): number =>
  Math.min(BEACONS_USED_MAX, Math.max(before + BEACONS_LEAP, Math.floor(atMs / 1000)))

export const LOST = 'journal-lost'
export const UNREAD = 'journal-unread'
const BEHIND = 'journal-behind:'
export const STRANGE = 'unknown-row:'

/** A receiver remembers a newer end of the journal than it has. */
export const behindKey = (receiver: string): string => `${BEHIND}${receiver}`
/** Whether this alarm comes from rows and stands over restarts. */
export const isAboutRows = (key: string): boolean => key === LOST || key === UNREAD || key.startsWith(STRANGE)
/** Whether a person who accepts the journal as it is has dealt with this. */
export const isAcceptable = (key: string): boolean => key === LOST || key === UNREAD || key.startsWith(BEHIND)

/** A receiver's word against the journal's. `missing` 0 where the numbers agree and the rows don't. */
export const behindWords = (receiver: string, missing: number, seq: number): string =>
  missing > 0
    ? `${missing} rows of the journal are missing: receiver ${receiver} remembers row ${seq}. If an older copy was put back on purpose, or when somebody has looked into it: tocsin accept.`
    : `The journal is not the one that receiver ${receiver} remembers: row ${seq} is another. When somebody has looked into it: tocsin accept.`

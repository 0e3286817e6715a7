// What the state knows of the journal that it came from, and the keys and words of the technical alarms about it.

/** What the state knows of the journal that it came from. */
export type JournalState = {
  /** The highest heard of, so that the next is above all of them. */
  edition: number
  /** How many rows there are of what this Tocsin does not know. */
  strange: Map<string, number>
}
export const newJournalState = (): JournalState => ({ edition: 1, strange: new Map() })

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

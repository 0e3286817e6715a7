// What is remembered of the security events of one minute: which have their row, and how many were left out.

/** What was written down since `sinceMs`, and what was not: of each thing one row, and of all things so many. */
export type SecurityMinute = {
  sinceMs: number
  /** The things that have their row. */
  shown: ReadonlySet<string>
  /** How many events were left out because there were rows enough, by reason. */
  leftOut: ReadonlyMap<string, number>
}

export const newSecurityMinute = (): SecurityMinute => ({
  sinceMs: Number.NEGATIVE_INFINITY,
  shown: new Set(),
  leftOut: new Map(),
})

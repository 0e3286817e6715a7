// How often rooms could be worked out and could not, counted in memory.

/** Counted in memory; `looked` is what the last look at it saw. */
export type LocatingHealth = {
  worked: number
  failed: number
  /** Of the newest failure, in a technician's words. */
  why: string
  looked: { worked: number; failed: number; failedAtMs: number }
}

export const newLocatingHealth = (): LocatingHealth => ({
  worked: 0,
  failed: 0,
  why: '',
  looked: { worked: 0, failed: 0, failedAtMs: Number.NEGATIVE_INFINITY },
})

/** Notes how a step went, in place. */
export function noteLocating(health: LocatingHealth, failed: string | null): void {
  if (failed === null) health.worked += 1
  else {
    health.failed += 1
    health.why = failed
  }
}

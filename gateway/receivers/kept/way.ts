// What is handed over to stand on a broker for whoever reads it, types only.

/** What is to stand on a topic, retained; null is nothing any more, after `last` was said there once to whoever listens now. */
export type Kept = { topic: string; payload: string | null; last?: string }

export type KeptWay = {
  /**
   * Resolves once all of these stand there. Rejects where they may not: then all is to be handed over again after `onEmpty`.
   * `isWhole`: all that there is was handed over since, so that what stands there is true; that is said on the status topic, and
   * taken back where nothing more is handed over for OUT_ALIVE_MS.
   */
  keep(kept: readonly Kept[], isWhole: boolean): Promise<void>
  /** Called whenever nothing of what was handed over before counts any more there. */
  onEmpty(listener: () => void): void
}

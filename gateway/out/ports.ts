// What this folder needs of the rest of the gateway, types only: the state as others may see it, and a place where it is kept for them.
import type { OutHealth, OutPendant, OutReceiver } from '../../schemas/api/out.ts'

/** As the engine has it now: names and rooms of idle people only where they are asked for. */
export type OutDesk = {
  health(telling: { names: boolean }): OutHealth
  receivers(): OutReceiver[]
  /** Of these pendants; those that the site does not have are left out. */
  pendants(ids: readonly string[], telling: { names: boolean; positions: boolean }): OutPendant[]
}

/** What is to stand on a topic, retained; null is nothing any more, after `last` was said there once to whoever listens now. */
export type Kept = { topic: string; payload: string | null; last?: string }

/** Where what is told is kept: the gateway's own broker, or one outside. */
export type KeptWay = {
  /**
   * Resolves once all of these stand there. Rejects where they may not: then all is to be handed over again after `onEmpty`.
   * `isWhole`: all that there is was handed over since, so that what stands there is true.
   */
  keep(kept: readonly Kept[], isWhole: boolean): Promise<void>
  /** Called whenever nothing of what was handed over before counts any more there. */
  onEmpty(listener: () => void): void
}

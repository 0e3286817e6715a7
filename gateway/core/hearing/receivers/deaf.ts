// In: which receivers there are, and which of them are down or were moved. Out: whose silence says nothing. There are two answers,
// one for sealed frames and one for ESPresense's hints: a receiver of the one kind never hears the other.
import type { Receiver } from '../../../../schemas/site.ts'
import { placesOf } from '../../locating/belief/whereabouts.ts'
import type { Model } from '../../locating/building/model.ts'
import { isEar } from '../../plan/foreign.ts'
import type { Plan } from '../../plan/plan.ts'
import { isMovedKey, movedKey } from '../../walk/drift.ts'
import { downReceivers, isDeafKey, receiverIn } from './receiver.ts'

/** Receivers by id, and by their place in the model. */
export type Deaf = { readonly ids: ReadonlySet<string>; readonly places: ReadonlySet<number> }

export type Deafness = {
  /** Receivers that no sealed frame can come through now. */
  readonly toFrames: Deaf
  /** Receivers that no hint can come through now. */
  readonly toHints: Deaf
  /** Receivers that were moved since the walk test: what they hear belongs to rooms that nobody knows. */
  readonly moved: ReadonlySet<string>
}

const NOBODY: Deaf = { ids: new Set(), places: new Set() }
export const NO_DEAFNESS: Deafness = { toFrames: NOBODY, toHints: NOBODY, moved: NOBODY.ids }

/** Whether this technical alarm says that a receiver is not heard, or not to be believed. */
export const isAboutHearing = (key: string): boolean =>
  receiverIn(key) !== null || isMovedKey(key) || isDeafKey(key)

/** Worked out anew when a receiver goes down or comes back, and when rooms were learnt anew; not for each report. */
export function deafnessOf(so: {
  plan: Plan
  model: Model
  technical: ReadonlyMap<string, unknown>
}): Deafness {
  const { plan, model } = so
  const down = downReceivers(so, plan.receivers.keys())
  const receivers = [...plan.receivers.values()]
  const moved = new Set(receivers.flatMap(({ id }) => (so.technical.has(movedKey(id)) ? [id] : [])))
  const deaf = (isDeaf: (receiver: Receiver) => boolean): Deaf => {
    const those = receivers.filter(
      receiver => down.has(receiver.id) || moved.has(receiver.id) || isDeaf(receiver),
    )
    const ids = new Set(those.map(({ id }) => id))
    return { ids, places: placesOf(model, ids) }
  }
  return {
    toFrames: deaf(receiver => !isEar(receiver)),
    toHints: deaf(({ espresense }) => espresense === undefined),
    moved,
  }
}

// In: what is believed of the pendants that are heard, and the walk tests that stand. Out: the decision to say that they
// contradict one another. What is taken along is sums by room and receiver, and nothing of any pendant.
import { deafKey, receiverKey } from '../../hearing/receivers/receiver.ts'
import type { Track } from '../../hearing/track.ts'
import { guarded } from '../../locating/belief/soundness.ts'
import { isEar } from '../../plan/foreign.ts'
import type { State } from '../../state/state.ts'
import {
  driftChanges,
  knownOf,
  LOOK_EACH_MS,
  movedKey,
  PENDANTS_EACH_LOOK,
  residualsOf,
} from '../../walk/drift.ts'
import { standingTally } from '../../walk/stored-walk.ts'
import { type Decision, nothing } from '../decision/decision.ts'

/** As `lookAtDrift`. That it fails costs a warning, and is said like any fault of locating. */
export function decideDrift(state: State, nowMs: number): Decision {
  const { failed, answer } = guarded(state.model, () => lookAtDrift(state, nowMs))
  if (failed === null) return answer
  const observations: Decision['observations'] = [
    { is: 'locating-failed', pendant: null, why: failed },
    { is: 'drift-seen', residuals: [], nextPendant: 0, atMs: nowMs },
  ]
  return { ...nothing(), observations }
}

const isNoEar = ({ plan }: State, id: string): boolean => {
  const receiver = plan.receivers.get(id)
  return receiver !== undefined && !isEar(receiver)
}

/** Looks at some pendants in turn, and adds how well they fit; what they are, and who, goes no further. */
function lookAtDrift(state: State, nowMs: number): Decision {
  const { drift, tracks } = state
  if (nowMs - drift.lookedAtMs < LOOK_EACH_MS) return nothing()
  const rooms = knownRooms(state.walks)
  if (rooms.size < 2) return nothing()
  // What an ESPresense node or a relay hears is not among the levels of sealed frames, and would pass for silence.
  const isUnfit = (id: string): boolean =>
    isNoEar(state, id) ||
    state.technical.has(receiverKey(id)) ||
    state.technical.has(deafKey(id)) ||
    state.technical.has(movedKey(id))
  const unfit = new Set([...state.plan.receivers.keys()].filter(isUnfit))
  const changes = driftChanges(state.plan, drift, state.technical)
  const turn = drift.nextPendant < tracks.size ? drift.nextPendant : 0
  const looked = [...tracks.values()].slice(turn, turn + PENDANTS_EACH_LOOK)
  const residuals = looked.flatMap(track => residualsOf(rooms, levelsNow(track, nowMs), unfit))
  return {
    ...nothing(),
    changes,
    observations: [
      { is: 'drift-seen', residuals, nextPendant: turn + PENDANTS_EACH_LOOK, atMs: nowMs },
      // What a moved receiver misled about is begun anew without it.
      ...(changes.length > 0 ? [{ is: 'drift-forgotten' } as const] : []),
    ],
  }
}

const known = new WeakMap<State['walks'], ReturnType<typeof knownOf>>()

function knownRooms(walks: State['walks']): ReturnType<typeof knownOf> {
  const rooms = known.get(walks) ?? knownOf(standingTally(walks))
  known.set(walks, rooms)
  return rooms
}

/** The level of each receiver that heard it since the last look. */
function levelsNow(track: Track, nowMs: number): Map<string, number> {
  const levels = new Map<string, number>()
  const { belief } = track
  if (belief === null) return levels
  belief.receiver.forEach((index, slot) => {
    const receiver = belief.model.receivers[index]
    if (receiver === undefined || nowMs - (belief.at[slot] as number) > LOOK_EACH_MS) return
    levels.set(receiver, belief.level[slot] as number)
  })
  return levels
}

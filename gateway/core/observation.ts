// What the radio, the telephones and the desk pages teach that no disk needs to know: an observation in, the state's memory
// changed in place. A restart loses all of it, and hears it again.
import type { PendantState } from '../../schemas/session-api.ts'
import { type Armed, seeDesk } from './armed.ts'
import { coverOf } from './cover.ts'
import { deafnessOf } from './deaf.ts'
import { noteCount, noteHeard } from './ears.ts'
import { garbledAfter } from './garbled.ts'
import type { Model } from './locating/model.ts'
import { type LocatingHealth, noteLocating } from './locating-fault.ts'
import type { Plan } from './plan.ts'
import type { Rival } from './rival.ts'
import type { SecurityMinute } from './security.ts'
import { type Asked, remember, rememberHint, type Sighting } from './sighting.ts'
import { hasMoved } from './site-change.ts'
import { firstModel, type State, trackOf } from './state.ts'
import { GOES_MIN } from './supervision.ts'
import { observeWalk, type WalkSeen } from './walk-state.ts'

export type Observation =
  | { is: 'sighting'; sighting: Sighting; dataHex: string }
  | { is: 'hint'; pendant: string; receiver: string; rssiDbm: number; atMs: number }
  /** A room could not be worked out: what was believed of this pendant is begun anew. */
  | { is: 'locating-failed'; pendant: string | null; why: string }
  | { is: 'locating-looked'; looked: LocatingHealth['looked'] }
  /** `heard` is the count of its heartbeat; null where it has none, or says that it goes. */
  | { is: 'receiver'; receiver: string; isOnline: boolean; heard: number | null; atMs: number }
  | { is: 'edition'; edition: number }
  | { is: 'security-noted'; minute: SecurityMinute }
  | { is: 'rival'; pendant: string; rival: Rival }
  | { is: 'garbled'; receiver: string; atMs: number }
  | { is: 'beacons-renewed'; atMs: number }
  | { is: 'beacons-asked'; pendant: string; upTo: number }
  | { is: 'asked'; pendant: string; asked: Asked }
  | { is: 'telephone'; target: string; fault: string | null; atMs: number }
  | { is: 'desk'; desk: string; by: string | null; isAudible: boolean; atMs: number }
  | { is: 'desk-left'; desk: string }
  | { is: 'armed'; armed: Armed }
  | { is: 'duty'; duty: ReadonlyMap<string, PendantState> }
  | { is: 'proven'; key: string }
  | { is: 'model'; model: Model }
  | { is: 'plan'; plan: Plan }
  | WalkSeen

/** Takes in what the radio taught. */
export function observe(state: State, seen: Observation): void {
  switch (seen.is) {
    case 'sighting':
      noteLocating(
        state.locating,
        remember(trackOf(state, seen.sighting.pendant), seen.sighting, seen.dataHex, state),
      )
      noteHeard(state.ears, seen.sighting.receiver, seen.sighting.heardAtMs)
      return
    case 'hint':
      noteLocating(state.locating, rememberHint(trackOf(state, seen.pendant), seen, state))
      return
    case 'locating-failed':
      noteLocating(state.locating, seen.why)
      if (seen.pendant !== null) Object.assign(trackOf(state, seen.pendant), { belief: null, hints: null })
      return
    case 'locating-looked':
      state.locating.looked = seen.looked
      return
    case 'receiver':
      observeReceiver(state, seen.receiver, seen.isOnline, seen.atMs)
      if (!seen.isOnline) state.ears.delete(seen.receiver)
      else if (seen.heard !== null) noteCount(state.ears, seen.receiver, seen.heard, seen.atMs)
      return
    case 'edition':
      state.journal.edition = Math.max(state.journal.edition, seen.edition)
      return
    case 'security-noted':
      state.securityMinute = seen.minute
      return
    case 'rival':
      trackOf(state, seen.pendant).rival = seen.rival
      return
    case 'garbled':
      // Receivers of the site only (decide.ts): no others are remembered.
      state.garbled.set(seen.receiver, garbledAfter(state.garbled.get(seen.receiver), seen.atMs))
      return
    case 'model':
      state.model = seen.model
      state.deafness = deafnessOf(state)
      state.cover = coverOf(state.plan, seen.model)
      return
    case 'plan':
      // Until the walk tests are learnt for it, a changed building is told apart by physics.
      if (hasMoved(state.plan, seen.plan)) state.model = firstModel(seen.plan, state.locating)
      state.plan = seen.plan
      state.deafness = deafnessOf(state)
      state.cover = coverOf(seen.plan, state.model)
      return
    case 'beacons-renewed':
      state.beaconsRenewedAtMs = seen.atMs
      return
    case 'beacons-asked':
      trackOf(state, seen.pendant).beaconAsked = seen.upTo
      return
    case 'asked':
      Object.assign(trackOf(state, seen.pendant), {
        asked: seen.asked,
        beaconCounter: seen.asked.beaconCounter,
      })
      return
    case 'telephone':
      state.reach.telephones.set(seen.target, { fault: seen.fault, atMs: seen.atMs })
      return
    case 'desk':
      seeDesk(state.reach, seen.desk, seen.by, seen.isAudible, seen.atMs)
      return
    case 'desk-left':
      state.reach.desks.delete(seen.desk)
      return
    case 'armed':
      state.armed = seen.armed
      return
    case 'duty':
      state.duty = seen.duty
      return
    case 'proven':
      state.proven.add(seen.key)
      return
    default:
      observeWalk(state, seen)
  }
}

function observeReceiver(state: State, receiver: string, isOnline: boolean, atMs: number): void {
  const before = state.receivers.get(receiver)
  const isSame = before?.isOnline === isOnline
  const sinceMs = isSame ? before.sinceMs : atMs
  const gone = before?.goneAtMs ?? []
  const goneAtMs = isOnline || isSame ? gone : [...gone, atMs].slice(-GOES_MIN)
  state.receivers.set(receiver, { isOnline, sinceMs, statusAtMs: atMs, goneAtMs })
}

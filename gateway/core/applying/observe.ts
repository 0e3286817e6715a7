// In: an observation: what the radio, the targets and the desk pages teach that no disk needs to know. Out: the memory of the
// state, changed in place. A restart loses all of it, and hears it again.
import { coverOf } from '../hearing/receivers/cover.ts'
import { deafnessOf } from '../hearing/receivers/deaf.ts'
import { noteCount, noteHeard, noteRadio } from '../hearing/receivers/ears.ts'
import { garbledAfter } from '../hearing/receivers/garbled.ts'
import { GOES_MIN } from '../hearing/receivers/receiver.ts'
import { remember, rememberHint } from '../hearing/remember.ts'
import type { Asked, Track } from '../hearing/track.ts'
import { noteLocating } from '../locating/belief/health.ts'
import { targetKey } from '../plan/plan.ts'
import { hasMoved } from '../plan/site-difference.ts'
import { DESK_MS, type Reach } from '../state/armed.ts'
import type { Observation } from '../state/observation.ts'
import { sessionsOlder } from '../state/session.ts'
import { firstModel, type State, trackOf } from '../state/state.ts'
import { observeWalk } from './walk.ts'

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
      observeEar(state, seen)
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
      listenAnew(state)
      return
    case 'plan':
      // Until the walk tests are learnt for it, a changed building is told apart by physics.
      if (hasMoved(state.plan, seen.plan)) state.model = firstModel(seen.plan, state.locating)
      state.plan = seen.plan
      listenAnew(state)
      return
    case 'beacons-renewed':
      state.beaconsRenewedAtMs = seen.atMs
      return
    case 'beacons-asked':
      trackOf(state, seen.pendant).beaconAsked = seen.upTo
      return
    case 'asked':
      noteAsked(trackOf(state, seen.pendant), seen.asked)
      return
    case 'older-by':
      makeOlder(state, seen.byMs)
      return
    case 'target':
      state.reach.targets.set(targetKey(seen.channel, seen.target), { fault: seen.fault, atMs: seen.atMs })
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

/** Of another model or plan: whose silence says nothing, and which rooms nobody covers. */
function listenAnew(state: State): void {
  state.deafness = deafnessOf(state)
  state.cover = coverOf(state.plan, state.model)
}

function makeOlder(state: State, byMs: number): void {
  state.sessions = sessionsOlder(state.sessions, state.startedAtMs, byMs)
  // Another map, so that the desk is told of them anew.
  state.duty = new Map(state.duty)
}

function noteAsked(track: Track, asked: Asked): void {
  track.asked = asked
  track.beaconCounter = asked.beaconCounter
}

function observeReceiver(state: State, receiver: string, isOnline: boolean, atMs: number): void {
  const before = state.receivers.get(receiver)
  const isSame = before?.isOnline === isOnline
  const sinceMs = isSame ? before.sinceMs : atMs
  const gone = before?.goneAtMs ?? []
  const goneAtMs = isOnline || isSame ? gone : [...gone, atMs].slice(-GOES_MIN)
  state.receivers.set(receiver, { isOnline, sinceMs, statusAtMs: atMs, goneAtMs })
}

function observeEar({ ears }: State, seen: Extract<Observation, { is: 'receiver' }>): void {
  const { receiver, isOnline, heard, radio, atMs } = seen
  if (!isOnline) {
    ears.delete(receiver)
    return
  }
  if (heard !== null) noteCount(ears, receiver, heard, atMs)
  if (radio !== undefined) noteRadio(ears, receiver, radio, atMs)
}

const DESKS_MAX = 64

/** Takes in what a desk page said of itself (in place); pages that are gone are forgotten. */
export function seeDesk({ desks }: Reach, desk: string, by: string | null, isAudible: boolean, atMs: number) {
  for (const [id, each] of desks) if (atMs - each.atMs > DESK_MS) desks.delete(id)
  desks.delete(desk)
  if (desks.size >= DESKS_MAX) desks.delete([...desks.keys()][0] ?? '')
  desks.set(desk, { by, isAudible, atMs })
}

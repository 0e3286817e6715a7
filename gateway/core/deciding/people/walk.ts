// In: what an administrator does with a walk test (start, enter a room, finish, withdraw). Out: the decision it brings.
// Begun, ended and withdrawn are rows; taps and readings are memory until the walk is finished, which is one row.
import type { WalkEvent } from '../../../ports.ts'
import { deafKey, receiverKey } from '../../hearing/receivers/receiver.ts'
import { type Change, SYSTEM } from '../../plan/change.ts'
import { isEar } from '../../plan/foreign.ts'
import type { Observation } from '../../state/observation.ts'
import type { State } from '../../state/state.ts'
import { packReadings } from '../../walk/pack.ts'
import { finished, isAbandoned, RECORDINGS_MAX } from '../../walk/recording.ts'
import { type CoreEvent, type Decision, merge, nothing, refused } from '../decision/decision.ts'
import { decideDrift } from '../watching/drift.ts'

const lostKey = (pendant: string): string => `walk-lost:${pendant}`
export const isDriftKey = (key: string): boolean => /^(walk-drift|receiver-moved):/.test(key)
export const isWalkKey = (key: string): boolean => key.startsWith('walk-lost:') || isDriftKey(key)

export function decideWalk(state: State, event: WalkEvent, nowMs: number): Decision {
  switch (event.kind) {
    case 'walk-start':
      return start(state, event.pendant, event.by, nowMs)
    case 'walk-withdraw':
      return withdraw(state, event.walk, event.by)
    case 'walk-discard':
      return discard(state, event.pendant, event.by)
    case 'walk-enter':
    case 'walk-between':
    case 'walk-untap':
    case 'walk-finish':
      return onward(state, event, nowMs)
    default:
      return event satisfies never
  }
}

function start(state: State, pendant: string, by: string, nowMs: number): Decision {
  const worn = state.plan.pendants.get(pendant)
  if (worn === undefined) return refused('a pendant of this site', pendant, true)
  if (state.recordings.has(pendant))
    return refused('a pendant that no walk test is recorded with', `${pendant}, which is being recorded`)
  if (state.recordings.size >= RECORDINGS_MAX)
    return refused(`at most ${RECORDINGS_MAX} walk tests at once`, 'one more')
  // A pendant that ESPresense nodes cannot know teaches nothing of them: their silence is no walk's.
  const hearing = [...state.plan.receivers.values()].filter(
    receiver => isEar(receiver) || (receiver.espresense !== undefined && worn.espresense !== undefined),
  )
  const receivers = hearing.map(({ id }) => ({
    id,
    isUp:
      state.receivers.get(id)?.isOnline === true &&
      !state.technical.has(receiverKey(id)) &&
      !state.technical.has(deafKey(id)),
  }))
  if (!receivers.some(({ isUp }) => isUp)) return refused('at least one receiver that works', 'none')
  return {
    ...nothing(by),
    changes: [{ is: 'walk-began', pendant }, ...mended(state, lostKey(pendant))],
    observations: [{ is: 'walk-started', pendant, by, receivers, atMs: nowMs }],
  }
}

type Onward = Exclude<WalkEvent, { kind: 'walk-withdraw' }>

function onward(state: State, event: Onward, nowMs: number): Decision {
  const { pendant, by } = event
  const recording = state.recordings.get(pendant)
  if (recording === undefined)
    return refused('a walk test that is being recorded', `none with ${pendant}`, true)
  if (event.kind === 'walk-finish') return finish(state, pendant, by, nowMs)
  if (event.kind === 'walk-untap') {
    if (recording.open === null && recording.stays.length === 0)
      return refused('a tap to take back', 'nothing was tapped yet')
    return { ...nothing(by), observations: [{ is: 'walk-untapped', pendant, atMs: nowMs }] }
  }
  if (recording.stopped !== null)
    return refused('a recording that goes on', `one that has stopped: ${recording.stopped.why}`)
  if (event.kind === 'walk-enter' && event.room !== null && !state.plan.places.has(event.room))
    return refused('a room of this site', event.room, true)
  const to = event.kind === 'walk-enter' ? { room: event.room } : null
  return { ...nothing(by), observations: [{ is: 'walk-tapped', pendant, to, atMs: nowMs }] }
}

function finish(state: State, pendant: string, by: string, nowMs: number): Decision {
  const recording = state.recordings.get(pendant)
  if (recording === undefined) return nothing(by)
  const { receivers, readings, stays } = finished(recording, nowMs)
  if (stays.length === 0)
    return refused('at least one room that was tapped', 'none: tap rooms, or discard it')
  if (readings.length === 0)
    return refused('at least one reading', `none: no receiver that worked has heard ${pendant}`)
  const lengthMs = Math.min(nowMs, recording.stopped?.atMs ?? nowMs) - recording.startedAtMs
  const change: Change = {
    is: 'walk-stored',
    walk: state.walkCount + 1,
    pendant,
    receivers,
    stays,
    lengthMs,
    form: 'w1',
    count: readings.length,
    readings: packReadings(readings, receivers),
  }
  return {
    ...nothing(by),
    changes: [change, ...driftMended(state)],
    observations: [{ is: 'walk-over', pendant }, { is: 'drift-forgotten' }],
  }
}

function discard(state: State, pendant: string, by: string): Decision {
  const lost = mended(state, lostKey(pendant))
  if (!state.recordings.has(pendant)) {
    // What a restart has lost is put aside by the same button.
    if (lost.length > 0) return { ...nothing(by), changes: lost }
    return refused('a walk test that is being recorded', `none with ${pendant}`, true)
  }
  return {
    ...nothing(by),
    changes: [{ is: 'walk-ended', pendant, why: 'discarded' }],
    observations: [{ is: 'walk-over', pendant }],
  }
}

/** One step back: only the newest that stands, named, so that a button pressed twice takes back one walk and not two. */
function withdraw(state: State, walk: number, by: string): Decision {
  const newest = state.walks.findLast(each => each.withdrawn === null)
  if (newest === undefined) return refused('a walk test that stands', 'none is left', true)
  if (newest.walk !== walk)
    return refused(`the newest walk test that stands, which is ${newest.walk}`, String(walk))
  return {
    ...nothing(by),
    changes: [{ is: 'walk-withdrawn', walk }, ...driftMended(state)],
    observations: [{ is: 'drift-forgotten' }],
  }
}

/** The report is also a reading of the walk test that its pendant is on. */
export function recorded(
  state: State,
  event: Extract<CoreEvent, { kind: 'report' }>,
  decision: Decision,
): Decision {
  if (state.recordings.size === 0 || event.wasRedelivered) return decision
  const seen = decision.observations.find(each => each.is === 'sighting')
  if (seen === undefined || !state.recordings.has(seen.sighting.pendant)) return decision
  const { pendant, receiver, rssiDbm, heardAtMs } = seen.sighting
  if (rssiDbm === null) return decision
  const reading: Observation = { is: 'walk-heard', pendant, receiver, rssiDbm, heardAtMs }
  return { ...decision, observations: [...decision.observations, reading] }
}

/** Time passes for the recordings and for what is compared with the walk test. */
export const decideWalkTick = (state: State, nowMs: number): Decision =>
  merge([decideRecordings(state, nowMs), decideDrift(state, nowMs)])

/** The forgotten ones are thrown away. */
function decideRecordings(state: State, nowMs: number): Decision {
  if (state.recordings.size === 0) return nothing()
  const abandoned = [...state.recordings.values()].filter(each => isAbandoned(each, nowMs))
  return {
    ...nothing(),
    changes: abandoned.map(({ pendant }) => ({ is: 'walk-ended', pendant, why: 'abandoned' })),
    observations: [
      { is: 'walk-time', atMs: nowMs },
      ...abandoned.map(({ pendant }): Observation => ({ is: 'walk-over', pendant })),
    ],
  }
}

/** What was being recorded when the gateway ended is gone, and is said to be: nothing else is lost by a restart. */
export function decideWalkStart(state: State): Decision {
  const changes = [...state.begunWalks].flatMap(([pendant, { by }]): Change[] => [
    { is: 'walk-ended', pendant, why: 'lost' },
    {
      is: 'technical-raised',
      key: lostKey(pendant),
      text: `The walk test that ${by} was recording with ${pendant} was lost when the gateway restarted: walk it again, or discard it`,
    },
  ])
  return { ...nothing(SYSTEM), changes }
}

/** What contradicted the old model says nothing of the new one; where it is still so, it is noticed again. */
const driftMended = (state: State): Change[] =>
  [...state.technical.keys()].filter(isDriftKey).map(key => ({ is: 'technical-mended', key, isLetGo: true }))

const mended = (state: State, key: string): Change[] =>
  state.technical.has(key) ? [{ is: 'technical-mended', key }] : []

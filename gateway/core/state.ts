// Everything the gateway knows. Durable parts are journal rows applied in order; the rest is memory of the radio,
// which a restart may lose. Only the engine writes here, by `apply` and `observe`; `decide` reads.
import type { ArmedView, SecurityEvent, TechnicalAlarm, TestView } from '../../schemas/api.ts'
import { FLAG_FAULT, KIND_TEST } from '../../schemas/frame.ts'
import type { JournalEntry } from '../ports.ts'
import { newReach, type Reach, seeDesk } from './armed.ts'
import type { Change } from './change.ts'
import { type Deafness, deafnessOf, isAboutHearing } from './deaf.ts'
import { addResiduals, type Drift, newDrift, type Residual } from './drift.ts'
import { advance, type Incident, isOpen, raised, withLine } from './incident.ts'
import { modelFor } from './locating/calibrate.ts'
import type { Model } from './locating/model.ts'
import { type Plan, wearerName } from './plan.ts'
import { rememberPress } from './press.ts'
import { addReading, lookAtTime, newRecording, noteOutage, type Recording, tap, untap } from './recording.ts'
import { beaconsOf } from './reserve.ts'
import { applySession, type Session } from './session.ts'
import { type Asked, newTrack, remember, rememberHint, type Sighting, type Track } from './sighting.ts'
import { keepWalk, type StoredWalk, withdrawWalk } from './stored-walk.ts'
import { storyLine } from './story.ts'
import { receiverIn } from './supervision.ts'

export type ReceiverState = { isOnline: boolean; sinceMs: number; statusAtMs: number }

export type State = {
  readonly plan: Plan
  /** How rooms are told apart: by physics, or by the newest walk test. Replaced as a whole. */
  model: Model
  readonly startedAtMs: number
  /** The newest journal row in here. */
  seq: number
  incidentCount: number
  /** Open ones, and the newest resolved ones, oldest first. */
  incidents: Map<string, Incident>
  technical: Map<string, TechnicalAlarm>
  security: SecurityEvent[]
  /** The newest tests of pendants, oldest first. */
  tests: TestView[]
  /** Who is signed in, by session. */
  sessions: Map<string, Session>
  sessionCount: number
  walkCount: number
  /** Stored walk tests, oldest first. */
  walks: readonly StoredWalk[]
  /** Begun and not ended, by pendant. */
  begunWalks: Map<string, { by: string; atMs: number }>
  // Below: memory only.
  recordings: Map<string, Recording>
  drift: Drift
  tracks: Map<string, Track>
  deafness: Deafness
  receivers: Map<string, ReceiverState>
  /** When each kind of security event was last written down: one row a minute each. */
  securityAtMs: Map<string, number>
  beaconsRenewedAtMs: number
  reach: Reach
  armed: ArmedView
}

/** What the radio taught us that no disk needs to know. */
export type Observation =
  | { is: 'sighting'; sighting: Sighting; dataHex: string }
  | { is: 'hint'; pendant: string; receiver: string; rssiDbm: number; atMs: number }
  | { is: 'receiver'; receiver: string; isOnline: boolean; atMs: number }
  | { is: 'security-noted'; key: string; atMs: number }
  | { is: 'beacons-renewed'; atMs: number }
  | { is: 'beacons-asked'; pendant: string; upTo: number }
  | { is: 'asked'; pendant: string; asked: Asked }
  | { is: 'telephone'; target: string; fault: string | null; atMs: number }
  | { is: 'desk'; desk: string; by: string | null; isAudible: boolean; atMs: number }
  | { is: 'armed'; armed: ArmedView }
  | { is: 'model'; model: Model }
  | {
      is: 'walk-started'
      pendant: string
      by: string
      receivers: { id: string; isUp: boolean }[]
      atMs: number
    }
  | { is: 'walk-tapped'; pendant: string; to: { room: string | null } | null; atMs: number }
  | { is: 'walk-untapped'; pendant: string; atMs: number }
  | { is: 'walk-heard'; pendant: string; receiver: string; rssiDbm: number; heardAtMs: number }
  | { is: 'walk-time'; atMs: number }
  | { is: 'walk-over'; pendant: string }
  | { is: 'drift-seen'; residuals: Residual[]; nextPendant: number; atMs: number }
  | { is: 'drift-forgotten' }

const RESOLVED_MAX = 50
const SECURITY_MAX = 100
const TESTS_MAX = 100
const SECURITY_KEYS_MAX = 1_000

export function newState(plan: Plan, startedAtMs: number, model: Model = modelFor(plan)): State {
  return {
    plan,
    model,
    startedAtMs,
    seq: 0,
    incidentCount: 0,
    incidents: new Map(),
    technical: new Map(),
    security: [],
    tests: [],
    sessions: new Map(),
    sessionCount: 0,
    walkCount: 0,
    walks: [],
    begunWalks: new Map(),
    recordings: new Map(),
    drift: newDrift(),
    tracks: new Map(),
    deafness: deafnessOf({ plan, model, technical: new Map(), receivers: new Map(), startedAtMs }),
    receivers: new Map(),
    securityAtMs: new Map(),
    beaconsRenewedAtMs: startedAtMs,
    reach: newReach(),
    armed: { isArmed: false, reasons: ['Nothing has been proven yet.'], sinceMs: startedAtMs },
  }
}

/** Rebuilds the state from the journal: the same `apply` as live, so there is no second way to be wrong. */
export function rebuild(
  state: State,
  entries: readonly JournalEntry[],
  counters: ReadonlyMap<string, number>,
): void {
  for (const entry of entries) apply(state, entry, true)
  state.deafness = deafnessOf(state)
  for (const [key, counter] of counters) keepCounter(state, key, counter)
  // Which of a block were used by the last process, nobody knows.
  for (const track of state.tracks.values()) {
    track.beaconCounter = Math.max(track.beaconCounter, track.beaconKept)
    track.beaconAsked = track.beaconKept
  }
}

/** Applies one journal row. Of many in a row, who is deaf is worked out once, after them. */
export function apply(state: State, entry: JournalEntry, isOneOfMany = false): void {
  const { seq, atMs, change } = entry
  state.seq = Math.max(state.seq, seq)
  if ('incident' in change) applyToIncident(state, entry)
  else if (change.is === 'technical-raised') {
    state.technical.set(change.key, { key: change.key, text: change.text, sinceMs: atMs })
    noteReceiver(state, change.key, true, atMs)
  } else if (change.is === 'technical-mended') {
    state.technical.delete(change.key)
    noteReceiver(state, change.key, false, atMs)
  } else if (isWalkChange(change)) applyWalk(state, entry, change)
  else if ('session' in change) applySession(state, change, atMs, entry.actor)
  else if (change.is === 'tested') noteTest(state, seq, atMs, change)
  else {
    const { reason, pendant, receiver, text } = change
    state.security = [...state.security, { seq, atMs, reason, pendant, receiver, text }].slice(-SECURITY_MAX)
  }
  if (!isOneOfMany && 'key' in change && isAboutHearing(change.key)) state.deafness = deafnessOf(state)
  if (change.is === 'raised' || change.is === 'pressed-again') noteAlarm(state, entry)
  if (change.is === 'told') trackOf(state, change.pendant).beaconCounter = change.beaconCounter
  if (change.is === 'resolved') forgetOldest(state)
}

/** Takes in what the radio taught. */
export function observe(state: State, seen: Observation): void {
  switch (seen.is) {
    case 'sighting':
      remember(trackOf(state, seen.sighting.pendant), seen.sighting, seen.dataHex, state)
      return
    case 'hint':
      rememberHint(trackOf(state, seen.pendant), seen, state)
      return
    case 'receiver':
      observeReceiver(state, seen.receiver, seen.isOnline, seen.atMs)
      return
    case 'security-noted':
      if (state.securityAtMs.size >= SECURITY_KEYS_MAX) state.securityAtMs.clear()
      state.securityAtMs.set(seen.key, seen.atMs)
      return
    case 'model':
      state.model = seen.model
      state.deafness = deafnessOf(state)
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
    case 'armed':
      state.armed = seen.armed
      return
    default:
      observeWalk(state, seen)
  }
}

/** The counter under this key (of a pendant's frames, or of its beacons) is in the journal up to here. */
export function keepCounter(state: State, key: string, counter: number): void {
  const beacons = beaconsOf(key)
  const track = trackOf(state, beacons ?? key)
  if (beacons !== null) {
    track.beaconKept = Math.max(track.beaconKept, counter)
    return
  }
  track.keptCounter = Math.max(track.keptCounter ?? 0, counter)
  track.counter = Math.max(track.counter ?? 0, counter)
}

export function trackOf(state: State, pendant: string): Track {
  const known = state.tracks.get(pendant)
  if (known !== undefined) return known
  const track = newTrack()
  state.tracks.set(pendant, track)
  return track
}

type WalkChange = Extract<Change, { is: 'walk-began' | 'walk-stored' | 'walk-ended' | 'walk-withdrawn' }>

const isWalkChange = (change: Change): change is WalkChange => change.is.startsWith('walk-')

function applyWalk(state: State, { atMs, actor }: JournalEntry, change: WalkChange): void {
  switch (change.is) {
    case 'walk-began':
      state.begunWalks.set(change.pendant, { by: actor, atMs })
      return
    case 'walk-ended':
      state.begunWalks.delete(change.pendant)
      return
    case 'walk-stored':
      state.begunWalks.delete(change.pendant)
      state.walkCount = Math.max(state.walkCount, change.walk)
      state.walks = keepWalk(state.walks, change, atMs, actor)
      return
    case 'walk-withdrawn':
      state.walks = withdrawWalk(state.walks, change.walk, atMs, actor)
      return
    default:
      change satisfies never
  }
}

type WalkSeen = Extract<Observation, { is: `walk-${string}` | `drift-${string}` }>

function observeWalk(state: State, seen: WalkSeen): void {
  switch (seen.is) {
    case 'walk-started':
      state.recordings.set(seen.pendant, newRecording(seen.pendant, seen.by, seen.receivers, seen.atMs))
      return
    case 'walk-time':
      for (const recording of state.recordings.values()) lookAtTime(recording, seen.atMs)
      return
    case 'walk-over':
      state.recordings.delete(seen.pendant)
      return
    case 'drift-seen':
      addResiduals(state.drift, seen.residuals)
      state.drift.nextPendant = seen.nextPendant
      state.drift.lookedAtMs = seen.atMs
      return
    case 'drift-forgotten':
      state.drift = newDrift()
      return
    case 'walk-tapped':
    case 'walk-untapped':
    case 'walk-heard': {
      const recording = state.recordings.get(seen.pendant)
      if (recording === undefined) return
      if (seen.is === 'walk-tapped') tap(recording, seen.to, seen.atMs)
      else if (seen.is === 'walk-untapped') untap(recording, seen.atMs)
      else addReading(recording, seen.receiver, seen.rssiDbm, seen.heardAtMs)
      return
    }
    default:
      seen satisfies never
  }
}

/** A receiver's technical alarm is what says that it is down: by its own word, or by its silence. */
function noteReceiver(state: State, key: string, isDown: boolean, atMs: number): void {
  if (state.recordings.size === 0) return
  const receiver = receiverIn(key)
  if (receiver === null) return
  // It has been gone since it was last heard, which is before anybody noticed.
  const sinceMs = isDown ? (state.receivers.get(receiver)?.statusAtMs ?? atMs) : atMs
  for (const recording of state.recordings.values()) noteOutage(recording, receiver, isDown, sinceMs)
}

function applyToIncident(state: State, { atMs, actor, change }: JournalEntry): void {
  if (!('incident' in change)) return
  const before = change.is === 'raised' ? raised(change, atMs) : state.incidents.get(change.incident)
  // A row about an incident that memory has let go (resolved long ago) says nothing about now.
  if (before === undefined) return
  if (change.is === 'raised') state.incidentCount += 1
  const after = advance(before, change, atMs, actor)
  const text = storyLine(state.plan, before, change)
  state.incidents.set(change.incident, text === null ? after : withLine(after, atMs, actor, text))
}

function noteAlarm(state: State, { change }: JournalEntry): void {
  if (change.is !== 'raised' && change.is !== 'pressed-again') return
  const incident = state.incidents.get(change.incident)
  if (incident === undefined) return
  const { alarmNumber } = change
  const track = trackOf(state, incident.pendant)
  track.lastAlarm = { alarmNumber, incident: change.incident }
  if (change.press !== undefined) rememberPress(track.presses, change.press)
}

function noteTest(state: State, seq: number, atMs: number, change: Extract<Change, { is: 'tested' }>): void {
  const { pendant, wearer, packetId, alarmNumber, counter, batteryPercent, flags, receivers } = change
  const test = {
    seq,
    atMs,
    pendant,
    wearer: wearerName(state.plan, wearer),
    receivers: receivers.length,
    batteryPercent,
    isFaulty: (flags & FLAG_FAULT) !== 0,
  }
  state.tests = [...state.tests, test].slice(-TESTS_MAX)
  const track = trackOf(state, pendant)
  track.beaconCounter = change.beaconCounter ?? track.beaconCounter
  const about = { kind: KIND_TEST, packetId, alarmNumber, counter, batteryPercent, flags, receivers }
  track.event = { ...(track.event ?? { sinceMs: atMs }), ...about, isWritten: true }
}

function forgetOldest(state: State): void {
  const resolved = [...state.incidents.values()].filter(incident => !isOpen(incident))
  for (const incident of resolved.slice(0, Math.max(0, resolved.length - RESOLVED_MAX))) {
    state.incidents.delete(incident.id)
  }
}

function observeReceiver(state: State, receiver: string, isOnline: boolean, atMs: number): void {
  const before = state.receivers.get(receiver)
  const sinceMs = before?.isOnline === isOnline ? before.sinceMs : atMs
  state.receivers.set(receiver, { isOnline, sinceMs, statusAtMs: atMs })
}

// Everything the gateway knows. Durable parts are journal rows applied in order (applying/apply.ts); the rest is memory of
// the radio, which a restart may lose (applying/observe.ts). Only the engine writes here, by those two; `decide` reads.
import type { Mended, SecurityEvent, TestView } from '../../../schemas/api/desk.ts'
import type { PendantState } from '../../../schemas/api/session.ts'
import { type Cover, coverOf } from '../hearing/receivers/cover.ts'
import { type Deafness, deafnessOf } from '../hearing/receivers/deaf.ts'
import type { Ears } from '../hearing/receivers/ears.ts'
import type { Garbled } from '../hearing/receivers/garbled.ts'
import type { ReceiverState } from '../hearing/receivers/receiver.ts'
import { newTrack, type Track } from '../hearing/track.ts'
import type { Incident } from '../incident/incident.ts'
import { type LocatingHealth, newLocatingHealth, noteLocating } from '../locating/belief/health.ts'
import { blankModel } from '../locating/belief/soundness.ts'
import type { Model } from '../locating/building/model.ts'
import { modelFor } from '../locating/learning/calibrate.ts'
import type { Technical } from '../plan/facts.ts'
import type { Plan } from '../plan/plan.ts'
import { type Drift, newDrift } from '../walk/drift.ts'
import type { Recording } from '../walk/recording.ts'
import type { StoredWalk } from '../walk/stored-walk.ts'
import { type Armed, newReach, type Reach, unarmed } from './armed.ts'
import { type ClockState, newClockState } from './clock.ts'
import { type JournalState, newJournalState } from './journal.ts'
import { newSecurityMinute, type SecurityMinute } from './security.ts'
import type { Session } from './session.ts'

export type State = {
  /** The site file as it counts now. Replaced as a whole. */
  plan: Plan
  /** How rooms are told apart: by physics, or by the newest walk test. Replaced as a whole. */
  model: Model
  readonly startedAtMs: number
  /** The newest journal row in here. */
  seq: number
  /** The newest row when this process began. */
  beganSeq: number
  clock: ClockState
  incidentCount: number
  /** Open ones, and the newest resolved ones, oldest first. */
  incidents: Map<string, Incident>
  technical: Map<string, Technical>
  /** The newest faults that are over, oldest first. */
  mended: Mended[]
  security: SecurityEvent[]
  /** The newest tests of pendants, oldest first. */
  tests: TestView[]
  /** Who is signed in, by session. */
  sessions: Map<string, Session>
  sessionCount: number
  /** When a changed site file was taken up last. */
  siteChanged: { atMs: number; by: string; text: string } | null
  walkCount: number
  /** What is known of the journal itself. */
  journal: JournalState
  /** Stored walk tests, oldest first. */
  walks: readonly StoredWalk[]
  /** Begun and not ended, by pendant. */
  begunWalks: Map<string, { by: string; atMs: number }>
  // Below: memory only.
  recordings: Map<string, Recording>
  drift: Drift
  tracks: Map<string, Track>
  locating: LocatingHealth
  deafness: Deafness
  receivers: Map<string, ReceiverState>
  /** What was written down of security matters in this minute, and what was left out. */
  securityMinute: SecurityMinute
  /** Receivers of which something could not be read. */
  garbled: Map<string, Garbled>
  beaconsRenewedAtMs: number
  reach: Reach
  /** Who is to hear which room; made of plan and model, and anew with either. */
  cover: Cover
  ears: Ears
  armed: Armed
  /** How well each session's pendant is heard, as it was last told. */
  duty: ReadonlyMap<string, PendantState>
  /** What of the rim has said by now that it works, or that it does not, by its fault's key. */
  proven: Set<string>
}

export function newState(plan: Plan, startedAtMs: number, known?: Model): State {
  const locating = newLocatingHealth()
  const model = known ?? firstModel(plan, locating)
  return {
    plan,
    model,
    startedAtMs,
    seq: 0,
    beganSeq: 0,
    clock: newClockState(),
    incidentCount: 0,
    incidents: new Map(),
    technical: new Map(),
    mended: [],
    security: [],
    tests: [],
    sessions: new Map(),
    sessionCount: 0,
    siteChanged: null,
    walkCount: 0,
    journal: newJournalState(),
    walks: [],
    begunWalks: new Map(),
    recordings: new Map(),
    drift: newDrift(),
    tracks: new Map(),
    locating,
    deafness: deafnessOf({ plan, model, technical: new Map() }),
    receivers: new Map(),
    securityMinute: newSecurityMinute(),
    garbled: new Map(),
    beaconsRenewedAtMs: startedAtMs,
    reach: newReach(),
    cover: coverOf(plan, model),
    ears: new Map(),
    armed: unarmed(plan, startedAtMs),
    duty: new Map(),
    proven: new Set(),
  }
}

/** By physics. A plan that physics fails at costs the rooms, not the gateway. */
export function firstModel(plan: Plan, locating: LocatingHealth): Model {
  try {
    return modelFor(plan)
  } catch (error) {
    noteLocating(locating, error instanceof Error ? error.message : String(error))
    return blankModel([...plan.places.keys()])
  }
}

export function trackOf(state: State, pendant: string): Track {
  const known = state.tracks.get(pendant)
  if (known !== undefined) return known
  const track = newTrack()
  state.tracks.set(pendant, track)
  return track
}

/** The last beacon counter that a pendant may have been sent. */
export const lastBeacon = ({ tracks, journal }: Pick<State, 'tracks' | 'journal'>, pendant: string): number =>
  Math.max(tracks.get(pendant)?.beaconCounter ?? 0, journal.beaconsUsed)

/** The id that the next incident gets. */
export const nextIncident = ({ incidentCount }: Pick<State, 'incidentCount'>): string =>
  `i-${String(incidentCount + 1).padStart(4, '0')}`

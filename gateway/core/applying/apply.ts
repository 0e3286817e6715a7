// The durable half of the state: one journal row after the other in, the state changed in place. Live and at start it is the
// same function, so there is no second way to be wrong.
import { FLAG_FAULT, KIND_TEST } from '../../../schemas/frame.ts'
import type { JournalEntry } from '../../ports.ts'
import { LATE_SLACK_MS } from '../hearing/authenticate.ts'
import { rememberPress } from '../hearing/foreign-button.ts'
import { deafnessOf, isAboutHearing } from '../hearing/receivers/deaf.ts'
import { rememberAlarm } from '../hearing/repeat.ts'
import { advance, raised, withLine } from '../incident/advance.ts'
import { beginsIncident, isBeside, isOpen } from '../incident/incident.ts'
import { storyAuthor, storyLine } from '../incident/story.ts'
import type { Change } from '../plan/change.ts'
import { mendedWords, withMended } from '../plan/mended.ts'
import { wearerName } from '../plan/plan.ts'
import { siteWords } from '../plan/site-difference.ts'
import { newClockState, STEP_ROWS_MAX } from '../state/clock.ts'
import { beaconsOf } from '../state/counter-key.ts'
import { noteOf } from '../state/session.ts'
import { type State, trackOf } from '../state/state.ts'
import { applyJournalRow, isJournalChange, noteStrange } from './journal-row.ts'
import { redated } from './redated.ts'
import { withSecurity } from './security.ts'
import { applySession } from './session.ts'
import { understand } from './understand.ts'
import { applyWalk, isWalkChange, noteReceiver } from './walk.ts'

const RESOLVED_MAX = 50
const SECURITY_MAX = 100
const TESTS_MAX = 100
/** What the last process heard it heard before this one started: by more than receivers' clocks differ. */
const BEFORE_START_MS = 2 * LATE_SLACK_MS

/** Rebuilds the state from the journal. */
export function rebuild(
  state: State,
  entries: readonly JournalEntry[],
  counters: ReadonlyMap<string, number>,
): void {
  const read = redated(entries, state.startedAtMs)
  for (const entry of read.entries) applyRead(state, entry)
  const { aheadMs, sinceNewestMs, wasStepped } = read
  state.clock = { ...newClockState(), aheadMs, sinceNewestMs, wasStepped }
  state.beganSeq = state.seq
  state.deafness = deafnessOf(state)
  for (const [key, counter] of counters) keepCounter(state, key, counter)
  // Which of a block were used by the last process, nobody knows.
  for (const track of state.tracks.values()) {
    if (track.counter !== null)
      track.history.push({ counter: track.counter, heardAtMs: state.startedAtMs - BEFORE_START_MS })
    track.beaconCounter = Math.max(track.beaconCounter, track.beaconKept)
    track.beaconAsked = track.beaconKept
  }
}

/** A row of a newer Tocsin may have a known name and another shape: it keeps no gateway from starting, and is said. */
function applyRead(state: State, entry: JournalEntry): void {
  try {
    apply(state, entry, true)
  } catch {
    noteStrange(state, `rows of the kind "${entry.change.is}" in another shape`, entry.atMs)
  }
}

/** Applies one journal row. Of many in a row, who is deaf is worked out once, after them. */
export function apply(state: State, entry: JournalEntry, isOneOfMany = false): void {
  state.seq = Math.max(state.seq, entry.seq)
  const { change, strange } = understand(entry.change, state.plan.channels)
  if (strange !== null) noteStrange(state, strange, entry.atMs)
  if (change !== null) applyKnown(state, { ...entry, change }, isOneOfMany)
  if (strange !== null) tellStrange(state, entry, strange)
}

/** An incident that it is about says so; a page by a channel that this Tocsin does not have is over, so that the ladder goes on. */
function tellStrange(state: State, { atMs, actor, change }: JournalEntry, strange: string): void {
  if (change === null || typeof change !== 'object' || !('incident' in change)) return
  const incident = state.incidents.get(change.incident)
  if (incident === undefined) return
  const text = `Written by a newer Tocsin: ${strange}`
  state.incidents.set(incident.id, withLine(incident, atMs, actor, text))
  if (change.is !== 'page-due' || state.plan.channels.has(change.channel)) return
  const ended: Change = {
    is: 'page-ended',
    incident: incident.id,
    page: change.page,
    outcome: 'failed',
    detail: 'this version cannot place it',
    atMs,
  }
  applyToIncident(state, { seq: state.seq, atMs, actor, change: ended })
}

function applyKnown(state: State, entry: JournalEntry, isOneOfMany: boolean): void {
  const { seq, atMs, change } = entry
  if ('incident' in change) applyToIncident(state, entry)
  else if (change.is === 'technical-raised') {
    const { key, text, facts } = change
    // Where its words change it is the same fault, there since it was raised.
    const sinceMs = state.technical.get(key)?.sinceMs ?? atMs
    const about = facts === undefined ? {} : { facts }
    state.technical.set(key, { key, text, sinceMs, saidAtMs: atMs, ...about })
    noteReceiver(state, change.key, true, atMs)
  } else if (change.is === 'technical-mended') {
    noteMended(state, seq, atMs, change)
    noteReceiver(state, change.key, false, atMs)
  } else if (change.is === 'clock-stepped') {
    const notedAtMs = [...state.clock.notedAtMs, atMs].slice(-STEP_ROWS_MAX)
    state.clock = { ...state.clock, offsetMs: change.offsetMs, notedAtMs }
  } else if (isWalkChange(change)) applyWalk(state, entry, change)
  else if ('session' in change) applySession(state, change, atMs, entry.actor)
  else if (change.is === 'site-changed')
    state.siteChanged = { atMs, by: entry.actor, text: siteWords(change.parts) }
  else if (isJournalChange(change)) applyJournalRow(state, change, atMs)
  else if (change.is === 'tested') noteTest(state, seq, atMs, change)
  else {
    const { reason, pendant, receiver, text } = change
    state.security = withSecurity(
      state.security,
      { seq, atMs, reason, pendant, receiver, text },
      SECURITY_MAX,
    )
  }
  if (!isOneOfMany && 'key' in change && isAboutHearing(change.key)) state.deafness = deafnessOf(state)
  if (change.is === 'raised' || change.is === 'pressed-again') noteAlarm(state, entry)
  if (change.is === 'told') {
    // An answer to an ask may have a higher one already, of which there is no row.
    const track = trackOf(state, change.pendant)
    track.beaconCounter = Math.max(track.beaconCounter, change.beaconCounter)
  }
  if (change.is === 'resolved') forgetOldest(state, change.incident)
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

function applyToIncident(state: State, { atMs, actor, change }: JournalEntry): void {
  if (!('incident' in change)) return
  const before = beginsIncident(change)
    ? raised(change, atMs, change.is === 'raised' ? noteOf(state.sessions, change) : null)
    : state.incidents.get(change.incident)
  // A row about an incident that memory has let go (resolved long ago) says nothing about now.
  if (before === undefined) return
  if (beginsIncident(change)) state.incidentCount += 1
  const after = advance(before, change, atMs, actor)
  const text = storyLine(state.plan, before, change)
  const by = storyAuthor(change, actor)
  state.incidents.set(change.incident, text === null ? after : withLine(after, atMs, by, text))
}

function noteAlarm(state: State, { change }: JournalEntry): void {
  if (change.is !== 'raised' && change.is !== 'pressed-again') return
  const incident = state.incidents.get(change.incident)
  if (incident === undefined || incident.pendant === null) return
  const { alarmNumber, counter, packetId = null, suspect = null } = change
  const track = trackOf(state, incident.pendant)
  const isJoining =
    change.is === 'pressed-again' &&
    isBeside(change, incident) &&
    track.lastAlarm?.incident === change.incident
  // A suspect alarm that joins another leaves it the pendant's last one, whose frames go on.
  const isOutOfTurn = suspect !== null || track.alarms.some(({ highest }) => highest > counter)
  if (!isJoining) track.lastAlarm = { alarmNumber, incident: change.incident, isOutOfTurn }
  rememberAlarm(track.alarms, { alarmNumber, packetId, incident: change.incident, suspect }, counter)
  if (change.press !== undefined) rememberPress(track.presses, change.press)
}

function noteMended(
  state: State,
  seq: number,
  atMs: number,
  { key, isLetGo }: Extract<Change, { is: 'technical-mended' }>,
): void {
  const known = state.technical.get(key)
  state.technical.delete(key)
  if (known === undefined || isLetGo) return
  const mended = { seq, atMs, key, sinceMs: known.sinceMs, text: mendedWords(state.plan, known) }
  state.mended = withMended(state.mended, mended)
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
  track.beaconCounter = Math.max(track.beaconCounter, change.beaconCounter ?? 0)
  const about = { kind: KIND_TEST, packetId, alarmNumber, counter, batteryPercent, flags }
  // A list of its own: the row may still be waiting for the disk while more receivers are heard.
  const heardBy = [...receivers]
  track.event = { ...(track.event ?? { sinceMs: atMs }), ...about, receivers: heardBy, isWritten: true }
}

/** Those that were resolved first, and never this one: whoever resolved it is still to be shown that. */
function forgetOldest(state: State, newest: string): void {
  const others = [...state.incidents.values()]
    .filter(incident => !isOpen(incident) && incident.id !== newest)
    .sort((a, b) => (a.resolved?.atMs ?? 0) - (b.resolved?.atMs ?? 0))
  for (const { id } of others.slice(0, Math.max(0, others.length - (RESOLVED_MAX - 1)))) {
    state.incidents.delete(id)
  }
}

// In: one report of one receiver. Out: the decision it brings: mostly nothing but a memory of how strong it was,
// sometimes an incident, a better room, or a refusal with its reason.
import type { Kind } from '../../schemas/api.ts'
import type { Pendant } from '../../schemas/site.ts'
import { alarmOf, alarmSign, type ResolvedAtMs } from './alarm.ts'
import { isNewAsk, withAnswer } from './ask.ts'
import { type Authenticated, authenticate, type FrameRefusal } from './authenticate.ts'
import type { Suspicion } from './change.ts'
import { type Decision, follow, nothing, type ReportEvent } from './decision.ts'
import { decode, type Objects, type PlainFrame, type SealedFrame } from './decode.ts'
import { decideCancel, decideGivenUp, eventHeard } from './event.ts'
import {
  type Incident,
  type IncidentChange,
  isGraver,
  isOpen,
  openIncidentOf,
  type Raised,
  raised,
} from './incident.ts'
import { alarmFor, type Meaning, markOf, meaningOf, nextPressId, type PressHeard, repeated } from './press.ts'
import { relocate, whereIs } from './relocate.ts'
import { cloneKey, decideRival } from './rival.ts'
import { noted } from './security.ts'
import { noteOf } from './session.ts'
import { COUNTER_BLOCK, isAlarm, newTrack, type Sighting, type Track } from './sighting.ts'
import type { State } from './state.ts'
import { pendantSaid } from './supervision.ts'

export function decideReport(state: State, event: ReportEvent, nowMs: number): Decision {
  const { report } = event
  const frame = decode(report.data)
  if (frame.is === 'foreign') return nothing()
  if (frame.is === 'malformed') return counted('malformed')
  const pendant = state.plan.pendantByAddress.get(report.address)
  if (pendant === undefined) return counted('unknown-pendant')
  const track = state.tracks.get(pendant.id) ?? newTrack()
  const sighting = sight(state, event, pendant, track, frame, nowMs)
  if ('refused' in sighting) return refuse(state, event, pendant, sighting.refused, nowMs)
  const decision = isBelieved(state, track, sighting)
    ? withSighting(state, track, sighting, report.data, nowMs)
    : refuse(state, event, pendant, replayed(sighting, track), nowMs)
  return withRival(state, track, sighting, decision, nowMs)
}

/**
 * Under a counter that has been surpassed only an alarm is believed that was not heard before: a recorded one is called once.
 * More of a suspect alarm is believed while its incident is open.
 */
function isBelieved(state: State, track: Track, sighting: Sighting): boolean {
  if (sighting.suspect !== 'counter-behind') return true
  if (!isAlarm(sighting) || (sighting.press !== undefined && sighting.press.of !== null)) return false
  const known = alarmOf(track, sighting, resolvedAtMs(state))
  if (known === undefined) return true
  const incident = state.incidents.get(known.incident)
  return known.suspect !== null && incident !== undefined && isOpen(incident)
}

const resolvedAtMs =
  ({ incidents }: State): ResolvedAtMs =>
  id => {
    const incident = incidents.get(id)
    if (incident !== undefined && isOpen(incident)) return null
    return incident?.resolved?.atMs ?? Number.NEGATIVE_INFINITY
  }

const replayed = ({ counter }: Sighting, { counter: last }: Track) =>
  ({ reason: 'replayed', came: `counter ${counter} after ${last}` }) as const

/** Whose counter is none that the pendant can have now may be another that has its key. */
function withRival(
  state: State,
  track: Track,
  { suspect, counter, ...sighting }: Sighting,
  decision: Decision,
  nowMs: number,
): Decision {
  if (suspect === undefined || counter === null) return decision
  const { changes, observations } = decideRival(state, track, { ...sighting, counter }, nowMs)
  return {
    ...decision,
    changes: [...decision.changes, ...changes],
    observations: [...decision.observations, ...observations],
  }
}

type Refused = { refused: Extract<Authenticated, { is: 'refused' }> }

function sight(
  state: State,
  event: ReportEvent,
  pendant: Pendant,
  track: Track,
  frame: SealedFrame | PlainFrame,
  nowMs: number,
): Sighting | Refused {
  const { receiver, report, wasRedelivered } = event
  const { rssiDbm } = report
  // Who does not say when it heard something heard it now, and is not believed about when.
  const heardAtMs = nowMs - (report.ageMs ?? 0)
  const isAgeTrusted = report.ageMs !== null && !wasRedelivered
  // The very bytes believed a moment ago, heard by the next receiver: no cipher needed.
  if (track.newest?.dataHex === report.data && pendant.bthome === undefined)
    return { ...track.newest.sighting, receiver, rssiDbm, heardAtMs }
  const result = authenticate(frame, pendant, track.counter, track.history, isAgeTrusted ? heardAtMs : null)
  if (result.is === 'refused') return { refused: result }
  const { counter, objects, alarm, isVerified, isLate, suspect } = result
  const { batteryPercent = null, packetId = null } = objects
  const about = {
    pendant: pendant.id,
    receiver,
    heardAtMs,
    rssiDbm,
    counter,
    isVerified,
    isLate,
    ...(suspect !== null && { suspect }),
  }
  if (alarm !== null) return { ...about, packetId, alarm, batteryPercent }
  return sightButton(state, track, pendant, { ...about, objects, isAgeTrusted })
}

type ButtonHeard = Pick<
  Sighting,
  'pendant' | 'receiver' | 'heardAtMs' | 'rssiDbm' | 'counter' | 'isVerified' | 'isLate' | 'suspect'
> & { objects: Objects; isAgeTrusted: boolean }

/** A frame of a button that is not ours: which event it is of, and the alarm object that it lacks. */
function sightButton(
  state: State,
  track: Track,
  { bthome }: Pendant,
  { objects, isAgeTrusted, ...about }: ButtonHeard,
): Sighting | Refused {
  const batteryPercent = objects.batteryPercent ?? track.batteryPercent
  const lastNumber = track.lastAlarm?.alarmNumber ?? null
  const meaning: Meaning = bthome === undefined ? { is: 'idle' } : meaningOf(objects.buttons, bthome)
  if (meaning.is === 'unknown')
    return { refused: { is: 'refused', reason: 'unknown-kind', came: meaning.came } }
  if (meaning.is === 'idle') {
    const alarm = alarmFor('none', false, lastNumber, batteryPercent)
    return { ...about, packetId: null, alarm, batteryPercent }
  }
  const { counter, heardAtMs, isLate } = about
  const heard = { counter, mark: markOf(objects, counter !== null), heardAtMs }
  const of = repeated(heard, {
    presses: track.presses,
    counter: track.counter,
    isLate,
    isAgeTrusted,
    startedAtMs: state.startedAtMs,
    hasOpenIncident: openIncidentOf(state.incidents, track.lastAlarm) !== undefined,
  })
  const alarm = alarmFor(meaning.kind, of === null, lastNumber, batteryPercent)
  const sighting = { ...about, alarm, batteryPercent }
  if (of === 'older') return { ...sighting, packetId: null }
  return { ...sighting, packetId: of?.id ?? nextPressId(track.presses), press: { heard, of } }
}

function withSighting(
  state: State,
  track: Track,
  sighting: Sighting,
  dataHex: string,
  nowMs: number,
): Decision {
  const last = track.lastAlarm === null ? undefined : state.incidents.get(track.lastAlarm.incident)
  const about = {
    isOpen: last !== undefined && isOpen(last),
    resolvedAtMs: last?.resolved?.atMs ?? null,
    packetId: last?.packetId,
  }
  const sign = alarmSign(sighting, track, about, resolvedAtMs(state))
  const open = openIncidentOf(state.incidents, track.lastAlarm)
  const followed = (): Decision => {
    if (sign.is === 'new' && open?.wearer === wearerOf(state, sighting))
      return pressAgain(state, open, sign.kind, sighting, nowMs)
    // Also where one is open of whoever wore the pendant before: who comes to that one knows nothing of this.
    if (sign.is === 'new') return raise(state, track, sign.kind, sighting, nowMs)
    if (sign.is === 'same' && open !== undefined && hasResumed(open, sighting, nowMs))
      return resume(state, open, sighting, nowMs)
    const over = decideCancel(state, open, sighting, nowMs) ?? decideGivenUp(state, open, sighting, nowMs)
    if (over !== null) return over
    if (open === undefined) return nothing(`pendant ${sighting.pendant}`)
    return relocate(state, open, track, sighting, nowMs)
  }
  const decision = withAnswer(followed(), state, track, sighting, nowMs)
  const changes = [...decision.changes, ...pendantSaid(state, state.plan, track, sighting)]
  const counter = counterToKeep(track, sighting, changes.length > 0)
  return {
    ...decision,
    changes,
    heard: isNewAsk(track, sighting, nowMs) ? ['ask'] : eventHeard(track, sighting),
    counters: counter === null ? [] : [[sighting.pendant, counter]],
    observations: [...decision.observations, { is: 'sighting', sighting, dataHex }],
  }
}

/** The pendant was reset in its alarm. One that resets again and again is told anew no oftener than this. */
const RESUMED_MS = 5_000

const hasResumed = (
  open: Incident,
  { counter, packetId, isLate, press, alarm }: Sighting,
  nowMs: number,
): boolean =>
  press === undefined &&
  alarm.alarmNumber === open.alarmNumber &&
  !isLate &&
  open.packetId !== undefined &&
  packetId !== open.packetId &&
  counter !== null &&
  counter > open.counter &&
  nowMs - (open.told?.atMs ?? open.raisedAtMs) >= RESUMED_MS

function resume(
  state: State,
  open: Incident,
  { counter, packetId, pendant }: Sighting,
  nowMs: number,
): Decision {
  const change = { is: 'resumed', incident: open.id, counter: counter ?? 0, packetId: packetId ?? 0 } as const
  return follow(state, open, [change], nowMs, `pendant ${pendant}`)
}

const packetRow = ({ press, packetId }: Sighting): { packetId?: number } =>
  press === undefined && packetId !== null ? { packetId } : {}

const pressRow = ({ press }: Sighting): { press?: PressHeard } =>
  press === undefined ? {} : { press: press.heard }

/** What is heard later than this is told to be late. */
const LATE_TOLD_MS = 60_000

/** How it came: under suspicion, or long after it was heard. */
function cameRow(state: State, { pendant, suspect, heardAtMs }: Sighting, nowMs: number) {
  const doubt: Suspicion | undefined =
    suspect ?? (state.technical.has(cloneKey(pendant)) ? 'two-senders' : undefined)
  const ageMs = nowMs - heardAtMs
  return { ...(doubt && { suspect: doubt }), ...(ageMs >= LATE_TOLD_MS && { ageMs }) }
}

const wearerOf = ({ plan }: State, { pendant }: Sighting): string =>
  plan.pendants.get(pendant)?.wearer ?? pendant

function raise(state: State, track: Track, kind: Kind, sighting: Sighting, nowMs: number): Decision {
  const wearer = wearerOf(state, sighting)
  const { whereabouts, observations } = whereIs(state, sighting.pendant, track, sighting, nowMs)
  const change: Raised = {
    is: 'raised',
    incident: `i-${String(state.incidentCount + 1).padStart(4, '0')}`,
    pendant: sighting.pendant,
    wearer,
    alarm: kind,
    alarmNumber: sighting.alarm.alarmNumber,
    counter: sighting.counter ?? 0,
    isVerified: sighting.isVerified,
    policy: state.plan.site.policy,
    whereabouts,
    ...packetRow(sighting),
    ...pressRow(sighting),
    ...cameRow(state, sighting, nowMs),
  }
  const decision = follow(
    state,
    raised(change, nowMs, noteOf(state.sessions, change)),
    [],
    nowMs,
    `pendant ${sighting.pendant}`,
  )
  return { ...decision, changes: [change, ...decision.changes], observations }
}

/** A pendant gives up its alarm after as long: a pull after that is no more of what somebody has had in hand since. */
const LEFT_MS = 30 * 60_000

/** Somebody had it and did not resolve it: they may have long gone home. */
const wasLeft = ({ acknowledged, attended }: Incident, nowMs: number): boolean => {
  const since = attended ?? acknowledged
  return since !== null && nowMs - since.atMs > LEFT_MS
}

function pressAgain(
  state: State,
  incident: Incident,
  kind: Kind,
  sighting: Sighting,
  nowMs: number,
): Decision {
  const came = cameRow(state, sighting, nowMs)
  const changes: IncidentChange[] = [
    {
      is: 'pressed-again',
      incident: incident.id,
      alarm: kind,
      alarmNumber: sighting.alarm.alarmNumber,
      counter: sighting.counter ?? 0,
      ...packetRow(sighting),
      ...pressRow(sighting),
      ...came,
    },
  ]
  // A new fact, though somebody may have the old one: an assistance that became an attack, a cancel under threat.
  if (kind === 'duress' || isGraver(kind, incident.kind))
    changes.push({ is: 'worsened', incident: incident.id, alarm: kind })
  // Of two alarms that may have two senders, who has the one does not have the other.
  else if (incident.state !== 'raised' && (incident.suspect !== null || came.suspect !== undefined))
    changes.push({ is: 'worsened', incident: incident.id, alarm: incident.kind })
  else if (wasLeft(incident, nowMs))
    changes.push({ is: 'worsened', incident: incident.id, alarm: incident.kind })
  return follow(state, incident, changes, nowMs, `pendant ${sighting.pendant}`)
}

/**
 * An alarm's counter is kept with the alarm, and once more when it is over, so that none of its frames can be played again
 * after a restart; idle ones in blocks, so that idle reports touch no disk.
 */
function counterToKeep(track: Track, sighting: Sighting, hasChanges: boolean): number | null {
  const { counter, isLate } = sighting
  if (counter === null || isLate || (track.keptCounter !== null && counter <= track.keptCounter)) return null
  const isBlockFull = track.keptCounter === null || counter - track.keptCounter >= COUNTER_BLOCK
  const isFirstAfterAlarm = track.alarmHeard?.isOver === false && !isAlarm(sighting)
  return hasChanges || isBlockFull || isFirstAfterAlarm ? counter : null
}

const SECURITY_WORDS: Partial<Record<FrameRefusal, string>> = {
  replayed: 'a frame was played again',
  'wrong-key': 'a frame was sealed with another key',
  downgrade: 'a frame came in plaintext though this pendant has a key',
}

function refuse(
  state: State,
  event: ReportEvent,
  pendant: Pendant,
  { reason, came }: { reason: FrameRefusal; came: string },
  nowMs: number,
): Decision {
  const words = SECURITY_WORDS[reason]
  if (words !== undefined) {
    const text = `${pendant.id}: ${words} (${came}), heard by ${event.receiver}`
    const note = noted(state, { reason, pendant: pendant.id, receiver: event.receiver, text }, nowMs)
    return { ...counted(reason), ...note }
  }
  const key = `frame:${pendant.id}`
  if (reason !== 'unknown-kind' || state.technical.has(key)) return counted(reason)
  const text = `${pendant.id} sends a frame this gateway does not know (${came}): update the gateway`
  return { ...counted(reason), changes: [{ is: 'technical-raised', key, text }] }
}

const counted = (reason: string): Decision => ({ ...nothing(), counted: [reason] })

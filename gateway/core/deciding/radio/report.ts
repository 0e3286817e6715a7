// In: one report of one receiver. Out: the decision it brings: mostly nothing but a memory of how strong it was,
// sometimes an incident, a better room, or a refusal with its reason.
import type { Pendant } from '../../../../schemas/site.ts'
import { alarmOf, alarmSign, type ResolvedAtMs } from '../../hearing/alarm.ts'
import { type FrameRefusal, open } from '../../hearing/authenticate.ts'
import { decode } from '../../hearing/decode.ts'
import { isAlarm, type Sighting } from '../../hearing/sighting.ts'
import { COUNTER_BLOCK, newTrack, type Track } from '../../hearing/track.ts'
import { isGraver, isOpen } from '../../incident/incident.ts'
import { openOfWearer } from '../../incident/overtaken.ts'
import type { Change } from '../../plan/change.ts'
import type { Observation } from '../../state/observation.ts'
import type { State } from '../../state/state.ts'
import { type Decision, nothing, type ReportEvent } from '../decision/decision.ts'
import { noted } from '../watching/security.ts'
import { pendantSaid } from '../watching/supervision.ts'
import { isNewAsk, withAnswer } from './ask.ts'
import { decideCancel, decideIdle, eventHeard } from './pendant-event.ts'
import { hasResumed, pressAgain, raise, resume } from './raise.ts'
import { relocate } from './relocate.ts'
import { decideRival } from './rival.ts'
import { sight, sightAgain } from './sight.ts'

export function decideReport(state: State, told: ReportEvent, nowMs: number): Decision {
  const event = told.report.orData === undefined ? told : { ...told, report: asOpened(state, told.report) }
  const { report } = event
  const pendant = state.plan.pendantByAddress.get(report.address)
  const track = pendant && state.tracks.get(pendant.id)
  const again = pendant && track && sightAgain(event, pendant, track, nowMs)
  if (again) return believed(state, event, pendant, track, again, nowMs)
  const frame = decode(report.data)
  if (frame.is === 'foreign') return nothing()
  if (frame.is === 'malformed') return counted('malformed')
  if (pendant === undefined) return counted('unknown-pendant')
  const known = track ?? newTrack()
  const sighting = sight(state, event, pendant, known, frame, nowMs)
  if ('refused' in sighting) return refuse(state, event, pendant, sighting.refused, nowMs)
  return believed(state, event, pendant, known, sighting, nowMs)
}

function believed(
  state: State,
  event: ReportEvent,
  pendant: Pendant,
  track: Track,
  sighting: Sighting,
  nowMs: number,
): Decision {
  const decision = isBelieved(state, track, sighting)
    ? withSighting(state, track, sighting, event.report.data, nowMs)
    : refuse(state, event, pendant, replayed(sighting, track), nowMs)
  return withRival(state, track, sighting, decision, nowMs)
}

/** Of two readings of a sealed frame the one that the pendant's key opens; the first where neither is. */
function asOpened({ plan }: State, report: ReportEvent['report']): ReportEvent['report'] {
  const key = report.orData === undefined ? undefined : plan.pendantByAddress.get(report.address)?.key
  if (report.orData === undefined || key === undefined) return report
  const frame = decode(report.orData)
  const isOther = frame.is === 'sealed' && open(frame, key, report.address) !== null
  return isOther ? { ...report, data: report.orData } : report
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
  sighting: Sighting,
  decision: Decision,
  nowMs: number,
): Decision {
  const { suspect, counter } = sighting
  if (suspect === undefined || counter === null) return decision
  const { changes, observations } = decideRival(state, track, { ...sighting, counter }, nowMs)
  return {
    ...decision,
    changes: [...decision.changes, ...changes],
    observations: [...decision.observations, ...observations],
  }
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
  const open = openOfWearer(state, track)
  const followed = (): Decision => {
    if (sign.is === 'new' && open !== undefined) return pressAgain(state, open, sign.kind, sighting, nowMs)
    // A pendant that could not note its numbers, and was reset, gives one twice: what is graver is no rest of what is open.
    if (sign.is === 'same' && open?.id === sign.incident && isGraver(sign.kind, open.kind))
      return pressAgain(state, open, sign.kind, sighting, nowMs)
    // Also where one is open of whoever wore the pendant before: who comes to that one knows nothing of this.
    if (sign.is === 'new') return raise(state, track, sign.kind, sighting, nowMs)
    if (sign.is === 'same' && open !== undefined && hasResumed(open, sighting, nowMs))
      return resume(state, open, sighting, nowMs)
    const over = decideCancel(state, open, sighting, nowMs) ?? decideIdle(state, open, sighting, nowMs)
    if (over !== null) return over
    if (open === undefined) return nothing(`pendant ${sighting.pendant}`)
    return relocate(state, open, track, sighting, nowMs)
  }
  const decision = withAnswer(followed(), state, track, sighting, nowMs)
  const said = pendantSaid(state, state.plan, track, sighting)
  const understood = understoodAgain(state, sighting, nowMs)
  const hasNews = said.length > 0 || understood.length > 0
  const changes = hasNews ? [...decision.changes, ...said, ...understood] : decision.changes
  const counter = counterToKeep(track, sighting, changes.length > 0)
  const seen: Observation = { is: 'sighting', sighting, dataHex }
  const { by, observations, pages, withdrawn, replies, told, counted, answer } = decision
  // Field by field: of the thousands a second none is copied first.
  return {
    by,
    changes,
    pages,
    withdrawn,
    replies,
    told,
    counted,
    answer,
    heard: isNewAsk(track, sighting, nowMs) ? ['ask'] : eventHeard(track, sighting),
    counters: counter === null ? [] : [[sighting.pendant, counter]],
    observations: observations.length === 0 ? [seen] : [...observations, seen],
  }
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
  const key = frameKey(pendant.id)
  if (reason !== 'unknown-kind' || state.technical.has(key)) return counted(reason)
  const text = `${pendant.id} sends a frame this gateway does not know (${came}): update the gateway`
  return { ...counted(reason), changes: [{ is: 'technical-raised', key, text }] }
}

const frameKey = (pendant: string): string => `frame:${pendant}`
/** One that is understood now and then is a row a minute at most. */
const STRANGE_MS = 60_000

/** What it sends is understood: it was updated, or the gateway. */
function understoodAgain({ technical }: State, { pendant, isLate }: Sighting, nowMs: number): Change[] {
  const key = frameKey(pendant)
  const known = technical.get(key)
  return known === undefined || isLate || nowMs - known.saidAtMs < STRANGE_MS
    ? []
    : [{ is: 'technical-mended', key }]
}

const counted = (reason: string): Decision => ({ ...nothing(), counted: [reason] })

// In: one report of one receiver and the pendant that it names. Out: the sighting, or the refusal with its reason.
import type { Pendant } from '../../../../schemas/site.ts'
import { type Authenticated, authenticate } from '../../hearing/authenticate.ts'
import type { Objects, PlainFrame, SealedFrame } from '../../hearing/decode.ts'
import {
  alarmFor,
  type Meaning,
  markOf,
  meaningOf,
  nextPressId,
  repeated,
} from '../../hearing/foreign-button.ts'
import type { Sighting } from '../../hearing/sighting.ts'
import type { Track } from '../../hearing/track.ts'
import { openIncidentOf } from '../../incident/incident.ts'
import type { State } from '../../state/state.ts'
import type { ReportEvent } from '../decision/decision.ts'

type Refused = { refused: Extract<Authenticated, { is: 'refused' }> }

/** The very bytes believed a moment ago, heard by the next receiver: nothing to read, and no cipher needed. */
export function sightAgain(
  { receiver, report }: ReportEvent,
  pendant: Pendant,
  { newest }: Track,
  nowMs: number,
): Sighting | null {
  if (newest?.dataHex !== report.data || pendant.bthome !== undefined) return null
  const { suspect, press } = newest.sighting
  const of = { receiver, rssiDbm: report.rssiDbm, heardAtMs: heardAtMsOf(report, nowMs) }
  return suspect === undefined && press === undefined
    ? usual(newest.sighting, of)
    : { ...newest.sighting, ...of }
}

/** One of thousands a second: all of one shape, and none is copied from another. */
function usual(
  { pendant, counter, isVerified, isLate, packetId, alarm, batteryPercent }: Omit<Sighting, keyof By>,
  { receiver, heardAtMs, rssiDbm }: By,
): Sighting {
  return {
    pendant,
    receiver,
    heardAtMs,
    rssiDbm,
    counter,
    isVerified,
    isLate,
    packetId,
    alarm,
    batteryPercent,
  }
}
type By = Pick<Sighting, 'receiver' | 'heardAtMs' | 'rssiDbm'>

/** Who does not say when it heard something heard it now, and is not believed about when. */
const heardAtMsOf = ({ ageMs }: ReportEvent['report'], nowMs: number): number => nowMs - (ageMs ?? 0)

/** The frame is opened with the pendant's key, and of a button that is not ours the event is found that it repeats. */
export function sight(
  state: State,
  event: ReportEvent,
  pendant: Pendant,
  track: Track,
  frame: SealedFrame | PlainFrame,
  nowMs: number,
): Sighting | Refused {
  const { receiver, report, wasRedelivered } = event
  const { rssiDbm } = report
  const heardAtMs = heardAtMsOf(report, nowMs)
  const isAgeTrusted = report.ageMs !== null && !wasRedelivered
  const result = authenticate(frame, pendant, track.counter, track.history, isAgeTrusted ? heardAtMs : null)
  if (result.is === 'refused') return { refused: result }
  const { counter, objects, alarm, isVerified, isLate, suspect } = result
  const { batteryPercent = null, packetId = null } = objects
  if (alarm !== null && suspect === null) {
    const said = { pendant: pendant.id, counter, isVerified, isLate, packetId, alarm, batteryPercent }
    return usual(said, { receiver, heardAtMs, rssiDbm })
  }
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

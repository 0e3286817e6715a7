// In: a sighting and the last alarm of its pendant. Out: whether it begins an alarm, belongs to one, or is none.
import type { Kind } from '../../../schemas/api/desk.ts'
import { KIND_ASSIST, KIND_BUTTON, KIND_CORD, KIND_DURESS, KIND_MAN_DOWN } from '../../../schemas/frame.ts'
import { type HeardAlarm, isBegunSince, knownAlarm } from './repeat.ts'
import type { Sighting } from './sighting.ts'
import type { Track } from './track.ts'

export type AlarmSign =
  | { is: 'none' }
  | { is: 'new'; kind: Kind }
  | { is: 'same'; kind: Kind; incident: string }

const ALARM_KINDS: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [KIND_CORD, 'cord'],
  [KIND_BUTTON, 'button'],
  [KIND_ASSIST, 'assist'],
  [KIND_MAN_DOWN, 'man-down'],
  [KIND_DURESS, 'duress'],
])

/** What became of the last alarm's incident; all of it unknown where memory has let it go. */
export type LastIncident = { isOpen: boolean; resolvedAtMs: number | null; packetId: number | undefined }

/** Nobody hears an alarm for so long and then goes on with it: it is one anew. A pendant gives up after half that time. */
const GONE_MS = 3_600_000

/**
 * The alarm of this number is resolved, and this is no rest of it but one that was begun anew, or gone on with, since: the
 * pendant said something else meanwhile, was reset, or had been silent for long. Whoever enrols a pendant again, or puts a new
 * cell into one that went out in its alarm, has the old number on the air; and a false alarm is better than a lost one.
 */
const isAnew = (sighting: Sighting, { alarmHeard }: Track, last: LastIncident): boolean => {
  const { counter, packetId, heardAtMs, isLate, press } = sighting
  if (isLate || press !== undefined) return false
  const lastAtMs =
    alarmHeard?.isOver === false ? alarmHeard.atMs : (last.resolvedAtMs ?? Number.NEGATIVE_INFINITY)
  if (heardAtMs - lastAtMs > GONE_MS) return true
  // Without counters an old frame that comes late can't be told from a new one.
  if (counter === null) return false
  return alarmHeard?.isOver === true || (last.packetId !== undefined && packetId !== last.packetId)
}

/** When an incident was resolved: null while it is open, minus infinity where memory has let it go. */
export type ResolvedAtMs = (incident: string) => number | null

/**
 * The alarm of one of our pendants that this frame is of, if it was heard before. Two that share a key may number their alarms
 * alike: one that was begun since is none that was heard.
 */
export function alarmOf(
  { alarms, between, rival }: Track,
  { alarm, packetId, counter, press }: Sighting,
  resolvedAtMs: ResolvedAtMs,
): HeardAlarm | undefined {
  if (counter === null || press !== undefined) return undefined
  const known = knownAlarm(alarms, { alarmNumber: alarm.alarmNumber, packetId, counter })
  if (known === undefined) return undefined
  const overAtMs = resolvedAtMs(known.incident)
  if (overAtMs === null) return known
  const isSince = [between, rival?.between ?? null].some(said => isBegunSince(known, counter, overAtMs, said))
  return isSince ? undefined : known
}

/**
 * Reads what a sighting means. A late one (older than what was already heard), and one whose counter is suspect, begins an
 * alarm that was not heard before, and is none of those that were.
 */
export function alarmSign(
  sighting: Sighting,
  track: Track,
  last: LastIncident,
  resolvedAtMs: ResolvedAtMs,
): AlarmSign {
  const { lastAlarm } = track
  const kind = ALARM_KINDS.get(sighting.alarm.kind)
  if (kind === undefined) return { is: 'none' }
  if (lastAlarm === null) return { is: 'new', kind }
  const { alarmNumber } = sighting.alarm
  const known = alarmOf(track, sighting, resolvedAtMs)
  if (sighting.press === undefined && (sighting.suspect !== undefined || lastAlarm.isOutOfTurn)) {
    if (known !== undefined) return { is: 'same', kind, incident: known.incident }
    return { is: 'new', kind }
  }
  if (alarmNumber === lastAlarm.alarmNumber) {
    if (!last.isOpen && isAnew(sighting, track, last)) return { is: 'new', kind }
    return { is: 'same', kind, incident: lastAlarm.incident }
  }
  if (sighting.isLate && known !== undefined) return { is: 'none' }
  return { is: 'new', kind }
}

// In: a sighting and the last alarm of its pendant. Out: whether it begins an alarm, belongs to one, or is none.
import type { Kind } from '../../schemas/api.ts'
import { KIND_ASSIST, KIND_BUTTON, KIND_CORD, KIND_DURESS, KIND_MAN_DOWN } from '../../schemas/frame.ts'
import type { Sighting, Track } from './sighting.ts'

export type AlarmSign = { is: 'none' } | { is: 'new'; kind: Kind } | { is: 'same'; incident: string }

const ALARM_KINDS: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [KIND_CORD, 'cord'],
  [KIND_BUTTON, 'button'],
  [KIND_ASSIST, 'assist'],
  [KIND_MAN_DOWN, 'man-down'],
  [KIND_DURESS, 'duress'],
])

/** Alarm numbers are one byte and go round; a number up to half the circle ahead is newer (RFC 1982). */
const isNewer = (alarmNumber: number, than: number): boolean => {
  const ahead = (alarmNumber - than) & 0xff
  return ahead > 0 && ahead < 128
}

/** Reads what a sighting means. A late one (older than what was already heard) can begin only a newer alarm. */
export function alarmSign(sighting: Sighting, lastAlarm: Track['lastAlarm']): AlarmSign {
  const kind = ALARM_KINDS.get(sighting.alarm.kind)
  if (kind === undefined) return { is: 'none' }
  if (lastAlarm === null) return { is: 'new', kind }
  const { alarmNumber } = sighting.alarm
  if (alarmNumber === lastAlarm.alarmNumber) return { is: 'same', incident: lastAlarm.incident }
  if (sighting.isLate && !isNewer(alarmNumber, lastAlarm.alarmNumber)) return { is: 'none' }
  return { is: 'new', kind }
}

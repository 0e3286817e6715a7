// What the page says: instants, confidences, kinds and pages come in, plain English goes out. Pure.
import type {
  IncidentView,
  Kind,
  Outcome,
  PageOutcome,
  PageView,
  TestView,
} from '../../../../schemas/api/desk.ts'
import type { SessionView } from '../../../../schemas/api/session.ts'
import { KINDS } from '../../../../schemas/kinds.ts'
import { plain } from './plain.ts'

export const OUTCOMES: Record<Outcome, string> = {
  'violent-incident': 'Violent incident',
  'near-miss': 'Near miss',
  'assistance-given': 'Assistance given',
  'false-alarm': 'False alarm',
  test: 'Test',
}

/** How a call ended. It is followed by why, where the words do not say it: plainly, or as the exchange itself put it. */
const ENDS: Record<PageOutcome, string> = {
  acknowledged: 'acknowledged',
  busy: 'busy',
  'no-answer': 'no answer',
  declined: 'call declined',
  unreachable: 'not reachable',
  'hung-up': 'hung up without pressing 1',
  failed: 'the call failed',
  interrupted: 'the call broke off',
  withdrawn: 'ended by Tocsin',
}
/** What the telephone network answered: "486 Busy Here". */
const STATUS = /^\d{3} .*/
const SAYS_WHY: ReadonlySet<PageOutcome> = new Set(['unreachable', 'failed', 'interrupted'])

/** Who stands beside a line. The journal writes the system's own name small. */
export const byWords = (by: string): string => (by === 'tocsin' ? 'Tocsin' : by)

export function kindWords(kind: Kind): string {
  return KINDS[kind].title
}

/** "p-07 Jane Smith tested, heard by 3 receivers". */
export function testWords({ pendant, wearer, receivers, batteryPercent, isFaulty }: TestView): string {
  const by = receivers === 1 ? '1 receiver' : `${receivers} receivers`
  const battery = batteryPercent === null ? '' : `, battery ${batteryPercent} %`
  return `${pendant} ${wearer} tested, heard by ${by}${battery}${isFaulty ? ', but it reports a fault' : ''}`
}

/** A fault as the part that has it says it, begun as a sentence. */
export function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** A sentence with its full stop. */
export const ended = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`)

export function outcomeWords(outcome: Outcome): string {
  return OUTCOMES[outcome]
}

/** "Room 214", "G03", that it is in none of them, or that nobody knows yet. */
export function roomWords({ roomNumber, roomName, whereabouts }: IncidentView): string {
  if (whereabouts.isOutside === true) return 'Outside the known rooms'
  if (roomNumber === null && roomName === null) return 'Room not known'
  if (roomNumber === null) return roomName ?? ''
  return /^\d/.test(roomNumber) ? `Room ${roomNumber}` : roomNumber
}

export function placeWords({ building, floor }: IncidentView): string {
  return [building, floor].filter(part => part !== null).join(' · ') || 'Building not known'
}

/** The four bands are for the ear of somebody who is about to run: certain enough, probable, doubtful, a guess. */
export function confidenceWords(confidence: number): string {
  const percent = `${Math.round(confidence * 100)} %`
  if (confidence >= 0.9) return `Almost certain (${percent})`
  if (confidence >= 0.7) return `Likely (${percent})`
  if (confidence >= 0.4) return `Unsure (${percent})`
  return `Only a guess (${percent})`
}

/** How sure the room is: what was measured, or that somebody named it and nothing was. Null where there is none. */
export function sureWords({ source, whereabouts }: IncidentView): string | null {
  const { room, confidence, heardAtMs } = whereabouts
  if (room === null) return null
  return source !== undefined && heardAtMs === null
    ? 'Named when it was raised, not heard'
    : confidenceWords(confidence)
}

/** Whose note it is. */
export const noteWords = ({ source }: IncidentView): string =>
  source === undefined ? 'Their own note:' : 'Note:'

/** Below this the second most likely room is worth a look, and is shown. */
const SURE = 0.9

export function isUnsure({ whereabouts }: IncidentView): boolean {
  return whereabouts.runnerUp !== null && (whereabouts.isOutside === true || whereabouts.confidence < SURE)
}

/** The room is not sure enough to stand alone: both are named alike. */
export const isTwoRooms = ({ isRoomDoubtful, runnerUpRoom }: IncidentView): boolean =>
  isRoomDoubtful === true && runnerUpRoom !== null

/** "or else 216", and "nearest: 216" from outside all of them. */
export function runnerUpWords({ runnerUpRoom, whereabouts }: IncidentView): string {
  return `${whereabouts.isOutside === true ? 'nearest:' : 'or else'} ${runnerUpRoom ?? 'not known'}`
}

/** Where the wearer is signed in, if they were not heard there: "Booked: 211 Interview room A, not heard there". */
export function bookedWords(incident: IncidentView): string | null {
  const { bookedRoom, whereabouts } = incident
  if (bookedRoom === undefined || bookedRoom === null || whereabouts.booked === whereabouts.room) return null
  // Named beside it, as the room that it may be as well.
  const isMaybe = whereabouts.booked === whereabouts.runnerUp && (isUnsure(incident) || isTwoRooms(incident))
  return `Booked: ${bookedRoom}${isMaybe ? '' : ', not heard there'}`
}

export const isOverdue = ({ untilMs }: SessionView, nowMs: number): boolean => nowMs > untilMs

/** "for another 25 min, signed in by Sam", "overdue for 4 min, …". */
export function sessionWords(session: SessionView, nowMs: number): string {
  const leftMs = session.untilMs - nowMs
  const until = leftMs < 0 ? `overdue for ${agoWords(-leftMs)}` : `for another ${agoWords(leftMs)}`
  return `${until}, signed in by ${session.by}`
}

const JUST_NOW_MS = 3_000
/** The strongest are enough to trust a room by; the others are in the tooltip. */
const HEARD_BY_MAX = 3

/** "0:07", "12:34", "1:02:03". */
export function ageWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (n: number): string => String(n).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** "3 s", "4 min", "2 h": for a glance. */
export function agoWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 90) return `${seconds} s`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`
  return `${Math.round(seconds / 3600)} h`
}

/** As above, but what is still to come is never "0 s" away. */
function untilWords(ms: number): string {
  return agoWords(Math.ceil(ms / 1000) * 1000)
}

/** "located just now by r-2, r-3", strongest first: an alarm goes on being heard while nothing new is made of it. */
export function heardWords({ heardAtMs, because }: IncidentView['whereabouts'], nowMs: number): string {
  const ms = heardAtMs === null ? Number.POSITIVE_INFINITY : nowMs - heardAtMs
  const when = ms < JUST_NOW_MS ? 'just now' : `${agoWords(ms)} ago`
  const by = because.slice(0, HEARD_BY_MAX).map(becauseWords).join(', ')
  return `located ${when}${by === '' ? '' : ` by ${by}`}`
}

/** A receiver that told of an identity which anybody can send is not named as one that heard a sealed frame. */
const becauseWords = ({ receiver, isHint }: IncidentView['whereabouts']['because'][number]): string =>
  isHint === true ? `${receiver} (unsealed)` : receiver

/** Where whoever comes must look, in a few words: "Room 214", "Room 214 or 215 Group room". */
export function roomsWords(incident: IncidentView): string {
  if (!isTwoRooms(incident)) return roomWords(incident)
  const { runnerUpRoom, whereabouts } = incident
  return `${roomWords(incident)}${whereabouts.isOutside === true ? ', nearest' : ' or'} ${runnerUpRoom}`
}

/** "Saturday 28 November". */
export function dayWords(atMs: number): string {
  return new Date(atMs).toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long' })
}

/** Wall time at the desk, "14:05:09". */
export function clockWords(atMs: number): string {
  return new Date(atMs).toLocaleTimeString('en-GB')
}

export type PageTone = 'waiting' | 'trying' | 'talking' | 'good' | 'bad' | 'over'

/** What a page is doing now. An answered call is not yet a person who comes: only key 1 is. */
export function pageWords(page: PageView, nowMs: number): { text: string; tone: PageTone } {
  if (page.endedAtMs !== undefined) return endWords(page)
  if (page.keyAtMs !== undefined) return { text: `pressed ${page.key ?? 'a key'}`, tone: 'talking' }
  if (page.answeredAtMs !== undefined) {
    return { text: `answered, not yet confirmed · ${agoWords(nowMs - page.answeredAtMs)}`, tone: 'talking' }
  }
  if (page.ringingAtMs !== undefined) {
    return { text: `ringing · ${agoWords(nowMs - page.ringingAtMs)}`, tone: 'trying' }
  }
  if (page.invitedAtMs !== undefined) return { text: 'calling', tone: 'trying' }
  const dueInMs = page.dueAtMs - nowMs
  return { text: dueInMs > 0 ? `due in ${untilWords(dueInMs)}` : 'due now', tone: 'waiting' }
}

function endWords({ outcome, key, detail }: PageView): { text: string; tone: PageTone } {
  if (outcome === 'acknowledged')
    return { text: `acknowledged${key ? ` with key ${key}` : ''}`, tone: 'good' }
  if (outcome === 'withdrawn') return { text: ENDS.withdrawn, tone: 'over' }
  if (outcome === undefined) return { text: 'ended', tone: 'bad' }
  const why = SAYS_WHY.has(outcome) ? plain(detail ?? '') : (STATUS.exec(detail ?? '')?.[0] ?? '')
  return { text: why === '' ? ENDS[outcome] : `${ENDS[outcome]} (${why})`, tone: 'bad' }
}

/** Calls beyond those that stand open. */
export const earlierWords = (calls: number): string =>
  calls === 1 ? '1 earlier call' : `${calls} earlier calls`

/** The steps a page has been through, each with its instant. */
export function pageSteps(page: PageView): { atMs: number; text: string }[] {
  const { invitedAtMs, ringingAtMs, answeredAtMs, keyAtMs, endedAtMs } = page
  return [
    { atMs: invitedAtMs, text: 'called' },
    { atMs: ringingAtMs, text: 'rang' },
    { atMs: answeredAtMs, text: 'answered' },
    { atMs: keyAtMs, text: `key ${page.key ?? ''}`.trim() },
    { atMs: endedAtMs, text: 'ended' },
  ].flatMap(({ atMs, text }) => (atMs === undefined ? [] : [{ atMs, text }]))
}

/** What happens next for an incident that nobody has; null where nothing will, which must never be. */
export function nextPageWords(incident: IncidentView, nowMs: number): string | null {
  if (incident.nextPageAtMs !== null) {
    const dueInMs = incident.nextPageAtMs - nowMs
    return dueInMs > 0 ? `Next call in ${untilWords(dueInMs)}` : 'Next call is due now'
  }
  return incident.pages.some(page => page.endedAtMs === undefined) ? 'A call is being made' : null
}

/** For a screen reader, and for the title: who and where, in one breath. */
export function alarmSentence(incident: IncidentView): string {
  const room = [roomWords(incident), incident.roomName].filter(Boolean).join(', ')
  const other = isTwoRooms(incident) ? ` ${sentence(runnerUpWords(incident))}.` : ''
  return `${kindWords(incident.kind)}. ${incident.wearer}. ${placeWords(incident)}, ${room}.${other}`
}

// In: an incident and one change to it. Out: the incident after it. The change was decided on this very incident, so it fits.
import type { Whereabouts } from '../../../schemas/api/desk.ts'
import type { Change } from '../plan/change.ts'
import {
  type Incident,
  type IncidentChange,
  isBeside,
  isLive,
  newsOf,
  type Page,
  type PressedAgain,
  pageNumber,
  type Raised,
  type RaisedBy,
} from './incident.ts'
import { saysOf } from './message.ts'

/** An incident paged for days keeps its newest pages and lines in memory, and what the ladder counts; all stay in the journal. */
const PAGES_MAX = 200
const LINES_MAX = 400

/** The incident that this row begins; `sessionNote` is what the wearer of its pendant wrote. */
export function raised(change: Raised | RaisedBy, atMs: number, sessionNote: string | null): Incident {
  return {
    ...(change.is === 'raised' ? ofFrame(change, sessionNote) : withoutFrame(change)),
    id: change.incident,
    state: 'raised',
    kind: change.alarm,
    wearer: change.wearer,
    knownAs: null,
    knownRooms: [],
    policy: change.policy,
    whereabouts: change.whereabouts,
    locatedAtMs: atMs,
    left: [],
    takenAt: null,
    raisedAtMs: atMs,
    presses: 1,
    pressedAtMs: atMs,
    pagesBefore: 0,
    cancelledNumber: null,
    cancelledAtMs: null,
    isPendantIdle: false,
    hurriedPage: null,
    pages: [],
    acknowledged: null,
    attended: null,
    resolved: null,
    told: null,
    lines: [],
  }
}

type Came = Pick<
  Incident,
  'source' | 'pendant' | 'isVerified' | 'suspect' | 'alarmNumber' | 'counter' | 'packetId' | 'sessionNote'
>

const ofFrame = (change: Raised, sessionNote: string | null): Came => ({
  source: null,
  pendant: change.pendant,
  isVerified: change.isVerified,
  suspect: change.suspect ?? null,
  alarmNumber: change.alarmNumber,
  counter: change.counter,
  packetId: change.packetId,
  sessionNote,
})

const withoutFrame = ({ source, note, isVerified }: RaisedBy): Came => ({
  source,
  pendant: null,
  isVerified: isVerified !== false,
  suspect: null,
  alarmNumber: 0,
  counter: 0,
  packetId: undefined,
  sessionNote: note,
})

/** The incident after one more change. The change was decided on this very incident, so it always fits. */
export function advance(incident: Incident, change: IncidentChange, atMs: number, by: string): Incident {
  switch (change.is) {
    case 'raised':
    case 'raised-by':
      return incident
    case 'raised-again':
      return raisedAgain(incident, change, atMs)
    case 'pressed-again':
      return pressedAgain(incident, change, atMs)
    case 'resumed':
      // What it was told it has forgotten.
      return {
        ...incident,
        counter: change.counter,
        packetId: change.packetId,
        told: null,
        isPendantIdle: false,
      }
    case 'pendant-idle':
      return { ...incident, isPendantIdle: true }
    case 'worsened':
      return { ...nobodys(incident), kind: change.alarm }
    case 'released':
      return nobodys(incident)
    case 'wearer-cancelled':
      return { ...incident, cancelledNumber: change.alarmNumber, cancelledAtMs: atMs }
    case 'located':
      return {
        ...incident,
        whereabouts: change.whereabouts,
        locatedAtMs: atMs,
        left: leftBy(incident, change.whereabouts, atMs),
      }
    case 'page-due':
      return {
        ...incident,
        knownAs: incident.knownAs ?? change.message?.wearer ?? null,
        knownRooms: roomsTold(incident, change),
        pages: newestPages([...others(incident, change.page), duePage(change, atMs)], incident),
      }
    case 'page-invited':
      return withPage(incident, change.page, { sentAtMs: change.atMs })
    case 'page-ringing':
      return withPage(incident, change.page, { acceptedAtMs: change.atMs })
    case 'page-answered':
      return withPage(incident, change.page, { reachedAtMs: change.atMs })
    case 'page-news':
      return newsGiven(incident, change, atMs)
    case 'page-said': {
      const known = newsOf(incident, change.page)
      return withPage(incident, change.page, { news: { ...known, said: Math.max(known.said, change.news) } })
    }
    case 'page-key':
      return withPage(incident, change.page, { key: change.key, keyAtMs: change.atMs })
    case 'page-ended':
      return withPage(incident, change.page, {
        endedAtMs: change.atMs,
        outcome: change.outcome,
        detail: change.detail,
      })
    case 'hurried':
      return { ...incident, hurriedPage: pageNumber(incident.pages.at(-1)) }
    case 'acknowledged':
      return { ...incident, state: 'acknowledged', acknowledged: { atMs, by }, takenAt: incident.whereabouts }
    case 'attended':
      return { ...incident, state: 'attended', attended: { atMs, by }, takenAt: incident.whereabouts }
    case 'resolved':
      return {
        ...incident,
        state: 'resolved',
        resolved: { atMs, by, outcome: change.outcome, reason: change.reason },
      }
    case 'told':
      return { ...incident, told: { told: change.told, beaconCounter: change.beaconCounter, atMs } }
    default:
      return change satisfies never
  }
}

/** Nobody has it, and the ladder begins anew. */
const nobodys = (incident: Incident): Incident => ({
  ...incident,
  state: 'raised',
  acknowledged: null,
  attended: null,
  takenAt: null,
  pagesBefore: pageNumber(incident.pages.at(-1)),
})

const pressedAgain = (incident: Incident, change: PressedAgain, atMs: number): Incident => ({
  ...incident,
  ...(isBeside(change, incident) && incident.suspect === null ? {} : newestOf(change)),
  suspect: change.suspect === undefined ? null : incident.suspect,
  presses: incident.presses + 1,
  pressedAtMs: atMs,
})

const raisedAgain = (
  incident: Incident,
  { note }: Extract<Change, { is: 'raised-again' }>,
  atMs: number,
): Incident => ({
  ...incident,
  presses: incident.presses + 1,
  pressedAtMs: atMs,
  sessionNote: notedAgain(incident.sessionNote, note),
})

const newsGiven = (
  incident: Incident,
  change: Extract<Change, { is: 'page-news' }>,
  atMs: number,
): Incident => ({
  ...withPage(incident, change.page, { ...told(change), news: given(incident, change, atMs) }),
  knownRooms: roomsTold(incident, change),
})

/** What was noted before stands after it, as far as it is of use to anybody. */
const NOTE_MAX = 400
const notedAgain = (before: string | null, note: string | undefined): string | null =>
  note === undefined ? before : [note, ...(before === null ? [] : [before])].join(' ').slice(0, NOTE_MAX)

const ROOMS_MAX = 16
/** As they were told last, the newest at the end. */
function roomsTold(
  { knownRooms }: Incident,
  { message }: Pick<Extract<Change, { is: 'page-news' }>, 'message'>,
): Incident['knownRooms'] {
  const rooms = message?.rooms ?? []
  const others = knownRooms.filter(({ id }) => !rooms.some(room => room.id === id))
  return rooms.length === 0 ? knownRooms : [...others, ...rooms].slice(-ROOMS_MAX)
}

const LEFT_MAX = 8

/** Nobody was sent to a place that was not known. */
function leftBy({ whereabouts: before, left }: Incident, after: Whereabouts, atMs: number): Incident['left'] {
  const isKnown = before.room !== null || before.isOutside === true
  if (!isKnown || before.room === after.room) return left
  return [...left, { place: before.room, atMs }].slice(-LEFT_MAX)
}

const newestOf = ({ alarmNumber, counter, packetId }: PressedAgain) => ({
  alarmNumber,
  counter,
  packetId,
  isPendantIdle: false,
})

/** The incident with one more line in its story. */
export const withLine = (incident: Incident, atMs: number, by: string, text: string): Incident => ({
  ...incident,
  lines: [...incident.lines, { atMs, by, text }].slice(-LINES_MAX),
})

/** A step may take more pages than are kept otherwise: its tries are all known until it is over, and every call under way is. */
function newestPages(pages: readonly Page[], { pagesBefore }: Incident): readonly Page[] {
  if (pages.length <= PAGES_MAX) return pages
  const newest = pages.at(-1)
  const isCounted = (page: Page): boolean =>
    pageNumber(page) > pagesBefore && page.round === newest?.round && page.step === newest.step
  const older = pages.slice(0, -PAGES_MAX).filter(page => isLive(page) || isCounted(page))
  return [...older, ...pages.slice(-PAGES_MAX)]
}

/** Without one of this id: an older Tocsin that did not understand its row gave the id to another page, which is the newer. */
const others = ({ pages }: Incident, id: string): readonly Page[] => pages.filter(page => page.id !== id)

function duePage(change: Extract<Change, { is: 'page-due' }>, atMs: number): Page {
  const { channel, target, step, round, attempt, withinMs } = change
  const tells = told(change)
  const began = tells.says === undefined ? {} : { began: tells.says }
  return {
    id: change.page,
    channel,
    target,
    ...tells,
    ...began,
    step,
    round,
    attempt,
    withinMs,
    dueAtMs: atMs,
  }
}

/** What a page tells by this row. A row of before says so in values alone: whatever message stood before it is no more. */
function told({
  said,
  message,
  says = message && saysOf(message),
}: Pick<Extract<Change, { is: 'page-news' }>, 'said' | 'message' | 'says'>): Pick<
  Page,
  'said' | 'message' | 'says'
> {
  return { said, message, ...(says === undefined ? {} : { says }) }
}

function given(
  incident: Incident,
  { page, news, why, words }: Extract<Change, { is: 'page-news' }>,
  atMs: number,
): NonNullable<Page['news']> {
  const known = newsOf(incident, page)
  // Without words of its own the page, which has reached nobody yet, begins with it.
  const said = words.length === 0 ? news : known.said
  return { ...known, given: news, said, ...(why === 'worse' ? { worse: news, worseAtMs: atMs } : {}) }
}

const withPage = (incident: Incident, page: string, more: Partial<Page>): Incident => ({
  ...incident,
  pages: incident.pages.map(each => (each.id === page ? { ...each, ...more } : each)),
})

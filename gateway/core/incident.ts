// The incident: what people work on. It is nothing but its changes, applied in order, and it latches:
// raised → acknowledged → attended → resolved, where nothing but a person with a reason resolves it.
import type { IncidentState, Kind, Outcome, PageOutcome, Whereabouts } from '../../schemas/api.ts'
import type { Change, PageSays, Suspicion } from './change.ts'

export type Page = {
  id: string
  channel: 'sip'
  target: string
  said: string
  phrases: readonly string[]
  says?: PageSays
  /** What it said when it was placed: news may have been told in it since. */
  began?: PageSays
  step: number
  round: number
  attempt: number
  ringMs: number
  talkMs: number
  dueAtMs: number
  invitedAtMs?: number
  ringingAtMs?: number
  answeredAtMs?: number
  /** The newest news that the call was given to say, the newest of these that was worse and since when, and the newest said. */
  news?: { given: number; worse: number; worseAtMs?: number; said: number }
  key?: string
  keyAtMs?: number
  endedAtMs?: number
  outcome?: PageOutcome
  detail?: string
}

export type Incident = {
  id: string
  state: IncidentState
  kind: Kind
  pendant: string
  wearer: string
  isVerified: boolean
  /** Why it may not come from this pendant; null once an alarm joined it that does. */
  suspect: Suspicion | null
  alarmNumber: number
  /** The newest counter of this alarm that is in the journal; beacons refer to it. */
  counter: number
  /** Of the pendant's frames of this alarm; undefined where it is not known (rows of old, buttons that are not ours). */
  packetId: number | undefined
  policy: string
  whereabouts: Whereabouts
  locatedAtMs: number
  /** The places that people were sent to before the present one, newest last, and until when; null is outside. */
  left: readonly { place: string | null; atMs: number }[]
  /** What the wearer wrote for whoever comes, when they were signed in. */
  sessionNote: string | null
  raisedAtMs: number
  presses: number
  pressedAtMs: number
  /** The ladder counts from the page after this one: where it was begun anew. 0 is the first. */
  pagesBefore: number
  /** The alarm number that the wearer cancelled on the pendant. */
  cancelledNumber: number | null
  cancelledAtMs: number | null
  /** The pendant ended this alarm by itself: whatever it is told, it shows nothing. */
  hasGivenUp: boolean
  /** The newest page when waiting for the next was cut short, by its number; null where it never was. */
  hurriedPage: number | null
  pages: readonly Page[]
  acknowledged: { atMs: number; by: string } | null
  attended: { atMs: number; by: string } | null
  resolved: { atMs: number; by: string; outcome: Outcome; reason: string } | null
  told: { told: number; beaconCounter: number; atMs: number } | null
  lines: readonly { atMs: number; by: string; text: string }[]
}

/** Changes that belong to one incident. */
export type IncidentChange = Extract<Change, { incident: string }>
export type Raised = Extract<Change, { is: 'raised' }>

/** An incident paged for days keeps its newest pages and lines in memory, and what the ladder counts; all stay in the journal. */
const PAGES_MAX = 200
const LINES_MAX = 400

export function raised(change: Raised, atMs: number, sessionNote: string | null): Incident {
  return {
    id: change.incident,
    state: 'raised',
    kind: change.alarm,
    pendant: change.pendant,
    wearer: change.wearer,
    isVerified: change.isVerified,
    suspect: change.suspect ?? null,
    alarmNumber: change.alarmNumber,
    counter: change.counter,
    packetId: change.packetId,
    policy: change.policy,
    whereabouts: change.whereabouts,
    locatedAtMs: atMs,
    left: [],
    sessionNote,
    raisedAtMs: atMs,
    presses: 1,
    pressedAtMs: atMs,
    pagesBefore: 0,
    cancelledNumber: null,
    cancelledAtMs: null,
    hasGivenUp: false,
    hurriedPage: null,
    pages: [],
    acknowledged: null,
    attended: null,
    resolved: null,
    told: null,
    lines: [],
  }
}

/** The incident after one more change. The change was decided on this very incident, so it always fits. */
export function advance(incident: Incident, change: IncidentChange, atMs: number, by: string): Incident {
  switch (change.is) {
    case 'raised':
      return incident
    case 'pressed-again':
      return {
        ...incident,
        ...(isBeside(change, incident) && incident.suspect === null ? {} : newestOf(change)),
        suspect: change.suspect === undefined ? null : incident.suspect,
        presses: incident.presses + 1,
        pressedAtMs: atMs,
      }
    case 'resumed':
      // What it was told it has forgotten.
      return {
        ...incident,
        counter: change.counter,
        packetId: change.packetId,
        told: null,
        hasGivenUp: false,
      }
    case 'gave-up':
      return { ...incident, hasGivenUp: true }
    case 'worsened':
      return {
        ...incident,
        state: 'raised',
        kind: change.alarm,
        acknowledged: null,
        attended: null,
        pagesBefore: pageNumber(incident.pages.at(-1)),
      }
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
      return { ...incident, pages: newestPages([...incident.pages, duePage(change, atMs)], incident) }
    case 'page-invited':
      return withPage(incident, change.page, { invitedAtMs: change.atMs })
    case 'page-ringing':
      return withPage(incident, change.page, { ringingAtMs: change.atMs })
    case 'page-answered':
      return withPage(incident, change.page, { answeredAtMs: change.atMs })
    case 'page-news':
      return withPage(incident, change.page, {
        said: change.said,
        phrases: change.phrases,
        says: change.says,
        news: given(incident, change, atMs),
      })
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
      return { ...incident, state: 'acknowledged', acknowledged: { atMs, by } }
    case 'attended':
      return { ...incident, state: 'attended', attended: { atMs, by } }
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

const LEFT_MAX = 8

/** Nobody was sent to a place that was not known. */
function leftBy({ whereabouts: before, left }: Incident, after: Whereabouts, atMs: number): Incident['left'] {
  const isKnown = before.room !== null || before.isOutside === true
  if (!isKnown || before.room === after.room) return left
  return [...left, { place: before.room, atMs }].slice(-LEFT_MAX)
}
export type PressedAgain = Extract<Change, { is: 'pressed-again' }>

const newestOf = ({ alarmNumber, counter, packetId }: PressedAgain) => ({
  alarmNumber,
  counter,
  packetId,
  hasGivenUp: false,
})

/**
 * Whether this alarm stands beside the one that the pendant itself is known to send now: it is suspect, or an older one that
 * came late. The wearer goes on being told about that one.
 */
export const isBeside = ({ suspect, counter }: PressedAgain, incident: Pick<Incident, 'counter'>): boolean =>
  suspect === 'counter-behind' || suspect === 'counter-jump' || counter < incident.counter

/** The incident with one more line in its story. */
export const withLine = (incident: Incident, atMs: number, by: string, text: string): Incident => ({
  ...incident,
  lines: [...incident.lines, { atMs, by, text }].slice(-LINES_MAX),
})

/** How grave a kind is: what is graver than it was taken for is told anew, though somebody has it already. */
const GRAVITY: Readonly<Record<Kind, number>> = {
  test: 0,
  assist: 1,
  'man-down': 2,
  button: 2,
  cord: 2,
  duress: 3,
}
export const isGraver = (kind: Kind, than: Kind): boolean => GRAVITY[kind] > GRAVITY[than]

/** Pages are numbered from 1; 0 where there is none. */
export const pageNumber = (page: Page | undefined): number =>
  page === undefined ? 0 : Number(page.id.slice(page.id.lastIndexOf('-p') + 2))

/** The pages of the ladder as it stands. */
export const ladderPages = ({ pages, pagesBefore }: Incident): readonly Page[] =>
  pagesBefore === 0 ? pages : pages.filter(page => pageNumber(page) > pagesBefore)

export const isOpen = (incident: Incident): boolean => incident.state !== 'resolved'

/** The incident that a pendant's last alarm made or joined, while it is open. */
export function openIncidentOf(
  incidents: ReadonlyMap<string, Incident>,
  lastAlarm: { incident: string } | null,
): Incident | undefined {
  const incident = lastAlarm === null ? undefined : incidents.get(lastAlarm.incident)
  return incident !== undefined && isOpen(incident) ? incident : undefined
}
export const isLive = (page: Page): boolean => page.endedAtMs === undefined

/** A step may take more pages than are kept otherwise: its tries are all known until it is over, and every call under way is. */
function newestPages(pages: readonly Page[], { pagesBefore }: Incident): readonly Page[] {
  if (pages.length <= PAGES_MAX) return pages
  const newest = pages.at(-1)
  const isCounted = (page: Page): boolean =>
    pageNumber(page) > pagesBefore && page.round === newest?.round && page.step === newest.step
  const older = pages.slice(0, -PAGES_MAX).filter(page => isLive(page) || isCounted(page))
  return [...older, ...pages.slice(-PAGES_MAX)]
}

function duePage(change: Extract<Change, { is: 'page-due' }>, atMs: number): Page {
  const { is: _, incident: __, page, ...said } = change
  const began = said.says === undefined ? {} : { began: said.says }
  return { id: page, ...said, ...began, dueAtMs: atMs }
}

const NO_NEWS = { given: 0, worse: 0, said: 0 }

/** What this page's call was given to say since it was placed, and what of it was heard. */
export const newsOf = ({ pages }: Incident, page: string): NonNullable<Page['news']> =>
  pages.find(each => each.id === page)?.news ?? NO_NEWS

function given(
  incident: Incident,
  { page, news, why, words }: Extract<Change, { is: 'page-news' }>,
  atMs: number,
): NonNullable<Page['news']> {
  const known = newsOf(incident, page)
  // Without words of its own the call, which nobody has answered yet, begins with it.
  const said = words.length === 0 ? news : known.said
  return { ...known, given: news, said, ...(why === 'worse' ? { worse: news, worseAtMs: atMs } : {}) }
}

/**
 * Whether this page's call has said how grave it is: it was placed since the incident grew worse, or the call has told of
 * it meanwhile. Who has not heard that cannot have acknowledged it.
 */
export const hasHeard = (incident: Incident, page: Page): boolean => {
  if (pageNumber(page) > incident.pagesBefore) return true
  const { worse, said } = newsOf(incident, page.id)
  return worse > 0 && said >= worse
}

const withPage = (incident: Incident, page: string, more: Partial<Page>): Incident => ({
  ...incident,
  pages: incident.pages.map(each => (each.id === page ? { ...each, ...more } : each)),
})

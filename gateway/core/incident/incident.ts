// The incident: what people work on. It is nothing but its changes, applied in order, and it latches:
// raised → acknowledged → attended → resolved, where nothing but a person with a reason resolves it.
import type {
  IncidentState,
  Kind,
  Outcome,
  PageOutcome,
  Source,
  Whereabouts,
} from '../../../schemas/api/desk.ts'
import { KINDS } from '../../../schemas/kinds.ts'
import type { Change, PageSays, Suspicion } from '../plan/change.ts'
import type { Message, MessageRoom, Within } from '../plan/message.ts'
import { type Plan, wearerName } from '../plan/plan.ts'

export type Page = {
  id: string
  channel: string
  target: string
  said: string
  /** Absent where its row has none. */
  message?: Message | undefined
  /** What it tells, as values; absent where its row does not say. */
  says?: PageSays
  /** What it told when it went out: news may have been told in it since. */
  began?: PageSays
  step: number
  round: number
  attempt: number
  withinMs: Within
  dueAtMs: number
  sentAtMs?: number
  /** The other side has it. Nobody is known to have seen it. */
  acceptedAtMs?: number
  /** Somebody has it in hand. It is nobody's yet. */
  reachedAtMs?: number
  /** The newest news that it was given to tell, the newest of these that was worse and since when, and the newest told. */
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
  /** What raised it, where no frame did; null where one did. */
  source: Source | null
  /** Null where none has a part in it: nobody is told by one, and it is not located on. */
  pendant: string | null
  wearer: string
  /** The name that pages told, for when the site has it no more; null before the first. */
  knownAs: string | null
  /** The rooms that pages told, for the same. */
  knownRooms: readonly MessageRoom[]
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
  /** Where it was when somebody took it, or said that they are on the way: there they go. Null while nobody has it. */
  takenAt: Whereabouts | null
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
  /** The pendant is idle though this alarm is open: whatever it is told, it shows nothing. */
  isPendantIdle: boolean
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
/** Without a frame. */
export type RaisedBy = Extract<Change, { is: 'raised-by' }>
export const beginsIncident = (change: Change): change is Raised | RaisedBy =>
  change.is === 'raised' || change.is === 'raised-by'
export type PressedAgain = Extract<Change, { is: 'pressed-again' }>

/**
 * Whether this alarm stands beside the one that the pendant itself is known to send now: it is suspect, or an older one that
 * came late. The wearer goes on being told about that one.
 */
export const isBeside = ({ suspect, counter }: PressedAgain, incident: Pick<Incident, 'counter'>): boolean =>
  suspect === 'counter-behind' || suspect === 'counter-jump' || counter < incident.counter

/** What is graver than it was taken for is told anew, though somebody has it already. */
export const isGraver = (kind: Kind, than: Kind): boolean => KINDS[kind].gravity > KINDS[than].gravity

/** Pages are numbered from 1; 0 where there is none. */
export const pageNumber = (page: Page | undefined): number =>
  page === undefined ? 0 : Number(page.id.slice(page.id.lastIndexOf('-p') + 2))

/** A cancel of the wearer's stands until the pendant begins another alarm. */
export const isCancelled = ({ cancelledNumber, alarmNumber }: Incident): boolean =>
  cancelledNumber !== null && cancelledNumber === alarmNumber

/** The pages of the ladder as it stands. */
export const ladderPages = ({ pages, pagesBefore }: Incident): readonly Page[] =>
  pagesBefore === 0 ? pages : pages.filter(page => pageNumber(page) > pagesBefore)

export const isOpen = (incident: Incident): boolean => incident.state !== 'resolved'

/** The open incident that this source raised before of this wearer. */
export const openIncidentBy = (
  incidents: ReadonlyMap<string, Incident>,
  { of, id }: Source,
  wearer: string,
): Incident | undefined =>
  [...incidents.values()].findLast(
    incident =>
      isOpen(incident) &&
      incident.source?.of === of &&
      incident.source.id === id &&
      incident.wearer === wearer,
  )

/** The incident that a pendant's last alarm made or joined, while it is open. */
export function openIncidentOf(
  incidents: ReadonlyMap<string, Incident>,
  lastAlarm: { incident: string } | null,
): Incident | undefined {
  const incident = lastAlarm === null ? undefined : incidents.get(lastAlarm.incident)
  return incident !== undefined && isOpen(incident) ? incident : undefined
}
export const isLive = (page: Page): boolean => page.endedAtMs === undefined

const NO_NEWS = { given: 0, worse: 0, said: 0 }

/** What this page was given to tell since it went out, and what of it was heard. */
export const newsOf = ({ pages }: Incident, page: string): NonNullable<Page['news']> =>
  pages.find(each => each.id === page)?.news ?? NO_NEWS

/**
 * Whether this page has told how grave it is: it went out since the incident grew worse, or has told of it
 * meanwhile. Who has not heard that cannot have acknowledged it.
 */
export const hasHeard = (incident: Incident, page: Page): boolean => {
  if (pageNumber(page) > incident.pagesBefore) return true
  const { worse, said } = newsOf(incident, page.id)
  return worse > 0 && said >= worse
}

/** Who it is about, by name: also where a reload and a restart since took the person out of the site. */
export function nameIn(
  plan: Plan,
  { wearer, knownAs = null }: { wearer: string; knownAs?: string | null },
): string {
  const name = wearerName(plan, wearer)
  return name === wearer ? (knownAs ?? name) : name
}

// In: an incident and one change to it. Out: the line a person reads about it, or null where there is nothing to read.
import type { Kind, Outcome, PageOutcome, Source, Whereabouts } from '../../../schemas/api/desk.ts'
import {
  TOLD_ACKNOWLEDGED,
  TOLD_COMING,
  TOLD_HEARD,
  TOLD_RESOLVED,
  TOLD_STORED,
} from '../../../schemas/frame.ts'
import { KINDS } from '../../../schemas/kinds.ts'
import { type Suspicion, SYSTEM } from '../plan/change.ts'
import { isCall, listedAt, type Plan, placeOf, wearerName } from '../plan/plan.ts'
import { type Incident, type IncidentChange, isCancelled, type Page } from './incident.ts'

const TOLD_WORDS: Readonly<Record<number, string>> = {
  [TOLD_HEARD]: 'heard',
  [TOLD_STORED]: 'your alarm is in',
  [TOLD_ACKNOWLEDGED]: 'somebody has it',
  [TOLD_COMING]: 'somebody is coming',
  [TOLD_RESOLVED]: 'it is over',
}

const IGNORED_WORDS = {
  no: '',
  'not-told': ', not having heard yet that it grew worse: nobody has it',
  taken: ', when somebody had it already',
} as const

const DURESS = 'DURESS: the wearer’s company believes it is cancelled'

const SOURCE_WORDS: Readonly<Record<Source['of'], string>> = {
  desk: 'Raised at the desk',
  session: 'Raised by a session',
  input: 'Raised by an input',
  schedule: 'Raised by the schedule',
  system: 'Raised by a program',
}

const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  'violent-incident': 'a violent incident',
  'near-miss': 'a near miss',
  'assistance-given': 'assistance given',
  'false-alarm': 'a false alarm',
  test: 'a test',
}

/** How a page ended. Those that say it all stand alone; the others say why. */
const END_WORDS: Readonly<Record<PageOutcome, { words: string; hasWhy: boolean }>> = {
  acknowledged: { words: 'acknowledged by the key', hasWhy: false },
  busy: { words: 'busy', hasWhy: false },
  'no-answer': { words: 'no answer', hasWhy: false },
  declined: { words: 'the call was declined', hasWhy: false },
  unreachable: { words: 'could not be reached', hasWhy: true },
  'hung-up': { words: 'hung up without pressing 1', hasWhy: false },
  failed: { words: 'the call failed', hasWhy: true },
  interrupted: { words: 'the call broke off', hasWhy: true },
  withdrawn: { words: 'the call was ended', hasWhy: false },
}

function endWords(
  incident: Incident,
  { outcome, detail }: { outcome: PageOutcome; detail: string },
  isACall: boolean,
): string {
  const { words: ofCall, hasWhy } = END_WORDS[outcome]
  const words = isACall ? ofCall : ofCall.replace('the call', 'the page')
  if (outcome === 'withdrawn') return `${words}${withdrawnWords(incident)}`
  return hasWhy && detail !== '' ? `${words} (${detail})` : words
}

/** While nobody has the incident, a page is ended only for a ladder that begins anew. */
const withdrawnWords = ({ state }: Incident): string =>
  state === 'raised' ? ', to be placed anew' : ': no longer needed'

/** What the system does of its own account, whoever gave it cause: the row names who did. */
const BY_ITSELF: ReadonlySet<IncidentChange['is']> = new Set(['page-due', 'page-news', 'told'])

/** Who stands beside that line; `actor` is whose event brought the change. */
export const storyAuthor = ({ is }: IncidentChange, actor: string): string =>
  BY_ITSELF.has(is) ? SYSTEM : actor

/** The line for the desk's story of the incident. */
export function storyLine(plan: Plan, incident: Incident, change: IncidentChange): string | null {
  switch (change.is) {
    case 'raised':
      return `${wearerName(plan, change.wearer)}: ${KINDS[change.alarm].words}, ${whereWords(plan, change.whereabouts)}${change.alarm === 'duress' ? `. ${DURESS}` : ''}${cameWords(change)}${deafWords(plan, change.pendant)}`
    case 'raised-by':
      return `${wearerName(plan, change.wearer)}: ${KINDS[change.alarm].words}, ${whereWords(plan, change.whereabouts)}. ${SOURCE_WORDS[change.source.of]}, not by a pendant`
    case 'raised-again':
      return `Raised again: ${KINDS[change.alarm].words}${change.note === undefined ? '' : `. ${change.note}`}`
    case 'pressed-again':
      return `Pressed again: ${KINDS[change.alarm].words}${cameWords(change)}`
    case 'resumed':
      return 'The pendant lost its power for a moment and goes on with this alarm'
    case 'pendant-idle':
      return 'The pendant no longer sends this alarm: it gave up, or the wearer cancelled it where no receiver heard. It shows nothing any more'
    case 'worsened':
      return worsenedWords(incident, change.alarm)
    case 'wearer-cancelled':
      return 'The wearer cancelled it on the pendant: speak to them before you resolve it'
    case 'located':
      return whereWords(plan, change.whereabouts) === whereWords(plan, incident.whereabouts)
        ? null
        : `Now ${whereWords(plan, change.whereabouts)}`
    case 'page-due':
      return `Paging ${targetWords(plan, change)} (attempt ${change.attempt}, round ${change.round})`
    case 'page-invited':
      return null
    case 'page-ringing':
      return isCalled(plan, incident, change.page)
        ? `${pageTarget(plan, incident, change.page)} is ringing`
        : `Handed over for ${pageTarget(plan, incident, change.page)}: nobody is known to have seen it`
    case 'page-answered':
      return isCalled(plan, incident, change.page)
        ? `${pageTarget(plan, incident, change.page)} answered: nobody has pressed a key yet`
        : `${pageTarget(plan, incident, change.page)} has it before them: nobody has answered yet`
    case 'page-news':
      return change.words.length === 0
        ? null
        : `Told ${isCalled(plan, incident, change.page) ? 'in the call with ' : ''}${pageTarget(plan, incident, change.page)}: ${change.words.join(' ')}`
    case 'page-said':
      return null
    case 'page-key':
      return `${pageTarget(plan, incident, change.page)} pressed ${change.key}${change.by === undefined ? '' : ` (${change.by})`}${IGNORED_WORDS[change.ignored ?? 'no']}`
    case 'page-ended':
      // Its key has a line of its own, and so has what came of it.
      if (change.outcome === 'acknowledged' && pageIn(incident, change.page)?.key !== undefined) return null
      return `${pageTarget(plan, incident, change.page)}: ${endWords(incident, change, isCalled(plan, incident, change.page))}`
    case 'hurried':
      return 'Called at once: what was being waited for is over'
    case 'acknowledged':
      return 'Acknowledged'
    case 'attended':
      return 'Attending'
    case 'released':
      return 'Given back: nobody has it, and people are called again'
    case 'resolved':
      return `Resolved as ${OUTCOME_WORDS[change.outcome]}: ${change.reason}`
    case 'told':
      return incident.isPendantIdle ? null : toldLine(incident, change.told)
    default:
      return change satisfies never
  }
}

/** What is sent to the pendant. One that is dark shows nothing of it: in a duress, unless it was pressed again, and since a cancel. */
function toldLine(incident: Incident, told: number): string {
  const words = TOLD_WORDS[told] ?? told
  if (incident.kind === 'duress')
    return `In a duress the pendant stays dark: do not count on the wearer being shown: ${words}`
  if (isCancelled(incident))
    return `The pendant is dark since the wearer cancelled: it does not show: ${words}`
  return told === TOLD_HEARD
    ? `The disk does not take it yet: the wearer is being told no more than: ${words}`
    : `The wearer is being told: ${words}`
}

/** Where nobody had it, people are called as before. */
function worsenedWords({ state }: Incident, alarm: Kind): string {
  const isHad = state === 'acknowledged' || state === 'attended'
  if (alarm === 'duress') return isHad ? `${DURESS}. People are called again` : DURESS
  return `Now ${KINDS[alarm].words}${isHad ? ': people are called again' : ''}`
}

/** Why an alarm may not come from its pendant, for whoever reads of it. */
export const SUSPICION_WORDS: Readonly<Record<Suspicion, string>> = {
  'counter-behind':
    'Suspect, check: it may be an old alarm played again, or sent by a copy of this pendant. Go as to any other',
  'counter-jump':
    'Suspect, check: its counter is far ahead, as of a copy of this pendant. Go as to any other',
  'two-senders': 'Suspect, check: two senders use the identity of this pendant. Go as to any other',
}

const MINUTE_MS = 60_000

const agoWords = (ms: number): string =>
  ms < 2 * MINUTE_MS ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / MINUTE_MS)} min`

/** ". Heard 70 min ago. Suspect, check: …" */
function cameWords({ suspect, ageMs }: { suspect?: Suspicion; ageMs?: number }): string {
  const late = ageMs === undefined ? '' : `. Heard ${agoWords(ageMs)} ago, told only now`
  return suspect === undefined ? late : `${late}. ${SUSPICION_WORDS[suspect]}`
}

/** Said at once: the wearer does not know whether anybody heard. */
const deafWords = (plan: Plan, pendant: string): string =>
  plan.pendants.get(pendant)?.bthome === undefined ? '' : '. This pendant cannot be told that it was heard'

/** "5150 Security desk". */
export function targetWords(plan: Plan, { channel, target }: Pick<Page, 'channel' | 'target'>): string {
  const name = listedAt(plan, channel, target)?.name
  return name === undefined ? target : `${target} ${name}`
}

function whereWords(plan: Plan, { room, runnerUp, isOutside, booked }: Whereabouts): string {
  if (isOutside !== true) {
    const isBookedAlone = room === null && booked !== undefined
    return isBookedAlone ? `room not known, booked: ${roomWords(plan, booked)}` : roomWords(plan, room)
  }
  return runnerUp === null
    ? 'outside the known rooms'
    : `outside the known rooms, nearest to ${roomWords(plan, runnerUp)}`
}

export function roomWords(plan: Plan, room: string | null): string {
  const place = room === null ? undefined : placeOf(plan, room)
  if (place !== undefined) return `${place.building}, room ${place.room.number}`
  return room === null ? 'room not known' : `room ${room}, which is on the plan no more`
}

const pageIn = ({ pages }: Incident, page: string): Page | undefined => pages.find(({ id }) => id === page)

function pageTarget(plan: Plan, incident: Incident, id: string): string {
  const page = pageIn(incident, id)
  return page === undefined ? id : targetWords(plan, page)
}

/** Of a page that memory has let go nothing is known but that all of before were calls. */
const isCalled = (plan: Plan, incident: Incident, id: string): boolean => {
  const page = pageIn(incident, id)
  return page === undefined || isCall(plan, page.channel)
}

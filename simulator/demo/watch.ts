// Follows one press through the desk: tells in plain words what changes, and remembers how it first looked.
import type {
  DeskSnapshot,
  IncidentView,
  PageView,
  TechnicalAlarm,
  Whereabouts,
} from '../../schemas/api/desk.ts'
import { readDesk } from '../gateway/desk.ts'
import type { SimClock } from '../ports.ts'

export const LOOK_MS = 50

export type Seen = {
  incident: IncidentView | null
  firstWhereabouts: Whereabouts | null
  technical: readonly TechnicalAlarm[]
}

/** Looks at the desk until `isOver`, or until `untilMs`; answers the last it saw. Throws where the desk is gone. */
export async function watchDesk(options: {
  http: string
  pendant: string
  clock: SimClock
  untilMs: number
  /** Rejects to end the watching at once. */
  broken: Promise<never>
  isOver: (seen: Seen) => boolean
  tell: (text: string) => void
}): Promise<Seen> {
  const { http, pendant, clock, untilMs, broken, isOver, tell } = options
  let seen: Seen = { incident: null, firstWhereabouts: null, technical: [] }
  while (!isOver(seen) && clock.nowMs() < untilMs) {
    const desk = await Promise.race([readDesk(http), broken])
    const next = look(desk, pendant, seen)
    for (const text of news(seen, next)) tell(text)
    seen = next
    await Promise.race([new Promise<void>(resolve => clock.after(LOOK_MS, resolve)), broken])
  }
  return seen
}

function look(desk: DeskSnapshot, pendant: string, before: Seen): Seen {
  const incident = desk.incidents.find(one => one.pendant === pendant && one.state !== 'resolved') ?? null
  const firstWhereabouts = before.firstWhereabouts ?? incident?.whereabouts ?? null
  return { incident, firstWhereabouts, technical: desk.technical }
}

/** What is in `next` and was not in `before`, each as a line. */
export function news(before: Seen, next: Seen): string[] {
  const lines: string[] = []
  const { incident } = next
  if (incident !== null && before.incident === null) lines.push(raised(incident))
  for (const page of incident?.pages ?? []) {
    const earlier = before.incident?.pages.find(({ id }) => id === page.id)
    lines.push(...pageNews(earlier, page))
  }
  if (incident?.acknowledged && !before.incident?.acknowledged)
    lines.push(`the incident is acknowledged by ${incident.acknowledged.by}`)
  const known = new Set(before.technical.map(({ key }) => key))
  for (const { key, text } of next.technical)
    if (!known.has(key)) lines.push(`TECHNICAL ALARM ${key}: ${text}`)
  return lines
}

function raised({ id, wearer, kind, roomNumber, whereabouts }: IncidentView): string {
  const { room, confidence } = whereabouts
  const where = room === null ? 'room unknown' : `room ${roomNumber} (${room}, confidence ${confidence})`
  return `incident ${id} is in the journal: ${kind}, ${wearer}, ${where}`
}

function pageNews(before: PageView | undefined, page: PageView): string[] {
  const name = `page to ${page.target} (round ${page.round}, attempt ${page.attempt})`
  const lines: string[] = []
  if (before === undefined) lines.push(`${name} is due: "${page.said}"`)
  if (page.invitedAtMs !== undefined && before?.invitedAtMs === undefined) lines.push(`${name}: INVITE sent`)
  if (page.answeredAtMs !== undefined && before?.answeredAtMs === undefined) lines.push(`${name}: answered`)
  if (page.key !== undefined && before?.key === undefined) lines.push(`${name}: key ${page.key} heard`)
  if (page.outcome !== undefined && before?.outcome === undefined)
    lines.push(`${name} ended: ${page.outcome}${page.detail === undefined ? '' : `, ${page.detail}`}`)
  return lines
}

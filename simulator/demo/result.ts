// The one line of JSON that the demonstration ends with. In: the incident as the desk tells it, the telephone's own
// record, the pendant's lights, the walk's truth; out: exactly the agreed keys, null where something did not happen.
import type { IncidentView, PageView, Whereabouts } from '../../schemas/api/desk.ts'
import type { PhoneCall } from '../ports.ts'

export type Observed = {
  pendant: string
  /** As the desk first showed it: the room that the first page names. */
  firstWhereabouts: Whereabouts | null
  /** As the desk shows it at the end; null where no incident came of the press. */
  incident: IncidentView | null
  calls: readonly PhoneCall[]
  truthRoom: string | null
  /** The instant at which the pin changed. */
  pressedAtMs: number
  wearerToldAtMs: number | null
}

export type PageResult = {
  channel: string
  target: string
  said: string
  invitedAtMs: number | null
  answeredAtMs: number | null
  key: string | null
}

export type DemoResult = {
  pendant: string
  wearer: string | null
  kind: string | null
  room: { id: string | null; confidence: number; runnerUp: string | null } | null
  truthRoom: string | null
  incident: string | null
  pages: PageResult[]
  acknowledgedAtMs: number | null
  wearerToldAtMs: number | null
  elapsedMs: {
    pressToJournal: number | null
    pressToInvite: number | null
    pressToAcknowledged: number | null
    acknowledgedToWearer: number | null
  }
}

/** The journal's INVITE and the telephone's arrive within this of each other. */
const SAME_CALL_MS = 2_000

export function resultOf(observed: Observed): DemoResult {
  const { incident, firstWhereabouts, pressedAtMs } = observed
  const pages = pagesOf(incident?.pages ?? [], observed.calls)
  const acknowledgedAtMs = incident?.acknowledged?.atMs ?? null
  const wearerToldAtMs = observed.wearerToldAtMs === null ? null : Math.round(observed.wearerToldAtMs)
  const firstInviteAtMs = pages.find(page => page.invitedAtMs !== null)?.invitedAtMs ?? null
  return {
    pendant: observed.pendant,
    wearer: incident?.wearer ?? null,
    kind: incident?.kind ?? null,
    room: firstWhereabouts && roomOf(firstWhereabouts),
    truthRoom: observed.truthRoom,
    incident: incident?.id ?? null,
    pages,
    acknowledgedAtMs,
    wearerToldAtMs,
    elapsedMs: {
      pressToJournal: between(pressedAtMs, incident?.raisedAtMs ?? null),
      pressToInvite: between(pressedAtMs, firstInviteAtMs),
      pressToAcknowledged: between(pressedAtMs, acknowledgedAtMs),
      acknowledgedToWearer: between(acknowledgedAtMs, wearerToldAtMs),
    },
  }
}

function roomOf({ room, confidence, runnerUp }: Whereabouts): DemoResult['room'] {
  return { id: room, confidence, runnerUp }
}

function between(fromMs: number | null, toMs: number | null): number | null {
  return fromMs === null || toMs === null ? null : Math.round(toMs - fromMs)
}

/** The INVITE as the journal has it, the answer and the key as the telephone itself recorded them. */
function pagesOf(pages: readonly PageView[], calls: readonly PhoneCall[]): PageResult[] {
  const unclaimed = new Set(calls)
  return pages.map(({ channel, target, said, invitedAtMs }) => {
    const call = [...unclaimed].find(
      ({ invitedAtMs: rangAtMs }) =>
        invitedAtMs !== undefined && Math.abs(rangAtMs - invitedAtMs) <= SAME_CALL_MS,
    )
    if (call !== undefined) unclaimed.delete(call)
    return {
      channel,
      target,
      said,
      invitedAtMs: invitedAtMs ?? null,
      answeredAtMs: call?.answeredAtMs === undefined ? null : Math.round(call.answeredAtMs),
      key: call === undefined || call.keys === '' ? null : call.keys,
    }
  })
}

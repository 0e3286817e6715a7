// Sessions: who is expected to be alone, where and until when, because they said so. In: the sessions that go on. Out: that of
// a pendant, its note, and the odds by which its booked room is likelier than another, for locating.

export type Session = {
  id: string
  pendant: string
  wearer: string
  room: string
  note: string | null
  sinceMs: number
  untilMs: number
  by: string
}

/**
 * Of ten alarms in a session some seven are taken to happen in its room, and radio alone seldom leaves more than the five
 * or six rooms next to one another: 0.7 against 0.3 / 6 is 14 to 1. Nobody publishes a figure; this one is small enough
 * that frames which are 94 % sure of another room are believed.
 */
const BOOKED_ODDS = 14
/** So long after they expected to be done it is still where they likely are: visits overrun by minutes. */
const BOOKED_AFTER_MS = 30 * 60_000

/** The same, of those that began before `beganAtMs` as if so much earlier: by a clock that had stopped they seem too new. */
export const sessionsOlder = (
  sessions: ReadonlyMap<string, Session>,
  beganAtMs: number,
  byMs: number,
): Map<string, Session> =>
  new Map(
    [...sessions].map(([id, session]) => {
      const { sinceMs, untilMs } = session
      const older = { ...session, sinceMs: sinceMs - byMs, untilMs: untilMs - byMs }
      return [id, sinceMs < beganAtMs ? older : session]
    }),
  )

/** The session that a pendant is signed in for, whoever wears it now. */
export function sessionWith(sessions: ReadonlyMap<string, Session>, pendant: string): Session | undefined {
  if (sessions.size === 0) return undefined
  for (const session of sessions.values()) if (session.pendant === pendant) return session
  return undefined
}

/** That of this wearer: one of whoever had the pendant before says nothing of who has it now. */
export function sessionOf(
  sessions: ReadonlyMap<string, Session>,
  pendant: string,
  wearer: string | undefined,
): Session | undefined {
  const session = sessionWith(sessions, pendant)
  return session?.wearer === wearer ? session : undefined
}

/** What the wearer wrote for whoever comes. */
export const noteOf = (
  sessions: ReadonlyMap<string, Session>,
  { pendant, wearer }: Pick<Session, 'pendant' | 'wearer'>,
): string | null => sessionOf(sessions, pendant, wearer)?.note ?? null

/** Odds for `locate`; null where nothing is booked, or where it was until too long ago. */
export function bookedOdds(session: Session | undefined, nowMs: number): ReadonlyMap<string, number> | null {
  if (session === undefined || nowMs > session.untilMs + BOOKED_AFTER_MS) return null
  return new Map([[session.room, BOOKED_ODDS]])
}

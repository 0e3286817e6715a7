// Whether the desk may say that all is quiet: the state, the line and the time come in; what speaks against it goes out. Pure.
import type { SessionView } from '../../../../schemas/api/session.ts'
import type { DeskState } from '../state/desk.ts'
import { plain } from './plain.ts'
import { agoWords, isOverdue } from './words.ts'

/** The faults of the system stand above it, and are not said twice. */
export type Doubt = { headline: string; reasons: string[] }

/** Null where an alarm now would be heard and reach somebody, nobody is overdue and nothing is broken: only then is it quiet. */
export function doubtOf(desk: DeskState, isLost: boolean, nowMs: number): Doubt | null {
  if (isLost) return { headline: 'Not connected: nothing new shows here', reasons: [] }
  const { armed, sessions, receivers } = desk
  const offline = receivers.filter(({ isOnline }) => !isOnline)
  const overdue = sessions.filter(session => isOverdue(session, nowMs))
  const unheard = sessions.filter(isUnheard)
  const uncovered = armed.uncovered ?? []
  const faults = faultsOf(desk)
  const headline = !armed.isArmed
    ? 'Not armed: an alarm now might reach nobody'
    : uncovered.length > 0
      ? 'Partly armed: in some rooms nobody would be heard'
      : overdue.length > 0
        ? 'No open incidents, but somebody is overdue'
        : faults.length > 0 || offline.length > 0
          ? 'No open incidents, but not everything works'
          : unheard.length > 0
            ? 'No open incidents, but a pendant is not heard'
            : null
  if (headline === null) return null
  const reasons = [
    ...armed.reasons.map(plain),
    ...(uncovered.length === 0 ? [] : [uncoveredWords(uncovered)]),
    ...overdue.map(session => overdueWords(session, nowMs)),
    ...unheard.map(unheardWords),
  ]
  return { headline, reasons: [...new Set(reasons)] }
}

/** Faults, without the one that says again what `armed` says. */
export const faultsOf = ({ technical, armed }: DeskState): DeskState['technical'] =>
  armed.isArmed ? technical : technical.filter(({ key }) => key !== 'not-armed')

export const uncoveredWords = (rooms: readonly string[]): string =>
  `No receiver is known to hear a pendant in ${rooms.join(', ')}.`

const overdueWords = ({ wearer, door, untilMs }: SessionView, nowMs: number): string =>
  `${wearer} is overdue for ${agoWords(nowMs - untilMs)}: ${door}.`

/** A pendant that says nothing until it is pressed is never heard on duty: that is said beside it, and cannot be mended. */
export const isUnheard = ({ pendantState = 'heard' }: SessionView): boolean =>
  pendantState !== 'heard' && pendantState !== 'unsupervised'

const UNHEARD: Readonly<Record<NonNullable<SessionView['pendantState']>, string>> = {
  heard: 'is heard',
  late: 'has not been heard for a minute',
  silent: 'is not heard: an alarm from it may not arrive. Ask after them',
  'never-heard': 'has never been heard: have it tested',
  'given-away': 'is worn by somebody else now: sign them in anew, and ask after them',
  unsupervised: 'cannot be supervised: it sends nothing until it is pressed. Have it tested',
}

/** "The pendant of Mira Patel is not heard: …"; what else the gateway has against it stands in `pendantWarning`. */
export const unheardWords = ({ wearer, pendantState = 'heard' }: SessionView): string =>
  `The pendant of ${wearer} ${UNHEARD[pendantState]}.`

/** A receiver that comes and goes (it is sent away while the disk refuses) still tells the wearer in between. */
const GONE_MS = 5_000

/** Whether anything can reach a pendant now: some receiver is online, or was a moment ago. */
export const canTell = ({ receivers }: Pick<DeskState, 'receivers'>, nowMs: number): boolean =>
  receivers.some(({ isOnline, sinceMs }) => isOnline || (sinceMs !== null && nowMs - sinceMs < GONE_MS))

// What the journal's rows say of the journal itself: what was lost of it, what a newer Tocsin wrote into it, what was erased.
// Rows in, the state changed in place: technical alarms that stand until a person has dealt with what they say.
import type { Change } from '../plan/change.ts'
import { beaconsUsedBy, isAcceptable, LOST, STRANGE, UNREAD } from '../state/journal.ts'
import type { State } from '../state/state.ts'

type JournalChange = Extract<
  Change,
  | { is: 'journal-rechained' }
  | { is: 'journal-mended' }
  | { is: 'journal-cut' }
  | { is: 'journal-unread' }
  | { is: 'journal-accepted' }
  | { is: 'bodies-erased' }
  | { is: 'erased' }
>
type Kept = Pick<State, 'technical' | 'incidentCount' | 'sessionCount' | 'walkCount' | 'journal'>
const RANGES_SHOWN = 8
/** After these nobody knows which beacon counters were used; what is accepted may be an older copy, or a new journal. */
const LOSSES: ReadonlySet<JournalChange['is']> = new Set([
  'journal-mended',
  'journal-cut',
  'journal-unread',
  'journal-accepted',
])

export const isJournalChange = (change: Change): change is JournalChange =>
  change.is.startsWith('journal-') || change.is === 'bodies-erased' || change.is === 'erased'

/** Applies a row about the journal. */
export function applyJournalRow(state: Kept, change: JournalChange, atMs: number): void {
  if (LOSSES.has(change.is)) state.journal.beaconsUsed = beaconsUsedBy(state.journal.beaconsUsed, atMs)
  switch (change.is) {
    case 'journal-mended':
      state.journal.edition = Math.max(state.journal.edition, change.edition)
      raise(state, LOST, mendedWords(change), atMs)
      return
    case 'journal-cut':
      state.journal.edition = Math.max(state.journal.edition, change.noted?.edition ?? 1)
      raise(state, LOST, cutWords(change), atMs)
      return
    case 'journal-unread':
      raise(state, UNREAD, unreadWords(change.why), atMs)
      for (const count of ['incidentCount', 'sessionCount', 'walkCount'] as const)
        state[count] = Math.max(state[count], change.firstNumber)
      return
    case 'journal-accepted':
      state.journal.edition = Math.max(state.journal.edition, change.edition)
      for (const key of [...state.technical.keys()]) if (isAcceptable(key)) state.technical.delete(key)
      return
    case 'erased':
      // Its number was given; it must not be given again.
      if (change.was === 'raised' || change.was === 'raised-by') state.incidentCount += 1
      if (change.was === 'session-began') state.sessionCount += 1
      if (change.was === 'walk-stored') state.walkCount += 1
      return
    case 'journal-rechained':
    case 'bodies-erased':
      return
    default:
      change satisfies never
  }
}

/** Notes that a row holds something which only a newer Tocsin knows. */
export function noteStrange(state: Kept, strange: string, atMs: number): void {
  const rows = (state.journal.strange.get(strange) ?? 0) + 1
  state.journal.strange.set(strange, rows)
  const text =
    `Written by a newer Tocsin: ${strange} (${rows}). They are kept, but this version does not know what they mean: ` +
    'look at the incidents yourself, and let whoever looks after the system go back to the newer version.'
  const sinceMs = state.technical.get(STRANGE + strange)?.sinceMs ?? atMs
  state.technical.set(STRANGE + strange, { key: STRANGE + strange, text, sinceMs, saidAtMs: atMs })
}

/** Of two losses both are said. */
function raise({ technical }: Kept, key: string, text: string, atMs: number): void {
  const known = technical.get(key)
  technical.set(key, {
    key,
    text: known === undefined ? text : `${known.text} ${text}`,
    sinceMs: known?.sinceMs ?? atMs,
    saidAtMs: atMs,
  })
}

const DEAL = 'When somebody has looked into it: tocsin accept.'

function mendedWords({ file, rows, lost, doubtful }: Extract<Change, { is: 'journal-mended' }>): string {
  const gone = lost.reduce((sum, [from, to]) => sum + to - from + 1, 0)
  const what = [
    `The journal could not be used as it was: it lies in ${file}, and ${rows} rows of it were read and go on.`,
    gone === 0 ? 'No row is known to be lost.' : `${gone} rows are lost (${rangesOf(lost)}).`,
    ...(doubtful.length === 0
      ? []
      : [`Not as they were written: rows ${rangesOf(doubtful.map(seq => [seq, seq]))}.`]),
  ]
  return `${what.join(' ')} An alarm that stood there may be missing here. ${DEAL}`
}

function cutWords({ noted, seq, lastAtMs, copy, file }: Extract<Change, { is: 'journal-cut' }>): string {
  const since = lastAtMs === null ? '' : ` since ${timeOf(lastAtMs)}`
  if (copy !== undefined) {
    const missing = noted !== null && noted.seq > seq ? ` ${noted.seq - seq} rows are not in it.` : ''
    const before = file === undefined ? '' : ` What stood there before lies in ${file}.`
    return `The journal was put back from the copy ${copy}: what happened${since} is not in it, and an alarm of then may be missing here.${missing}${before} ${DEAL}`
  }
  if (noted === null)
    return `The note of where the journal ended cannot be read: it goes on from row ${seq}${since}, and whether rows after that are missing is not known. ${DEAL}`
  const missing =
    noted.seq > seq
      ? `${noted.seq - seq} rows of the journal are missing${since}: it had ${noted.seq} and has ${seq}.`
      : `The journal is not the one that was noted: row ${noted.seq} is another${since}.`
  return `${missing} An alarm that stood there may be missing here. If an older copy was put back on purpose, or when somebody has looked into it: tocsin accept.`
}

const unreadWords = (why: string): string =>
  `The journal could not be read when the gateway started (${why}): alarms that were open then are not known here. When it can be read again, restart the gateway.`

const rangesOf = (ranges: readonly (readonly [number, number])[]): string => {
  const shown = ranges.slice(0, RANGES_SHOWN).map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`))
  return shown.join(', ') + (ranges.length > RANGES_SHOWN ? ' and more' : '')
}

const timeOf = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`

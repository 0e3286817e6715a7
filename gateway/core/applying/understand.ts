// In: a row as it was read. A newer Tocsin may have written it, before somebody went back to this version. Out: what this one
// makes of it, and in words what it does not know. Promises that nothing unknown is taken for something else, and that what may be
// an alarm is one.
import type { Outcome, PageOutcome } from '../../../schemas/api/desk.ts'
import { KINDS } from '../../../schemas/kinds.ts'
import type { Change } from '../plan/change.ts'
import { asToday } from './before.ts'
import { isMessage, type Rules, readFields, rulesOf } from './fields.ts'
import { oneOf } from './shape.ts'

/** `change` null where the whole row means nothing to us; `strange` names what is not known, null where all is. */
export type Understood = { change: Change | null; strange: string | null }

/**
 * Every kind of row there is, with the fields that it can't do without: `$` text, `#` a number, `@` an object or a list. One that
 * is missing here does not compile.
 */
const KNOWN: Readonly<Record<Change['is'], string>> = {
  raised: '$incident $pendant $wearer $alarm $policy #alarmNumber #counter @whereabouts',
  'raised-by': '$incident @source $wearer $alarm $policy @whereabouts',
  'raised-again': '$incident $alarm',
  'pressed-again': '$incident $alarm #alarmNumber #counter',
  resumed: '$incident #counter #packetId',
  'pendant-idle': '$incident',
  worsened: '$incident $alarm',
  hurried: '$incident',
  'clock-stepped': '#afterSeq #offsetMs',
  'wearer-cancelled': '$incident #alarmNumber',
  located: '$incident @whereabouts',
  'page-due': '$incident $page $channel $target $said #step #round #attempt @withinMs',
  'page-invited': '$incident $page #atMs',
  'page-ringing': '$incident $page #atMs',
  'page-answered': '$incident $page #atMs',
  'page-key': '$incident $page $key #atMs',
  'page-news': '$incident $page #news @words $said',
  'page-said': '$incident $page #news #atMs',
  'page-ended': '$incident $page $outcome $detail #atMs',
  acknowledged: '$incident',
  attended: '$incident',
  released: '$incident',
  resolved: '$incident $outcome $reason',
  told: '$incident $pendant #told #beaconCounter',
  tested: '$pendant $wearer #packetId #alarmNumber #flags @receivers',
  'session-began': '$session $pendant $wearer $room #untilMs',
  'session-ended': '$session',
  'walk-began': '$pendant',
  'walk-stored': '#walk $pendant @receivers @stays #lengthMs #count $form $readings',
  'walk-ended': '$pendant',
  'walk-withdrawn': '#walk',
  'technical-raised': '$key $text',
  'technical-mended': '$key',
  'site-changed': '',
  security: '$reason $pendant $receiver $text',
  'journal-rechained': '#rows',
  'journal-mended': '#edition $file #rows @lost @doubtful',
  'journal-cut': '#seq',
  'journal-unread': '$why #firstNumber',
  'journal-accepted': '#edition',
  'bodies-erased': '@rows',
  erased: '$was',
}
/** What each field of each kind is to be: made once, since a start reads every row. */
const RULES = Object.fromEntries(
  Object.entries(KNOWN).map(([kind, needs]) => [kind, rulesOf(kind as Change['is'], needs)]),
) as Readonly<Record<Change['is'], Rules>>
const PAGE_OUTCOMES: Readonly<Record<PageOutcome, true>> = {
  acknowledged: true,
  busy: true,
  'no-answer': true,
  declined: true,
  unreachable: true,
  'hung-up': true,
  failed: true,
  interrupted: true,
  withdrawn: true,
}
const OUTCOMES: Readonly<Record<Outcome, true>> = {
  'violent-incident': true,
  'near-miss': true,
  'assistance-given': true,
  'false-alarm': true,
  test: true,
}
const named = (value: unknown): string => JSON.stringify(value ?? null).slice(0, 60)

/** `channels` are those by which this Tocsin can place a page. */
export function understand(written: Change, channels: ReadonlyMap<string, unknown>): Understood {
  const raw: { is?: unknown } | null = written
  if (raw === null || typeof raw !== 'object' || !oneOf(KNOWN)(raw.is))
    return { change: null, strange: `rows of the kind ${named(raw?.is)}` }
  const today = asToday(written)
  const { change, unread } = readFields(today, RULES[today.is])
  if (unread.length === 0 && change !== null) return values(change, channels)
  const strange = `rows of the kind "${today.is}" without a readable ${unread[0]}`
  return change === null ? { change, strange } : { ...values(change, channels), strange }
}

function values(change: Change, channels: ReadonlyMap<string, unknown>): Understood {
  switch (change.is) {
    case 'raised':
    case 'raised-by':
    case 'raised-again':
    case 'pressed-again':
    case 'worsened':
      // As grave as a cord: people are called, and told that it is an alarm.
      if (oneOf(KINDS)(change.alarm)) break
      return { change: { ...change, alarm: 'cord' }, strange: `alarms of the kind ${named(change.alarm)}` }
    case 'page-due':
      if (!channels.has(change.channel))
        return { change, strange: `pages by the channel ${named(change.channel)}` }
      return withMessage(change)
    case 'page-news':
      return withMessage(change)
    case 'page-ended':
      if (oneOf(PAGE_OUTCOMES)(change.outcome)) break
      return {
        change: { ...change, outcome: 'failed' },
        strange: `pages that ended as ${named(change.outcome)}`,
      }
    case 'resolved':
      if (oneOf(OUTCOMES)(change.outcome)) break
      return {
        change: { ...change, outcome: 'assistance-given' },
        strange: `incidents resolved as ${named(change.outcome)}`,
      }
    case 'walk-stored':
      if (change.form === 'w1') break
      return { change: null, strange: `walk tests in the form ${named(change.form)}` }
  }
  return { change, strange: null }
}

/** A message that is not understood whole is not told in part: it is made anew of the incident. */
function withMessage(change: Extract<Change, { is: 'page-due' | 'page-news' }>): Understood {
  if (change.message === undefined || isMessage(change.message)) return { change, strange: null }
  const { message: _, ...rest } = change
  return { change: rest as typeof change, strange: 'messages in another shape' }
}

// What stands in each kind of row, field by field. In: a row of a known kind, of whatever shape. Out: the same row with each
// field as its type promises, or null where it means nothing without one; and the names of those that could not be read. Promises that
// who reads a row afterwards need not look at types, and that an alarm whose details can't be read is an alarm.
import type { Source, Whereabouts } from '../../../schemas/api/desk.ts'
import { KINDS } from '../../../schemas/kinds.ts'
import type { Change } from '../plan/change.ts'
import type { Facts, Missing, RadioFault } from '../plan/facts.ts'
import type { Message } from '../plan/message.ts'
import {
  type Is,
  isFlag,
  isNumber,
  isObject,
  isText,
  listOf,
  oneOf,
  orNull,
  perhaps,
  shaped,
  upTo,
} from './shape.ts'

/** `instead`: what is put there where it can't be read; without that, the row means nothing. `within`: an object's own fields. */
type Rule = { is: Is; instead?: unknown; within?: Rules }
export type Rules = Readonly<Record<string, Rule>>
type Row = Readonly<Record<string, unknown>>

/** As they stand in frames and beacons. */
const isByte = upTo(0xff)
const isCounter = upTo(0xffff_ffff)
const WHERES: Readonly<Record<Message['where'], true>> = {
  heard: true,
  outside: true,
  booked: true,
  unknown: true,
}
const SOURCES: Readonly<Record<Source['of'], true>> = {
  desk: true,
  session: true,
  input: true,
  schedule: true,
  system: true,
}

const NOWHERE: Whereabouts = { room: null, confidence: 0, runnerUp: null, heardAtMs: null, because: [] }
/** A room that can be read is told, whatever else of the place can't be. */
const PLACE: Rules = {
  room: { is: orNull(isText), instead: null },
  confidence: { is: value => isNumber(value) && Number(value) >= 0 && Number(value) <= 1, instead: 0 },
  runnerUp: { is: orNull(isText), instead: null },
  isOutside: { is: perhaps(isFlag), instead: undefined },
  heardAtMs: { is: orNull(isNumber), instead: null },
  because: { is: listOf(shaped({ receiver: isText, rssiDbm: isNumber })), instead: [] },
  booked: { is: perhaps(isText), instead: undefined },
}
const SOURCE: Rules = {
  of: { is: oneOf(SOURCES), instead: 'system' },
  id: { is: isText, instead: '' },
}
const text = (instead: string): Rule => ({ is: isText, instead })
const whereabouts: Rule = { is: isObject, instead: NOWHERE, within: PLACE }
/** As grave as a cord: people are called, and told that it is an alarm. */
const alarm = text('cord')
const note: Rule = { is: orNull(isText), instead: null }
const words: Rule = { is: listOf(isText), instead: [] }
const alarmNumber: Rule = { is: isByte, instead: 0 }
const counter: Rule = { is: isCounter, instead: 0 }
/** With what can't be read no page is compared. */
const says: Rule = {
  is: perhaps(shaped({ kind: oneOf(KINDS), where: oneOf(WHERES), rooms: listOf(isText) })),
  instead: undefined,
}

const isMissing: Readonly<Record<Missing['of'], Is>> = {
  desk: shaped({ why: oneOf({ none: 1, silent: 1 }) }),
  targets: shaped({ targets: listOf(shaped({ channel: isText, address: isText, fault: orNull(isText) })) }),
  ears: shaped({ why: oneOf({ gone: 1, unproven: 1, quiet: 1 }) }),
}
const RADIO_FAULTS: Readonly<Record<RadioFault['is'], true>> = {
  deaf: true,
  gone: true,
  refused: true,
  restarting: true,
  starting: true,
}
const isComplaint = oneOf({ fault: 1, 'battery-low': 1, 'battery-short': 1, 'cord-out': 1 })
const isAbout: Readonly<Record<Facts['of'], Is>> = {
  'not-armed': shaped({ missing: listOf(oneKindOf(isMissing)) }),
  'receiver-gone': shaped({ receiver: isText, forMs: orNull(isNumber), rooms: perhaps(listOf(isText)) }),
  'receiver-deaf': shaped({
    ...{ receiver: isText, forMs: isNumber },
    radio: perhaps(shaped({ is: oneOf(RADIO_FAULTS), why: isText })),
  }),
  'receiver-says': shaped({ receiver: isText, what: oneOf({ mute: 1, spool: 1, unread: 1 }), why: isText }),
  'pendant-complains': shaped({ pendant: isText, complaints: listOf(isComplaint) }),
  'pendant-silent': shaped({ pendant: isText, forMs: isNumber }),
  'pendants-silent': shaped({ pendants: listOf(isText) }),
}
/** Those that a newer Tocsin has beside ours are shown in its words (fault-words.ts). */
const isFacts: Is = value =>
  isObject(value) && (isText(value.of) && !oneOf(isAbout)(value.of) ? true : oneKindOf(isAbout)(value))

function oneKindOf(kinds: Readonly<Record<string, Is>>): Is {
  return value => isObject(value) && oneOf(kinds)(value.of) && kinds[String(value.of)]?.(value) === true
}

/** What is looked at closer than by its type, or can be done without. */
const CLOSER: Readonly<Partial<Record<Change['is'], Rules>>> = {
  raised: {
    ...{ pendant: text(''), wearer: text('unknown'), alarm, policy: text('') },
    ...{ alarmNumber, counter, isVerified: { is: isFlag, instead: true }, whereabouts },
  },
  'raised-by': {
    source: { is: isObject, instead: { of: 'system', id: '' }, within: SOURCE },
    ...{ wearer: text('unknown'), alarm, policy: text(''), whereabouts, note },
    isVerified: { is: perhaps(isFlag), instead: false },
  },
  'raised-again': { alarm, note: { is: perhaps(isText), instead: undefined } },
  'pressed-again': { alarm, alarmNumber, counter },
  resumed: { counter: { is: isCounter } },
  worsened: { alarm },
  located: { whereabouts: { is: isObject, within: PLACE } },
  'page-due': { says, withinMs: { is: shaped({ reached: isNumber, answered: isNumber }) } },
  'page-news': { says, words },
  told: { told: { is: isByte }, beaconCounter: { is: isCounter } },
  tested: {
    receivers: words,
    batteryPercent: { is: orNull(isNumber), instead: null },
    beaconCounter: { is: orNull(isCounter), instead: null },
  },
  'session-began': { note },
  'technical-mended': { isLetGo: { is: perhaps(isFlag), instead: undefined } },
  'technical-raised': { facts: { is: perhaps(isFacts), instead: undefined } },
}

const isRoom = shaped({
  ...{ id: isText, building: isText, number: isText },
  ...{ floor: orNull(isText), note: orNull(isText) },
})
/** Whether every channel can put this in words. */
export const isMessage = shaped({
  ...{ kind: oneOf(KINDS), isVerified: isFlag, isSuspect: isFlag, wearer: isText },
  ...{ where: oneOf(WHERES), rooms: listOf(isRoom), note: orNull(isText), isMoved: isFlag },
})

const BY_SIGN: Readonly<Record<string, Is>> = { $: isText, '#': isNumber, '@': isObject }

/** What a kind's fields are to be. `needs`: those that it can't do without, `$` text, `#` a number, `@` an object or a list. */
export function rulesOf(kind: Change['is'], needs: string): Rules {
  const closer = CLOSER[kind] ?? {}
  const byType = needs
    .split(' ')
    .filter(need => need !== '' && !Object.hasOwn(closer, need.slice(1)))
    .map((need): [string, Rule] => [need.slice(1), { is: BY_SIGN[need.charAt(0)] ?? isObject }])
  return { ...Object.fromEntries(byType), ...closer }
}

/** The row as its kind has it; `unread` are the fields that it had not, or had otherwise. */
export function readFields(row: Change, rules: Rules): { change: Change | null; unread: string[] } {
  const { row: change, unread } = read(row, rules)
  return { change: change as Change | null, unread }
}

function read(row: Row, rules: Rules): { row: Row | null; unread: string[] } {
  const unread: string[] = []
  let mended = row
  for (const [field, { is, within, ...rule }] of Object.entries(rules)) {
    const value = row[field]
    const inner = within !== undefined && isObject(value) ? read(value, within) : { row: value, unread: [] }
    if (is(inner.row) && inner.unread.length === 0) continue
    if (!is(inner.row) && !('instead' in rule)) return { row: null, unread: [field] }
    unread.push(field)
    mended = { ...mended, [field]: is(inner.row) ? inner.row : rule.instead }
  }
  return { row: mended, unread }
}

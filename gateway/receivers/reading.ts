// The text of one message of reports in; each report out that can be read, and what could not be, counted with an example.
// Pure. Promises that no report is lost for what stands beside it, and that nothing is thrown on data.
import type { HeardReport } from '../../schemas/report.ts'
import { shown } from '../expected.ts'
import type { Unread } from '../ports.ts'

export type Read = { reports: HeardReport[]; unread: Unread | null }

const ADDRESS = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/
const HEX = /^[0-9a-f]*$/
/** The longest advertisement there is: 1,650 bytes in a chain of extended ones (Core 5.0). */
const DATA_DIGITS_MAX = 3_300
const ADDRESS_DIGITS = 12
/** HCI: a level is -127 to 20 dBm, and 127 means that none is available. */
const LEVEL_DBM_MIN = -127
const LEVEL_DBM_MAX = 20
const NO_LEVEL = 127
/** What is older is told as being so old: no clock of a receiver is right about longer. */
export const AGE_MS_MAX = 7 * 24 * 3_600_000

/** A report that stands in text which is no JSON as a whole: cut short, or with NaN in another report. */
const FLAT_GROUP = /\{[^{}]*\}/g

/**
 * Reads a message of reports: `{ reports: […] }` of any version, a list, or one report alone. Where the text is no JSON,
 * the reports in it that are whole are read all the same.
 */
export function readReports(text: string): Read {
  const tally = newTally()
  const value = parsed(text.startsWith('\ufeff') ? text.slice(1) : text)
  const reports = value === undefined ? fromWreck(text, tally) : fromMessage(value, tally)
  return { reports, unread: tally.result() }
}

function fromWreck(text: string, tally: Tally): HeardReport[] {
  tally.miss('message', 'a group of fields', `${shown(text)}, which is not JSON`)
  return (text.match(FLAT_GROUP) ?? []).flatMap(group => {
    const value = parsed(group)
    return isReport(value) ? (readReport(value, 'report', tally) ?? []) : []
  })
}

function fromMessage(value: unknown, tally: Tally): HeardReport[] {
  if (Array.isArray(value)) return readEach(value, 'message', tally)
  if (!isFields(value)) {
    tally.miss('message', 'a group of fields', shown(value))
    return []
  }
  if (Array.isArray(value.reports)) return readEach(value.reports, 'reports', tally)
  if (isReport(value)) return readEach([value], 'message', tally)
  tally.miss('reports', 'a list', shown(value.reports))
  return []
}

const readEach = (values: readonly unknown[], name: string, tally: Tally): HeardReport[] =>
  values.flatMap((value, i) => readReport(value, `${name}[${i}]`, tally) ?? [])

/** One report; null where its address or its data cannot be read. A level or an age is never worth an alarm. */
function readReport(value: unknown, at: string, tally: Tally): HeardReport | null {
  if (!isFields(value)) return tally.miss(at, 'a group of fields', shown(value))
  const address = readAddress(value.address)
  if (address === null)
    return tally.miss(`${at}.address`, 'an address like c7:f9:36:dd:b0:ca', shown(value.address))
  const whole = readHex(value.data)
  if (whole === null) return tally.miss(`${at}.data`, hexExpected(value.data), shown(value.data))
  const data = whole.slice(0, DATA_DIGITS_MAX)
  if (data.length < whole.length)
    tally.miss(`${at}.data`, `at most ${DATA_DIGITS_MAX / 2} bytes`, `${whole.length / 2}`)
  const rssiDbm = readLevel(value.rssiDbm)
  if (rssiDbm === undefined) tally.miss(`${at}.rssiDbm`, 'a level of -127 to 20 dBm', shown(value.rssiDbm))
  const ageMs = readAge(value.ageMs)
  if (ageMs === undefined) tally.miss(`${at}.ageMs`, 'a number of milliseconds', shown(value.ageMs))
  return { address, data, rssiDbm: rssiDbm ?? null, ageMs: ageMs ?? null }
}

function readAddress(came: unknown): string | null {
  if (typeof came !== 'string') return null
  if (ADDRESS.test(came)) return came
  const digits = came.toLowerCase().replace(/[\s:-]/g, '')
  if (digits.length !== ADDRESS_DIGITS || !HEX.test(digits)) return null
  return (digits.match(/../g) ?? []).join(':')
}

function readHex(came: unknown): string | null {
  if (typeof came !== 'string') return null
  const digits = HEX.test(came) ? came : came.toLowerCase().replace(/\s/g, '')
  return digits.length % 2 === 0 && HEX.test(digits) ? digits : null
}

const hexExpected = (came: unknown): string =>
  typeof came === 'string' ? 'whole bytes as hex' : 'text (in quotes)'

/** A level in dBm; null where the receiver had none; undefined where what it says can be no level. */
function readLevel(came: unknown): number | null | undefined {
  const level = numberIn(came)
  if (level === null || level === NO_LEVEL) return null
  return level !== undefined && level >= LEVEL_DBM_MIN && level <= LEVEL_DBM_MAX ? level : undefined
}

/** An age in ms; null where the receiver says none; undefined where what it says is no number. */
function readAge(came: unknown): number | null | undefined {
  const age = numberIn(came)
  return typeof age === 'number' ? Math.round(Math.min(Math.max(age, 0), AGE_MS_MAX)) : age
}

/** Null is absent. */
function numberIn(came: unknown): number | null | undefined {
  if (came === null || came === undefined) return null
  const value = typeof came === 'string' && came.trim() !== '' ? Number(came) : came
  return typeof value === 'number' && !Number.isNaN(value) ? value : undefined
}

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isReport = (value: unknown): boolean =>
  isFields(value) && Object.hasOwn(value, 'address') && Object.hasOwn(value, 'data')

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Tally = { miss(at: string, expected: string, came: string): null; result(): Unread | null }

/** Counts what could not be read, and keeps the first as the example. */
function newTally(): Tally {
  let count = 0
  let example = ''
  return {
    miss(at, expected, came) {
      count += 1
      if (count === 1) example = `${at}: expected ${expected}, came ${came}`
      return null
    },
    result: () => (count === 0 ? null : { count, reason: 'malformed', example }),
  }
}

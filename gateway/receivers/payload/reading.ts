// The text of one message of reports in; each report out that can be read, and what could not be, counted with an example.
// Pure. Promises that no report is lost for what stands beside it or around it, and that nothing is thrown on data.
import type { HeardReport } from '../../../schemas/report.ts'
import type { Unread } from '../../ports.ts'
import { shown } from '../../site/expected.ts'
import { reportsInBroken } from './broken-json.ts'
import { hexExpected, readAddress, readAge, readHex, readLevel } from './fields.ts'

export type Read = { reports: HeardReport[]; unread: Unread | null }

/** The longest advertisement there is: 1,650 bytes in a chain of extended ones (Core 5.0). */
const DATA_DIGITS_MAX = 3_300
const DATA_FIELD = /["']data["']\s*:/g

/**
 * Reads a message of reports: `{ reports: […] }` of any version, a list, or one report alone. Reports that stand elsewhere
 * in it are found too; and where the text is no JSON, or says a field twice, those that stand in the text.
 */
export function readReports(text: string): Read {
  const tally = newTally()
  const value = parsed(text.startsWith('\ufeff') ? text.slice(1) : text)
  if (value === undefined) {
    tally.miss('message', 'a group of fields', `${shown(text)}, which is not JSON`)
    return { reports: fromBroken(text, tally), unread: tally.result() }
  }
  const reports = fromMessage(value, tally)
  // JSON keeps one of two fields of one name: an alarm may stand in the other.
  if (fieldsOf(text) > tally.dataSeen()) reports.push(...hidden(text, reports, tally))
  return { reports, unread: tally.result() }
}

const fieldsOf = (text: string): number => text.match(DATA_FIELD)?.length ?? 0

const fromBroken = (text: string, tally: Tally): HeardReport[] =>
  reportsInBroken(text).flatMap(each => readReport(each, 'report', tally) ?? [])

/** Reports that stand in the text and that its reading as JSON did not find. */
function hidden(text: string, found: readonly HeardReport[], tally: Tally): HeardReport[] {
  const nameOf = ({ address, data }: HeardReport): string => `${address} ${data}`
  const known = new Set(found.map(nameOf))
  const more = fromBroken(text, newTally()).filter(each => !known.has(nameOf(each)))
  if (more.length > 0) tally.miss('message', 'each field once', 'one twice')
  return more
}

function fromMessage(value: unknown, tally: Tally): HeardReport[] {
  if (Array.isArray(value)) return readEach(value, 'message', tally)
  if (!isFields(value)) {
    tally.miss('message', 'a group of fields', shown(value))
    return within(value, tally)
  }
  const alone = isReport(value) ? readEach([value], 'message', tally) : []
  if (Array.isArray(value.reports)) return [...alone, ...readEach(value.reports, 'reports', tally)]
  if (alone.length > 0) return alone
  tally.miss('reports', 'a list', shown(value.reports))
  return within(value, tally)
}

const readEach = (values: readonly unknown[], name: string, tally: Tally): HeardReport[] =>
  values.flatMap((value, i) => {
    const report = readReport(value, `${name}[${i}]`, tally)
    return report === null && !isReport(value) ? within(value, tally) : (report ?? [])
  })

/** The reports that stand anywhere in a value, also in a text in it that is JSON itself. */
function within(value: unknown, tally: Tally): HeardReport[] {
  const found: HeardReport[] = []
  const left = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (isReport(next)) {
      const report = readReport(next, 'report', tally)
      if (report !== null) found.push(report)
    } else if (typeof next === 'string' && /^\s*[[{]/.test(next)) left.push(parsed(next))
    else if (typeof next === 'object' && next !== null)
      for (const each of Object.values(next)) left.push(each)
  }
  return found.reverse()
}

/** One report; null where its address or its data cannot be read. A level or an age is never worth an alarm. */
function readReport(value: unknown, at: string, tally: Tally): HeardReport | null {
  if (!isFields(value)) return tally.miss(at, 'a group of fields', shown(value))
  if (Object.hasOwn(value, 'data')) tally.seeData()
  const address = readAddress(value.address)
  if (address === null)
    return tally.miss(`${at}.address`, 'an address like c7:f9:36:dd:b0:ca', shown(value.address))
  const hex = readHex(value.data)
  if (!hex?.isWhole) tally.miss(`${at}.data`, hexExpected(value.data), shown(value.data))
  if (hex === null) return null
  const data = hex.digits.slice(0, DATA_DIGITS_MAX)
  if (data.length < hex.digits.length)
    tally.miss(`${at}.data`, `at most ${DATA_DIGITS_MAX / 2} bytes`, `${hex.digits.length / 2}`)
  const rssiDbm = readLevel(value.rssiDbm)
  if (rssiDbm === undefined) tally.miss(`${at}.rssiDbm`, 'a level of -127 to 20 dBm', shown(value.rssiDbm))
  const ageMs = readAge(value.ageMs)
  if (ageMs === undefined) tally.miss(`${at}.ageMs`, 'a number of milliseconds', shown(value.ageMs))
  return { address, data, rssiDbm: rssiDbm ?? null, ageMs: ageMs ?? null }
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

type Tally = {
  miss(at: string, expected: string, came: string): null
  /** A report had data, whether they could be read or not. */
  seeData(): void
  dataSeen(): number
  result(): Unread | null
}

/** Counts what could not be read, and keeps the first as the example. */
function newTally(): Tally {
  let count = 0
  let example = ''
  let dataSeen = 0
  return {
    seeData() {
      dataSeen += 1
    },
    dataSeen: () => dataSeen,
    miss(at, expected, came) {
      count += 1
      if (count === 1) example = `${at}: expected ${expected}, came ${came}`
      return null
    },
    result: () => (count === 0 ? null : { count, reason: 'malformed', example }),
  }
}

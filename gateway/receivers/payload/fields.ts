// The fields of one report as some receiver wrote them; each out as the gateway reckons with it, or what says that it cannot be
// read. Pure; nothing is thrown on data.

const ADDRESS = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/
const HEX = /^[0-9a-f]*$/
const WHOLE_BYTES = /^(?:[0-9a-f]{2})*/
const ADDRESS_DIGITS = 12
/** HCI: a level is -127 to 20 dBm, and 127 means that none is available. */
const LEVEL_DBM_MIN = -127
const LEVEL_DBM_MAX = 20
const NO_LEVEL = 127
/** What is older is told as being so old: no clock of a receiver is right about longer. */
const AGE_MS_MAX = 7 * 24 * 3_600_000

export function readAddress(came: unknown): string | null {
  if (typeof came !== 'string') return null
  if (ADDRESS.test(came)) return came
  const digits = came.toLowerCase().replace(/[\s:-]/g, '')
  if (digits.length !== ADDRESS_DIGITS || !HEX.test(digits)) return null
  return (digits.match(/../g) ?? []).join(':')
}

export type Hex = { digits: string; isWhole: boolean }

/**
 * Bytes as hex, however they are written: capitals, signs between them, 0x before them, or a list of numbers. Of what ends in
 * something else the bytes before that; null where there is none.
 */
export function readHex(came: unknown): Hex | null {
  if (Array.isArray(came) && came.every(isByte))
    return { digits: Buffer.from(came).toString('hex'), isWhole: true }
  if (typeof came !== 'string') return null
  if (came.length % 2 === 0 && HEX.test(came)) return { digits: came, isWhole: true }
  const text = came.toLowerCase().replace(/^\s*0x|[\s:-]/g, '')
  const [digits = ''] = WHOLE_BYTES.exec(text) ?? []
  return digits === '' ? null : { digits, isWhole: digits.length === text.length }
}

const isByte = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xff

export const hexExpected = (came: unknown): string =>
  typeof came === 'string' ? 'whole bytes as hex' : 'text (in quotes)'

/** A level in dBm; null where the receiver had none; undefined where what it says can be no level. */
export function readLevel(came: unknown): number | null | undefined {
  const level = numberIn(came)
  if (level === null || level === NO_LEVEL) return null
  return level !== undefined && level >= LEVEL_DBM_MIN && level <= LEVEL_DBM_MAX ? level : undefined
}

/** An age in ms; null where the receiver says none; undefined where what it says is no number. */
export function readAge(came: unknown): number | null | undefined {
  const age = numberIn(came)
  return typeof age === 'number' ? Math.round(Math.min(Math.max(age, 0), AGE_MS_MAX)) : age
}

/** Null is absent. */
function numberIn(came: unknown): number | null | undefined {
  if (came === null || came === undefined) return null
  const value = typeof came === 'string' && came.trim() !== '' ? Number(came) : came
  return typeof value === 'number' && !Number.isNaN(value) ? value : undefined
}

// What the messages of other systems are made of: JSON, addresses, bytes and levels, as each writes them. Pure; nothing is
// thrown on data.
import type { HeardReport } from '../../../schemas/report.ts'
import { readAddress, readHex, readLevel } from '../payload/fields.ts'
import type { Reading } from './adapter.ts'

export type Fields = Readonly<Record<string, unknown>>
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value in a payload; undefined where it is no JSON. */
export function jsonIn(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'))
  } catch {
    return undefined
  }
}

const UUIDS: readonly string[] = ['fcd2', '0xfcd2', '0000fcd2-0000-1000-8000-00805f9b34fb']
export const isBthomeUuid = (value: unknown): boolean =>
  typeof value === 'string' && UUIDS.includes(value.toLowerCase())

/** The longest service data that fits into one AD structure. */
const SERVICE_DATA_BYTES_MAX = 252
const FLAGS = '020106'

/** Service data of BTHome as the advertising data that it came in. */
export const advertised = (serviceData: string): string =>
  `${FLAGS}${(serviceData.length / 2 + 3).toString(16).padStart(2, '0')}16d2fc${serviceData}`

export const unread = (at: string, expected: string, came: unknown): Reading => ({
  is: 'unread',
  why: `${at}: expected ${expected}, came ${JSON.stringify(came)?.slice(0, 60) ?? 'nothing'}`,
})

/** A report of these bytes, from the info byte on; what cannot be read says so. */
export function reportOf(address: unknown, bytes: unknown, rssi: unknown): Reading {
  const from = readAddress(address)
  if (from === null) return unread('address', 'an address like c7:f9:36:dd:b0:ca', address)
  const hex = readHex(bytes)
  if (hex === null || !hex.isWhole || hex.digits.length > 2 * SERVICE_DATA_BYTES_MAX)
    return unread('service data', `at most ${SERVICE_DATA_BYTES_MAX} whole bytes`, bytes)
  return { is: 'report', report: report(from, advertised(hex.digits), rssi) }
}

/** Heard just now: no system says when, and no clock of theirs is believed. */
export const report = (address: string, data: string, rssi: unknown): HeardReport => ({
  address,
  data,
  rssiDbm: levelIn(rssi),
  ageMs: 0,
})

/** A text; nothing where it is none. Not String: of a group of fields that throws where one of them is called toString. */
export const textIn = (value: unknown): string => (typeof value === 'string' ? value : '')

export const levelIn = (value: unknown): number | null => readLevel(value) ?? null

/** A byte, as packet ids and button events are; null where it is none. */
export const byteIn = (value: unknown): number | null =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xff ? (value as number) : null

export const percentIn = (value: unknown): number | null =>
  typeof value === 'number' && value >= 0 && value <= 100 ? value : null

const ONLINE: readonly string[] = ['online', 'true', '1']
const OFFLINE: readonly string[] = ['offline', 'false', '0']

/** "online", "Offline", "true": whether it is there. */
export function presenceIn(payload: Buffer): Reading {
  const word = payload.subarray(0, 16).toString('utf8').trim().toLowerCase()
  if (ONLINE.includes(word)) return { is: 'presence', isOnline: true }
  if (OFFLINE.includes(word)) return { is: 'presence', isOnline: false }
  return unread('presence', 'online or offline', word)
}

/** A memory of the newest, by name: whoever invents names fills no more of it than this. */
export function remembered<T>(max = 1_024): Map<string, T> & { keep(name: string, value: T): void } {
  const known = new Map<string, T>()
  return Object.assign(known, {
    keep(name: string, value: T): void {
      known.delete(name)
      known.set(name, value)
      if (known.size > max) known.delete(known.keys().next().value ?? '')
    },
  })
}

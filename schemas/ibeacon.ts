// The iBeacon identity of a pendant, where a site chose that it airs one: as ESPresense names it after "iBeacon:",
// `<uuid>-<major>-<minor>`, in the site file; and as its packet, in hex, in a pendant's settings, which is all the chip reads.
import { z } from 'zod'

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const WORD = '(?:0|[1-9][0-9]{0,4})'
const WORD_MAX = 0xffff
const PATTERN = new RegExp(`^(${UUID})-(${WORD})-(${WORD})$`)

/**
 * The level at a metre that the packet claims, in dBm: what Espruino's own `ble_ibeacon` claims. Not measured on a
 * pendant; ESPresense can be told another (`rssi@1m`).
 */
const MEASURED_DBM = -59

export const IBeaconUuid = z
  .string()
  .regex(new RegExp(`^${UUID}$`), 'expected a UUID like e5ca1ade-f007-ba11-0000-000000000000, in lower case')

export const IBeacon = z.string().refine(
  text =>
    PATTERN.exec(text)
      ?.slice(2)
      .every(word => Number(word) <= WORD_MAX) === true,
  'expected an iBeacon identity: a UUID in lower case, major and minor (0 to 65535), joined by -',
)

export type IBeaconParts = { uuid: string; major: number; minor: number }

/** Of a text that passed IBeacon. Throws RangeError for any other. */
export const iBeaconParts = (identity: string): IBeaconParts => {
  const [, uuid, major, minor] = PATTERN.exec(identity) ?? []
  if (uuid === undefined) throw new RangeError(`expected an iBeacon identity, came ${identity}`)
  return { uuid, major: Number(major), minor: Number(minor) }
}

export const iBeaconText = ({ uuid, major, minor }: IBeaconParts): string => `${uuid}-${major}-${minor}`

/** Flags; Apple's manufacturer data, its type and length. */
const HEADER = '0201061aff4c000215'

/** The setting `iBeacon`: the whole packet, 60 hex digits, because the chip has no room to put it together. */
export const iBeaconSetting = (identity: string): string => {
  const { uuid, major, minor } = iBeaconParts(identity)
  const rest = Buffer.alloc(5)
  rest.writeUInt16BE(major, 0)
  rest.writeUInt16BE(minor, 2)
  rest.writeInt8(MEASURED_DBM, 4)
  return HEADER + uuid.replaceAll('-', '') + rest.toString('hex')
}

/** The identity in a setting, whatever level it claims; null where it is no iBeacon's packet. */
export const iBeaconOfSetting = (setting: unknown): string | null => {
  const digits = typeof setting === 'string' ? setting.toLowerCase() : ''
  if (!new RegExp(`^${HEADER}[0-9a-f]{42}$`).test(digits)) return null
  const hex = digits.slice(HEADER.length)
  const bytes = Buffer.from(hex, 'hex')
  const uuid = hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  return iBeaconText({ uuid, major: bytes.readUInt16BE(16), minor: bytes.readUInt16BE(18) })
}

// The commands of a Bluetooth controller that listening and broadcasting take, as bytes without the H4 type. In: what is meant.
// Out: name, opcode, parameters. Pure. Source: Bluetooth Core Specification 5.4, Vol 4 Part E, 7.3, 7.4 and 7.8.

export type Command = { readonly name: string; readonly opcode: number; readonly parameters: Uint8Array }

/** Whose address is sent: the controller's own, or a random one that we gave it. */
export type OwnAddress = 'public' | 'random'

export const ADVERTISING_BYTES_MAX = 31

const command = (name: string, opcode: number, ...parameters: number[]): Command => ({
  name,
  opcode,
  parameters: Uint8Array.from(parameters),
})

const u16 = (value: number): [number, number] => [value & 0xff, value >> 8]
const u24 = (value: number): [number, number, number] => [value & 0xff, (value >> 8) & 0xff, value >> 16]
const ownType = (own: OwnAddress): number => (own === 'random' ? 1 : 0)
/** Units of 0.625 ms. */
const slots = (ms: number): number => Math.round(ms / 0.625)

/** Bits of an event mask, as eight bytes. */
const mask = (...bits: number[]): number[] => {
  const bytes = new Array<number>(8).fill(0)
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7))
  return bytes
}

export const reset = (): Command => command('Reset', 0x0c03)
export const readLocalVersion = (): Command => command('Read Local Version Information', 0x1001)
export const readLocalFeatures = (): Command => command('Read Local Supported Features', 0x1003)
export const readAddress = (): Command => command('Read BD_ADDR', 0x1009)
export const readLeFeatures = (): Command => command('LE Read Local Supported Features', 0x2003)
export const writeLeHost = (): Command => command('Write LE Host Support', 0x0c6d, 1, 0)

/** Hardware Error, Data Buffer Overflow and everything of LE; what belongs to connections would only be in the way. */
export const setEventMask = (): Command => command('Set Event Mask', 0x0c01, ...mask(15, 25, 61))

/** Advertising reports of the one kind or the other. */
export const setLeEventMask = (isExtended: boolean): Command =>
  command('LE Set Event Mask', 0x2001, ...(isExtended ? mask(1, 12) : mask(1)))

/** As printed, lower case with colons. */
export const setRandomAddress = (address: string): Command =>
  command('LE Set Random Address', 0x2005, ...addressBytes(address))

const addressBytes = (address: string): number[] =>
  address
    .split(':')
    .map(part => Number.parseInt(part, 16))
    .reverse()

// ---- listening: passive (nothing is asked of anybody), without a pause, every repeat told ------------------------

const SCAN_MS = 60

export const setScanParameters = (own: OwnAddress): Command =>
  command(
    'LE Set Scan Parameters',
    0x200b,
    0,
    ...u16(slots(SCAN_MS)),
    ...u16(slots(SCAN_MS)),
    ownType(own),
    0,
  )
export const setScan = (isOn: boolean): Command => command('LE Set Scan Enable', 0x200c, isOn ? 1 : 0, 0)

/** On LE 1M alone: legacy packets, which pendants send, exist on no other, and the coded one would take half the time. */
export const setExtendedScanParameters = (own: OwnAddress): Command =>
  command(
    'LE Set Extended Scan Parameters',
    0x2041,
    ownType(own),
    0,
    1,
    0,
    ...u16(slots(SCAN_MS)),
    ...u16(slots(SCAN_MS)),
  )
export const setExtendedScan = (isOn: boolean): Command =>
  command('LE Set Extended Scan Enable', 0x2042, isOn ? 1 : 0, 0, 0, 0, 0, 0)

// ---- broadcasting: packets that nobody can connect to or ask -----------------------------------------------------

/** ADV_NONCONN_IND on all three channels. */
export const setAdvertisingParameters = (own: OwnAddress, intervalMs: number): Command =>
  command(
    'LE Set Advertising Parameters',
    0x2006,
    ...u16(slots(intervalMs)),
    ...u16(slots(intervalMs)),
    3,
    ownType(own),
    0,
    ...new Array<number>(6).fill(0),
    7,
    0,
  )
export const setAdvertisingData = (data: Uint8Array): Command => {
  const parameters = new Uint8Array(1 + ADVERTISING_BYTES_MAX)
  parameters[0] = data.length
  parameters.set(data, 1)
  return { name: 'LE Set Advertising Data', opcode: 0x2008, parameters }
}
export const setAdvertising = (isOn: boolean): Command =>
  command('LE Set Advertising Enable', 0x200a, isOn ? 1 : 0)

export const readAdvertisingSets = (): Command =>
  command('LE Read Number of Supported Advertising Sets', 0x203b)
/** A set whose packets are legacy ones (event properties 0x10), as the pendants' chips hear them. */
export const setSetParameters = (set: number, own: OwnAddress, intervalMs: number): Command =>
  command(
    'LE Set Extended Advertising Parameters',
    0x2036,
    set,
    ...u16(0x0010),
    ...u24(slots(intervalMs)),
    ...u24(slots(intervalMs)),
    7,
    ownType(own),
    0,
    ...new Array<number>(6).fill(0),
    0,
    0x7f,
    1,
    0,
    1,
    set & 0x0f,
    0,
  )
export const setSetAddress = (set: number, address: string): Command =>
  command('LE Set Advertising Set Random Address', 0x2035, set, ...addressBytes(address))
export const setSetData = (set: number, data: Uint8Array): Command =>
  command('LE Set Extended Advertising Data', 0x2037, set, 3, 1, data.length, ...data)
/** Until it is switched off: no duration, no number of packets. */
export const setSet = (set: number, isOn: boolean): Command =>
  command('LE Set Extended Advertising Enable', 0x2039, isOn ? 1 : 0, 1, set, 0, 0, 0)

/** A command as it goes down a line. */
export const encodeCommand = ({ opcode, parameters }: Command): Uint8Array => {
  const bytes = new Uint8Array(4 + parameters.length)
  bytes.set([0x01, opcode & 0xff, opcode >> 8, parameters.length])
  bytes.set(parameters, 4)
  return bytes
}

// In: the advertising data of one report, as hex. Out: the BTHome frame in it, sealed or plain, or why there is none.
// Half-known frames never vanish: each comes out as foreign or malformed.
// Source: bthome.io/format (v2), re-checked against the vectors in tests/vectors.
import {
  AD_SERVICE_DATA,
  ALARM_LENGTH,
  ALARM_VERSION,
  BTHOME_UUID,
  COUNTER_BYTES,
  KIND_ASK,
  KIND_DURESS,
  KIND_DURESS_ASKING,
  KIND_DURESS_TESTING,
  KIND_DURESS_TURN,
  KIND_TEST,
  MIC_BYTES,
  OBJECT_BATTERY,
  OBJECT_BUTTON,
  OBJECT_PACKET_ID,
  OBJECT_RAW,
} from '../../../schemas/frame.ts'

export type SealedFrame = {
  is: 'sealed'
  info: number
  ciphertext: Buffer
  counter: number
  /** The counter as sent: it goes into the nonce as it is. */
  counterBytes: Buffer
  mic: Buffer
}
export type PlainFrame = { is: 'plain'; info: number; objects: Buffer }
export type Decoded = SealedFrame | PlainFrame | { is: 'foreign' } | { is: 'malformed'; came: string }

/** What our alarm object says; `kind` is one of schemas/frame KIND_*, or a number this version does not know. */
export type AlarmObject = {
  version: number
  kind: number
  alarmNumber: number
  flags: number
  /** A duress that seems to send this, and is answered so: KIND_ASK or KIND_TEST. Its `kind` is KIND_DURESS. */
  seeming?: { kind: number; turn: number }
}
export type Objects = {
  packetId?: number
  batteryPercent?: number
  /** BTHome button events in order: button 1, 2, … */
  buttons: number[]
  alarm?: AlarmObject
}

const INFO_SEALED_BIT = 0x01
const INFO_ADDRESS_BIT = 0x02
const VERSION_2 = 2
const ADDRESS_BYTES = 6
const UUID_HEX = 'd2fc'

const FOREIGN: Decoded = { is: 'foreign' }

/**
 * Reads the BTHome service data out of AD structures given as lower-case hex: of several the first sealed one, or else the
 * first. So nothing that stands beside a sealed frame hides it. Never throws.
 */
export function decode(dataHex: string): Decoded {
  // Nearly every report is of somebody's telephone: one string search settles it without touching a byte.
  if (!dataHex.includes(UUID_HEX)) return FOREIGN
  const data = Buffer.from(dataHex, 'hex')
  let first: Decoded | null = null
  let at = 0
  while (at < data.length) {
    const length = data[at] as number
    if (length === 0) break
    const end = at + 1 + length
    if (end > data.length)
      return first ?? malformed(`an AD structure of ${length} bytes where ${data.length - at - 1} are left`)
    if (data[at + 1] === AD_SERVICE_DATA && length >= 3 && data.readUInt16LE(at + 2) === BTHOME_UUID) {
      const found = decodeServiceData(data.subarray(at + 4, end))
      if (found.is === 'sealed') return found
      first ??= found
    }
    at = end
  }
  return first ?? FOREIGN
}

/** Reads BTHome service data from its info byte on. */
export function decodeServiceData(data: Buffer): Decoded {
  const info = data[0]
  if (info === undefined) return malformed('service data without an info byte')
  if (info >> 5 !== VERSION_2) return malformed(`BTHome version ${info >> 5}, expected ${VERSION_2}`)
  const body = data.subarray(info & INFO_ADDRESS_BIT ? 1 + ADDRESS_BYTES : 1)
  if (!(info & INFO_SEALED_BIT)) return { is: 'plain', info, objects: body }
  const sealedEnd = body.length - COUNTER_BYTES - MIC_BYTES
  if (sealedEnd < 1) return malformed(`a sealed frame of ${data.length} bytes, expected at least ${10}`)
  const counterBytes = body.subarray(sealedEnd, sealedEnd + COUNTER_BYTES)
  return {
    is: 'sealed',
    info,
    ciphertext: body.subarray(0, sealedEnd),
    counter: counterBytes.readUInt32LE(0),
    counterBytes,
    mic: body.subarray(sealedEnd + COUNTER_BYTES),
  }
}

/**
 * Reads plaintext BTHome objects. An id that this version does not know ends the reading (its length is unknown, as
 * bthome.io asks); an object cut short is null.
 */
export function readObjects(bytes: Buffer): Objects | null {
  const objects: Objects = { buttons: [] }
  let at = 0
  while (at < bytes.length) {
    const id = bytes[at] as number
    const hasLengthByte = id === OBJECT_RAW || id === OBJECT_TEXT
    const length = hasLengthByte ? bytes[at + 1] : OBJECT_BYTES[id]
    if (length === undefined) return hasLengthByte ? null : objects
    const start = at + (hasLengthByte ? 2 : 1)
    if (start + length > bytes.length) return null
    readObject(objects, id, bytes.subarray(start, start + length))
    at = start + length
  }
  return objects
}

function readObject(objects: Objects, id: number, value: Buffer): void {
  if (id === OBJECT_PACKET_ID) objects.packetId = value[0] as number
  else if (id === OBJECT_BATTERY) objects.batteryPercent = value[0] as number
  else if (id === OBJECT_BUTTON) objects.buttons.push(value[0] as number)
  else if (id === OBJECT_RAW && value.length >= ALARM_LENGTH) {
    const [head, alarmNumber, flags] = value as unknown as [number, number, number]
    objects.alarm = { version: head >> 4, ...kindIn(head & 0x0f), alarmNumber, flags }
  }
}

function kindIn(kind: number): Pick<AlarmObject, 'kind' | 'seeming'> {
  const turn = kind - KIND_DURESS_ASKING < KIND_DURESS_TURN ? 0 : KIND_DURESS_TURN
  if (kind - turn === KIND_DURESS_ASKING) return { kind: KIND_DURESS, seeming: { kind: KIND_ASK, turn } }
  if (kind - turn === KIND_DURESS_TESTING) return { kind: KIND_DURESS, seeming: { kind: KIND_TEST, turn } }
  return { kind }
}

/** Whether this version of the gateway knows what the alarm object says. */
export const isKnownAlarm = (alarm: AlarmObject): boolean =>
  alarm.version === ALARM_VERSION && alarm.kind <= KIND_ASK

const malformed = (came: string): Decoded => ({ is: 'malformed', came })

const OBJECT_TEXT = 0x53

/** Bytes of each fixed-length BTHome v2 object, by id (bthome.io/format). */
const OBJECT_BYTES: Readonly<Record<number, number>> = {
  ...bytesEach(1, 0x00, 0x01, 0x09, [0x0f, 0x11], [0x15, 0x2f], 0x3a, 0x46, [0x57, 0x59], 0x60),
  ...bytesEach(
    2,
    0x02,
    0x03,
    [0x06, 0x08],
    [0x0c, 0x0e],
    [0x12, 0x14],
    0x3c,
    0x3d,
    [0x3f, 0x41],
    [0x43, 0x45],
  ),
  ...bytesEach(2, [0x47, 0x4a], 0x51, 0x52, 0x56, 0x5a, [0x5d, 0x5f], 0x61, 0xf0),
  ...bytesEach(3, 0x04, 0x05, 0x0a, 0x0b, 0x42, 0x4b, 0xf2),
  ...bytesEach(4, 0x3e, [0x4c, 0x50], 0x55, 0x5b, 0x5c, 0xf1),
}

function bytesEach(
  bytes: number,
  ...ids: (number | [first: number, last: number])[]
): Record<number, number> {
  const table: Record<number, number> = {}
  for (const id of ids) {
    const [first, last] = typeof id === 'number' ? [id, id] : id
    for (let each = first; each <= last; each++) table[each] = bytes
  }
  return table
}

// Which alarm a pendant's own advertisement tells of, read with its key as an outsider would: BTHome v2 (bthome.io/format and
// /encryption), AES-128-CCM. Advertising data in, the alarm's name out; null for anything else.
import { createDecipheriv } from 'node:crypto'
import {
  ALARM_LENGTH,
  BTHOME_UUID,
  KIND_CORD,
  KIND_DURESS_ASKING,
  KIND_DURESS_TESTING,
  KIND_DURESS_TURN,
  MIC_BYTES,
} from '../../schemas/frame.ts'
import type { AlarmName } from '../page/building.ts'

const AD_SERVICE_DATA = 0x16
const IS_SEALED = 0x01
const NAMES: readonly AlarmName[] = ['cord', 'button', 'assist', 'man-down', 'duress']
/** Bytes of the objects that a pendant sends before its alarm object, by their ids: packet id, battery, button. */
const SIZES: ReadonlyMap<number, number> = new Map([
  [0x00, 1],
  [0x01, 1],
  [0x3a, 1],
])
const RAW = 0x54

export type Sender = { address: string; key?: string | undefined }

/** Reads one advertisement of this pendant. */
export function alarmOnAir(data: Uint8Array, sender: Sender): AlarmName | null {
  const service = serviceData(Buffer.from(data))
  if (service === null) return null
  const info = service[0] ?? 0
  const objects = (info & IS_SEALED) === 0 ? service.subarray(1) : opened(service, sender)
  return objects === null ? null : alarmIn(objects)
}

function serviceData(data: Buffer): Buffer | null {
  for (let at = 0; at < data.length; at += 1 + (data[at] ?? 0)) {
    const part = data.subarray(at + 1, at + 1 + (data[at] ?? 0))
    if (part[0] === AD_SERVICE_DATA && part.length > 3 && part.readUInt16LE(1) === BTHOME_UUID)
      return part.subarray(3)
  }
  return null
}

/** Sealed service data is: info, ciphertext, counter (4), MIC (4). */
function opened(service: Buffer, { address, key }: Sender): Buffer | null {
  if (key === undefined || service.length < 1 + 4 + MIC_BYTES) return null
  const counterAt = service.length - 4 - MIC_BYTES
  const uuid = Buffer.alloc(2)
  uuid.writeUInt16LE(BTHOME_UUID)
  const nonce = Buffer.concat([
    Buffer.from(address.replaceAll(':', ''), 'hex'),
    uuid,
    service.subarray(0, 1),
    service.subarray(counterAt, counterAt + 4),
  ])
  const decipher = createDecipheriv('aes-128-ccm', Buffer.from(key, 'hex'), nonce, {
    authTagLength: MIC_BYTES,
  })
  decipher.setAuthTag(service.subarray(-MIC_BYTES))
  const plain = decipher.update(service.subarray(1, counterAt))
  try {
    decipher.final()
    return plain
  } catch {
    return null
  }
}

function alarmIn(objects: Buffer): AlarmName | null {
  for (let at = 0; at < objects.length; ) {
    const id = objects[at] ?? 0
    if (id === RAW) return objects[at + 1] === ALARM_LENGTH ? nameOf(objects[at + 2] ?? 0) : null
    const size = SIZES.get(id)
    if (size === undefined) return null
    at += 1 + size
  }
  return null
}

function nameOf(versionAndKind: number): AlarmName | null {
  const kind = versionAndKind & 0x0f
  // A duress that seems to ask or to be tested is one all the while.
  const isSeeming = kind >= KIND_DURESS_ASKING && kind <= KIND_DURESS_TESTING + KIND_DURESS_TURN
  return isSeeming ? 'duress' : (NAMES[kind - KIND_CORD] ?? null)
}

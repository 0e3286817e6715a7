// A beacon: what a pendant is told, as bytes; what that is, consequence.ts decides. In: what the wearer is to be told, about which
// alarm, under which counter. Out: advertising data for the receivers.
// Layout and rule of belief: schemas/frame.ts. AES-128-CCM, MIC 4 (RFC 3610).
import { createCipheriv } from 'node:crypto'
import {
  AD_MANUFACTURER,
  BEACON_BYTES,
  BEACON_COMPANY,
  BEACON_SEALED_BYTES,
  BEACON_TYPE,
  MIC_BYTES,
  NONCE_BYTES,
} from '../../../schemas/frame.ts'

export type Beacon = {
  /** As printed: c7:f9:36:dd:b0:ca. */
  address: string
  /** 32 hexadecimal digits. */
  key: string
  told: number
  alarmNumber: number
  frameCounter: number
  /** Never used twice with the same key for different content. */
  beaconCounter: number
}

const AD_FLAGS = Buffer.from('020106', 'hex')

/** Seals a beacon into advertising data (28 bytes at most), as hex. */
export function sealBeacon(beacon: Beacon): string {
  const address = Buffer.from(beacon.address.replaceAll(':', ''), 'hex')
  const counter = Buffer.alloc(4)
  counter.writeUInt32LE(beacon.beaconCounter)
  const sealed = seal(beacon, address, counter)
  const head = Buffer.from([
    3 + BEACON_BYTES,
    AD_MANUFACTURER,
    BEACON_COMPANY & 0xff,
    BEACON_COMPANY >> 8,
    BEACON_TYPE,
  ])
  return Buffer.concat([AD_FLAGS, head, address.subarray(4), counter, sealed]).toString('hex')
}

function seal(beacon: Beacon, address: Buffer, counter: Buffer): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES)
  address.copy(nonce)
  nonce.writeUInt16LE(BEACON_COMPANY, 6)
  nonce.writeUInt8(BEACON_TYPE, 8)
  counter.copy(nonce, 9)
  const plain = Buffer.alloc(BEACON_SEALED_BYTES)
  plain.writeUInt8(beacon.told, 0)
  plain.writeUInt8(beacon.alarmNumber, 1)
  plain.writeUInt32LE(beacon.frameCounter, 2)
  const cipher = createCipheriv('aes-128-ccm', Buffer.from(beacon.key, 'hex'), nonce, {
    authTagLength: MIC_BYTES,
  })
  const ciphertext = cipher.update(plain)
  cipher.final()
  return Buffer.concat([ciphertext, cipher.getAuthTag()])
}

// A beacon opened by node:crypto alone, from the layout in schemas/frame.ts and no code of ours.
import { createDecipheriv } from 'node:crypto'
import { ADDRESS, KEY } from './building.ts'

export type OpenedBeacon = { counter: number; told: number; alarmNumber: number; frameCounter: number }

/** Opens advertising data of a receiver that is meant for this pendant; throws where the seal does not fit. */
export function openBeacon(dataHex: string, address = ADDRESS, key = KEY): OpenedBeacon {
  const data = Buffer.from(dataHex, 'hex')
  const printed = Buffer.from(address.replaceAll(':', ''), 'hex')
  const [head, sealed] = [data.subarray(0, 14), data.subarray(14)]
  const expected = `02010614ff9005b1${printed.subarray(4).toString('hex')}`
  if (head.subarray(0, 10).toString('hex') !== expected)
    throw new Error(`expected a beacon that begins ${expected}, came ${dataHex}`)
  const counter = head.subarray(10)
  const nonce = Buffer.concat([printed, Buffer.from('9005b1', 'hex'), counter])
  const decipher = createDecipheriv('aes-128-ccm', Buffer.from(key, 'hex'), nonce, { authTagLength: 4 })
  decipher.setAuthTag(sealed.subarray(6))
  const plain = decipher.update(sealed.subarray(0, 6))
  decipher.final()
  return {
    counter: counter.readUInt32LE(0),
    told: plain.readUInt8(0),
    alarmNumber: plain.readUInt8(1),
    frameCounter: plain.readUInt32LE(2),
  }
}

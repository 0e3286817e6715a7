// A bench with one BTHome button that is not ours, and its frames, sealed by node:crypto or plain.
import { createCipheriv } from 'node:crypto'
import { planOf } from '../../../gateway/core/plan/plan.ts'
import { Bthome } from '../../../schemas/site.ts'
import { KEY, site } from './building.ts'
import { createBench } from './engine.ts'

export const BUTTON_ADDRESS = '54:48:e6:8f:80:a5'
const FLAGS_AND_UUID = '020106'

const benchOf = (bthome: Bthome, key?: string) => {
  const sealed = key === undefined ? {} : { key }
  const pendants = [{ id: 'b-01', address: BUTTON_ADDRESS, wearer: 'omar', bthome, ...sealed }]
  return createBench({ plan: planOf({ ...site(), pendants }) })
}

/** A bench whose site has the button b-01 with a bind key, or plain. */
export const buttonBench = (given: Partial<Bthome> = {}) => benchOf(Bthome.parse(given), KEY)
export const plainBench = (given: Partial<Bthome> = {}) =>
  benchOf(Bthome.parse({ allowPlain: true, ...given }))

/** Advertising data around BTHome service data that is given as hex. */
export const advertised = (serviceData: string): string =>
  `${FLAGS_AND_UUID}${(3 + serviceData.length / 2).toString(16).padStart(2, '0')}16d2fc${serviceData}`

export type ButtonFrame = { packetId?: number; buttons?: readonly number[]; battery?: number }

export function objectsOf({ packetId, buttons = [1], battery = 97 }: ButtonFrame): Buffer {
  const id = packetId === undefined ? [] : [0x00, packetId & 0xff]
  return Buffer.from([...id, 0x01, battery, ...buttons.flatMap(button => [0x3a, button])])
}

export const plainButton = (of: ButtonFrame, info = 0x44): string =>
  advertised(Buffer.concat([Buffer.from([info]), objectsOf(of)]).toString('hex'))

export function sealedButton(counter: number, of: ButtonFrame, info = 0x45, nonceInfo = info): string {
  const counted = Buffer.alloc(4)
  counted.writeUInt32LE(counter)
  const address = Buffer.from(BUTTON_ADDRESS.replaceAll(':', ''), 'hex')
  const nonce = Buffer.concat([address, Buffer.from([0xd2, 0xfc, nonceInfo]), counted])
  const cipher = createCipheriv('aes-128-ccm', Buffer.from(KEY, 'hex'), nonce, { authTagLength: 4 })
  const sealed = Buffer.concat([cipher.update(objectsOf(of)), cipher.final()])
  return advertised(
    Buffer.concat([Buffer.from([info]), sealed, counted, cipher.getAuthTag()]).toString('hex'),
  )
}

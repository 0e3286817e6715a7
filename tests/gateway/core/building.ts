// A small building for core tests, and frames sealed by node:crypto as a pendant would seal them.
import { createCipheriv } from 'node:crypto'
import { planOf } from '../../../gateway/core/plan/plan.ts'
import { KIND_CORD, KIND_DURESS } from '../../../schemas/frame.ts'
import { Site } from '../../../schemas/site.ts'

export const KEY = '231d39c1d7cc1ab1aee224cd096db932'
export const ADDRESS = 'c7:f9:36:dd:b0:ca'
export const PLAIN_ADDRESS = 'c7:f9:36:dd:b0:cb'
/** Where no telephone is: at 5060 a simulated building that runs beside would be called. */
const NO_TELEPHONE = 9

export const site = (): Site =>
  Site.parse({
    site: 'Test site',
    buildings: [
      {
        id: 'main',
        name: 'Northgate House',
        floors: [
          {
            id: 'ground',
            name: 'Ground floor',
            rooms: [
              { id: 'hall', number: '1', adjacent: ['interview'] },
              { id: 'interview', number: '214', name: 'Interview room', adjacent: ['hall'] },
            ],
          },
        ],
      },
    ],
    receivers: [
      { id: 'r-hall', room: 'hall', password: 'password-hall' },
      { id: 'r-interview', room: 'interview', password: 'password-interview' },
    ],
    people: [
      { id: 'jane', name: 'Jane Smith' },
      { id: 'omar', name: 'Omar Haddad' },
    ],
    pendants: [
      { id: 'p-07', address: ADDRESS, key: KEY, wearer: 'jane' },
      { id: 'p-08', address: PLAIN_ADDRESS, wearer: 'omar' },
    ],
    telephones: [
      { number: '5150', name: 'Security desk', role: 'security' },
      { number: '5151', name: 'Duty officer', role: 'person' },
    ],
    policies: [
      {
        id: 'office',
        steps: [
          { targets: [{ channel: 'sip', to: '5150' }], attempts: 2, ringSeconds: 10, pauseSeconds: 3 },
          {
            targets: [
              { channel: 'sip', to: '5150' },
              { channel: 'sip', to: '5151' },
            ],
            attempts: 1,
            pauseSeconds: 2,
          },
        ],
        rounds: 1,
        onwardSeconds: 30,
      },
    ],
    policy: 'office',
    sip: { server: '127.0.0.1', port: NO_TELEPHONE, user: 'tocsin' },
  })

export const plan = () => planOf(site())

export type FrameOf = {
  counter: number
  kind?: number
  alarmNumber?: number
  flags?: number
  key?: string
  address?: string
  version?: number
  /** Where none is given: that of the alarm, or else the counter's last byte, as in idle frames. */
  packetId?: number
  battery?: number
}

const objects = ({ counter, kind = 0, alarmNumber = 0, flags = 0, version = 1, ...of }: FrameOf): Buffer =>
  Buffer.from([
    0x00,
    of.packetId ?? (kind >= KIND_CORD && kind <= KIND_DURESS ? 128 + alarmNumber : counter) & 0xff,
    0x01,
    of.battery ?? 97,
    0x3a,
    kind === 0 ? 0 : 4,
    0x54,
    3,
    (version << 4) | kind,
    alarmNumber,
    flags,
  ])

const advertisement = (serviceData: Buffer): string =>
  Buffer.concat([Buffer.from([2, 1, 6, 3 + serviceData.length, 0x16, 0xd2, 0xfc]), serviceData]).toString(
    'hex',
  )

/** Advertising data of a sealed frame, as hex. */
export function sealedFrame(of: FrameOf): string {
  const counter = Buffer.alloc(4)
  counter.writeUInt32LE(of.counter)
  const address = Buffer.from((of.address ?? ADDRESS).replaceAll(':', ''), 'hex')
  const nonce = Buffer.concat([address, Buffer.from([0xd2, 0xfc, 0x45]), counter])
  const cipher = createCipheriv('aes-128-ccm', Buffer.from(of.key ?? KEY, 'hex'), nonce, { authTagLength: 4 })
  const sealed = Buffer.concat([cipher.update(objects(of)), cipher.final()])
  return advertisement(Buffer.concat([Buffer.from([0x45]), sealed, counter, cipher.getAuthTag()]))
}

/** Advertising data of the same in plaintext. */
export const plainFrame = (of: FrameOf): string =>
  advertisement(Buffer.concat([Buffer.from([0x44]), objects(of)]))

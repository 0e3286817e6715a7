// The gateway is killed again and again between the first word of an alarm and the key that answers it.
// No alarm is lost, none is doubled, and the page goes on.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { KIND_CORD } from '../../../schemas/frame.ts'
import type { Phone } from '../../../simulator/ports.ts'
import { ADDRESS, sealedFrame } from '../../gateway/core/building.ts'
import {
  atDesk,
  deskOf,
  type ReceiverClient,
  untilDesk,
  untilIncident,
} from '../../gateways/gateway-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../../gateways/small-building.ts'

/** Seconds of speech heard at which it dies, besides the steps before there is any: 20 ms apart at first, then coarser. */
const HEARD_SECONDS = [0.02, 0.04, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4]

type Point = { name: string; reached: (at: Alarm) => Promise<void> }
type Alarm = { published: Promise<void>; phone: Phone; callsBefore: number }

const callSince = ({ phone, callsBefore }: Alarm) => phone.calls()[callsBefore]
const until = (phone: Phone, isSo: () => boolean): Promise<void> =>
  new Promise(resolve => {
    const look = () => {
      if (isSo()) resolve()
    }
    phone.onChange(look)
    look()
  })

const POINTS: Point[] = [
  { name: 'before anything is acknowledged to the receiver', reached: async () => undefined },
  { name: 'at the PUBACK', reached: ({ published }) => published },
  { name: 'when the INVITE arrives', reached: at => until(at.phone, () => callSince(at) !== undefined) },
  { name: 'while it rings', reached: at => until(at.phone, () => callSince(at)?.state === 'ringing') },
  {
    name: 'when it is answered',
    reached: at => until(at.phone, () => callSince(at)?.answeredAtMs !== undefined),
  },
  ...HEARD_SECONDS.map(seconds => ({
    name: `after ${seconds} s of speech`,
    reached: (at: Alarm) => until(at.phone, () => (callSince(at)?.heardSeconds ?? 0) >= seconds),
  })),
]

let small: SmallBuilding
let phone: Phone
let receiver: ReceiverClient
let counter = 100
let raised = 0

beforeAll(async () => {
  small = await startSmallBuilding({ phone: 'answer' })
  phone = small.phone
  receiver = await small.receiver('r-interview')
})
afterAll(() => small?.stop())

it('counts at least 20 points', () => expect(POINTS.length).toBeGreaterThanOrEqual(20))

it.each(POINTS)('killed $name, it comes back with the incident and the page goes on', async ({ reached }) => {
  raised += 1
  counter += 10
  const id = `i-${String(raised).padStart(4, '0')}`
  const data = sealedFrame({ counter, kind: KIND_CORD, alarmNumber: raised })
  const callsBefore = phone.calls().length
  const published = receiver.report(ADDRESS, data)
  await reached({ published, phone, callsBefore })
  await small.gateway.kill()
  const callsAtDeath = phone.calls().length

  const { url } = await small.startAgain()
  await published
  await until(phone, () => phone.calls()[callsAtDeath]?.answeredAtMs !== undefined)
  await untilIncident(url, each => each.id === id && each.pages.at(-1)?.answeredAtMs !== undefined)
  phone.press('1')
  const incident = await untilIncident(url, each => each.id === id && each.state === 'acknowledged')
  expect(incident).toMatchObject({ presses: 1, acknowledged: { by: '5150 Security desk (key 1)' } })
  expect(phone.calls().length - callsAtDeath).toBe(1)

  expect(await atDesk(url, id, 'resolve', { by: 'Ann', outcome: 'test', reason: 'killed on purpose' })).toBe(
    200,
  )
  const desk = await untilDesk(url, desk => desk.incidents.every(each => each.state === 'resolved') && desk)
  expect(desk.incidents).toHaveLength(raised)
  expect((await deskOf(url)).security).toEqual([])
})

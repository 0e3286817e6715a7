// An idle pendant asks whether anybody would come, and the answer goes out through the receiver that heard it: armed while
// a desk and a telephone are proven, not armed when one is gone; over a restart no beacon counter is used twice; and a
// forged or replayed ask gets none.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { KIND_ASK, TOLD_ARMED, TOLD_NOT_ARMED } from '../../../schemas/frame.ts'
import { BeaconOrder, topicOf } from '../../../schemas/report.ts'
import { type OpenedBeacon, openBeacon } from '../../gateway/core/beacons.ts'
import { ADDRESS, sealedFrame } from '../../gateway/core/building.ts'
import { deskOf, metric, type ReceiverClient, untilDesk } from '../../gateways/gateway-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../../gateways/small-building.ts'

let small: SmallBuilding
let receiver: Listening
let other: Listening

type Listening = ReceiverClient & { orders: BeaconOrder[]; until(): Promise<OpenedBeacon> }

/** A receiver that keeps every beacon list it is given; `until` waits for the next that is not empty. */
async function listen(id: Parameters<SmallBuilding['receiver']>[0]): Promise<Listening> {
  const client = await small.receiver(id, { beats: true })
  const orders: BeaconOrder[] = []
  let seen = 0
  const waiting = new Set<() => void>()
  client.client.on('message', (_topic, payload) => {
    orders.push(BeaconOrder.parse(JSON.parse(String(payload))))
    for (const check of waiting) check()
  })
  await client.client.subscribeAsync(topicOf(id, 'beacon'), { qos: 1 })
  const until = (): Promise<OpenedBeacon> =>
    new Promise(resolve => {
      const check = (): void => {
        for (; seen < orders.length; seen++) {
          const first = orders[seen]?.beacons[0]
          if (first === undefined) continue
          seen++
          waiting.delete(check)
          resolve(openBeacon(first.data))
          return
        }
      }
      waiting.add(check)
      check()
    })
  return { ...client, orders, until }
}

const ask = (counter: number, packetId: number) =>
  sealedFrame({ counter, packetId, kind: KIND_ASK, alarmNumber: 3 })

const present = async (): Promise<void> => {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ desk: 'a page', by: 'Ann', isAudible: true })
  const { status } = await fetch(new URL('/api/desk/present', small.gateway.url), {
    method: 'POST',
    headers,
    body,
  })
  expect(status).toBe(204)
}

beforeAll(async () => {
  small = await startSmallBuilding({ phone: 'manual' })
  receiver = await listen('r-interview')
  other = await listen('r-hall')
})
afterAll(() => small?.stop())

const told: number[] = []

it('with no desk open the answer is that nobody could be reached', async () => {
  await receiver.report(ADDRESS, ask(10, 1))
  const beacon = await receiver.until()
  expect(beacon).toMatchObject({ told: TOLD_NOT_ARMED, alarmNumber: 3, frameCounter: 10 })
  told.push(beacon.counter)
  expect((await deskOf(small.gateway.url)).armed).toMatchObject({ isArmed: false })
})

it('with a desk and a telephone it is armed, and only the receiver that heard the ask is told', async () => {
  await present()
  await untilDesk(small.gateway.url, ({ armed }) => armed.isArmed)
  expect(await metric(small.gateway.url, 'tocsin_armed')).toBe(1)
  await receiver.report(ADDRESS, ask(20, 2))
  const beacon = await receiver.until()
  expect(beacon).toMatchObject({ told: TOLD_ARMED, frameCounter: 20 })
  told.push(beacon.counter)
  expect(other.orders.flatMap(({ beacons }) => beacons)).toEqual([])
})

it('replayed or forged it gets no answer, and nothing of any ask is written down', async () => {
  const before = receiver.orders.length
  await receiver.report(
    ADDRESS,
    sealedFrame({ counter: 900, kind: KIND_ASK, packetId: 9, key: '0'.repeat(32) }),
  )
  await receiver.report(ADDRESS, ask(15, 3))
  await receiver.report(ADDRESS, ask(20, 2))
  // The broker answers in order: what these three brought would have come before this one's answer.
  await receiver.report(ADDRESS, ask(30, 4))
  told.push((await receiver.until()).counter)
  const lists = receiver.orders.slice(before).flatMap(({ beacons }) => beacons)
  expect(new Set(lists.map(({ data }) => openBeacon(data).frameCounter))).toEqual(new Set([30]))
  expect(small.gateway.lines.filter(({ msg }) => /ask/i.test(msg))).toEqual([])
  expect(await metric(small.gateway.url, 'tocsin_pendant_events_total', '{kind="ask"}')).toBe(3)
  expect((await deskOf(small.gateway.url)).incidents).toEqual([])
})

it('killed and started again it uses no counter twice; and with the telephone gone it is not armed', async () => {
  await small.gateway.kill()
  await small.startAgain()
  await receiver.close()
  receiver = await listen('r-interview')
  await present()
  await untilDesk(small.gateway.url, ({ armed }) => armed.isArmed)
  await receiver.report(ADDRESS, ask(40, 5))
  told.push((await receiver.until()).counter)
  expect(new Set(told).size).toBe(told.length)
  expect(Math.max(...told)).toBe(told.at(-1))

  await small.phone.setMode('down')
  const { armed } = await untilDesk(small.gateway.url, desk => !desk.armed.isArmed && desk)
  expect(armed.reasons).toEqual([
    expect.stringMatching(/^No telephone can be called \(5150 cannot be called/),
  ])
  await receiver.report(ADDRESS, ask(50, 6))
  expect(await receiver.until()).toMatchObject({ told: TOLD_NOT_ARMED, frameCounter: 50 })
  expect(await metric(small.gateway.url, 'tocsin_armed')).toBe(0)
})

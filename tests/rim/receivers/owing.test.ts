// A disk that refuses, and who still comes in by real MQTT meanwhile: every alarm is heard and called at once, none is carried out
// twice, and none is acknowledged before it is on disk, as far as its sender can go on sending.
import type { MqttClient } from 'mqtt'
import { afterEach, expect, it, vi } from 'vitest'
import { memoryJournal } from '../../../gateway/store/memory.ts'
import { KIND_CORD, KIND_DURESS, KIND_IDLE } from '../../../schemas/frame.ts'
import { topicOf } from '../../../schemas/report.ts'
import { Site } from '../../../schemas/site.ts'
import { ADDRESS, KEY, sealedFrame, site } from '../../gateway/core/building.ts'
import { heldJournal } from '../../gateway/engine/engine-bench.ts'
import { PATIENCE } from '../../patience.ts'
import { type Case, cases, siteOf } from '../../vectors/foreign-cases.ts'
import { type Gateway, startHere } from './in-process-gateway.ts'

/** Sealed pendants beside those of the small building. */
const COUNT = 30
const addressOf = (i: number): string => `c7:f9:36:dd:b1:${i.toString(16).padStart(2, '0')}`
const many = Site.parse({
  ...site(),
  pendants: Array.from({ length: COUNT }, (_, i) => ({
    ...{ id: `p-${100 + i}`, address: addressOf(i), key: KEY, wearer: 'jane' },
  })),
})
const FULL = new Error('disk full')

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function started(of = site(), journal = memoryJournal()) {
  const gateway = await startHere(of, { journal })
  ends.push(() => gateway.close())
  return { gateway, journal }
}

const batchOf = (address: string, data: string): string =>
  JSON.stringify({ v: 1, reports: [{ address, data, rssiDbm: -60, ageMs: 0 }] })
const alarm = (i: number): string =>
  batchOf(addressOf(i), sealedFrame({ counter: 10, kind: KIND_CORD, alarmNumber: 1, address: addressOf(i) }))

/** What was acknowledged, by its name. */
function sender(client: MqttClient) {
  const acknowledged: string[] = []
  const say = (name: string, payload: string, qos: 1 | 2 = 1): void =>
    void client.publish(topicOf('r-interview', 'reports'), payload, { qos }, error => {
      if (error == null) acknowledged.push(name)
    })
  return { acknowledged, say }
}
const incidents = ({ engine }: Gateway) => engine.desk.snapshot().incidents
const untilIncidents = (gateway: Gateway, count: number) =>
  vi.waitFor(() => expect(incidents(gateway)).toHaveLength(count), PATIENCE)
const untilSaid = (acknowledged: string[], names: string[]) =>
  vi.waitFor(() => expect(acknowledged).toEqual(expect.arrayContaining(names)), PATIENCE)

it('a duress between other frames of its pendant is acknowledged once it is on disk, and frames of an alarm that is owed at once', async () => {
  const { gateway, journal } = await started()
  const { acknowledged, say } = sender(await gateway.connect('r-interview'))
  journal.failWith(FULL)
  const frame = (counter: number, kind: number, alarmNumber: number) =>
    batchOf(ADDRESS, sealedFrame({ counter, kind, alarmNumber }))
  say('cord', frame(10, KIND_CORD, 1))
  say('cord again', frame(11, KIND_CORD, 1))
  say('duress', frame(12, KIND_DURESS, 2))
  say('duress again', frame(13, KIND_DURESS, 2))
  for (let i = 0; i < 5; i++) say(`idle ${i}`, frame(14 + i, KIND_IDLE, 2))
  await untilSaid(acknowledged, ['cord again', 'duress again', 'idle 4'])
  for (const owed of ['cord', 'duress']) expect(acknowledged).not.toContain(owed)
  journal.failWith(null)
  await untilSaid(acknowledged, ['cord', 'duress'])
})

it('a sender that has ten on their way without an acknowledgement is heard to its last alarm', async () => {
  const { gateway, journal } = await started(many)
  const client = await gateway.connect('r-interview')
  journal.failWith(FULL)
  let onTheWay = 0
  let next = 0
  const go = (): void => {
    for (; onTheWay < 10 && next < COUNT; next++, onTheWay++)
      client.publish(topicOf('r-interview', 'reports'), alarm(next), { qos: 1 }, () => {
        onTheWay -= 1
        go()
      })
  }
  go()
  await untilIncidents(gateway, COUNT)
  journal.failWith(null)
  await vi.waitFor(() => expect(onTheWay).toBe(0), PATIENCE)
})

it.each([1, 2] as const)(
  'at QoS %i it is acknowledged once there is room, and the next that finds none is owed anew',
  async qos => {
    const { gateway, journal } = await started(many)
    const { acknowledged, say } = sender(await gateway.connect('r-interview'))
    for (const i of [0, 1]) {
      journal.failWith(FULL)
      say(`alarm ${i}`, alarm(i), qos)
      await untilIncidents(gateway, i + 1)
      expect(acknowledged).not.toContain(`alarm ${i}`)
      journal.failWith(null)
      await untilSaid(acknowledged, [`alarm ${i}`])
    }
    expect(journal.entries.filter(({ change }) => change.is === 'raised')).toHaveLength(2)
  },
)

it('a sender that comes back while it is owed, and sends one by one, is heard with all that came since', async () => {
  const { gateway, journal } = await started(many)
  const client = await gateway.connect('r-interview', { reconnectPeriod: 50, clientId: 'r', clean: false })
  const { say } = sender(client)
  journal.failWith(FULL)
  say('first', alarm(0))
  say('second', alarm(1))
  await untilIncidents(gateway, 2)
  client.stream.destroy()
  say('third', alarm(2))
  await untilIncidents(gateway, 3)
  expect(incidents(gateway).map(({ presses }) => presses)).toEqual([1, 1, 1])
})

it('a press by name that mqtt.js sends again on its next connection is acknowledged at once', async () => {
  const each = cases.find(({ system, pendant }) => system === 'zigbee2mqtt' && pendant === 'cord') as Case
  const { gateway, journal } = await started(siteOf(each))
  const client = await gateway.connect('x-1', { reconnectPeriod: 50, clientId: 'x', clean: false })
  journal.failWith(FULL)
  let count = 0
  const press = (): void =>
    void client.publish('zigbee2mqtt/WC 214', '{"action":"single"}', { qos: 1 }, error => {
      if (error == null) count += 1
    })
  press()
  await untilIncidents(gateway, 1)
  expect(count).toBe(0)
  gateway.clock.advance(120_000)
  client.stream.destroy()
  await vi.waitFor(() => expect(count).toBe(1), PATIENCE)
  expect(incidents(gateway)).toHaveLength(1)
})

it('a disk that answers late is waited for by the acknowledgement alone', async () => {
  const journal = heldJournal()
  const { gateway } = await started(many, journal)
  const { acknowledged, say } = sender(await gateway.connect('r-interview'))
  journal.hold()
  for (const i of [0, 1, 2]) say(`alarm ${i}`, alarm(i))
  await vi.waitFor(() => {
    gateway.clock.advance(500)
    expect(incidents(gateway)).toHaveLength(3)
  }, PATIENCE)
  expect(acknowledged).toEqual([])
  journal.letGo()
  await untilSaid(acknowledged, ['alarm 0', 'alarm 1', 'alarm 2'])
})

it('two receivers that heard the same alarm are each owed its acknowledgement', async () => {
  const { gateway, journal } = await started()
  const all = await Promise.all(
    ['r-interview', 'r-hall'].map(async id => ({ id, client: await gateway.connect(id) })),
  )
  journal.failWith(FULL)
  const frame = sealedFrame({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
  let count = 0
  for (const { id, client } of all)
    client.publish(topicOf(id, 'reports'), batchOf(ADDRESS, frame), { qos: 1 }, error => {
      if (error == null) count += 1
    })
  await untilIncidents(gateway, 1)
  await gateway.engine.submit({ kind: 'tick' }).catch(() => undefined)
  expect(count).toBe(0)
  journal.failWith(null)
  await vi.waitFor(() => expect(count).toBe(2), PATIENCE)
})

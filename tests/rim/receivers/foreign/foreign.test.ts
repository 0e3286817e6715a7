// Gateways of other systems as they are: what each publishes, through a real MQTT client and the broker into the engine, to an
// incident, a level or a refusal; and that what is old, kept or sent again raises nothing.
import type { MqttClient } from 'mqtt'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryJournal } from '../../../../gateway/store/memory.ts'
import { Site } from '../../../../schemas/site.ts'
import { steppedClock } from '../../../../simulator/clock.ts'
import { PATIENCE } from '../../../patience.ts'
import { type Case, cases, payloadOf, siteOf } from '../../../vectors/foreign-cases.ts'
import { type Gateway, startHere, T0 } from '../in-process-gateway.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

type Held = { gateway: Gateway; client: MqttClient }

async function start(of: Pick<Case, 'foreign' | 'pendant'>): Promise<Held> {
  const gateway = await startHere(siteOf(of))
  ends.push(() => gateway.close())
  return { gateway, client: await gateway.connect('x-1') }
}

const incidents = ({ gateway }: Held) => gateway.engine.desk.snapshot().incidents
const raised = (held: Held) =>
  incidents(held).map(({ kind, verified }) => `${kind}${verified ? '' : ' unverified'}`)
const technical = ({ gateway }: Held) => gateway.engine.desk.snapshot().technical

/** They say it at QoS 0; at QoS 1 it is known when it was carried out. */
async function say({ client }: Held, { messages }: Case, flags: { retain?: boolean; dup?: boolean } = {}) {
  for (const { topic, payload } of messages)
    await client.publishAsync(topic, payloadOf(payload), { qos: 1, ...flags })
}

async function resolveAll(held: Held): Promise<void> {
  for (const { id, state } of incidents(held)) {
    if (state === 'resolved') continue
    const why = { outcome: 'false-alarm', reason: 'the next' } as const
    await held.gateway.engine.submit({ kind: 'resolve', incident: id, by: 'Ann', ...why })
  }
}

describe('what it says comes to what it is', () => {
  it.each(cases)('$system: $says', async each => {
    const held = await start(each)
    await say(held, each)
    expect(raised(held)).toEqual(each.raises)
    const [incident] = incidents(held)
    if (each.raises.length > 0) {
      expect(held.gateway.placed).toHaveLength(1)
      expect(incident?.presses).toBe(each.presses ?? 1)
    }
    if (each.level !== undefined)
      expect(incident?.whereabouts).toMatchObject({
        room: 'interview',
        because: [{ receiver: 'x-1', rssiDbm: each.level }],
      })
    if (each.room !== undefined) expect(incident?.whereabouts.room).toBe(each.room)
    if (each.refused !== undefined)
      expect(await held.gateway.metric(`tocsin_refused_total{reason="${each.refused}"}`)).toBe(1)
    const faults = technical(held).filter(({ key }) => key === 'receiver-settings:x-1')
    expect(faults.map(({ text }) => text.includes(each.setting ?? ''))).toEqual(each.setting ? [true] : [])
    expect(technical(held).some(({ key }) => key === 'button:cord-214')).toBe(each.battery_low === true)
    // It is there: its own word, and all that it hears, says so.
    const x1 = held.gateway.engine.desk.snapshot().receivers.find(({ id }) => id === 'x-1')
    expect(x1?.isOnline).toBe(true)
  })
})

const alarms = cases.filter(({ raises }) => raises.length > 0)
/** What is sealed says by its seal whether it is new: sent again it is an alarm, if it was not heard before. */
const isSealed = ({ raises }: Case) => !raises.some(each => each.includes('unverified'))

describe('what the disk did not take', () => {
  it.each(alarms)(
    'is called once, cuts nobody off, and is acknowledged once it is kept: $system: $says',
    async each => {
      const journal = memoryJournal()
      const brokerClock = steppedClock(T0)
      const gateway = await startHere(siteOf(each), { journal, brokerClock })
      ends.push(() => gateway.close())
      const held = { gateway, client: await gateway.connect('x-1') }
      journal.failWith(new Error('disk full'))
      let cuts = 0
      held.client.on('close', () => {
        cuts += 1
      })
      let acknowledged = 0
      for (const { topic, payload } of each.messages)
        held.client.publish(topic, payloadOf(payload), { qos: 1 }, error => {
          if (error == null) acknowledged += 1
        })
      await vi.waitFor(() => expect(raised(held)).toEqual(each.raises), PATIENCE)
      for (let minute = 0; minute < 5; minute++) {
        gateway.clock.advance(60_000)
        brokerClock.advance(60_000)
        // What was asked again stands before this in the engine's queue.
        await held.gateway.engine.submit({ kind: 'tick' }).catch(() => undefined)
      }
      expect(incidents(held)[0]?.presses).toBe(each.presses ?? 1)
      expect(raised(held)).toEqual(each.raises)
      journal.failWith(null)
      await vi.waitFor(() => {
        brokerClock.advance(1_000)
        expect(acknowledged).toBe(each.messages.length)
      }, PATIENCE)
      expect(journal.entries.filter(({ change }) => change.is.startsWith('raised'))).toHaveLength(1)
      expect(cuts).toBe(0)
    },
  )
})

describe('what raises nothing', () => {
  it.each(alarms)('kept by a broker: $system: $says', async each => {
    const held = await start(each)
    await say(held, each, { retain: true })
    expect(raised(held)).toEqual([])
    expect(await held.gateway.metric('tocsin_refused_total{reason="retained"}')).toBeGreaterThan(0)
  })

  it.each(alarms)('sent again, after it was heard and dealt with: $system: $says', async each => {
    const held = await start(each)
    await say(held, each)
    await resolveAll(held)
    // Longer than the repeats of one press are told from the next by its packet id.
    held.gateway.clock.advance(40_000)
    await say(held, each, { dup: true })
    expect(incidents(held).filter(({ state }) => state !== 'resolved')).toEqual([])
  })

  it.each(alarms)('sent again, and again after the gateway was restarted: $system: $says', async each => {
    const held = await start(each)
    await say(held, each)
    await resolveAll(held)
    const gateway = await held.gateway.restart()
    ends.push(() => gateway.close())
    const again = { gateway, client: await gateway.connect('x-1') }
    await say(again, each, { dup: true })
    expect(incidents(again).filter(({ state }) => state !== 'resolved')).toEqual([])
  })

  it.each(alarms.filter(each => !isSealed(each)))(
    'sent again without the first ever heard, and not sealed: $system: $says',
    async each => {
      const held = await start(each)
      await say(held, each, { dup: true })
      expect(raised(held)).toEqual([])
      expect(await held.gateway.metric('tocsin_refused_total{reason="stale"}')).toBeGreaterThan(0)
    },
  )
})

it('a state that goes on once it was dealt with raises nothing, and the next time that it begins does', async () => {
  const each = cases.find(({ system, pendant }) => system === 'zigbee2mqtt' && pendant === 'cord') as Case
  const held = await start(each)
  const sos = (payload: object): Case => ({ ...each, messages: [{ topic: 'zigbee2mqtt/WC 214', payload }] })
  await say(held, sos({ sos: true, battery: 90 }))
  await resolveAll(held)
  held.gateway.clock.advance(40_000)
  await say(held, sos({ sos: true, battery: 89 }))
  expect(incidents(held)).toHaveLength(1)
  await say(held, sos({ sos: false }))
  await say(held, sos({ sos: true }))
  expect(incidents(held)).toHaveLength(2)
})

it('an sos that may have ended while its bridge was not connected is an alarm when it is told of again', async () => {
  const each = cases.find(({ system, pendant }) => system === 'zigbee2mqtt' && pendant === 'cord') as Case
  const clock = steppedClock(T0)
  const gateway = await startHere(siteOf(each), { clock, brokerClock: clock })
  ends.push(() => gateway.close())
  const held: Held = { gateway, client: await gateway.connect('x-1') }
  const sos = (payload: object): Case => ({ ...each, messages: [{ topic: 'zigbee2mqtt/WC 214', payload }] })
  const bridgeBack = async (): Promise<Held> => {
    const client = await gateway.connect('x-1')
    await client.publishAsync('zigbee2mqtt/bridge/state', '{"state":"online"}', { qos: 1, retain: true })
    return { ...held, client }
  }
  const isGone = () =>
    gateway.engine.desk.snapshot().receivers.find(({ id }) => id === 'x-1')?.isOnline === false
  await say(held, sos({ sos: true }))
  await resolveAll(held)
  await held.client.endAsync(true)
  await vi.waitUntil(isGone, PATIENCE)

  // What it kept over a restart of its own is said at once, and goes on.
  const restarted = await bridgeBack()
  await say(restarted, sos({ sos: true }))
  clock.advance(40_000)
  await say(restarted, sos({ sos: true, battery: 88 }))
  expect(incidents(held)).toHaveLength(1)
  await restarted.client.endAsync(true)
  await vi.waitUntil(isGone, PATIENCE)

  // Its false was said to nobody.
  const again = await bridgeBack()
  clock.advance(40_000)
  await say(again, sos({ sos: true }))
  expect(incidents(held)).toHaveLength(2)
})

it('sealed, and sent again without the first ever heard, it is an alarm: the seal says that it is new', async () => {
  const each = alarms.find(({ system, pendant }) => system === 'shelly-raw' && pendant === 'sealed') as Case
  const held = await start(each)
  await say(held, each, { dup: true })
  expect(raised(held)).toEqual(['cord'])
})

describe('a gateway of another system on our broker', () => {
  const omg = cases.find(({ system }) => system === 'openmqttgateway') as Case

  it('is told its settings when it connects, and hears nobody else’s', async () => {
    const held = await start(omg)
    const told = new Promise<string>(resolve =>
      held.client.once('message', (topic, payload) => resolve(`${topic} ${payload}`)),
    )
    const [granted] = await held.client.subscribeAsync('home/omg/commands/#')
    expect(granted?.qos).toBe(0)
    expect(await told).toBe(
      'home/omg/commands/MQTTtoBT/config {"pubadvdata":true,"adaptivescan":false,"interval":100,"intervalacts":100,"scanduration":1000}',
    )
    await expect(held.client.subscribeAsync('home/other/commands/#')).rejects.toThrow()
    await expect(held.client.subscribeAsync('tocsin/v1/r-hall/beacon')).rejects.toThrow()
  })

  it('that speaks in another’s name loses its connection, and that is shown', async () => {
    const held = await start(omg)
    const gone = new Promise<void>(resolve => held.client.once('close', () => resolve()))
    held.client.publish('tocsin/v1/r-hall/reports', '{"v":1,"reports":[]}', { qos: 1 })
    await gone
    expect(held.gateway.engine.desk.snapshot().security).toMatchObject([
      { reason: 'wrong-topic', receiver: 'x-1' },
    ])
  })

  it('that is unreadable again and again is a technical alarm, and what it says next counts', async () => {
    const held = await start(omg)
    for (let i = 0; i < 3; i++)
      await held.client.publishAsync('home/omg/BTtoMQTT/C7F936DDB0CA', '{"id":', { qos: 1 })
    expect(technical(held).map(({ key }) => key)).toContain('receiver-garbled:x-1')
    await say(held, omg)
    expect(raised(held)).toEqual(['cord'])
  })

  it('beside another that heard the same press: one incident', async () => {
    const [hall] = siteOf(omg).receivers
    const espruino = { kind: 'espruinohub', serviceData: true }
    const both = Site.parse({
      ...siteOf(omg),
      receivers: [{ ...hall, foreign: espruino }, siteOf(omg).receivers[1]],
    })
    const gateway = await startHere(both)
    ends.push(() => gateway.close())
    const held = { gateway, client: await gateway.connect('x-1') }
    const other = { gateway, client: await gateway.connect('r-hall') }
    const hub = cases.find(({ system, pendant }) => system === 'espruinohub' && pendant === 'sealed') as Case
    await say(other, hub)
    await say(held, omg)
    await say(other, hub)
    expect(incidents(held)).toMatchObject([{ presses: 1, verified: true, whereabouts: { room: 'hall' } }])
    expect(await gateway.metric('tocsin_reports_total{receiver="x-1"}')).toBe(1)
    expect(await gateway.metric('tocsin_reports_total{receiver="r-hall"}')).toBe(2)
  })
})

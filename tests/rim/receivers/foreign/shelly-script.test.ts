// Our script for Shelly, in a sandbox that stands in for the Shelly (its interpreter knows ES5 and little more), on a real MQTT
// client against the broker and the engine: what it hears is an alarm, and what wearers are told is broadcast.
import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'
import { parse } from 'acorn'
import type { MqttClient } from 'mqtt'
import { afterEach, describe, expect, it } from 'vitest'
import { KIND_IDLE } from '../../../../schemas/frame.ts'
import { topicOf } from '../../../../schemas/report.ts'
import { ADDRESS, sealedFrame } from '../../../gateway/core/building.ts'
import { PASSWORD, siteOf } from '../../../vectors/foreign-cases.ts'
import { type Gateway, startHere } from '../in-process-gateway.ts'

const SCRIPT = readFileSync('gateway/receivers/foreign/shelly/tocsin.js', 'utf8')
const TICK_MS = 200
const SERVICE_DATA_AT = 14

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

type Published = { topic: string; payload: string }
type Stand = {
  hears(frame: string, address?: string): void
  /** So many of its ticks. */
  ticks(count: number): Promise<void>
  advertised: string[]
  published: Published[]
  setConnected(isConnected: boolean): void
  /** A message on the topic of its beacons. */
  order(message: string): void
}

/** A Shelly of this firmware with the script running; `client` null where nothing is published. */
function stand(client: MqttClient | null, { firmware = 2 } = {}): Stand {
  const advertised: string[] = []
  const published: Published[] = []
  const sending: Promise<unknown>[] = []
  let isConnected = true
  let onScan: (event: number, result: object) => void = () => {}
  let onTick = () => {}
  let onOrder = (_topic: string, _message: string) => {}
  const sandbox = {
    Shelly: {
      getComponentConfig: () => ({ user: 'x-1' }),
      call(method: string, { adv_data }: { adv_data: string }) {
        expect(method).toBe('BLE.AdvertiseOnce')
        advertised.push(adv_data)
      },
    },
    BLE: {
      Scanner: {
        SCAN_RESULT: 2,
        INFINITE_SCAN: -1,
        Start: (_options: object, call: typeof onScan) => {
          onScan = call
        },
      },
      ...(firmware >= 2 && { advertiseOnce: () => true }),
    },
    MQTT: {
      isConnected: () => isConnected,
      publish(topic: string, payload: string, qos: 0 | 1) {
        published.push({ topic, payload })
        if (client !== null) sending.push(client.publishAsync(topic, payload, { qos }))
        return true
      },
      subscribe(topic: string, call: typeof onOrder) {
        onOrder = call
        client?.on('message', (at, message) => {
          if (at === topic) call(at, message.toString())
        })
        if (client !== null) sending.push(client.subscribeAsync(topic, { qos: 1 }))
      },
    },
    Timer: {
      set: (ms: number, isRepeated: boolean, call: () => void) => {
        expect([ms, isRepeated]).toEqual([TICK_MS, true])
        onTick = call
      },
    },
  }
  runInContext(SCRIPT, createContext(sandbox))
  return {
    hears: (frame, address = ADDRESS) => {
      const bytes = Buffer.from(frame.slice(SERVICE_DATA_AT), 'hex').toString('latin1')
      onScan(2, { addr: address, rssi: -64, advData: '', service_data: { fcd2: bytes } })
    },
    async ticks(count) {
      for (let i = 0; i < count; i++) onTick()
      await Promise.all(sending.splice(0))
    },
    advertised,
    published,
    setConnected: to => {
      isConnected = to
    },
    order: message => onOrder(topicOf('x-1', 'beacon'), message),
  }
}

const shelly = { kind: 'shelly', prefix: 'shelly-1', script: 'tocsin' }
async function start(): Promise<{ gateway: Gateway; client: MqttClient }> {
  const gateway = await startHere(siteOf({ foreign: shelly, pendant: 'sealed' }))
  ends.push(() => gateway.close())
  return { gateway, client: await gateway.connect('x-1', { password: PASSWORD }) }
}

it('is ES5, without what the interpreter of a Shelly lacks', () => {
  expect(() => parse(SCRIPT, { ecmaVersion: 5 })).not.toThrow()
  expect(SCRIPT).not.toMatch(/\.(shift|unshift|splice|forEach|map|filter|find|includes|padStart)\(/)
})

describe('a Shelly with it', () => {
  it('passes on a sealed alarm with its level, once however often it hears it, and says that it is there', async () => {
    const { gateway, client } = await start()
    const it = stand(client)
    const frame = sealedFrame({ counter: 9, kind: 1, alarmNumber: 1 })
    for (let i = 0; i < 20; i++) it.hears(frame)
    await it.ticks(50)
    const { incidents, receivers } = gateway.engine.desk.snapshot()
    expect(incidents).toMatchObject([
      { kind: 'cord', verified: true, whereabouts: { because: [{ receiver: 'x-1', rssiDbm: -64 }] } },
    ])
    expect(it.published.filter(({ topic }) => topic === topicOf('x-1', 'reports'))).toHaveLength(1)
    expect(receivers.find(({ id }) => id === 'x-1')?.isOnline).toBe(true)
  })

  it('goes on saying what its firmware says, which is nothing of ours', async () => {
    const { gateway, client } = await start()
    await client.publishAsync('shelly-1/online', 'true', { qos: 1, retain: true })
    await client.publishAsync('shelly-1/status/switch:0', '{"id":0,"output":false}', { qos: 1 })
    expect(client.connected).toBe(true)
    expect(await gateway.metric('tocsin_refused_total{reason="wrong-topic"}')).toBe(0)
  })

  it('keeps what it heard while the broker is away, with its age, the newest first', async () => {
    const it = stand(null)
    it.setConnected(false)
    for (let i = 0; i < 12; i++) {
      it.hears(sealedFrame({ counter: 9 + i, kind: KIND_IDLE }))
      await it.ticks(1)
    }
    it.setConnected(true)
    await it.ticks(2)
    const reports = it.published.filter(({ topic }) => topic.endsWith('/reports'))
    const ages = reports.map(({ payload }) =>
      JSON.parse(payload).reports.map(({ ageMs }: { ageMs: number }) => ageMs / TICK_MS),
    )
    expect(ages).toEqual([
      [11, 10, 9, 8, 7, 6, 5, 4, 3, 2],
      [14, 13],
    ])
  })

  it('drops the oldest beyond what it can keep, and counts it', async () => {
    const it = stand(null)
    it.setConnected(false)
    for (let i = 0; i < 45; i++) it.hears(sealedFrame({ counter: 9 + i, kind: KIND_IDLE }))
    it.setConnected(true)
    await it.ticks(50)
    const status = it.published.findLast(({ topic }) => topic.endsWith('/status'))?.payload ?? ''
    expect(JSON.parse(status)).toMatchObject({ heard: 45, published: 40, dropped: 5 })
  })

  it('broadcasts what the wearer is told, without the flags, which the Shelly puts before it', async () => {
    const { gateway, client } = await start()
    const it = stand(client)
    await it.ticks(1)
    const told = '02010617ff0590'.padEnd(60, 'a')
    const heard = new Promise(resolve => client.once('message', resolve))
    gateway.broker.broadcast([{ pendant: 'p-07', data: told, forMs: 10_000 }])
    await heard
    await it.ticks(31)
    expect(it.advertised).toEqual([told.slice(6), told.slice(6), told.slice(6)])
    await it.ticks(60)
    expect(it.advertised).toHaveLength(4)
  })

  it('of older firmware asks for nothing', async () => {
    const { gateway, client } = await start()
    const it = stand(client, { firmware: 1 })
    await it.ticks(1)
    gateway.broker.broadcast([{ pendant: 'p-07', data: '0201060303d2fc', forMs: 10_000 }])
    it.hears(sealedFrame({ counter: 9, kind: 1, alarmNumber: 1 }))
    await it.ticks(20)
    expect(gateway.engine.desk.snapshot().incidents).toHaveLength(1)
    expect(it.advertised).toEqual([])
  })

  it('is not ended by an order that is none', async () => {
    const it = stand(null)
    it.order('{"v":1,"beacons":[{"data":"0201061234","forMs":60000}]}')
    it.order('{"v":1,"bea')
    await it.ticks(14)
    expect(it.advertised).toEqual(['1234'])
    it.order('')
    await it.ticks(30)
    expect(it.advertised).toEqual(['1234'])
  })
})

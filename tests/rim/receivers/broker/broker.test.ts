import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../../../../gateway/log.ts'
import type { Clock } from '../../../../gateway/ports.ts'
import { type Broker, startBroker } from '../../../../gateway/receivers/mqtt/broker.ts'
import { BrokerFailed } from '../../../../gateway/receivers/mqtt/failed.ts'
import { PAYLOAD_BYTES_MAX, type Report, topicOf } from '../../../../schemas/report.ts'
import { type Engine, standInEngine } from '../stand-in-engine.ts'

const site = {
  receivers: ['rx-1', 'rx-2'].map(id => ({ id, room: 'r-1', password: `password of ${id}` })),
}
const log = createLog({ level: 'silent', pretty: false })
const report: Report = { address: 'c7:f9:36:dd:b0:ca', rssiDbm: -60, data: '020106', ageMs: 0 }
/** Told apart by their level: what waited for its turn has grown older. */
const batch = (level = 0) => JSON.stringify({ v: 1, reports: [{ ...report, rssiDbm: -60 - level }] })
const REPORTS = topicOf('rx-1', 'reports')
const OVERSIZED = `at most ${PAYLOAD_BYTES_MAX} bytes`

let engine: Engine
let broker: Broker
let clients: MqttClient[]
beforeEach(async () => {
  engine = standInEngine()
  broker = await start()
  clients = []
})
afterEach(async () => {
  for (const client of clients) client.end(true)
  engine.release()
  await broker.close()
})

const start = (clock?: Clock) =>
  startBroker({ host: '127.0.0.1', port: 0, site, submit: engine.submit, log, ...(clock && { clock }) })

function client(id: string, options: IClientOptions = {}): MqttClient {
  const made = mqtt.connect({
    host: '127.0.0.1',
    port: broker.port,
    username: id,
    password: `password of ${id}`,
    clientId: id,
    reconnectPeriod: 0,
    ...options,
  })
  made.on('error', () => {})
  clients.push(made)
  return made
}

async function connected(id: string, options: IClientOptions = {}): Promise<MqttClient> {
  const made = client(id, options)
  await new Promise<unknown>(resolve => made.once('connect', resolve))
  return made
}

const closed = (of: MqttClient) => new Promise<void>(resolve => of.once('close', resolve))
const message = (to: MqttClient) =>
  new Promise<string>(resolve => to.once('message', (_topic, payload) => resolve(payload.toString())))

describe('the broker', () => {
  it('acknowledges a report only after the engine has committed it', async () => {
    const rx = await connected('rx-1')
    engine.hold()
    let isAcknowledged = false
    const acknowledged = rx.publishAsync(REPORTS, batch(), { qos: 1 }).then(() => {
      isAcknowledged = true
    })
    await engine.next('reports')
    // A whole exchange with the broker after the report: a PUBACK sent at once would be here before it.
    await expect(rx.subscribeAsync(topicOf('rx-1', 'beacon'))).resolves.toBeDefined()
    expect(isAcknowledged).toBe(false)
    engine.release()
    await acknowledged
  })

  it('does not acknowledge a report that could not be committed, and hears it again', async () => {
    const rx = await connected('rx-1', { reconnectPeriod: 1 })
    engine.failNext(new Error('disk full'))
    const acknowledged = rx.publishAsync(REPORTS, batch(7), { qos: 1 })
    expect(await engine.next('reports')).toMatchObject({ reports: [{ rssiDbm: -67 }] })
    expect(await engine.next('reports')).toMatchObject({ reports: [{ rssiDbm: -67 }] })
    await acknowledged
    // It was sent away to send again: that is no receiver that is gone.
    expect(engine.heard).toEqual(['reports', 'reports'])
    rx.end(true)
    expect(await engine.next('receiver-status')).toMatchObject({ receiver: 'rx-1' })
  })

  it('says of a report whether MQTT delivers it again', async () => {
    const rx = await connected('rx-1')
    for (const dup of [false, true]) {
      await rx.publishAsync(REPORTS, batch(), { qos: 1, dup })
      expect(await engine.next('reports')).toMatchObject({ wasRedelivered: dup })
    }
  })

  it("keeps each receiver's order, also among commits that end in another order", async () => {
    const rx = await connected('rx-1')
    engine.hold()
    const acknowledged: number[] = []
    const all = Array.from({ length: 30 }, (_, i) =>
      rx.publishAsync(REPORTS, batch(i), { qos: 1 }).then(() => acknowledged.push(i)),
    )
    for (let i = 0; i < all.length; i++) {
      expect(await engine.next('reports')).toMatchObject({ reports: [{ rssiDbm: -60 - i }] })
    }
    engine.releaseNewestFirst()
    await Promise.all(all)
    expect(acknowledged).toEqual(Array.from({ length: 30 }, (_, i) => i))
  })

  it('takes reports at QoS 0 and 2 too', async () => {
    const rx = await connected('rx-1')
    rx.publish(REPORTS, batch(0), { qos: 0 })
    await rx.publishAsync(REPORTS, batch(2), { qos: 2 })
    expect(await engine.next('reports')).toMatchObject({ reports: [{ rssiDbm: -60 }] })
    expect(await engine.next('reports')).toMatchObject({ reports: [{ rssiDbm: -62 }] })
  })

  it.each([
    ['a wrong password', { password: 'guessed' }, 'rx-1', 'came a wrong password'],
    [
      'an id it does not know',
      { username: 'rx-9\u001b[2J' },
      '',
      'came an unknown receiver "rx-9\\u001b[2J"',
    ],
    ['no password', { username: undefined, password: undefined }, '', 'came an unknown receiver ""'],
  ])('turns away %s and notes it', async (_name, options, receiver, came) => {
    const rx = client('rx-1', options as IClientOptions)
    const end = closed(rx)
    const noted = await engine.next('refused')
    expect(noted).toMatchObject({ reason: 'wrong-password', receiver })
    expect(noted.detail).toContain(came)
    await end
    expect(rx.connected).toBe(false)
  })

  it.each([0, 300])(
    'turns away a receiver whose keepalive of %i s would hide that it is gone',
    async keepalive => {
      const rx = client('rx-1', { keepalive })
      await closed(rx)
      expect(await engine.next('refused')).toMatchObject({
        reason: 'handshake',
        receiver: 'rx-1',
        detail: `Who calls itself "rx-1": expected a keepalive of 1 to 120 s, came ${keepalive}`,
      })
    },
  )

  it('says of a receiver that speaks MQTT 5, or has a client id that is too long, what to set', async () => {
    await closed(client('rx-1', { protocolVersion: 5 }))
    expect((await engine.next('refused')).detail).toBe(
      'Who calls itself "rx-1": expected MQTT 3.1.1 (protocol version 4), came version 5',
    )
    const old = { protocolVersion: 3, protocolId: 'MQIsdp', clientId: 'x'.repeat(130) } as const
    await closed(client('stranger', old))
    expect(await engine.next('refused')).toMatchObject({
      receiver: '',
      detail: 'Who calls itself "stranger": expected a client id of at most 128 characters, came 130',
    })
  })

  it.each([
    ["another receiver's reports", topicOf('rx-2', 'reports')],
    ['a beacon', topicOf('rx-1', 'beacon')],
    ['a topic of the broker', '$SYS/x/new/clients'],
    ['anything else', 'homeassistant/status'],
  ])('ends the connection of a receiver that publishes to %s, and notes it', async (_name, topic) => {
    const rx = await connected('rx-1')
    const end = closed(rx)
    rx.publish(topic, batch(), { qos: 1 })
    expect(await engine.next('refused')).toMatchObject({ reason: 'wrong-topic', receiver: 'rx-1' })
    await end
  })

  it.each([topicOf('rx-2', 'beacon'), '#', 'tocsin/v1/+/reports', '$SYS/#'])(
    'lets nobody listen to %s, and notes who tried',
    async topic => {
      const rx = await connected('rx-1')
      const granted = await rx.subscribeAsync(topic).catch(() => 'refused')
      expect(granted === 'refused' || JSON.stringify(granted).includes('128')).toBe(true)
      expect(await engine.next('refused')).toMatchObject({ reason: 'wrong-topic', receiver: 'rx-1' })
      await rx.publishAsync(REPORTS, batch(), { qos: 1 })
    },
  )

  it.each<[name: string, payload: string | Buffer, reason: string, detail: string]>([
    ['no JSON', '{"v":1,', 'malformed', 'which is not JSON'],
    [
      'no address',
      JSON.stringify({ v: 1, reports: [{ ...report, address: null }] }),
      'malformed',
      'reports[0].address: expected an address like c7:f9:36:dd:b0:ca, came null',
    ],
    ['one byte too many', Buffer.alloc(PAYLOAD_BYTES_MAX + 1, 0x20), 'oversized', OVERSIZED],
    ['a megabyte', Buffer.alloc(1_048_576, 0x20), 'oversized', OVERSIZED],
    ['nothing', '', 'malformed', 'came ""'],
  ])('refuses %s with its reason, acknowledges it and goes on', async (_name, payload, reason, detail) => {
    const rx = await connected('rx-1')
    await rx.publishAsync(REPORTS, payload, { qos: 1 })
    const noted = await engine.next('refused')
    expect(noted).toMatchObject({ reason, receiver: 'rx-1' })
    expect(noted.detail).toContain(detail)
    await rx.publishAsync(REPORTS, batch(), { qos: 1 })
    await engine.next('reports')
  })

  it('never takes a retained message for an alarm', async () => {
    const rx = await connected('rx-1')
    await rx.publishAsync(REPORTS, batch(), { qos: 1, retain: true })
    expect(await engine.next('refused')).toMatchObject({ reason: 'retained', receiver: 'rx-1' })
    await rx.publishAsync(REPORTS, batch(), { qos: 1 })
    await engine.next('reports')
    expect(engine.heard).toEqual(['refused', 'reports'])
  })

  it('passes on what a receiver says of itself', async () => {
    const rx = await connected('rx-1')
    const status = { v: 1, status: 'online', uptimeMs: 5, heard: 1, published: 1, dropped: 0 }
    await rx.publishAsync(topicOf('rx-1', 'status'), JSON.stringify(status), { qos: 1, retain: true })
    expect(await engine.next('receiver-status')).toEqual({
      kind: 'receiver-status',
      receiver: 'rx-1',
      status,
    })
  })

  it.each([
    ['says goodbye', (rx: MqttClient) => void rx.end()],
    ['is cut off', (rx: MqttClient) => void rx.stream.destroy()],
  ])('says that a receiver is offline once when it %s, with a will or without', async (_name, leave) => {
    for (const will of [
      {
        topic: topicOf('rx-1', 'status'),
        payload: '{"v":1,"status":"offline"}',
        retain: true,
        qos: 1 as const,
      },
      undefined,
    ]) {
      const rx = await connected('rx-1', will ? { will } : {})
      leave(rx)
      expect(await engine.next('receiver-status')).toMatchObject({
        receiver: 'rx-1',
        status: { status: 'offline' },
      })
    }
    await (await connected('rx-2')).publishAsync(topicOf('rx-2', 'reports'), batch(), { qos: 1 })
    expect(engine.heard).toEqual(['receiver-status', 'receiver-status', 'reports'])
  })

  it('gives the place of a client to the one that comes with the same id, without calling it offline', async () => {
    const first = await connected('rx-1')
    const end = closed(first)
    const second = await connected('rx-1')
    await end
    await second.publishAsync(REPORTS, batch(), { qos: 1 })
    expect(engine.heard).toEqual(['reports'])
  })

  it("does not let one account take another's place by its client id", async () => {
    const first = await connected('rx-1')
    const other = await connected('rx-2', { clientId: 'rx-1' })
    await other.publishAsync(topicOf('rx-2', 'reports'), batch(), { qos: 1 })
    await first.publishAsync(REPORTS, batch(), { qos: 1 })
    expect(engine.heard).toEqual(['reports', 'reports'])
  })

  it('tells every receiver what to broadcast, also one that asks later', async () => {
    const rx1 = await connected('rx-1')
    const first = message(rx1)
    await rx1.subscribeAsync(topicOf('rx-1', 'beacon'), { qos: 1 })
    expect(await first).toBe('{"v":1,"beacons":[]}')
    const second = message(rx1)
    broker.broadcast([{ pendant: 'p-01', data: 'aa', forMs: 60_000 }])
    expect(JSON.parse(await second)).toMatchObject({ beacons: [{ data: 'aa' }] })
    const rx2 = await connected('rx-2')
    const late = message(rx2)
    await rx2.subscribeAsync(topicOf('rx-2', 'beacon'), { qos: 1 })
    expect(JSON.parse(await late)).toMatchObject({ v: 1, beacons: [{ data: 'aa' }] })
  })

  it('takes back a beacon when its time is over', async () => {
    await broker.close()
    const due: (() => void)[] = []
    let nowMs = 1000
    broker = await start({
      nowMs: () => nowMs,
      after: (_delayMs, run) => {
        due.push(run)
        return () => {}
      },
    })
    broker.broadcast([{ pendant: 'p-01', data: 'aa', forMs: 500 }])
    nowMs = 1500
    for (const run of due.splice(0)) run()
    const rx = await connected('rx-1')
    const kept = message(rx)
    await rx.subscribeAsync(topicOf('rx-1', 'beacon'), { qos: 1 })
    expect(await kept).toBe('{"v":1,"beacons":[]}')
  })

  it('disconnects who is no longer in the site file or has a new password, and nobody else', async () => {
    const [gone, kept] = [await connected('rx-1'), await connected('rx-2')]
    const end = closed(gone)
    const [one, two] = site.receivers
    if (!one || !two) throw new Error('expected two receivers')
    broker.setSite({ receivers: [{ ...one, password: 'a new password' }, two] })
    await end
    expect(await engine.next('receiver-status')).toMatchObject({ receiver: 'rx-1' })
    await kept.publishAsync(topicOf('rx-2', 'reports'), batch(), { qos: 1 })
    await connected('rx-1', { password: 'a new password' })
  })

  it('says where it could not listen', async () => {
    const taken = { host: '127.0.0.1', port: broker.port, site, submit: engine.submit, log }
    await expect(startBroker(taken)).rejects.toThrow(BrokerFailed)
    await expect(startBroker(taken)).rejects.toThrow(`127.0.0.1:${broker.port}`)
  })
})

// needs: mosquitto
// A broker outside, mosquitto, in place of the gateway's own: nothing is lost over its restarts and the gateway's, nothing comes of
// what is retained, and who has a receiver's password is that receiver and nobody else.
import type { MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { WatchedBroker } from '../../../../gateway/receivers/thread/thread.ts'
import { KIND_CORD } from '../../../../schemas/frame.ts'
import { topicOf } from '../../../../schemas/report.ts'
import { ADDRESS, sealedFrame, site } from '../../../gateway/core/building.ts'
import { deskOf, siteFolder, startGatewayProcess, untilDesk } from '../../../gateways/gateway-process.ts'
import { PATIENCE } from '../../../patience.ts'
import { type Engine, standInEngine } from '../stand-in-engine.ts'
import { HOST, type Mosquitto, PASSWORDS, publishAs, startMosquitto, startWayIn } from './mosquitto.ts'

const receivers = ['rx-1', 'rx-2'].map(id => ({ id, room: 'r-1' }))

let mosquitto: Mosquitto
let engine: Engine
let broker: WatchedBroker | null

beforeEach(async () => {
  mosquitto = await startMosquitto()
  engine = standInEngine()
  broker = null
})
afterEach(async () => {
  engine.release()
  await broker?.close()
  await mosquitto.remove()
})

const accountOf = (password = PASSWORDS.gateway) => ({
  ...{ url: `mqtt://${HOST}:${mosquitto.port}`, username: 'gateway', password },
  clientId: 'tocsin-gateway',
})
const siteOf = (these: typeof receivers, password?: string) => ({
  receivers: these,
  broker: accountOf(password),
})
const publish = (of: MqttClient, level: number) => publishAs(of, 'rx-1', level)
const levelNow = async (): Promise<number | null | undefined> =>
  (await engine.next('reports')).reports[0]?.rssiDbm
const fault = async (): Promise<string | null> => (await engine.next('fault')).text
/** Connected, and listening. */
async function listening(): Promise<void> {
  broker = await startWayIn(engine, siteOf(receivers))
  expect(await fault()).toBeNull()
}

it('what was not committed comes again to the next gateway, with what came while it was away, as of no known time', async () => {
  await listening()
  const rx = await mosquitto.client('rx-1')
  await publish(rx, -50)
  expect(await engine.next('reports')).toMatchObject({ reports: [{ rssiDbm: -50 }], wasRedelivered: false })
  engine.hold()
  await publish(rx, -51)
  expect(await levelNow()).toBe(-51)
  await broker?.close()
  await publish(rx, -52)
  engine = standInEngine()
  await listening()
  expect(await engine.next('reports')).toMatchObject({ reports: [{ rssiDbm: -51 }], wasRedelivered: true })
  expect(await engine.next('reports')).toMatchObject({ reports: [{ rssiDbm: -52 }], wasRedelivered: true })
  // What was committed is not among them; and what comes now is of now.
  for (;;) {
    await publish(rx, -53)
    const { reports, wasRedelivered } = await engine.next('reports')
    expect(reports[0]?.rssiDbm).toBe(-53)
    if (!wasRedelivered) break
  }
})

it('a commit that fails is delivered again, and each is acknowledged once', async () => {
  await listening()
  const rx = await mosquitto.client('rx-1')
  engine.failNext(new Error('disk full'))
  await publish(rx, -60)
  expect([await levelNow(), await levelNow()]).toEqual([-60, -60])
  expect(await fault()).toMatch(
    /gives? the gateway what comes of rx-1 \(what came could not be written down: it is to be delivered again\)/,
  )
  expect(await fault()).toBeNull()
  await publish(rx, -61)
  expect(await levelNow()).toBe(-61)
})

it('what only the disk did not take cuts nothing off, is asked once, and keeps nothing behind it', async () => {
  await listening()
  const rx = await mosquitto.client('rx-1')
  const faultsBefore = engine.heard.filter(kind => kind === 'fault').length
  let count = 0
  engine.failAs(() => {
    const about = { isAlarm: true, names: [`alarm ${count++}`] }
    return Object.assign(new Error('disk full'), { name: 'NotKept', about })
  })
  // More than mosquitto has on its way without an acknowledgement.
  const levels = Array.from({ length: 30 }, (_, i) => -50 - i)
  for (const level of levels) {
    await publish(rx, level)
    expect(await levelNow()).toBe(level)
  }
  await engine.next('flush')
  engine.failAs(null)
  await engine.next('flush')
  expect(engine.heard.filter(kind => kind === 'reports')).toHaveLength(levels.length)
  expect(engine.heard.filter(kind => kind === 'fault')).toHaveLength(faultsBefore)
  await publish(rx, -90)
  expect(await levelNow()).toBe(-90)
  await broker?.close()
  await publish(rx, -91)
  engine = standInEngine()
  await listening()
  expect(await levelNow(), 'and nothing before it comes once more').toBe(-91)
})

it('mosquitto is restarted in the middle: told, and nothing is lost', async () => {
  await listening()
  const rx = await mosquitto.client('rx-1')
  engine.hold()
  for (const level of [-70, -71]) await publish(rx, level)
  expect([await levelNow(), await levelNow()]).toEqual([-70, -71])
  await mosquitto.stop()
  expect(await fault()).toMatch(
    new RegExp(`^The broker mqtt://${HOST}:${mosquitto.port} is not connected \\(`),
  )
  engine.release()
  const later = publish(rx, -72)
  await mosquitto.start()
  await later
  // Those that were committed while it was gone had no answer: they come once more, marked, and the engine knows them.
  for (const level of [-70, -71])
    expect(await engine.next('reports')).toMatchObject({
      reports: [{ rssiDbm: level }],
      wasRedelivered: true,
    })
  expect(await levelNow()).toBe(-72)
})

it('a whole gateway: an alarm through mosquitto is one incident, also where mosquitto and the gateway are ended in the middle', async () => {
  const own = siteFolder({ ...site(), broker: accountOf() })
  let whole = await startGatewayProcess(own)
  await mosquitto.said('online')
  const rx = await mosquitto.client('r-interview')
  const alarm = (counter: number, alarmNumber: number) => {
    const data = sealedFrame({ counter, kind: KIND_CORD, alarmNumber })
    const payload = JSON.stringify({ v: 1, reports: [{ address: ADDRESS, rssiDbm: -60, data, ageMs: 0 }] })
    return rx.publishAsync(topicOf('r-interview', 'reports'), payload, { qos: 1 })
  }
  await alarm(10, 1)
  await untilDesk(whole.url, ({ incidents }) => incidents.length === 1)
  await mosquitto.stop()
  await untilDesk(whole.url, ({ technical }) => technical.some(({ key }) => key === 'broker'))
  await mosquitto.start()
  await untilDesk(whole.url, ({ technical }) => technical.every(({ key }) => key !== 'broker'))
  await whole.kill()
  await alarm(11, 2)
  whole = await startGatewayProcess(own)
  const [incident] = await untilDesk(whole.url, ({ incidents }) => incidents[0]?.presses === 2 && incidents)
  expect((await deskOf(whole.url)).incidents).toHaveLength(1)
  expect(incident?.presses).toBe(2)
  expect((await deskOf(whole.url)).wayIn).toBe(`the broker mqtt://${HOST}:${mosquitto.port}`)
  await whole.stop()
  own.remove()
})

it('nothing comes of reports that are retained, or of a name that the site does not have', async () => {
  const rx = await mosquitto.client('rx-1')
  await publishAs(rx, 'rx-1', -80, 1, true)
  await rx.publishAsync(topicOf('rx-1', 'status'), '{"v":1,"status":"offline"}', { qos: 1, retain: true })
  await listening()
  expect(await engine.next('receiver-status')).toMatchObject({
    receiver: 'rx-1',
    status: { status: 'offline' },
  })
  expect(await engine.next('refused')).toMatchObject({ receiver: 'rx-1', reason: 'retained' })
  expect(engine.heard).not.toContain('reports')
  broker?.setSite(siteOf(receivers.slice(1)))
  await publish(rx, -81)
  await rx.publishAsync(topicOf('rx-1', 'status'), '{"v":1,"status":"online"}', { qos: 1 })
  expect(await engine.next('refused')).toMatchObject({ receiver: '', reason: 'wrong-topic' })
  // Nothing is kept there for one that the site no longer has.
  await vi.waitFor(async () => {
    expect(await mosquitto.keeps('tocsin-gateway-rx-1')).toBe(false)
  }, PATIENCE)
  expect(engine.heard).not.toContain('reports')
})

it('who has stolen a receiver’s password speaks as nobody else, and reads nothing of others', async () => {
  await listening()
  const thief = await mosquitto.client('rx-1')
  const read: string[] = []
  thief.on('message', topic => read.push(topic))
  for (const filter of ['#', 'tocsin/v1/+/reports', topicOf('rx-2', 'beacon'), topicOf('rx-1', 'beacon')])
    await thief.subscribeAsync(filter, { qos: 1 }).catch(() => undefined)
  await publishAs(thief, 'rx-2', -90)
  await thief.publishAsync(topicOf('rx-2', 'beacon'), '{"v":1,"beacons":[]}', { qos: 1 })
  const honest = await mosquitto.client('rx-2')
  await publishAs(honest, 'rx-2', -91)
  expect(await engine.next('reports')).toMatchObject({ receiver: 'rx-2', reports: [{ rssiDbm: -91 }] })
  const told = new Promise<void>(resolve =>
    thief.on(
      'message',
      (topic, body) => topic === topicOf('rx-1', 'beacon') && String(body).includes('aa') && resolve(),
    ),
  )
  broker?.broadcast([{ pendant: 'p-01', data: 'aa', forMs: 60_000 }])
  await told
  expect(new Set(read)).toEqual(new Set([topicOf('rx-1', 'beacon')]))
})

it('says whether it is there, the will of the broker too; its own password is wrong, and put right there', async () => {
  await listening()
  await mosquitto.said('online')
  await broker?.close()
  await mosquitto.said('offline')
  broker = await startWayIn(engine, siteOf(receivers, 'wrong'))
  for (;;) if (/\(it refuses the user name or password of the gateway/.test((await fault()) ?? '')) break
  await mosquitto.stop()
  mosquitto.setPassword('gateway', 'wrong')
  await mosquitto.start()
  for (;;) if ((await fault()) === null) break
})

it('hears nothing of its own that it would take for a receiver’s', async () => {
  await listening()
  const rx = await mosquitto.client('rx-1')
  await mosquitto.said('online')
  await publish(rx, -95)
  expect(await levelNow()).toBe(-95)
  expect(engine.heard.filter(kind => kind !== 'fault')).toEqual(['reports'])
})

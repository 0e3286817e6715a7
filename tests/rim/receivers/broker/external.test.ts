// A broker outside, mosquitto, in place of the gateway's own: nothing is lost over its restarts and the gateway's, nothing comes of
// what is retained, and who has a receiver's password is that receiver and nobody else.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLog } from '../../../../gateway/log.ts'
import { startBrokerInThread, type WatchedBroker } from '../../../../gateway/receivers/thread/thread.ts'
import { KIND_CORD } from '../../../../schemas/frame.ts'
import { topicOf } from '../../../../schemas/report.ts'
import { ADDRESS, sealedFrame, site } from '../../../gateway/core/building.ts'
import { deskOf, siteFolder, startGatewayProcess, untilDesk } from '../../../gateways/gateway-process.ts'
import { freePort } from '../../telephone/port.ts'
import { type Engine, standInEngine } from '../stand-in-engine.ts'

const HOST = '127.0.0.1'
const log = createLog({ level: 'silent', pretty: false })
const receivers = ['rx-1', 'rx-2'].map(id => ({ id, room: 'r-1', password: `password of ${id}` }))
const PASSWORDS = {
  gateway: 'password of gateway',
  'r-interview': 'password-interview',
  'rx-1': 'password of rx-1',
  'rx-2': 'password of rx-2',
}
/** As gateway/receivers/README.md has it. */
const ACL = `
user gateway
topic read tocsin/v1/+/reports
topic read tocsin/v1/+/status
topic write tocsin/v1/+/beacon
topic readwrite tocsin/v1/gateway/#

pattern write tocsin/v1/%u/reports
pattern write tocsin/v1/%u/status
pattern read tocsin/v1/%u/beacon
pattern read tocsin/v1/gateway/journal
`

let folder: string
let port: number
let mosquitto: ChildProcess | null
let engine: Engine
let broker: WatchedBroker | null
let clients: MqttClient[]

async function startMosquitto(): Promise<void> {
  mosquitto = spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' })
  for (;;) {
    const socket = connect(port, HOST)
    const isThere = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (isThere) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
async function stopMosquitto(): Promise<void> {
  const running = mosquitto
  mosquitto = null
  if (running === null) return
  const gone = once(running, 'exit')
  running.kill('SIGTERM')
  await gone
}

const setPassword = (user: string, password: string) =>
  execFileSync('mosquitto_passwd', ['-b', join(folder, 'passwords'), user, password], { stdio: 'pipe' })

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-mosquitto-'))
  port = await freePort()
  const [passwords, acl] = [join(folder, 'passwords'), join(folder, 'acl')]
  writeFileSync(acl, ACL)
  writeFileSync(passwords, '')
  for (const [user, password] of Object.entries(PASSWORDS)) setPassword(user, password)
  for (const file of [passwords, acl]) chmodSync(file, 0o644)
  chmodSync(folder, 0o777)
  const lines = [`listener ${port} ${HOST}`, `password_file ${passwords}`, `acl_file ${acl}`]
  const kept = ['persistence true', `persistence_location ${folder}/`, 'max_queued_messages 0']
  writeFileSync(join(folder, 'mosquitto.conf'), [...lines, ...kept, ''].join('\n'))
  await startMosquitto()
  engine = standInEngine()
  clients = []
  broker = null
})
afterEach(async () => {
  for (const client of clients) client.end(true)
  engine.release()
  await broker?.close()
  await stopMosquitto()
  rmSync(folder, { recursive: true, force: true })
})

const gateway = (password = PASSWORDS.gateway) =>
  startBrokerInThread({
    ...{ host: HOST, port: 0, submit: engine.submit, log },
    site: {
      receivers,
      broker: { url: `mqtt://${HOST}:${port}`, username: 'gateway', password, clientId: 'tocsin-gateway' },
    },
    // As built: from its sources a thread takes seconds to start.
    start: workerData =>
      new Worker(new URL('../../../../dist/gateway/broker-worker.mjs', import.meta.url), {
        execArgv: [],
        workerData,
      }),
  })
const client = async (id: keyof typeof PASSWORDS): Promise<MqttClient> => {
  const account = { username: id, password: PASSWORDS[id], clientId: `client-${id}`, clean: false }
  const made = mqtt.connect({ host: HOST, port, ...account, reconnectPeriod: 50 })
  made.on('error', () => undefined)
  clients.push(made)
  await new Promise<void>(resolve => made.once('connect', () => resolve()))
  return made
}
const batch = (level: number) =>
  JSON.stringify({
    v: 1,
    reports: [{ address: 'c7:f9:36:dd:b0:ca', data: '020106', rssiDbm: level, ageMs: 0 }],
  })
const publish = (of: MqttClient, level: number) =>
  of.publishAsync(topicOf('rx-1', 'reports'), batch(level), { qos: 1 })
const levelNow = async (): Promise<number | null | undefined> =>
  (await engine.next('reports')).reports[0]?.rssiDbm
const fault = async (): Promise<string | null> => (await engine.next('fault')).text
/** What the gateway says of itself at the broker is this, now or some time. */
async function said(word: string): Promise<void> {
  const account = { username: 'gateway', password: PASSWORDS.gateway }
  const watching = mqtt.connect({ host: HOST, port, ...account, reconnectPeriod: 50 })
  clients.push(watching)
  const heard = new Promise<void>(resolve =>
    watching.on('message', (_topic, body) => String(body).includes(word) && resolve()),
  )
  watching.on('connect', () => watching.subscribe('tocsin/v1/gateway/status', { qos: 1 }))
  await heard
}
/** Connected, and listening. */
async function listening(): Promise<void> {
  broker = await gateway()
  expect(await fault()).toBeNull()
}

it('what was not committed comes again to the next gateway, with what came while it was away, as of no known time', async () => {
  await listening()
  const rx = await client('rx-1')
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
  const rx = await client('rx-1')
  engine.failNext(new Error('disk full'))
  await publish(rx, -60)
  expect([await levelNow(), await levelNow()]).toEqual([-60, -60])
  expect(await fault()).toMatch(/is not connected \(the connection was cut/)
  expect(await fault()).toBeNull()
  await publish(rx, -61)
  expect(await levelNow()).toBe(-61)
})

it('mosquitto is restarted in the middle: told, and nothing is lost', async () => {
  await listening()
  const rx = await client('rx-1')
  engine.hold()
  for (const level of [-70, -71]) await publish(rx, level)
  expect([await levelNow(), await levelNow()]).toEqual([-70, -71])
  await stopMosquitto()
  expect(await fault()).toMatch(new RegExp(`^The broker mqtt://${HOST}:${port} is not connected \\(`))
  engine.release()
  const later = publish(rx, -72)
  await startMosquitto()
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
  const account = { url: `mqtt://${HOST}:${port}`, username: 'gateway', password: PASSWORDS.gateway }
  const own = siteFolder({ ...site(), broker: { ...account, clientId: 'tocsin-gateway' } })
  let whole = await startGatewayProcess(own)
  await said('online')
  const rx = await client('r-interview')
  const alarm = (counter: number, alarmNumber: number) => {
    const data = sealedFrame({ counter, kind: KIND_CORD, alarmNumber })
    const payload = JSON.stringify({ v: 1, reports: [{ address: ADDRESS, rssiDbm: -60, data, ageMs: 0 }] })
    return rx.publishAsync(topicOf('r-interview', 'reports'), payload, { qos: 1 })
  }
  await alarm(10, 1)
  await untilDesk(whole.url, ({ incidents }) => incidents.length === 1)
  await stopMosquitto()
  await untilDesk(whole.url, ({ technical }) => technical.some(({ key }) => key === 'broker'))
  await startMosquitto()
  await untilDesk(whole.url, ({ technical }) => technical.every(({ key }) => key !== 'broker'))
  await whole.kill()
  await alarm(11, 2)
  whole = await startGatewayProcess(own)
  const [incident] = await untilDesk(whole.url, ({ incidents }) => incidents[0]?.presses === 2 && incidents)
  expect((await deskOf(whole.url)).incidents).toHaveLength(1)
  expect(incident?.presses).toBe(2)
  expect((await deskOf(whole.url)).wayIn).toBe(`the broker mqtt://${HOST}:${port}`)
  await whole.stop()
  own.remove()
})

it('nothing comes of reports that are retained, or of a name that the site does not have', async () => {
  const rx = await client('rx-1')
  await rx.publishAsync(topicOf('rx-1', 'reports'), batch(-80), { qos: 1, retain: true })
  await rx.publishAsync(topicOf('rx-1', 'status'), '{"v":1,"status":"offline"}', { qos: 1, retain: true })
  await listening()
  expect(await engine.next('receiver-status')).toMatchObject({
    receiver: 'rx-1',
    status: { status: 'offline' },
  })
  expect(await engine.next('refused')).toMatchObject({ receiver: 'rx-1', reason: 'retained' })
  expect(engine.heard).not.toContain('reports')
  broker?.setSite({
    receivers: receivers.slice(1),
    broker: {
      url: `mqtt://${HOST}:${port}`,
      username: 'gateway',
      password: PASSWORDS.gateway,
      clientId: 'tocsin-gateway',
    },
  })
  await publish(rx, -81)
  expect(await engine.next('refused')).toMatchObject({ receiver: '', reason: 'wrong-topic' })
})

it('who has stolen a receiver’s password speaks as nobody else, and reads nothing of others', async () => {
  await listening()
  const thief = await client('rx-1')
  const read: string[] = []
  thief.on('message', topic => read.push(topic))
  for (const filter of ['#', 'tocsin/v1/+/reports', topicOf('rx-2', 'beacon'), topicOf('rx-1', 'beacon')])
    await thief.subscribeAsync(filter, { qos: 1 }).catch(() => undefined)
  await thief.publishAsync(topicOf('rx-2', 'reports'), batch(-90), { qos: 1 })
  await thief.publishAsync(topicOf('rx-2', 'beacon'), '{"v":1,"beacons":[]}', { qos: 1 })
  const honest = await client('rx-2')
  await honest.publishAsync(topicOf('rx-2', 'reports'), batch(-91), { qos: 1 })
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
  await said('online')
  await broker?.close()
  await said('offline')
  broker = await gateway('wrong')
  for (;;) if (/\(it refuses the user name or password of the gateway/.test((await fault()) ?? '')) break
  setPassword('gateway', 'wrong')
  mosquitto?.kill('SIGHUP')
  for (;;) if ((await fault()) === null) break
})

it('hears nothing of its own that it would take for a receiver’s', async () => {
  await listening()
  const rx = await client('rx-1')
  await said('online')
  await publish(rx, -95)
  expect(await levelNow()).toBe(-95)
  expect(engine.heard.filter(kind => kind !== 'fault')).toEqual(['reports'])
})

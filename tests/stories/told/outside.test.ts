// needs: mosquitto
// What other systems are told, on a broker outside (mosquitto, with accounts and the ACL of gateway/receivers/README.md): its will says
// where the gateway died, and nothing of an earlier life stays there.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OutIncident, type OutIncidents, outTopics } from '../../../schemas/api/out.ts'
import { KIND_CORD } from '../../../schemas/frame.ts'
import { topicOf } from '../../../schemas/report.ts'
import { Out } from '../../../schemas/site/out.ts'
import { ADDRESS, sealedFrame, site } from '../../gateway/core/building.ts'
import {
  atDesk,
  type Folder,
  type GatewayProcess,
  siteFolder,
  startGatewayProcess,
  untilDesk,
} from '../../gateways/gateway-process.ts'
import { type Reader, startReader } from '../../gateways/reader.ts'
import { freePort } from '../../rim/telephone/port.ts'

const topics = outTopics('north')
const PASSWORDS = {
  gateway: 'password-gateway',
  'r-interview': 'password-interview',
  reader: 'password-reader',
}
const ACL = `
user gateway
topic read tocsin/v1/+/reports
topic read tocsin/v1/+/status
topic write tocsin/v1/+/beacon
topic readwrite tocsin/v1/gateway/#
topic readwrite tocsin/v1/out/#
topic readwrite homeassistant/device/+/+/config

user reader
topic read tocsin/v1/out/#
topic read homeassistant/#

pattern write tocsin/v1/%u/reports
pattern write tocsin/v1/%u/status
pattern read tocsin/v1/%u/beacon
pattern read tocsin/v1/gateway/journal
`
const HOST = '127.0.0.1'

let folder: string
let port: number
let mosquitto: ChildProcess
let own: Folder
let gateway: GatewayProcess
let reader: Reader
let counter = 10

/** Resolves once it says that it runs. */
async function startMosquitto(): Promise<void> {
  mosquitto = spawn('mosquitto', ['-v', '-c', join(folder, 'mosquitto.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await new Promise<void>(resolve => {
    mosquitto.stderr?.on('data', line => String(line).includes('running') && resolve())
  })
}
async function stopMosquitto(): Promise<void> {
  const gone = once(mosquitto, 'exit')
  mosquitto.kill('SIGTERM')
  await gone
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-told-'))
  port = await freePort()
  const [passwords, acl] = [join(folder, 'passwords'), join(folder, 'acl')]
  writeFileSync(acl, ACL)
  for (const [i, [user, password]] of Object.entries(PASSWORDS).entries())
    execFileSync('mosquitto_passwd', ['-b', ...(i === 0 ? ['-c'] : []), passwords, user, password], {
      stdio: 'pipe',
    })
  for (const file of [passwords, acl]) chmodSync(file, 0o644)
  chmodSync(folder, 0o777)
  const lines = [`listener ${port} ${HOST}`, `password_file ${passwords}`, `acl_file ${acl}`]
  const kept = ['persistence true', `persistence_location ${folder}/`, 'max_queued_messages 0']
  writeFileSync(join(folder, 'mosquitto.conf'), [...lines, ...kept, ''].join('\n'))
  await startMosquitto()
  own = siteFolder({
    ...site(),
    broker: {
      url: `mqtt://${HOST}:${port}`,
      username: 'gateway',
      password: PASSWORDS.gateway,
      clientId: 'tocsin-gateway',
    },
    out: Out.parse({ id: 'north' }),
  })
  gateway = await startGatewayProcess(own)
  reader = await startReader({ host: HOST, port }, { username: 'reader', password: PASSWORDS.reader })
})
afterAll(async () => {
  await reader?.close()
  await gateway?.stop()
  await stopMosquitto()
  own?.remove()
  rmSync(folder, { recursive: true, force: true })
})

async function press(alarmNumber: number): Promise<void> {
  const account = { username: 'r-interview', password: PASSWORDS['r-interview'] }
  const client = await mqtt.connectAsync({ host: HOST, port, ...account })
  counter += 1
  const data = sealedFrame({ counter, kind: KIND_CORD, alarmNumber })
  const payload = JSON.stringify({ v: 1, reports: [{ address: ADDRESS, rssiDbm: -60, data, ageMs: 0 }] })
  await client.publishAsync(topicOf('r-interview', 'reports'), payload, { qos: 1 })
  await client.endAsync()
}
const status = (is: 'online' | 'offline') => reader.until(() => reader.standing().get(topics.status) === is)
const incident = (id: string) => reader.on<OutIncident>(topics.incident(id))

it('an alarm stands there; the gateway is killed, and its will says that nothing there is to be believed', async () => {
  await status('online')
  await press(1)
  expect(OutIncident.parse(await reader.until(() => incident('i-0001')))).toMatchObject({
    state: 'raised',
    wearer: 'Jane Smith',
    room: '214 Interview room',
  })
  await gateway.kill()
  await status('offline')
  expect(incident('i-0001')).toBeDefined()
})

it('what an earlier life left there is gone before it is said to be true again, and what is open is there', async () => {
  const admin = await mqtt.connectAsync({
    host: HOST,
    port,
    username: 'gateway',
    password: PASSWORDS.gateway,
  })
  const left = [
    topics.incident('i-0666'),
    topics.pendant('p-99'),
    'homeassistant/device/tocsin_north/pendant_p-99/config',
  ]
  for (const topic of left) await admin.publishAsync(topic, '{"v":1}', { qos: 1, retain: true })
  // Another gateway's, on the same broker.
  const others = outTopics('south').incident('i-0001')
  await admin.publishAsync(others, '{"v":1}', { qos: 1, retain: true })
  await admin.endAsync()
  await reader.until(() => left.every(topic => reader.standing().has(topic)))
  const before = reader.said.length
  gateway = await startGatewayProcess(own)
  await reader.until(() =>
    reader.said.slice(before).some(({ topic, text }) => topic === topics.status && text === 'online'),
  )
  const since = reader.said.slice(before)
  const online = since.findIndex(({ topic, text }) => topic === topics.status && text === 'online')
  for (const topic of left) {
    const gone = since.findIndex(said => said.topic === topic && said.text === '')
    expect(gone, topic).toBeGreaterThanOrEqual(0)
    expect(gone, topic).toBeLessThan(online)
  }
  expect(reader.standing().has(others)).toBe(true)
  expect(reader.on<OutIncidents>(topics.incidents)).toMatchObject({ open: ['i-0001'], count: 1 })
  expect(incident('i-0001')).toMatchObject({ state: 'raised' })
})

it('what happens while the broker is away stands there once it is back, and the desk says meanwhile that nobody is told', async () => {
  await stopMosquitto()
  const fault = await untilDesk(gateway.url, ({ technical }) => technical.find(({ key }) => key === 'out'))
  expect(fault.text).toMatch(/^Other systems are not told by MQTT what happens here \(the broker mqtt:/)
  await atDesk(gateway.url, 'i-0001', 'resolve', { by: 'Ann', outcome: 'test', reason: 'over' })
  await startMosquitto()
  await reader.until(
    () => incident('i-0001') === undefined && reader.on<OutIncidents>(topics.incidents)?.count === 0,
  )
  await untilDesk(gateway.url, ({ technical }) => technical.every(({ key }) => key !== 'out'))
  await status('online')
})

it('a gateway that is stopped says so itself', async () => {
  await gateway.stop()
  await status('offline')
})

// needs: openssl
// Receivers come in over TLS: with a certificate that is checked, taken up when it is renewed while they stay, and whose end is
// told while there is time.
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectPlain } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import mqtt from 'mqtt'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createLog } from '../../../../gateway/log.ts'
import { startBrokerInThread, type WatchedBroker } from '../../../../gateway/receivers/thread/thread.ts'
import { checkSite } from '../../../../gateway/site/read.ts'
import { topicOf } from '../../../../schemas/report.ts'
import { type SteppedClock, steppedClock } from '../../../../simulator/clock.ts'
import { site } from '../../../gateway/core/building.ts'
import { freePort } from '../../telephone/port.ts'
import { type Engine, standInEngine } from '../stand-in-engine.ts'

const HOST = '127.0.0.1'
const DAY_MS = 86_400_000
const log = createLog({ level: 'silent', pretty: false })
const receivers = [{ id: 'rx-1', room: 'r-1', password: 'password of rx-1' }]

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-tls-'))
  for (const [name, days] of [
    ['first', 90],
    ['second', 60],
    ['late', 9],
  ] as const) {
    const made = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)]
    const about = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-days', String(days)]
    const how = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    execFileSync('openssl', [...how, ...about, ...made], { stdio: 'pipe' })
    chmodSync(join(folder, `${name}.key`), 0o600)
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

const use = (name: string, key = name): void => {
  copyFileSync(join(folder, `${name}.crt`), join(folder, 'now.crt'))
  copyFileSync(join(folder, `${key}.key`), join(folder, 'now.key'))
}

let engine: Engine
let broker: WatchedBroker
let clock: SteppedClock & { wallMs(): number }
/** How far the machine's clock is ahead. */
let offMs: number
let port: number
beforeEach(async () => {
  use('first')
  engine = standInEngine()
  const stepped = steppedClock(Date.now())
  offMs = 0
  clock = { ...stepped, wallMs: () => stepped.nowMs() + offMs }
  port = await freePort()
  broker = await started()
})
afterEach(() => broker.close())

const tls = () => ({ cert: join(folder, 'now.crt'), key: join(folder, 'now.key'), port })
const started = (plain = true) =>
  startBrokerInThread({
    ...{ host: HOST, port: 0, submit: engine.submit, log, clock },
    site: { receivers, mqtt: { tls: tls(), plain } },
  })
const account = { host: HOST, username: 'rx-1', password: 'password of rx-1', reconnectPeriod: 0 }
const receiver = (ca: string) =>
  mqtt.connectAsync({ ...account, port, protocol: 'mqtts', ca: readFileSync(join(folder, `${ca}.crt`)) })
const publish = async (rx: mqtt.MqttClient): Promise<void> => {
  await rx.publishAsync(topicOf('rx-1', 'reports'), '{"v":1,"reports":[]}', { qos: 1 })
  await engine.next('reports')
}
/** The fault of the certificate; that it is well is told too. */
const fault = async (): Promise<string | null> => {
  const { key, text } = await engine.next('fault')
  return key === 'certificate' ? text : fault()
}

it('a receiver that checks the certificate is heard over TLS, and stays while it is renewed; the next one sees the new one', async () => {
  expect(await fault()).toBeNull()
  const rx = await receiver('first')
  await publish(rx)
  expect(broker.words()).toMatch(
    new RegExp(
      `^MQTT on ${HOST}:\\d+; TLS on ${HOST}:${port}, its certificate is good for (89|90) more days$`,
    ),
  )
  use('second')
  broker.renew()
  await expect(receiver('first')).rejects.toThrow()
  const second = await receiver('second')
  await publish(second)
  await publish(rx)
  expect(engine.heard.filter(kind => kind === 'receiver-status')).toEqual([])
  await Promise.all([rx.endAsync(true), second.endAsync(true)])
})

it('is looked at by itself; one that cannot be used leaves the one before, and one that ends soon is told', async () => {
  expect(await fault()).toBeNull()
  use('second', 'first')
  clock.advance(60_000)
  expect(await fault()).toMatch(
    /^The renewed certificate for receivers cannot be used \(expected the private key of this certificate, came that of another one\)\. The one before is good for/,
  )
  await (await receiver('first')).endAsync(true)
  use('late')
  clock.advance(60_000)
  expect(await fault()).toMatch(
    /^The certificate for receivers ends in [89] days, on \d{4}-\d\d-\d\d: renew it/,
  )
  offMs = 10 * DAY_MS
  clock.advance(60_000)
  expect(await fault()).toMatch(/^The certificate for receivers ended on /)
})

it('one that has ended does not take the place of one that is good, whoever has the files read', async () => {
  expect(await fault()).toBeNull()
  offMs = 20 * DAY_MS
  use('late')
  broker.renew()
  const words =
    /cannot be used \(expected a certificate that is good now, .*, came one that ended on \d{4}-\d\d-\d\d\)/
  expect(await fault()).toMatch(words)
  await (await receiver('first')).endAsync(true)
  const other = { id: 'rx-2', room: 'r-1', password: 'password of rx-2' }
  broker.setSite({ receivers: [...receivers, other], mqtt: { tls: tls(), plain: true } })
  await (await receiver('first')).endAsync(true)
  use('second')
  broker.renew()
  expect(await fault()).toBeNull()
  await (await receiver('second')).endAsync(true)
  // Where none is good, the newest is what there is.
  offMs = 100 * DAY_MS
  use('late')
  broker.renew()
  expect(await fault()).toMatch(/^The certificate for receivers ended on /)
})

it('with TLS alone nobody comes in without it, and whoever only opens connections there keeps nobody out', async () => {
  await broker.close()
  port = await freePort()
  broker = await started(false)
  expect(broker.port).toBe(port)
  const without = mqtt.connect({ ...account, port })
  without.on('error', () => undefined)
  await new Promise<void>(resolve => without.once('close', () => resolve()))
  expect(without.connected).toBe(false)
  const silent = Array.from({ length: 200 }, () => connectPlain(port, HOST).on('error', () => undefined))
  await Promise.all(silent.map(socket => new Promise(resolve => socket.once('connect', resolve))))
  const rx = await receiver('first')
  await publish(rx)
  broker.watch()
  expect((await engine.next('fault')).text).toBeNull()
  await rx.endAsync(true)
  for (const socket of silent) socket.destroy()
})

it('no older TLS than 1.2 is spoken', async () => {
  const why = await new Promise<string>(resolve => {
    const socket = connectTls({
      host: HOST,
      port,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      rejectUnauthorized: false,
    })
    socket.on('error', error => resolve(error.message))
    socket.on('secureConnect', () => resolve('connected'))
  })
  expect(why).not.toBe('connected')
})

it('a site file names its files from its own folder on; what is wrong or odd with them is said there', () => {
  const file = join(folder, 'site.yaml')
  const write = (cert: string, key: string) => {
    writeFileSync(file, JSON.stringify({ ...site(), mqtt: { tls: { cert, key } } }), { mode: 0o600 })
    return file
  }
  const { site: read, warnings } = checkSite(write('first.crt', 'first.key'))
  expect(read.mqtt.tls).toEqual({
    cert: join(folder, 'first.crt'),
    key: join(folder, 'first.key'),
    port: 8883,
  })
  const ours = (found: typeof warnings) => found.filter(({ path }) => path.startsWith('mqtt'))
  expect(ours(warnings)).toEqual([])
  expect(ours(checkSite(write('late.crt', 'late.key')).warnings)).toMatchObject([
    { path: 'mqtt.tls.cert', came: expect.stringMatching(/ends in [89] days/) },
  ])
  chmodSync(join(folder, 'second.key'), 0o644)
  expect(ours(checkSite(write('second.crt', 'second.key')).warnings)).toMatchObject([
    { path: 'mqtt.tls.key' },
  ])
  expect(() => checkSite(write('first.crt', 'second.key'))).toThrow(
    'expected the private key of this certificate',
  )
  expect(() => checkSite(write('first.key', 'first.key'))).toThrow('expected a certificate in PEM')
  expect(() => checkSite(write('none.crt', 'first.key'))).toThrow('no such file')
})

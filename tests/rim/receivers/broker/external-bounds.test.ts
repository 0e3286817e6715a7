// needs: mosquitto, openssl
// A broker outside, mosquitto: no receiver stands in another's way, what is dropped or forgotten there is said, and TLS is believed
// only as it should be.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { WatchedBroker } from '../../../../gateway/receivers/thread/thread.ts'
import { topicOf } from '../../../../schemas/report.ts'
import { freePort } from '../../telephone/port.ts'
import { type Engine, standInEngine } from '../stand-in-engine.ts'
import { HOST, type Mosquitto, PASSWORDS, publishAs, startMosquitto, startWayIn } from './mosquitto.ts'

const receivers = ['rx-1', 'rx-2'].map(id => ({ id, room: 'r-1' }))
const account = { username: 'gateway', password: PASSWORDS.gateway, clientId: 'tocsin-gateway' }

/** What `openssl ca` needs, which alone can date a certificate as it is asked to. */
const CA_CONF = `
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
`

/** Messages that take 40 s by the budget of one receiver. */
const FLOOD = 40

let mosquitto: Mosquitto
let engine: Engine
let broker: WatchedBroker | null
beforeEach(() => {
  engine = standInEngine()
  broker = null
})
afterEach(async () => {
  engine.release()
  await broker?.close()
  await mosquitto.remove()
})

const connected = async (url: string, more: { ca?: string } = {}): Promise<void> => {
  broker = await startWayIn(engine, { receivers, broker: { url, ...account, ...more } })
}
const fault = async (key: string): Promise<string | null> => {
  for (;;) {
    const told = await engine.next('fault')
    if (told.key === key) return told.text
  }
}

describe('without TLS', () => {
  beforeEach(async () => {
    mosquitto = await startMosquitto()
    await connected(`mqtt://${HOST}:${mosquitto.port}`)
    expect(await fault('broker')).toBeNull()
  })

  it('who sends more than a receiver may is named, and delays no other', async () => {
    // One report each, and so long that each counts for some 3,200 units: 10,000 are carried out at once, and 3,000 a second.
    const reports = [{ address: 'c7:f9:36:dd:b0:ca', data: '020106', rssiDbm: -50, ageMs: 0 }]
    const payload = JSON.stringify({ v: 1, reports, note: 'x'.repeat(400_000) })
    const flooding = await mosquitto.client('rx-1')
    for (let i = 0; i < FLOOD; i += 1)
      await flooding.publishAsync(topicOf('rx-1', 'reports'), payload, { qos: 1 })
    expect(await fault('receiver-flood:rx-1')).toMatch(/^Receiver rx-1 sends more than a receiver may/)
    const other = await mosquitto.client('rx-2')
    await publishAs(other, 'rx-2', -60)
    for (;;) {
      const { receiver } = await engine.next('reports')
      if (receiver === 'rx-2') break
    }
    expect(engine.heard.filter(kind => kind === 'reports').length).toBeLessThan(FLOOD)
  })

  it('messages at QoS 0 that are more than can wait are dropped and said, at QoS 1 none is', async () => {
    const rx = await mosquitto.client('rx-1')
    engine.hold()
    for (let i = 0; i < 600; i += 1) await publishAs(rx, 'rx-1', -40, 0)
    await publishAs(rx, 'rx-1', -41)
    expect(await fault('receiver-dropped:rx-1')).toMatch(
      /^Receiver rx-1 sends at QoS 0 more than can be carried out: 1 message was dropped so far, .* Set it to QoS 1$/,
    )
    engine.release()
    let count = 0
    for (;;) {
      const { reports } = await engine.next('reports')
      if (reports[0]?.rssiDbm === -41) break
      count += 1
    }
    // Those 512 that could wait, and what came only once there was room again.
    expect(count).toBeGreaterThanOrEqual(512)
    expect(count).toBeLessThan(600)
  })

  it('that has forgotten what it kept is said', async () => {
    await mosquitto.stop()
    expect(await fault('broker')).toMatch(/is not connected \(/)
    mosquitto.forget()
    await mosquitto.start()
    expect(await fault('broker-forgot')).toMatch(/has forgotten what it kept for the gateway/)
  })
})

describe('over TLS', () => {
  let keys: string
  const at = (name: string): string => join(keys, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe', cwd: keys })
  const NEW = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const authority = (name: string) =>
    openssl('req', '-x509', ...NEW, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.crt`)
  /** Of the authority `ours`, for this address, from and until so many days from now. */
  function certificate(name: string, address: string, days: [from: number, until: number]): void {
    const request = ['-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`]
    openssl('req', ...NEW, ...request, '-addext', `subjectAltName=IP:${address}`)
    const [from, until] = days.map(day =>
      new Date(Date.now() + day * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, ''),
    ) as [string, string]
    const dates = ['-startdate', from, '-enddate', until]
    const by = ['-cert', 'ours.crt', '-keyfile', 'ours.key', '-config', 'ca.conf', '-batch', '-notext']
    openssl('ca', ...by, ...dates, '-in', `${name}.csr`, '-out', `${name}.crt`)
  }
  beforeAll(() => {
    keys = mkdtempSync(join(tmpdir(), 'tocsin-keys-'))
    chmodSync(keys, 0o755)
    for (const name of ['ours', 'theirs']) authority(name)
    writeFileSync(at('index.txt'), '')
    writeFileSync(at('ca.conf'), CA_CONF)
    certificate('right', HOST, [-1, 30])
    certificate('elsewhere', '127.0.0.2', [-1, 30])
    certificate('expired', HOST, [-30, -1])
    certificate('early', HOST, [1, 30])
    for (const name of ['right', 'elsewhere', 'expired', 'early']) chmodSync(at(`${name}.key`), 0o644)
  })
  afterAll(() => rmSync(keys, { recursive: true }))

  /** The port of TLS, where this certificate is shown. */
  async function showing(name: string): Promise<number> {
    let port = 0
    const shown = [`certfile ${at(`${name}.crt`)}`, `keyfile ${at(`${name}.key`)}`]
    mosquitto = await startMosquitto(async () => {
      port = await freePort()
      return [`listener ${port} ${HOST}`, ...shown]
    })
    return port
  }

  it('with a certificate that is right, receivers are heard', async () => {
    await connected(`mqtts://${HOST}:${await showing('right')}`, { ca: at('ours.crt') })
    expect(await fault('broker')).toBeNull()
    await publishAs(await mosquitto.client('rx-1'), 'rx-1', -70)
    expect((await engine.next('reports')).reports[0]?.rssiDbm).toBe(-70)
  })

  it.each([
    [
      'of an authority that is not trusted',
      'right',
      'theirs',
      'its certificate is of an authority that is not trusted here: broker.ca is to be the one that made it',
    ],
    [
      'of an authority that this machine does not know',
      'right',
      undefined,
      'its certificate is of an authority that is not trusted here: broker.ca is to be the one that made it',
    ],
    ['for another name', 'elsewhere', 'ours', 'its certificate is for another name than that in broker.url'],
    ['that has expired', 'expired', 'ours', 'its certificate has expired, or that of its authority'],
    [
      'that counts only later',
      'early',
      'ours',
      'its certificate counts only from later on: look at the clocks of both machines',
    ],
  ])('a certificate %s is not taken, and is said in words', async (_, name, ca, words) => {
    const url = `mqtts://${HOST}:${await showing(name)}`
    await connected(url, ca === undefined ? {} : { ca: at(`${ca}.crt`) })
    expect(await fault('broker')).toBe(
      `The broker ${url} is not connected (${words}): no pendant is heard that comes in by it. It is tried again each second`,
    )
  })

  it('a port that does not speak TLS is said so', async () => {
    await showing('right')
    await connected(`mqtts://${HOST}:${mosquitto.port}`, { ca: at('ours.crt') })
    expect(await fault('broker')).toMatch(
      /\((it does not speak TLS there as the gateway does|the connection was cut)/,
    )
  })
})

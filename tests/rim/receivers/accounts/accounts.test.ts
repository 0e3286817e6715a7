// Accounts as they are made, used and taken away: `tocsin account` as it is run, a whole gateway in a process of its own, and real
// MQTT clients. Who may come in, what each may say and hear, and what becomes of whoever is connected when that changes.
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { KIND_CORD } from '../../../../schemas/frame.ts'
import { topicOf } from '../../../../schemas/report.ts'
import { OUT_PREFIX } from '../../../../schemas/site/accounts.ts'
import { builtTocsin } from '../../../gateway/commands/cli-process.ts'
import { ADDRESS, sealedFrame, site as smallSite } from '../../../gateway/core/building.ts'
import {
  deskOf,
  type Folder,
  type GatewayProcess,
  metric,
  portsToKeep,
  siteFolder,
  startGatewayProcess,
  untilDesk,
} from '../../../gateways/gateway-process.ts'
import { PATIENCE } from '../../../patience.ts'

const REFUSED = 'Connection refused: Not authorized'
const HALL_PASSWORD = 'password-hall'

let folder: Folder
let accountsFile: string
let gateway: GatewayProcess
let ports: { http: number; mqtt: number }
const clients: MqttClient[] = []

const account = async (...words: string[]): Promise<string> => {
  const { status, out, err } = await builtTocsin('account', ...words, '--site', folder.siteFile)
  expect({ status, err }).toEqual({ status: 0, err: '' })
  return out
}
const passwordIn = (name: string): string => readFileSync(join(folder.path, name), 'utf8').trim()
const made = async (id: string, ...more: string[]): Promise<string> => {
  await account('add', id, '--out', join(folder.path, `${id}.password`), ...more)
  return passwordIn(`${id}.password`)
}

/** Connects once; rejects with why it was refused. */
function connect(username: string, password: string): Promise<MqttClient> {
  const client = mqtt.connect({
    ...{ ...gateway.mqtt, username, password, clientId: username, reconnectPeriod: 0 },
  })
  clients.push(client)
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve(client))
    client.once('error', reject)
  })
}
const closed = (client: MqttClient) => new Promise<void>(resolve => client.once('close', () => resolve()))
const refusals = (reason: string) => metric(gateway.url, 'tocsin_refused_total', `{reason="${reason}"}`)
const untilRefused = (reason: string, than: number) =>
  vi.waitFor(async () => expect(await refusals(reason)).toBeGreaterThan(than), PATIENCE)
const isThere = (client: MqttClient, id: string) =>
  client.publishAsync(topicOf(id, 'status'), '{"v":1,"status":"online"}', { qos: 1 })

let interview: string
let dash: string
beforeAll(async () => {
  const site = smallSite()
  delete site.receivers.find(({ id }) => id === 'r-interview')?.password
  folder = siteFolder(site)
  accountsFile = `${folder.siteFile}.accounts`
  interview = await made('r-interview')
  dash = await made('dash', '--role', 'subscriber')
  ports = await portsToKeep()
  gateway = await startGatewayProcess(folder, ports)
})
afterEach(() => {
  for (const client of clients.splice(0)) client.end(true)
})
afterAll(async () => {
  await gateway?.stop()
  folder?.remove()
})

describe('an account that tocsin account made', () => {
  it('is kept as a hash beside the site file, for its owner alone; so is the password’s own file', () => {
    const text = readFileSync(accountsFile, 'utf8')
    expect(text).not.toContain(interview)
    expect(text).toContain('$scrypt$ln=12,r=8,p=1$')
    expect(statSync(accountsFile).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder.path, 'r-interview.password')).mode & 0o777).toBe(0o600)
  })

  it('lets its receiver in, whose press is an incident; one in plain text goes on beside it', async () => {
    const client = await connect('r-interview', interview)
    const data = sealedFrame({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
    const reports = [{ address: ADDRESS, rssiDbm: -60, data, ageMs: 0 }]
    await client.publishAsync(topicOf('r-interview', 'reports'), JSON.stringify({ v: 1, reports }), {
      qos: 1,
    })
    expect((await deskOf(gateway.url)).incidents).toMatchObject([{ wearer: 'Jane Smith' }])
    await connect('r-hall', HALL_PASSWORD)
  })

  it('lets nobody in with another password, known before or not, nor without one, and says so', async () => {
    const before = await refusals('wrong-password')
    for (const password of [dash, `${interview} `, interview.slice(1), '', HALL_PASSWORD, HALL_PASSWORD])
      await expect(connect('r-interview', password)).rejects.toThrow(REFUSED)
    await expect(connect('nobody', interview)).rejects.toThrow(REFUSED)
    expect((await refusals('wrong-password')) - before).toBe(7)
    const { security } = await deskOf(gateway.url)
    expect(security.map(({ text }) => text)).toContain(
      "expected a receiver's id and password, came a wrong password",
    )
    await connect('r-interview', interview)
  })
})

describe('who has stolen the password', () => {
  it.each([
    ['of a receiver', 'r-interview', topicOf('r-hall', 'reports')],
    ['of a receiver', 'r-interview', topicOf('r-hall', 'status')],
    ['of a receiver', 'r-interview', topicOf('r-hall', 'beacon')],
    ['of a receiver', 'r-interview', `${OUT_PREFIX}/incidents`],
    ['of a receiver', 'r-interview', 'tocsin/v1/gateway/journal'],
    ['of a subscriber', 'dash', topicOf('r-hall', 'reports')],
    ['of a subscriber', 'dash', topicOf('dash', 'reports')],
    ['of a subscriber', 'dash', `${OUT_PREFIX}/incidents`],
  ])('%s speaks as nobody else: %s on %s ends the connection', async (_of, id, topic) => {
    const client = await connect(id, id === 'dash' ? dash : interview)
    const before = await refusals('wrong-topic')
    const end = closed(client)
    client.publish(topic, '{"v":1,"status":"offline"}', { qos: 1, retain: true })
    await end
    await untilRefused('wrong-topic', before)
  })

  it.each([
    ['r-interview', '#'],
    ['r-interview', '+/v1/#'],
    ['r-interview', 'tocsin/v1/+/beacon'],
    ['r-interview', topicOf('r-hall', 'beacon')],
    ['r-interview', topicOf('r-interview', 'reports')],
    ['r-interview', `${OUT_PREFIX}/#`],
    ['dash', '#'],
    ['dash', 'tocsin/#'],
    ['dash', 'tocsin/v1/+/reports'],
    ['dash', 'tocsin/+/out/#'],
    ['dash', `${OUT_PREFIX}`],
    ['dash', topicOf('r-hall', 'beacon')],
    ['dash', 'tocsin/v1/gateway/journal'],
    ['dash', '$SYS/#'],
  ])('reads nothing that is not theirs: %s is refused %s', async (id, filter) => {
    const client = await connect(id, id === 'dash' ? dash : interview)
    const granted = await client.subscribeAsync(filter, { qos: 1 }).catch(error => error.message)
    expect(granted).toMatch(/Unspecified error|not authorized|128/i)
  })

  it('a subscriber reads what the gateway tells, and is no receiver', async () => {
    const client = await connect('dash', dash)
    for (const filter of [`${OUT_PREFIX}/#`, `${OUT_PREFIX}/incidents/+`])
      expect(await client.subscribeAsync(filter, { qos: 1 })).toMatchObject([{ topic: filter, qos: 1 }])
    const end = closed(client)
    client.end()
    await end
    expect(JSON.stringify((await deskOf(gateway.url)).technical)).not.toContain('dash')
  })
})

describe('while the gateway runs', () => {
  it('a password that is taken over stays what it is: who is connected stays, and comes in again by it', async () => {
    const hall = await connect('r-hall', HALL_PASSWORD)
    let isClosed = false
    hall.on('close', () => {
      isClosed = true
    })
    await account('take')
    process.kill(gateway.pid, 'SIGHUP')
    await vi.waitFor(
      () => expect(gateway.lines.map(({ msg }) => msg)).toContain('the changed site file counts from now on'),
      PATIENCE,
    )
    expect(readFileSync(folder.siteFile, 'utf8')).not.toContain('password')
    expect(readFileSync(accountsFile, 'utf8')).not.toContain(HALL_PASSWORD)
    // A whole exchange with the broker after the change.
    await isThere(hall, 'r-hall')
    await expect(connect('r-hall-2', HALL_PASSWORD)).rejects.toThrow(REFUSED)
    await isThere(hall, 'r-hall')
    expect(isClosed).toBe(false)
    await expect(connect('r-hall', 'password-hall-2')).rejects.toThrow(REFUSED)
    await connect('r-hall', HALL_PASSWORD)
  })

  it('a new account comes in without a word to the gateway', async () => {
    const password = await made('screen', '--role', 'subscriber')
    await vi.waitFor(() => connect('screen', password), PATIENCE)
  })

  it('who uses an account that is revoked is dropped, told at the desk, and in no more, a restart later too', async () => {
    const client = await connect('r-hall', HALL_PASSWORD)
    const screen = await connect('screen', passwordIn('screen.password'))
    const ends = [closed(client), closed(screen)]
    expect(await account('revoke', 'r-hall')).toContain('r-hall: revoked')
    await account('revoke', 'screen')
    await Promise.all(ends)
    const said = await untilDesk(gateway.url, ({ security }) =>
      security.find(({ receiver, reason }) => reason === 'revoked' && receiver === 'r-hall'),
    )
    expect(said.text).toBe('The account r-hall was revoked: its connection was ended')
    await expect(connect('r-hall', HALL_PASSWORD)).rejects.toThrow(REFUSED)
    await gateway.stop()
    gateway = await startGatewayProcess(folder, ports)
    const before = await refusals('revoked')
    await expect(connect('r-hall', HALL_PASSWORD)).rejects.toThrow(REFUSED)
    expect(await refusals('revoked')).toBe(before + 1)
    await connect('r-interview', interview)
    expect(await account('list')).toMatch(/^r-hall +receiver +revoked \d{4}-/m)
  })

  it('one that is renewed lets the old password in no more, and the new one', async () => {
    const client = await connect('r-interview', interview)
    const end = closed(client)
    const renewed = await made('r-interview', '--renew')
    await end
    await expect(connect('r-interview', interview)).rejects.toThrow(REFUSED)
    interview = renewed
    await connect('r-interview', interview)
  })

  it('a file that is damaged or gone takes nobody’s account away, and the desk says so until it is mended', async () => {
    const client = await connect('r-interview', interview)
    const sound = readFileSync(accountsFile)
    const fault = () =>
      untilDesk(gateway.url, ({ technical }) => technical.find(({ key }) => key === 'accounts'))
    const noFault = () =>
      untilDesk(gateway.url, ({ technical }) => technical.every(({ key }) => key !== 'accounts') || undefined)
    writeFileSync(accountsFile, '{"v":1,"acc')
    expect((await fault()).text).toMatch(
      /cut short; it is damaged: put it back.*The accounts of before count/,
    )
    await isThere(client, 'r-interview')
    await connect('dash', dash)
    writeFileSync(accountsFile, sound)
    await noFault()
    renameSync(accountsFile, `${accountsFile}.away`)
    expect((await fault()).text).toContain('is gone. The accounts of before count')
    await connect('dash', dash)
    renameSync(`${accountsFile}.away`, accountsFile)
    await noFault()
  })

  it('started without the file it runs, says who cannot come in, and takes it up when it is back', async () => {
    await gateway.stop()
    renameSync(accountsFile, `${accountsFile}.away`)
    gateway = await startGatewayProcess(folder, ports)
    const { text } = await untilDesk(gateway.url, ({ technical }) =>
      technical.find(({ key }) => key === 'accounts'),
    )
    expect(text).toContain('r-hall, r-interview: these receivers have no account, so they cannot come in')
    await expect(connect('r-interview', interview)).rejects.toThrow(REFUSED)
    renameSync(`${accountsFile}.away`, accountsFile)
    await untilDesk(
      gateway.url,
      ({ technical }) => technical.every(({ key }) => key !== 'accounts') || undefined,
    )
    await vi.waitFor(() => connect('r-interview', interview), PATIENCE)
  })

  it('says when an account was last used', async () => {
    await connect('r-interview', interview)
    await vi.waitFor(
      async () =>
        expect(await account('list', '--data', folder.data)).toMatch(/^r-interview .*; last came in \d{4}-/m),
      PATIENCE,
    )
  })
})

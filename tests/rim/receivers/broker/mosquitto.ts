// A real mosquitto with accounts, rules of access and a memory, as gateway/receivers/README.md has it for a broker outside; its
// clients; and a gateway's way in that uses it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { createLog } from '../../../../gateway/log.ts'
import { startBrokerInThread, type WatchedBroker } from '../../../../gateway/receivers/thread/thread.ts'
import type { WaySite } from '../../../../gateway/receivers/thread/way-in.ts'
import { topicOf } from '../../../../schemas/report.ts'
import { freePort } from '../../telephone/port.ts'
import type { Engine } from '../stand-in-engine.ts'

export const HOST = '127.0.0.1'
const ROOT = new URL('../../../../', import.meta.url)
const LOOK_MS = 20
const PORTS_MAX = 5

export const PASSWORDS = {
  gateway: 'password of gateway',
  'r-interview': 'password-interview',
  'rx-1': 'password of rx-1',
  'rx-2': 'password of rx-2',
}
export type User = keyof typeof PASSWORDS

export type Mosquitto = {
  readonly port: number
  /** Of the process that runs now; null where none does. */
  pid(): number | null
  start(): Promise<void>
  stop(): Promise<void>
  /** SIGKILL: what it has not written down is gone. */
  kill(): Promise<void>
  /** It forgets all that it kept. While it is stopped. */
  forget(): void
  /** Known to it from its next start on: 2.0.11 does not always outlive SIGHUP. */
  setPassword(user: string, password: string): void
  /** Connected, for as long as the test lasts. */
  client(user: User, more?: IClientOptions): Promise<MqttClient>
  /** Whether it had a session under this client id of the gateway's account; now it has one. */
  keeps(clientId: string): Promise<boolean>
  /** What the gateway says of itself there is this, now or some time. */
  said(word: string): Promise<void>
  remove(): Promise<void>
}

/** Started. `more` are lines of its settings, asked for anew where a port was taken; `accounts` are there beside those above. */
export async function startMosquitto(
  more: () => Promise<readonly string[]> = async () => [],
  accounts: Readonly<Record<string, string>> = {},
): Promise<Mosquitto> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-mosquitto-'))
  const at = (name: string): string => join(folder, name)
  let port = 0
  let running: ChildProcess | null = null
  let ended: Promise<unknown> = Promise.resolve()
  const clients: MqttClient[] = []

  const files = { passwords: at('passwords'), rules: at('rules'), settings: at('mosquitto.conf') }
  writeFileSync(files.passwords, '')
  writeFileSync(files.rules, RULES)
  const written = (user: string, password: string) =>
    execFileSync('mosquitto_passwd', ['-b', files.passwords, user, password], { stdio: 'pipe' })
  for (const [user, password] of Object.entries({ ...PASSWORDS, ...accounts })) written(user, password)
  for (const file of [files.passwords, files.rules]) chmodSync(file, 0o644)
  // It takes another user where it is started by root.
  chmodSync(folder, 0o777)

  async function start(): Promise<void> {
    running = spawn('mosquitto', ['-c', files.settings], { stdio: ['ignore', 'ignore', 'pipe'] })
    ended = once(running, 'exit')
    await untilThere(running, port)
  }
  async function stop(): Promise<void> {
    if (running === null) return
    const { exitCode, signalCode } = running
    running.kill('SIGTERM')
    running = null
    await ended
    const how = exitCode ?? signalCode
    if (how !== null) throw new Error(`expected mosquitto to run until it is stopped, came its end by ${how}`)
  }
  async function kill(): Promise<void> {
    running?.kill('SIGKILL')
    running = null
    await ended
  }
  async function client(user: User, options: IClientOptions = {}): Promise<MqttClient> {
    const account = { username: user, password: PASSWORDS[user], clientId: `client-${user}`, clean: false }
    const made = mqtt.connect({ host: HOST, port, ...account, reconnectPeriod: 50, ...options })
    made.on('error', () => undefined)
    clients.push(made)
    await new Promise<void>(resolve => made.once('connect', () => resolve()))
    return made
  }

  for (let attempt = 1; ; attempt += 1) {
    port = await freePort()
    const own = [`listener ${port} ${HOST}`, `password_file ${files.passwords}`, `acl_file ${files.rules}`]
    const kept = [...KEPT, `persistence_location ${folder}/`]
    writeFileSync(files.settings, [...own, ...kept, ...(await more()), ''].join('\n'))
    const why = await start().then(
      () => null,
      (error: Error) => error,
    )
    if (why === null) break
    running = null
    if (attempt === PORTS_MAX) throw why
  }
  return {
    port,
    pid: () => running?.pid ?? null,
    start,
    stop,
    kill,
    client,
    forget: () => rmSync(at('mosquitto.db'), { force: true }),
    setPassword: written,
    async keeps(clientId) {
      const account = { username: 'gateway', password: PASSWORDS.gateway, clientId, clean: false }
      const looking = mqtt.connect({ host: HOST, port, ...account, reconnectPeriod: 0 })
      const present = await new Promise<boolean>(resolve =>
        looking.once('connect', ({ sessionPresent }) => resolve(sessionPresent)),
      )
      await looking.endAsync()
      return present
    },
    async said(word) {
      const watching = await client('gateway', { clientId: `watch-${clients.length}`, clean: true })
      const heard = new Promise<void>(resolve =>
        watching.on('message', (_topic, body) => String(body).includes(word) && resolve()),
      )
      await watching.subscribeAsync('tocsin/v1/gateway/status', { qos: 1 })
      await heard
    },
    async remove() {
      for (const each of clients) each.end(true)
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The block of the README that begins with this line, as somebody copies it. */
function blockOf(first: string): string {
  const text = readFileSync(new URL('gateway/receivers/README.md', ROOT), 'utf8')
  const blocks = text.split(/\n(?! {4}|\n)/).flatMap(each => /(?:^|\n)( {4}[\s\S]*)$/.exec(each)?.[1] ?? [])
  const found = blocks
    .map(each => each.replaceAll(/^ {4}/gm, ''))
    .find(each => each.trimStart().startsWith(first))
  if (found === undefined)
    throw new Error(`expected a block of the README that begins with ${first}, came none`)
  return found
}
export const RULES = blockOf('user gateway')
const KEPT = blockOf('persistence true').trim().split('\n')

/** Resolves once it lets somebody connect; throws with what it said where it ends. */
async function untilThere(running: ChildProcess, port: number): Promise<void> {
  let complaint = ''
  running.stderr?.on('data', chunk => {
    complaint += chunk
  })
  for (;;) {
    if (running.exitCode !== null || running.signalCode !== null)
      throw new Error(`expected mosquitto on ${port}, came: ${complaint}`)
    const socket = connect(port, HOST)
    const isThere = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (isThere && running.exitCode === null && running.signalCode === null) return
    await new Promise(resolve => setTimeout(resolve, LOOK_MS))
  }
}

/** A gateway's way in with a stand-in for its engine. */
export const startWayIn = (engine: Engine, site: WaySite): Promise<WatchedBroker> =>
  startBrokerInThread({
    ...{ host: HOST, port: 0, submit: engine.submit, log: createLog({ level: 'silent', pretty: false }) },
    site,
    // As built: from its sources a thread takes seconds to start.
    start: workerData =>
      new Worker(new URL('dist/gateway/broker-worker.mjs', ROOT), { execArgv: [], workerData }),
  })

const batch = (level: number): string =>
  JSON.stringify({
    v: 1,
    reports: [{ address: 'c7:f9:36:dd:b0:ca', data: '020106', rssiDbm: level, ageMs: 0 }],
  })

/** A report of this level, said by this receiver. */
export const publishAs = (
  client: MqttClient,
  receiver: string,
  level: number,
  qos: 0 | 1 = 1,
  retain = false,
) => client.publishAsync(topicOf(receiver, 'reports'), batch(level), { qos, retain })

// A whole gateway in a process of its own, as users run it, and what tests hold against it from outside:
// a receiver on real MQTT and a desk on real HTTP. Waits are for events, never for time.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import mqtt, { type MqttClient } from 'mqtt'
import type { z } from 'zod'
import type { DeskSnapshot, IncidentView } from '../../schemas/api/desk.ts'
import { topicOf } from '../../schemas/report.ts'
import type { Site } from '../../schemas/site.ts'
import { PATIENCE } from '../patience.ts'
import { freePort } from '../rim/telephone/port.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export type LogLine = { level: string; msg: string; [field: string]: unknown }

export type GatewayProcess = {
  url: string
  mqtt: { host: string; port: number }
  pid: number
  /** Every log line so far. */
  lines: readonly LogLine[]
  /** Everything on standard error so far. */
  complaint(): string
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL; resolves when its telephone, which is a process of its own and has goodbyes to say, is gone too. */
  kill(): Promise<void>
}

export type Folder = { path: string; siteFile: string; data: string; remove(): void }

/** A fresh folder with this site's file (JSON is YAML) and room for a journal. */
export function siteFolder(site: Site | z.input<typeof Site>): Folder {
  const path = mkdtempSync(join(tmpdir(), 'tocsin-'))
  const siteFile = join(path, 'site.yaml')
  writeFileSync(siteFile, JSON.stringify(site, null, 2))
  return {
    path,
    siteFile,
    data: join(path, 'data'),
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** Ports for a gateway that is to come back on the same ones: nobody is handed these while it is gone. */
export const portsToKeep = async (): Promise<{ http: number; mqtt: number }> => ({
  http: await freePort(),
  mqtt: await freePort(),
})

/**
 * Starts `tocsin serve` and waits until it says it is ready. Ports of 0 are free ones. Where its standard output goes to a
 * descriptor of the test's, it is ready when its desk answers; ports must then be given. `home` is where it is installed.
 */
export async function startGatewayProcess(
  folder: Folder,
  ports = { http: 0, mqtt: 0 },
  stdout?: number,
  home = ROOT,
): Promise<GatewayProcess> {
  const listen = ['--http', `127.0.0.1:${ports.http}`, '--mqtt', `127.0.0.1:${ports.mqtt}`]
  const args = ['gateway/tocsin.mjs', 'serve', '--site', folder.siteFile, '--data', folder.data, ...listen]
  const child = spawn(process.execPath, args, {
    cwd: home,
    stdio: ['ignore', stdout ?? 'pipe', 'pipe'],
  })
  const lines: LogLine[] = []
  let complaint = ''
  child.stderr?.on('data', chunk => {
    complaint += chunk
  })
  const exited = new Promise<number | null>(resolve => child.once('exit', resolve))
  const ready = new Promise<LogLine>((resolve, reject) => {
    if (child.stdout === null) void untilAnswers(child, ports).then(resolve)
    else
      createInterface({ input: child.stdout }).on('line', text => {
        const line = parseLine(text)
        lines.push(line)
        if (line.msg === 'ready') resolve(line)
      })
    void exited.then(code =>
      reject(new Error(`the gateway ended with ${code} before it was ready: ${complaint}`)),
    )
  })
  const { http, mqtt: endpoint } = await ready
  const [host, port] = String(endpoint).split(':') as [string, string]
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (isRunning(child)) child.kill(signal)
    return exited
  }
  return {
    url: String(http),
    mqtt: { host, port: Number(port) },
    pid: child.pid as number,
    lines,
    complaint: () => complaint,
    stop: () => end('SIGTERM'),
    kill: async () => {
      const own = childrenOf(child.pid as number)
      await end('SIGKILL')
      for (const pid of own)
        while (!isGone(pid)) await new Promise(resolve => setTimeout(resolve, GONE_LOOK_MS))
    },
  }
}

const GONE_LOOK_MS = 10

/** The processes that it has started, by their numbers; none where it has ended. */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return text.split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** Ended, whether or not anybody has asked after it. */
export function isGone(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}

/** Asks until its desk answers: nothing else tells when it listens, once its log goes elsewhere. */
async function untilAnswers(child: ChildProcess, ports: { http: number; mqtt: number }): Promise<LogLine> {
  const url = `http://127.0.0.1:${ports.http}`
  while (isRunning(child)) {
    const isThere = await fetch(`${url}/api/desk`).then(
      ({ ok }) => ok,
      () => new Promise<false>(resolve => setTimeout(resolve, 50, false)),
    )
    if (isThere) break
  }
  return { level: 'info', msg: 'ready', http: url, mqtt: `127.0.0.1:${ports.mqtt}` }
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null

function parseLine(text: string): LogLine {
  try {
    return JSON.parse(text)
  } catch {
    return { level: 'none', msg: text }
  }
}

export type ReceiverClient = {
  client: MqttClient
  /** Publishes one report; resolves at the PUBACK. */
  report(address: string, data: string, rssiDbm?: number): Promise<void>
  /** Says that it is there, and that it has heard more than at the last time. */
  beat(): Promise<void>
  close(): Promise<void>
}

/** As receivers do, and oftener, so that a busy machine loses none. */
const BEAT_MS = 3_000

/** A receiver of the site, with its account, on mqtt.js; `beats`: with heartbeats of its own. It connects again by itself and resends what had no PUBACK. */
export async function connectReceiver(
  at: { host: string; port: number },
  id: string,
  password: string,
  { beats = false } = {},
): Promise<ReceiverClient> {
  const client = mqtt.connect({
    ...at,
    username: id,
    password,
    clientId: id,
    clean: false,
    reconnectPeriod: 50,
  })
  client.on('error', () => undefined)
  await new Promise<void>(resolve => client.once('connect', () => resolve()))
  const startedAtMs = Date.now()
  let heard = 0
  const beat = async (): Promise<void> => {
    heard += 10
    const counts = { uptimeMs: Date.now() - startedAtMs, heard, published: heard, dropped: 0 }
    const status = JSON.stringify({ v: 1, status: 'online', ...counts })
    await client.publishAsync(topicOf(id, 'status'), status, { qos: 1 })
  }
  const beating = beats ? setInterval(() => void beat().catch(() => undefined), BEAT_MS) : undefined
  if (beats) for (let i = 0; i < 2; i++) await beat()
  return {
    client,
    beat,
    report: async (address, data, rssiDbm = -60) => {
      const payload = JSON.stringify({ v: 1, reports: [{ address, rssiDbm, data, ageMs: 0 }] })
      await client.publishAsync(topicOf(id, 'reports'), payload, { qos: 1 })
    },
    close: async () => {
      clearInterval(beating)
      await client.endAsync(true)
    },
  }
}

/** What the desk shows now. */
export async function deskOf(url: string): Promise<DeskSnapshot> {
  const response = await fetch(new URL('/api/desk', url))
  if (!response.ok) throw new Error(`GET /api/desk answered ${response.status}`)
  return (await response.json()) as DeskSnapshot
}

/** Waits, on the live events, until the desk shows what is asked for; answers it. */
export async function untilDesk<T>(
  url: string,
  find: (desk: DeskSnapshot) => T | undefined | false,
): Promise<T> {
  const stop = new AbortController()
  const never = setTimeout(() => stop.abort(), PATIENCE.timeout)
  let last: DeskSnapshot | undefined
  try {
    const live = await fetch(new URL('/api/live', url), { signal: stop.signal })
    const look = async (): Promise<T | undefined | false> => {
      last = await deskOf(url)
      return find(last)
    }
    // What is so already brings no event.
    const already = await look()
    if (already !== undefined && already !== false) return already
    for await (const _ of live.body as unknown as AsyncIterable<Uint8Array>) {
      const found = await look()
      if (found !== undefined && found !== false) return found
    }
    throw new Error('the live events ended')
  } catch (error) {
    throw new Error(`the desk never showed it; at last it showed ${JSON.stringify(last)}`, { cause: error })
  } finally {
    clearTimeout(never)
    stop.abort()
  }
}

/** Waits until this incident is so. */
export const untilIncident = (url: string, is: (incident: IncidentView) => boolean): Promise<IncidentView> =>
  untilDesk(url, desk => desk.incidents.find(is))

/** What a person does at the desk; answers the HTTP status. */
export async function atDesk(url: string, incident: string, action: string, body: object): Promise<number> {
  const headers = { 'content-type': 'application/json' }
  const path = new URL(`/api/incidents/${incident}/${action}`, url)
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
  return response.status
}

/** One counter or gauge of /metrics; 0 where it is not there. */
export async function metric(url: string, name: string, labels = ''): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text()
  const line = text.split('\n').find(each => each.startsWith(`${name}${labels} `))
  return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1))
}

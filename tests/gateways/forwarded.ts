// Starts a whole gateway whose clock a test moves (forwarded-gateway.ts), and asks it how it is: on the desk and on /healthz.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { DeskSnapshot, Health } from '../../schemas/api/desk.ts'
import { LOADER } from '../loader.ts'
import type { Folder } from './gateway-process.ts'

const PROGRAM = fileURLToPath(new URL('forwarded-gateway.ts', import.meta.url))
const LOOK_MS = 50

/** The telephone, the journal, and the way in for receivers. */
export type Thread = 'pagers/sip' | 'store/' | 'receivers/'

export type ForwardedGateway = {
  url: string
  mqtt: { host: string; port: number }
  /** Lets so much of its time go by. */
  forward(ms: number): Promise<void>
  /** A thread of its own dies, or goes round in circles for ever. */
  kill(thread: Thread): Promise<void>
  hang(thread: Thread): Promise<void>
  stop(): Promise<void>
}

/** Starts it on free ports, and waits until it is ready. */
export async function startForwarded(folder: Folder): Promise<ForwardedGateway> {
  const args = [...LOADER, PROGRAM, folder.siteFile, folder.data]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const waiting: { msg: string; resolve: (line: Line) => void }[] = []
  const next = (msg: string): Promise<Line> => new Promise(resolve => waiting.push({ msg, resolve }))
  const ready = next('ready')
  createInterface({ input: child.stdout }).on('line', text => {
    const line = JSON.parse(text) as Line
    const at = waiting.findIndex(({ msg }) => msg === line.msg)
    if (at >= 0) waiting.splice(at, 1)[0]?.resolve(line)
  })
  const tell = async (text: string): Promise<void> => {
    const done = next('done')
    child.stdin.write(`${text}\n`)
    await done
  }
  const ended = exited.then(() => Promise.reject(new Error('the gateway ended before it was ready')))
  ended.catch(() => undefined)
  const { http = '', mqtt = '' } = await Promise.race([ready, ended])
  const [host = '', port] = mqtt.split(':')
  return {
    url: http,
    mqtt: { host, port: Number(port) },
    forward: ms => tell(`forward ${ms}`),
    kill: thread => tell(`kill ${thread}`),
    hang: thread => tell(`hang ${thread}`),
    async stop() {
      child.stdin.end()
      await exited
    },
  }
}

type Line = { msg: string; http?: string; mqtt?: string }

/** What GET /healthz answers now. */
export async function healthOf(url: string): Promise<{ status: number; health: Health }> {
  const response = await fetch(new URL('/healthz', url))
  return { status: response.status, health: (await response.json()) as Health }
}

/** Waits until /healthz is so; answers it, and says what it said at last where it never is. */
export async function untilHealth(
  url: string,
  is: (health: Health, status: number) => boolean,
): Promise<Health> {
  let last: unknown
  const neverMs = performance.now() + 60_000
  while (performance.now() < neverMs) {
    const { status, health } = await healthOf(url)
    if (is(health, status)) return health
    last = health
    await new Promise(resolve => setTimeout(resolve, LOOK_MS))
  }
  throw new Error(`/healthz was never so; at last it said ${JSON.stringify(last)}`)
}

/** Keys of the technical alarms, on the desk and on /healthz: they are to be the same. */
export const keysOf = ({ technical }: Pick<DeskSnapshot | Health, 'technical'>): string[] =>
  technical.map(({ key }) => key).sort()

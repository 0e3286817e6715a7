// The gateway as its own process, started and watched from outside. In: where its files and ports are; out: its ready
// line, every line it logs, and its end. Nothing of it is known here but its command line.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** On a slow machine that is busy; it may render its speech first. */
const READY_MS = 30_000
/** How long it may take to finish what is under way before it is killed. */
const STOP_MS = 2_000
/** Log lines remembered for a message about its death. */
const KEPT_LINES = 20

export type GatewayOptions = {
  site: string
  data: string
  /** host:port each; port 0 takes a free one. */
  http: string
  mqtt: string
  onLine?: (line: LogLine) => void
  /** Gives up the start, or stops it at once. */
  signal?: AbortSignal
}

/** One line of its log. Plain text, which only a crash prints, counts as loud. */
export type LogLine = { isLoud: boolean; text: string; raw: string }

export type Gateway = {
  /** host:port where it really listens. */
  readonly http: string
  readonly mqtt: string
  readonly pid: number
  /** Resolves with words for how it ended, once it has. */
  readonly ended: Promise<string>
  /** Asks it to stop, kills it where it does not within 2 s; resolves when it is gone. */
  stop(): Promise<void>
}

const Line = z.looseObject({ level: z.string(), msg: z.string() })
const LOUD: readonly string[] = ['warn', 'error', 'fatal']
/** `http` comes as an address or as a URL. */
const Ready = z.looseObject({
  msg: z.literal('ready'),
  http: z.string().transform(url => url.replace(/^http:\/\/|\/$/g, '')),
  mqtt: z.string(),
})

/** Starts a gateway and waits until it is ready. Throws with its last words where it ends or says nothing first. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  options.signal?.throwIfAborted()
  const child = spawnGateway(options)
  options.signal?.addEventListener('abort', () => child.kill('SIGTERM'), { once: true })
  const lastLines: string[] = []
  const ended = once(child, 'exit').then(([code, signal]) =>
    signal === null ? `ended with code ${code}` : `was ended by ${signal}`,
  )
  const ready = new Promise<z.infer<typeof Ready>>(resolve => {
    const take = (raw: string) => {
      lastLines.push(raw)
      if (lastLines.length > KEPT_LINES) lastLines.shift()
      options.onLine?.(readLine(raw))
      const announced = Ready.safeParse(parse(raw))
      if (announced.success) resolve(announced.data)
    }
    for (const stream of [child.stdout, child.stderr])
      if (stream !== null) createInterface({ input: stream }).on('line', take)
  })
  const addresses = await firstOf(ready, ended, lastLines).catch(async (error: unknown) => {
    child.kill('SIGKILL')
    await ended
    throw error
  })
  return {
    http: addresses.http,
    mqtt: addresses.mqtt,
    pid: child.pid ?? 0,
    ended,
    stop: () => stop(child, ended),
  }
}

function spawnGateway({ site, data, http, mqtt }: GatewayOptions): ChildProcess {
  const leash = new URL('leash.mjs', import.meta.url).href
  const places = ['--site', site, '--data', data, '--http', http, '--mqtt', mqtt]
  const command = ['--import', leash, 'gateway/tocsin.mjs', 'serve', ...places]
  return spawn(process.execPath, command, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
}

async function firstOf<T>(ready: Promise<T>, ended: Promise<string>, lastLines: string[]): Promise<T> {
  const lastWords = () =>
    lastLines.length === 0 ? 'It said nothing.' : `Its last words:\n${lastLines.join('\n')}`
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    const late = () =>
      reject(new Error(`expected the gateway to be ready within ${READY_MS} ms. ${lastWords()}`))
    timer = setTimeout(late, READY_MS)
  })
  const tooSoon = ended.then(how => {
    throw new Error(`expected the gateway to become ready, but it ${how}. ${lastWords()}`)
  })
  return Promise.race([ready, tooSoon, tooLate]).finally(() => clearTimeout(timer))
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(force)
}

function readLine(raw: string): LogLine {
  const line = Line.safeParse(parse(raw))
  if (!line.success) return { isLoud: true, text: raw, raw }
  return { isLoud: LOUD.includes(line.data.level), text: line.data.msg, raw }
}

function parse(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch {
    return null
  }
}

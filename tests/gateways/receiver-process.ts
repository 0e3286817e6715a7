// A receiver daemon in a process of its own, as users run it, on a pty with the virtual controller at its end. Waits are for what it
// says, never for time.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { realClock } from '../../simulator/clock.ts'
import { type Controller, createController } from '../../simulator/controller/controller.ts'
import { PATIENCE } from '../patience.ts'
import { isGone, type LogLine } from './gateway-process.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export type ReceiverBox = {
  readonly controller: Controller
  /** The folder of its spool. */
  readonly spool: string
  /** Everything that the daemon which runs now has logged. */
  lines(): readonly LogLine[]
  /** Waits for a line with these words. */
  said(words: string): Promise<LogLine>
  /** A pendant in reach sends one packet, given as hex. */
  hear(address: string, data: string): void
  /** Frames that stand in its spool and nobody has confirmed. */
  spooled(): number
  start(): Promise<void>
  /** SIGKILL; resolves when the process of its radio is gone too. */
  kill(): Promise<void>
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>
  close(): Promise<void>
}

/** A receiver daemon alone, on a radio that is there already. */
export async function startReceiverOn(
  radio: string,
  { id, password, broker }: Pick<BoxOptions, 'id' | 'password' | 'broker'>,
): Promise<Daemon> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-box-'))
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
  const daemon = startDaemon([
    ...['gateway/tocsin.mjs', 'receiver', '--id', id, '--broker', broker, '--password-file', passwordFile],
    ...['--radio', radio, '--spool', join(folder, 'spool')],
  ])
  await daemon.said('the radio: listening')
  return {
    ...daemon,
    async end(signal) {
      const code = await daemon.end(signal)
      rmSync(folder, { recursive: true, force: true })
      return code
    },
  }
}

export type BoxOptions = {
  id: string
  password: string
  /** mqtt://HOST:PORT */
  broker: string
  more?: readonly string[]
  /** Another program in place of our daemon, by what node is to run: it logs as ours does, and keeps no spool. */
  program?(radio: string): readonly string[]
  /** Where it keeps what it hears; a folder of its own where it is left out. */
  spool?: string
}

/** A box with a radio, a disk and a daemon that listens. */
export async function startReceiverBox({
  id,
  password,
  broker,
  more = [],
  program,
  spool: given,
}: BoxOptions): Promise<ReceiverBox> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-box-'))
  const passwordFile = join(folder, 'password')
  const spool = given ?? join(folder, 'spool')
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
  const controller = await createController({ path: join(folder, 'radio'), clock: realClock() })
  const args = program?.(controller.path) ?? [
    ...['gateway/tocsin.mjs', 'receiver', '--id', id, '--broker', broker, '--password-file', passwordFile],
    ...['--radio', controller.path, '--spool', spool, ...more],
  ]
  let daemon: Daemon | null = null
  const running = (): Daemon => {
    if (daemon === null) throw new Error('expected a daemon that runs, came none')
    return daemon
  }
  const start = async () => {
    daemon = startDaemon(args)
    await daemon.said('the radio: listening')
  }
  await start()
  return {
    controller,
    spool,
    start,
    lines: () => running().lines,
    said: words => running().said(words),
    hear: (address, data) =>
      controller.hear({ address, data: Buffer.from(data, 'hex'), rssiDbm: -60, kind: 'nonconnectable' }),
    spooled: () => spooledIn(spool),
    kill: () =>
      running()
        .end('SIGKILL')
        .then(() => undefined),
    stop: () => running().end('SIGTERM'),
    async close() {
      await daemon?.end('SIGTERM')
      await controller.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type Daemon = {
  lines: LogLine[]
  said(words: string): Promise<LogLine>
  end(signal: NodeJS.Signals): Promise<number | null>
}

function startDaemon(args: readonly string[]): Daemon {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: LogLine[] = []
  let complaint = ''
  child.stderr.on('data', chunk => {
    complaint += chunk
  })
  createInterface({ input: child.stdout }).on('line', text => lines.push(JSON.parse(text) as LogLine))
  const exited = new Promise<number | null>(resolve => child.once('exit', resolve))
  return {
    lines,
    said: words =>
      until(
        () => lines.find(({ msg }) => msg.includes(words)),
        () => `"${words}", came ${JSON.stringify(lines)} ${complaint}`,
      ),
    async end(signal) {
      const own = childrenOf(child)
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      const code = await exited
      await until(
        () => own.every(isGone) || undefined,
        () => `that ${own} end with their daemon`,
      )
      return code
    },
  }
}

/** The bench waits too, where vitest is not. */
async function until<T>(look: () => T | undefined, expected: () => string): Promise<T> {
  for (const untilMs = performance.now() + PATIENCE.timeout; performance.now() < untilMs; ) {
    const found = look()
    if (found !== undefined) return found
    await setTimeout(PATIENCE.interval)
  }
  throw new Error(`expected ${expected()}`)
}

function childrenOf({ pid }: ChildProcess): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function spooledIn(folder: string): number {
  if (!existsSync(folder)) return 0
  const live = new Set<number>()
  for (const name of readdirSync(folder).filter(each => each.endsWith('.spool')))
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1)) {
      const said = JSON.parse(line.slice(line.indexOf(' '))) as { is: string; id: number; ids: number[] }
      if (said.is === 'heard') live.add(said.id)
      if (said.is === 'settled') for (const id of said.ids) live.delete(id)
    }
  return live.size
}

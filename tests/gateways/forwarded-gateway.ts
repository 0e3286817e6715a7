// A whole gateway whose clock can be moved on: started by `startForwarded` in a process of its own, told by lines on its
// standard input. `forward MS` lets so much time go by at once; `kill NAME`
// and `hang NAME` do that to its newest worker, thread or process, whose file has this in its name.
import type { ForkOptions } from 'node:child_process'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { BroadcastChannel, Worker, type WorkerOptions } from 'node:worker_threads'
import { createLog } from '../../gateway/log.ts'
import { startGateway } from '../../gateway/main.ts'
import type { Clock } from '../../gateway/ports.ts'

const STEP_MS = 250
/** Real time in which what a step brings is carried out: the engine's queue, and what came in meanwhile. */
const SETTLE_MS = 2
const LOOK_MS = 10

type Forwarded = Clock & { forward(ms: number): Promise<void> }

/** The machine's clock, which a test can move on: timers that come due on the way run in their order. */
function forwardedClock(): Forwarded {
  let ahead = Date.now() - performance.now()
  const waiting = new Set<{ atMs: number; run: () => void }>()
  const nowMs = (): number => Math.floor(performance.now() + ahead)
  const runDue = (): void => {
    const due = [...waiting].filter(({ atMs }) => atMs <= nowMs()).sort((a, b) => a.atMs - b.atMs)
    for (const timer of due) if (waiting.delete(timer)) timer.run()
  }
  setInterval(runDue, LOOK_MS).unref()
  return {
    nowMs,
    after(delayMs, run) {
      const timer = { atMs: nowMs() + delayMs, run }
      waiting.add(timer)
      return () => void waiting.delete(timer)
    },
    async forward(ms) {
      for (let left = ms; left > 0; left -= STEP_MS) {
        ahead += Math.min(STEP_MS, left)
        runDue()
        await wait(SETTLE_MS)
      }
    },
  }
}

const [siteFile = '', dataDir = ''] = process.argv.slice(2)
const workers: { file: string; kill(): unknown; hang(): unknown }[] = []
class Hangable extends Worker {
  constructor(file: URL, options: WorkerOptions) {
    super(new URL('../hangable-worker.mjs', import.meta.url), { ...options, argv: [file.href] })
    const hang = (): void => new BroadcastChannel('hang').postMessage(file.href)
    workers.push({ file: file.href, kill: () => this.terminate(), hang })
  }
}
const require = createRequire(import.meta.url)
require('node:worker_threads').Worker = Hangable
const processes = require('node:child_process') as typeof import('node:child_process')
const { fork } = processes
processes.fork = ((file: URL, options: ForkOptions) => {
  const child = fork(file, options)
  workers.push({ file: file.href, kill: () => child.kill('SIGKILL'), hang: () => child.kill('SIGSTOP') })
  return child
}) as typeof fork
syncBuiltinESMExports()

const log = createLog({ level: 'info', pretty: false })
const clock = forwardedClock()
const free = { host: '127.0.0.1', port: 0 }
const config = { siteFile, dataDir, http: free, mqtt: free, logLevel: 'info' } as const
const gateway = await startGateway(config, log, undefined, clock)
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
say({ level: 'info', msg: 'ready', http: gateway.url, mqtt: `${gateway.mqtt.host}:${gateway.mqtt.port}` })

for await (const line of createInterface({ input: process.stdin })) {
  const [word, what = ''] = line.split(' ')
  if (word === 'forward') await clock.forward(Number(what))
  if (word === 'kill' || word === 'hang') await workers.findLast(({ file }) => file.includes(what))?.[word]()
  say({ level: 'info', msg: 'done' })
}
await gateway.close()
process.exit(0)

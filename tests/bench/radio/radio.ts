// `npm run bench:radio`: our radio beside noble, on the same virtual controller, in turns in the same run: reports a second that reach
// whoever asked for them, reports lost, latency from the controller to there, memory as addresses go by. Both have two cores at most.
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LOADER } from '../../loader.ts'
import type { FromController, ToController } from './radio-controller.ts'
import type { FromListener, ToListener } from './radio-listener.ts'

type Kind = 'ours' | 'noble'
const REPORTS = Number(process.env.BENCH_REPORTS ?? 300_000)
const ROUNDS = 5
const DEVICES = 200
const RATES = [200, 2000, 20_000]
const PACED_SECONDS = 4
const ADDRESSES = { ours: 1_000_000, noble: 200_000 }
const ADDRESSES_AT_ONCE = 100_000
const AIM = 2.5

const start = (file: string, ...args: string[]): ChildProcess =>
  fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv: [...LOADER, '--expose-gc'] })

/** The next message of this kind. */
const next = <T extends { is: string }, K extends T['is']>(from: ChildProcess, is: K) =>
  new Promise<Extract<T, { is: K }>>((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`expected ${is}, and the process ended with ${code}`))
    const take = (message: T): void => {
      if (message.is !== is) return
      from.off('message', take).off('exit', ended)
      resolve(message as Extract<T, { is: K }>)
    }
    from.on('message', take).once('exit', ended)
  })

type Rig = {
  heard(
    order: ToController,
    count: number | null,
  ): Promise<Extract<FromListener, { is: 'heard' }> & { lost: number }>
  /** Of who listens, after a collection; and of the processes behind it, as the kernel counts them. */
  memory(): Promise<{ heap: number; behind: number }>
}

async function withRig<T>(kind: Kind, run: (rig: Rig) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-radio-bench-'))
  const path = join(folder, 'radio')
  const controller = start('radio-controller.ts', path)
  await next<FromController, 'ready'>(controller, 'ready')
  const listener = start('radio-listener.ts', kind, path)
  await next<FromListener, 'listening'>(listener, 'listening')
  try {
    return await run({
      async heard(order, count) {
        const before = cpuMsOf(childrenOf(listener.pid ?? 0))
        const heard = next<FromListener, 'heard'>(listener, 'heard')
        listener.send({ is: 'expect', count: count ?? Number.MAX_SAFE_INTEGER } satisfies ToListener)
        const poured = next<FromController, 'poured'>(controller, 'poured')
        controller.send(order)
        const sent = (await poured).count
        const came = await heard
        const behindMs = cpuMsOf(childrenOf(listener.pid ?? 0)) - before
        return { ...came, cpuMs: came.cpuMs + behindMs, lost: sent - came.count }
      },
      async memory() {
        const told = next<FromListener, 'memory'>(listener, 'memory')
        listener.send({ is: 'memory' } satisfies ToListener)
        return { heap: (await told).bytes, behind: residentOf(childrenOf(listener.pid ?? 0)) }
      },
    })
  } finally {
    for (const one of [listener, controller]) {
      const gone = new Promise(resolve => one.once('exit', resolve))
      one.disconnect()
      await gone
    }
    rmSync(folder, { recursive: true, force: true })
  }
}

const childrenOf = (pid: number): number[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(one => {
      try {
        return Number(readFileSync(`/proc/${one}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]) === pid
      } catch {
        return false
      }
    })
/** As the kernel counts it, in hundredths of a second. */
const cpuMsOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return sum + (Number(fields[11]) + Number(fields[12])) * 10
  }, 0)
const residentOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return sum + Number(kb) * 1024
  }, 0)

const pour = (count: number, addresses: number): ToController => ({ is: 'pour', count, addresses })
const mb = (bytes: number): string => (bytes / 1e6).toFixed(1)

async function throughput(): Promise<void> {
  const spent: Record<Kind, { ms: number; cpuMs: number }> = {
    ours: { ms: 0, cpuMs: 0 },
    noble: { ms: 0, cpuMs: 0 },
  }
  for (let round = 1; round <= ROUNDS; round += 1)
    for (const kind of ['noble', 'ours'] as const)
      await withRig(kind, async rig => {
        await rig.heard(pour(REPORTS / 10, DEVICES), REPORTS / 10)
        const { lost, ms, cpuMs } = await rig.heard(pour(REPORTS, DEVICES), REPORTS)
        spent[kind].ms += ms
        spent[kind].cpuMs += cpuMs
        const rate = Math.round(((REPORTS - lost) / ms) * 1000)
        console.log(
          `  round ${round} ${kind.padEnd(6)} ${rate.toLocaleString('en').padStart(9)} reports/s, lost ${lost},` +
            ` ${((cpuMs * 1000) / REPORTS).toFixed(2)} µs of CPU a report, all processes of who hears`,
        )
      })
  const { ours, noble } = spent
  console.log(
    `  ours / noble over all rounds: ${(noble.ms / ours.ms).toFixed(2)} × the reports a second (aim: ${AIM}),` +
      ` ${(ours.cpuMs / noble.cpuMs).toFixed(2)} × the CPU`,
  )
}

async function latency(): Promise<void> {
  for (const kind of ['noble', 'ours'] as const)
    await withRig(kind, async rig => {
      await rig.heard(pour(REPORTS / 10, DEVICES), REPORTS / 10)
      for (const perSecond of RATES) {
        const order: ToController = { is: 'pace', perSecond, seconds: PACED_SECONDS }
        const { lost, cpuMs, latency } = await rig.heard(order, null)
        const [p50 = Number.NaN, p99 = Number.NaN] = latency ?? []
        console.log(
          `  ${kind.padEnd(6)} ${String(perSecond).padStart(6)}/s  p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms  lost ${lost}` +
            `  ${((cpuMs * 1000) / (perSecond * PACED_SECONDS)).toFixed(1)} µs a report`,
        )
      }
    })
}

async function memory(): Promise<void> {
  for (const kind of ['noble', 'ours'] as const)
    await withRig(kind, async rig => {
      await rig.heard(pour(ADDRESSES_AT_ONCE, DEVICES), ADDRESSES_AT_ONCE)
      const before = await rig.memory()
      let first = 0
      for (let done = 0; done < ADDRESSES[kind]; done += ADDRESSES_AT_ONCE) {
        // All addresses of the run differ: each pour goes on over a wider range.
        const { lost } = await rig.heard(
          pour(done + ADDRESSES_AT_ONCE, done + ADDRESSES_AT_ONCE),
          done + ADDRESSES_AT_ONCE,
        )
        first += lost
      }
      const after = await rig.memory()
      const each = ((after.heap - before.heap) / ADDRESSES[kind]) * 100_000
      console.log(
        `  ${kind.padEnd(6)} ${ADDRESSES[kind].toLocaleString('en')} addresses: heap ${mb(before.heap)} → ${mb(after.heap)} MB` +
          ` (${mb(each)} MB per 100,000), processes behind it ${mb(before.behind)} → ${mb(after.behind)} MB, lost ${first}`,
      )
    })
}

console.log(`flat out, ${REPORTS.toLocaleString('en')} reports of ${DEVICES} devices, legacy:`)
await throughput()
console.log('from the controller to who hears it:')
await latency()
console.log('memory:')
await memory()

// What a large site costs: 1,000 pendants with 100 receivers and 10,000 with 500, every pendant heard by four receivers each 2 s, told
// by real MQTT clients in processes of their own. Printed: reports offered and carried out, the gateway's share of a core (all its
// processes and threads, from /proc), its memory, and press → INVITE without and with that load.
// `--tree DIR` runs another checkout's gateway by turns in the same run and prints the ratio; `--size small|large`, `--each` (a
// message a report), `--seconds N`, `--turns N`. Linux only.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createPhone } from '../../../simulator/phones/phone.ts'
import {
  connectReceiver,
  type GatewayProcess,
  siteFolder,
  startGatewayProcess,
} from '../../gateways/gateway-process.ts'
import { LOADER } from '../../loader.ts'
import { type Pressing, press, quantile } from '../presser.ts'
import { cpuMsOf, rssMbOf } from './process.ts'
import { PRESSERS, passwordOf, pendantOf, receiverId, type Size, scaleSite } from './site.ts'

const { values: options } = parseArgs({
  options: {
    tree: { type: 'string' },
    size: { type: 'string' },
    each: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '30' },
    turns: { type: 'string', default: '1' },
  },
})
const SIZES: Record<string, Size> = {
  small: { pendants: 1_000, receivers: 100 },
  large: { pendants: 10_000, receivers: 500 },
}
const SECONDS = Number(options.seconds)
const LOADERS = 2
/** Of each pendant the first frame is a row: until all have one, and until what waited meanwhile is carried out. */
const WARM_UP_LOOK_MS = 3_000
const WARM_UP_LOOKS_MAX = 60
const STEADY = 0.95
/** Of CPU from one look to the next: what ten thousand pendants of which nothing is heard cost is less. */
const RESTING_MS = 300
const UNLOADED_PRESSES = 60
const WARM_UP_PRESSES = 10
/** As many for either gateway, whichever answers sooner: a press costs as much as a hundred reports. */
const PRESS_EVERY_MS = 500
const HERE = fileURLToPath(new URL('../../..', import.meta.url))
const AIM_CPU = 0.6
const AIM_PRESS = 2

type Figures = {
  startMs: number
  startCpuMs: number
  startRssMb: number
  offeredPerS: number
  carriedPerS: number
  share: number
  cpuUsPerReport: number
  rssMb: number
  grownMb: number
  unloadedMs: number[]
  loadedMs: number[]
}

const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

type Load = { offered(): number; children: ChildProcess[] }

async function startLoad(port: number, { pendants, receivers }: Size): Promise<Load> {
  const file = fileURLToPath(new URL('load.ts', import.meta.url))
  // The first receiver is the one that hears the presses.
  const share = Math.ceil((receivers - 1) / LOADERS)
  const counts = new Array<number>(LOADERS).fill(0)
  const children = counts.map((_, i) => {
    const [first, last] = [1 + i * share, Math.min(receivers - 1, (i + 1) * share)]
    const what = [port, pendants, receivers, first, last, options.each ? 'each' : 'batched'].map(String)
    const child = spawn(process.execPath, [...LOADER, file, ...what], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child.stdout.on('data', chunk => {
      const line = String(chunk).trim().split('\n').at(-1)
      counts[i] = Number(line) || (counts[i] ?? 0)
    })
    return child
  })
  await Promise.all(children.map(child => new Promise(resolve => child.stdout?.once('data', resolve))))
  return { offered: () => counts.reduce((a, b) => a + b, 0), children }
}

async function reportsSoFar({ url }: GatewayProcess): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text()
  const lines = text.split('\n').filter(line => line.startsWith('tocsin_reports_total{'))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

/** One after the other, and no sooner than each `everyMs`. */
async function presses(
  rig: Pressing,
  { most = Number.POSITIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY, everyMs = 0 },
): Promise<number[]> {
  const samples: number[] = []
  while (samples.length < most && performance.now() < untilMs) {
    const next = wait(everyMs)
    samples.push((await press(rig)).inviteMs)
    await next
  }
  return samples
}

/** Until as much is carried out as is offered; a gateway that cannot keep up is measured as it is. */
async function untilSteady(gateway: GatewayProcess, load: Load): Promise<void> {
  let [carried, offered] = [await reportsSoFar(gateway), load.offered()]
  for (let i = 0; i < WARM_UP_LOOKS_MAX; i++) {
    await wait(WARM_UP_LOOK_MS)
    const [carriedNow, offeredNow] = [await reportsSoFar(gateway), load.offered()]
    if (i > 0 && carriedNow - carried >= STEADY * (offeredNow - offered)) return
    ;[carried, offered] = [carriedNow, offeredNow]
  }
}

/** Names and rooms are spoken ahead, once for a building, in threads or processes of its own: until all of it rests. */
async function untilSpoken({ pid }: GatewayProcess): Promise<void> {
  for (let before = Number.NEGATIVE_INFINITY, spent = cpuMsOf(pid); ; before = spent) {
    if (spent - before < RESTING_MS) return
    await wait(WARM_UP_LOOK_MS)
    spent = cpuMsOf(pid)
  }
}

/** Reports and CPU over the steady window, with presses going on in it. */
async function underLoad(rig: Pressing, size: Size) {
  const { gateway } = rig
  const load = await startLoad(gateway.mqtt.port, size)
  try {
    await untilSteady(gateway, load)
    const before = {
      reports: await reportsSoFar(gateway),
      offered: load.offered(),
      rssMb: rssMbOf(gateway.pid),
    }
    const [cpuMs, startedAtMs] = [cpuMsOf(gateway.pid), performance.now()]
    const loadedMs = await presses(rig, { untilMs: startedAtMs + SECONDS * 1_000, everyMs: PRESS_EVERY_MS })
    // Asked first, as at the beginning: one that is behind answers late, and goes on meanwhile.
    const reports = (await reportsSoFar(gateway)) - before.reports
    const seconds = (performance.now() - startedAtMs) / 1_000
    const spentMs = cpuMsOf(gateway.pid) - cpuMs
    const rssMb = rssMbOf(gateway.pid)
    return {
      offeredPerS: (load.offered() - before.offered) / seconds,
      carriedPerS: reports / seconds,
      share: spentMs / 1_000 / seconds,
      cpuUsPerReport: (1_000 * spentMs) / reports,
      rssMb,
      grownMb: rssMb - before.rssMb,
      loadedMs,
    }
  } finally {
    for (const child of load.children) child.kill()
  }
}

async function measure(home: string, size: Size): Promise<Figures> {
  const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'manual' })
  const folder = siteFolder(scaleSite(size, phone.address.port))
  const startedAtMs = performance.now()
  const gateway = await startGatewayProcess(folder, undefined, undefined, home)
  const startMs = performance.now() - startedAtMs
  const [startCpuMs, startRssMb] = [cpuMsOf(gateway.pid), rssMbOf(gateway.pid)]
  const receiver = await connectReceiver(gateway.mqtt, receiverId(0), passwordOf(0))
  try {
    const pendants = Array.from({ length: PRESSERS }, (_, p) => pendantOf(p))
    const rig: Pressing = { gateway, phone, receiver, presses: 0, pendants }
    await presses(rig, { most: WARM_UP_PRESSES })
    await untilSpoken(gateway)
    const unloadedMs = await presses(rig, { most: UNLOADED_PRESSES })
    return { startMs, startCpuMs, startRssMb, unloadedMs, ...(await underLoad(rig, size)) }
  } finally {
    await receiver.close()
    await gateway.stop()
    await phone.close()
    folder.remove()
  }
}

const p50p99 = (ms: readonly number[]): string =>
  `${quantile(ms, 0.5).toFixed(1)} / ${quantile(ms, 0.99).toFixed(1)} ms (${ms.length})`

function print(name: string, of: Figures): void {
  const ratio = quantile(of.loadedMs, 0.99) / quantile(of.unloadedMs, 0.99)
  console.log(`  ${name}`)
  console.log(
    `    start          ${(of.startMs / 1_000).toFixed(1)} s, ${(of.startCpuMs / 1_000).toFixed(1)} s of CPU, ${of.startRssMb.toFixed(0)} MB`,
  )
  console.log(
    `    reports        ${of.offeredPerS.toFixed(0)} a second offered, ${of.carriedPerS.toFixed(0)} carried out`,
  )
  console.log(
    `    CPU            ${of.share.toFixed(2)} of a core, ${of.cpuUsPerReport.toFixed(1)} µs a report`,
  )
  console.log(
    `    memory         ${of.rssMb.toFixed(0)} MB, ${of.grownMb.toFixed(0)} MB more than at the window's beginning`,
  )
  console.log(`    press → INVITE p50 / p99 unloaded ${p50p99(of.unloadedMs)}, loaded ${p50p99(of.loadedMs)}`)
  console.log(`    p99 ${ratio.toFixed(2)} times the unloaded one (at most ${AIM_PRESS})`)
}

const middle = (values: readonly number[]): number => quantile(values, 0.5)

for (const [name, size] of Object.entries(SIZES)) {
  if (options.size !== undefined && options.size !== name) continue
  console.log(
    `\n${size.pendants} pendants, ${size.receivers} receivers, ${options.each ? 'a message a report' : 'batches of 250 ms'}`,
  )
  const spent: Record<'here' | 'there', number[]> = { here: [], there: [] }
  for (let turn = 0; turn < Number(options.turns); turn++) {
    const here = await measure(HERE, size)
    print('this checkout', here)
    spent.here.push(here.cpuUsPerReport)
    if (options.tree === undefined) continue
    const there = await measure(options.tree, size)
    print(options.tree, there)
    spent.there.push(there.cpuUsPerReport)
  }
  if (options.tree === undefined) continue
  const ratio = middle(spent.here) / middle(spent.there)
  console.log(
    `  CPU a report, this checkout to the other: ${ratio.toFixed(2)} (at most ${AIM_CPU} at the large size)`,
  )
}

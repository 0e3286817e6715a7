// `npm run bench:outside`: the gateway's own broker (aedes, in a thread of the gateway) beside mosquitto outside, in turns in one run,
// so that both meet the same machine. Of each: processor time per 1,000 messages, and how long an alarm takes from its receiver to
// the desk, which is told once it is in the journal, and to the receiver's PUBACK. It measures and promises nothing.
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Site } from '../../../schemas/site.ts'
import { createPhone } from '../../../simulator/phones/phone.ts'
import type { Phone } from '../../../simulator/ports.ts'
import {
  connectReceiver,
  type GatewayProcess,
  siteFolder,
  startGatewayProcess,
  untilDesk,
} from '../../gateways/gateway-process.ts'
import { LOADER } from '../../loader.ts'
import { HOST, type Mosquitto, PASSWORDS, startMosquitto } from '../../rim/receivers/broker/mosquitto.ts'
import { type Pressing, press, quantile } from '../presser.ts'
import { benchSite } from '../site.ts'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const PRESSES = Number(process.env.BENCH_PRESSES ?? 150)
const WARM_UP = 20
/** Reports a second, 25 a message. */
const LOAD_PER_S = 5_000
const REPORTS_PER_MESSAGE = 25
const COUNTED_MS = 10_000
/** Longer than any round takes; it is ended by its pid. */
const LOAD_SECONDS = 600
/** Of Linux: what /proc counts processor time in. */
const MS_PER_TICK = 10

type Sample = { committedMs: number; ackMs: number }
/** Milliseconds of a processor for 1,000 messages. */
type Cost = { broker: number; gateway: number; brokerThread: number }
type Figures = { quiet: Sample[]; loaded: Sample[]; costs: Cost[] }

/** Processor time so far: of the whole process, and of each of its threads but the first. */
function spent(pid: number): { all: number; threads: Map<string, number> } {
  const of = (path: string): number => {
    const fields = readFileSync(path, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK
  }
  const own = `/proc/${pid}`
  const others = readdirSync(`${own}/task`).filter(thread => thread !== String(pid))
  return {
    all: of(`${own}/stat`),
    threads: new Map(others.map(thread => [thread, of(`${own}/task/${thread}/stat`)])),
  }
}

/** The text of what the desk is told, as it comes. */
async function listenAsDesk(url: string): Promise<{ until(word: string): Promise<void>; close(): void }> {
  const stop = new AbortController()
  const { body } = await fetch(new URL('/api/live', url), { signal: stop.signal })
  if (body === null) throw new Error('expected a stream of the desk, came none')
  const waiting = new Map<string, () => void>()
  const read = async (): Promise<void> => {
    for await (const bytes of body) {
      const text = Buffer.from(bytes).toString()
      for (const [word, found] of waiting) if (text.includes(word)) found()
    }
  }
  read().catch(() => undefined)
  return {
    until: word =>
      new Promise(resolve =>
        waiting.set(word, () => {
          waiting.delete(word)
          resolve()
        }),
      ),
    close: () => stop.abort(),
  }
}

type Rig = Pressing & { desk: Awaited<ReturnType<typeof listenAsDesk>> }

async function presses(rig: Rig, count: number): Promise<Sample[]> {
  const samples: Sample[] = []
  for (let i = 0; i < count; i += 1) {
    const told = rig.desk.until(`"i-${String(rig.presses + 1).padStart(4, '0')}"`)
    const startedAtMs = performance.now()
    const committed = told.then(() => performance.now() - startedAtMs)
    const { journalMs } = await press(rig)
    samples.push({ committedMs: await committed, ackMs: journalMs })
  }
  return samples
}

async function startLoad(port: number): Promise<ChildProcess> {
  const file = fileURLToPath(new URL('../load.ts', import.meta.url))
  const args = [...LOADER, file, String(port), String(LOAD_PER_S), String(LOAD_SECONDS)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise(resolve => child.stdout?.once('data', resolve))
  return child
}

async function reportsSoFar(url: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text()
  const lines = text.split('\n').filter(each => each.startsWith('tocsin_reports_total{'))
  return lines.reduce((sum, each) => sum + Number(each.slice(each.lastIndexOf(' ') + 1)), 0)
}

async function cost(gateway: GatewayProcess, broker: number | null): Promise<Cost> {
  const now = async () => ({
    messages: (await reportsSoFar(gateway.url)) / REPORTS_PER_MESSAGE,
    gateway: spent(gateway.pid),
    broker: broker === null ? 0 : spent(broker).all,
  })
  const before = await now()
  await new Promise(resolve => setTimeout(resolve, COUNTED_MS))
  const after = await now()
  const per = (ms: number): number => (1_000 * ms) / (after.messages - before.messages)
  const threads = [...after.gateway.threads].map(([id, ms]) => ms - (before.gateway.threads.get(id) ?? 0))
  return {
    broker: per(after.broker - before.broker),
    gateway: per(after.gateway.all - before.gateway.all),
    brokerThread: per(Math.max(...threads)),
  }
}

/** One round with one broker: quiet presses, the cost of a load, and presses beside it. */
async function round(phone: Phone, outside: Mosquitto | null, into: Figures): Promise<void> {
  const site: Site = benchSite(phone.address.port)
  const broker = outside === null ? {} : { broker: accountAt(outside) }
  const folder = siteFolder({ ...site, ...broker })
  const gateway = await startGatewayProcess(folder)
  const at = outside === null ? gateway.mqtt : { host: HOST, port: outside.port }
  await untilDesk(gateway.url, ({ technical }) => technical.every(({ key }) => key !== 'broker'))
  await outside?.said('online')
  const receiver = await connectReceiver(at, 'r-0', 'password-0')
  const desk = await listenAsDesk(gateway.url)
  const rig: Rig = { gateway, phone, receiver, presses: 0, desk }
  try {
    await presses(rig, WARM_UP)
    into.quiet.push(...(await presses(rig, PRESSES)))
    const load = await startLoad(at.port)
    const gone = new Promise(resolve => load.once('exit', resolve))
    await presses(rig, WARM_UP)
    into.costs.push(await cost(gateway, outside?.pid() ?? null))
    into.loaded.push(...(await presses(rig, PRESSES)))
    load.kill()
    await gone
  } finally {
    desk.close()
    await receiver.close()
    await gateway.stop()
    folder.remove()
  }
}

const accountAt = ({ port }: Mosquitto) => ({
  ...{ url: `mqtt://${HOST}:${port}`, username: 'gateway', password: PASSWORDS.gateway },
  clientId: 'tocsin-gateway',
})

const NAME = 44
const line = (name: string, inside: string, outside: string): void =>
  console.log(`  ${name.padEnd(NAME)}${inside.padStart(20)}${outside.padStart(20)}`)
const mean = (values: readonly number[]): string =>
  (values.reduce((sum, each) => sum + each, 0) / values.length).toFixed(0)
const times = (samples: readonly Sample[], key: keyof Sample): string =>
  [0.5, 0.99]
    .map(q =>
      quantile(
        samples.map(sample => sample[key]),
        q,
      ).toFixed(2),
    )
    .join(' / ')

function print(inside: Figures, outside: Figures): void {
  console.log(
    `\n${ROUNDS} rounds of each in turns; ${inside.quiet.length} presses each, quiet and beside ${LOAD_PER_S} reports a second in ${LOAD_PER_S / REPORTS_PER_MESSAGE} messages`,
  )
  line('', 'aedes inside', 'mosquitto outside')
  const costs = (name: string, key: keyof Cost) =>
    line(name, mean(inside.costs.map(each => each[key])), mean(outside.costs.map(each => each[key])))
  console.log('processor time for 1,000 messages of 25 reports, ms')
  costs("the broker's process", 'broker')
  costs("the gateway's process", 'gateway')
  costs('  of that the busiest thread beside its first', 'brokerThread')
  for (const [name, key] of [
    ['report → journal → desk', 'committedMs'],
    ['report → PUBACK', 'ackMs'],
  ] as const) {
    console.log(`${name}, p50 / p99 in ms`)
    line('quiet', times(inside.quiet, key), times(outside.quiet, key))
    line('beside the load', times(inside.loaded, key), times(outside.loaded, key))
  }
}

const phone = await createPhone({ host: HOST, name: '5150', mode: 'manual' })
const accounts = Object.fromEntries(benchSite(0).receivers.map(({ id, password = '' }) => [id, password]))
const mosquitto = await startMosquitto(async () => [], accounts)
try {
  const figures = { inside: empty(), outside: empty() }
  for (let i = 0; i < ROUNDS; i += 1) {
    await round(phone, null, figures.inside)
    await round(phone, mosquitto, figures.outside)
  }
  print(figures.inside, figures.outside)
} finally {
  await mosquitto.remove()
  await phone.close()
}

function empty(): Figures {
  return { quiet: [], loaded: [], costs: [] }
}

// For `radio.ts`: who listens, in a process of its own: our radio (with its own process behind it) or noble, told by the first argument.
// The same counting for both. Out (messages): what it heard since it was last asked.
import { createRequire } from 'node:module'
import { systemClock } from '../../../gateway/clock.ts'
import { openRadio } from '../../../gateway/radio/hci/process/keeper.ts'
import { quantile } from '../presser.ts'

export type ToListener = { is: 'expect'; count: number } | { is: 'memory' }
export type FromListener =
  | { is: 'listening' }
  /** `ms` from the first report to the last. Nothing for so long after the last one, and the rest is lost. */
  | { is: 'heard'; count: number; ms: number; cpuMs: number; latency: [p50: number, p99: number] | null }
  | { is: 'memory'; bytes: number }

const GIVEN_UP_MS = 3000
const [, , kind, path = ''] = process.argv
const tell = (message: FromListener): void => void (process.connected && process.send?.(message, () => {}))
const nowMs = (): number => {
  const [seconds, nanos] = process.hrtime()
  return seconds * 1000 + nanos / 1e6
}

let expected = 0
let count = 0
let firstMs = 0
let lastMs = 0
let cpu = process.cpuUsage()
let latencies: number[] = []
let look: NodeJS.Timeout | undefined

const hear = (data: Uint8Array): void => {
  if (count === 0) firstMs = nowMs()
  count += 1
  const at = data.length - 8
  // An instant, where there is one: its first byte is not zero.
  if (data[at] !== 0) latencies.push(nowMs() - new DataView(data.buffer, data.byteOffset + at).getFloat64(0))
  if (count !== expected) return
  lastMs = nowMs()
  done()
}

function done(): void {
  const { user, system } = process.cpuUsage(cpu)
  const latency: [number, number] | null =
    latencies.length === 0 ? null : [quantile(latencies, 0.5), quantile(latencies, 0.99)]
  tell({ is: 'heard', count, ms: lastMs - firstMs, cpuMs: (user + system) / 1000, latency })
}

function expectCount(next: number): void {
  expected = next
  count = 0
  latencies = []
  cpu = process.cpuUsage()
  let before = -1
  clearInterval(look)
  look = setInterval(() => {
    if (count === expected) clearInterval(look)
    else if (count > 0 && count === before) {
      clearInterval(look)
      lastMs = nowMs() - GIVEN_UP_MS
      done()
    }
    before = count
  }, GIVEN_UP_MS)
}

async function listenOurs(): Promise<void> {
  const log = { info: () => {}, warn: () => {}, error: console.error }
  const radio = openRadio({ device: path, deafAfterMs: Number.POSITIVE_INFINITY, clock: systemClock(), log })
  radio.onReport(({ data }) => hear(data))
  process.on('disconnect', () => void radio.close().then(() => process.exit()))
  await new Promise<void>(resolve => radio.onState(({ kind }) => kind === 'listening' && resolve()))
}

async function listenNoble(): Promise<void> {
  const { withBindings } = createRequire(import.meta.url)('@stoprocent/noble')
  const bindParams = { uart: { port: path, baudRate: 1_000_000 } }
  const noble = withBindings('hci', { hciDriver: 'uart', bindParams })
  noble.on('discover', (device: { advertisement: { manufacturerData: Buffer } }) =>
    hear(device.advertisement.manufacturerData),
  )
  process.on('disconnect', () => process.exit())
  await noble.waitForPoweredOnAsync()
  await noble.startScanningAsync([], true)
}

process.on('message', (message: ToListener) => {
  if (message.is === 'expect') expectCount(message.count)
  else {
    globalThis.gc?.()
    const { heapUsed, external } = process.memoryUsage()
    tell({ is: 'memory', bytes: heapUsed + external })
  }
})
await (kind === 'noble' ? listenNoble() : listenOurs())
tell({ is: 'listening' })

// The receivers of a large site, as a process of its own: real MQTT clients that tell of every pendant near them. Each pendant seals
// anew every 2 s and each of its receivers reports that once. Arguments: broker port, pendants, receivers, the first and the last of
// the receivers that this process is, `batched` (each 250 ms) or `each` (a message a report, as a receiver of ours sends a new
// seal). Says "flowing" when it flows, and each second how many reports it has offered.
import { topicOf } from '../../../schemas/report.ts'
import { sealedFrame } from '../../gateway/core/building.ts'
import { connectReceiver, type ReceiverClient } from '../../gateways/gateway-process.ts'
import { hearersOf, PRESSERS, passwordOf, pendantOf, receiverId } from './site.ts'

const [, , port, pendants, receivers, first, last, manner] = process.argv
const size = { pendants: Number(pendants), receivers: Number(receivers) }
const [from, to] = [Number(first), Number(last)]
const isEach = manner === 'each'

const TICK_MS = 25
const SEAL_MS = 2_000
const BATCH_MS = 250
const BEAT_MS = 10_000
/** Beyond so many bytes that the wire did not take, nothing more is offered: counted as offered all the same, it is lost. */
const UNSENT_MAX = 4_000_000
const LEVELS_DBM = [-52, -64, -72, -80]

type Waiting = { address: string; rssiDbm: number; data: string; heardAtMs: number }
type Hung = { id: string; client: ReceiverClient['client']; waiting: Waiting[]; published: number }

const slots = SEAL_MS / TICK_MS
type Worn = { address: string; key: string; hearers: number[] }
/** By the slot of the two seconds in which they seal. */
const worn: Worn[][] = Array.from({ length: slots }, () => [])
for (let p = PRESSERS; p < size.pendants; p++) {
  const hearers = hearersOf(p, size)
  const { address, key } = pendantOf(p)
  if (hearers.some(isMine)) worn[(p * 37) % slots]?.push({ address, key, hearers })
}

function isMine(r: number): boolean {
  return r >= from && r <= to
}

const hung = new Map<number, Hung>()
for (let r = from; r <= to; r++) {
  const { client } = await connectReceiver(
    { host: '127.0.0.1', port: Number(port) },
    receiverId(r),
    passwordOf(r),
  )
  hung.set(r, { id: receiverId(r), client, waiting: [], published: 0 })
}

function publish(receiver: Hung, leaf: 'reports' | 'status', said: object): void {
  const { stream } = receiver.client as unknown as { stream: { writableLength: number } }
  if (stream.writableLength < UNSENT_MAX)
    receiver.client.publish(topicOf(receiver.id, leaf), JSON.stringify(said), { qos: 1 })
}

function flush(receiver: Hung, nowMs: number): void {
  const { waiting } = receiver
  if (waiting.length === 0) return
  receiver.waiting = []
  receiver.published += waiting.length
  const reports = waiting.map(({ heardAtMs, ...report }) => ({
    ...report,
    ageMs: Math.round(nowMs - heardAtMs),
  }))
  const messages = isEach ? reports.map(report => [report]) : [reports]
  for (const each of messages) publish(receiver, 'reports', { v: 1, reports: each })
}

function beat({ id, client, published }: Hung, nowMs: number): void {
  const counts = { uptimeMs: Math.round(nowMs), heard: published + 1, published, dropped: 0 }
  publish({ id, client, published, waiting: [] }, 'status', { v: 1, status: 'online', ...counts })
}

let offered = 0
function turn(tick: number, nowMs: number): void {
  const round = Math.floor(tick / slots)
  for (const { address, key, hearers } of worn[tick % slots] ?? []) {
    const data = sealedFrame({ counter: round, address, key })
    hearers.forEach((r, i) => {
      const receiver = hung.get(r)
      if (receiver === undefined) return
      const rssiDbm = (LEVELS_DBM[i] ?? -85) + ((round * 7 + r * 3 + i) % 9) - 4
      receiver.waiting.push({ address, rssiDbm, data, heardAtMs: nowMs })
      offered += 1
    })
  }
  const each = BATCH_MS / TICK_MS
  for (const [r, receiver] of hung) {
    if (isEach || r % each === tick % each) flush(receiver, nowMs)
    if ((tick - r) % (BEAT_MS / TICK_MS) === 0) beat(receiver, nowMs)
  }
}

/** By the machine's clock, so that the loads of one run seal the same frames. */
const tickNow = (): number => Math.floor((performance.timeOrigin + performance.now()) / TICK_MS)
/** A load that the machine gives no time offers less: frames of old, all at once, would be another load. */
const CAUGHT_UP_TICKS = BATCH_MS / TICK_MS

for (const receiver of hung.values()) beat(receiver, performance.now())
process.stdout.write('flowing\n')
let done = tickNow()
setInterval(() => {
  const now = tickNow()
  for (let tick = Math.max(done, now - CAUGHT_UP_TICKS) + 1; tick <= now; tick++)
    turn(tick, performance.now())
  done = now
}, TICK_MS)
setInterval(() => process.stdout.write(`${offered}\n`), 1_000)
process.on('SIGTERM', () => process.exit(0))
process.stdout.on('error', () => process.exit(0))

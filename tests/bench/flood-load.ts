// One account's flood, as its own process: forged frames about enrolled pendants, sealed with another key, one a message, at
// QoS 0, as fast as is asked for. Arguments: broker port, frames a second. Says "flowing" when it flows.
import { KIND_CORD } from '../../schemas/frame.ts'
import { topicOf } from '../../schemas/report.ts'
import { sealedFrame } from '../gateway/core/building.ts'
import { connectReceiver } from '../gateways/gateway-process.ts'
import { benchSite } from './site.ts'

const [port, perSecond] = process.argv.slice(2).map(Number) as [number, number]
const TICK_MS = 20
const FORGED = 2_000
const site = benchSite(0)
const payloads = Array.from({ length: FORGED }, (_, i) => {
  const { address } = site.pendants[i % site.pendants.length] as (typeof site.pendants)[number]
  const data = sealedFrame({
    counter: i + 1,
    kind: KIND_CORD,
    alarmNumber: i % 256,
    address,
    key: 'ff'.repeat(16),
  })
  return JSON.stringify({ v: 1, reports: [{ address, rssiDbm: -60, data, ageMs: 0 }] })
})
const { id, password = '' } = site.receivers[1] as (typeof site.receivers)[number]
const receiver = await connectReceiver({ host: '127.0.0.1', port }, id, password)
const topic = topicOf(id, 'reports')
const startedAtMs = performance.now()
let offered = 0
process.stdout.write('flowing\n')
setInterval(() => {
  const due = (perSecond * (performance.now() - startedAtMs)) / 1000
  // What the wire does not take is not offered again: a flood does not wait.
  const { stream } = receiver.client as unknown as { stream: { writableLength: number } }
  for (; offered < due; offered++) {
    if (stream.writableLength < 4_000_000)
      receiver.client.publish(topic, payloads[offered % FORGED] as string, { qos: 0 })
  }
}, TICK_MS)
process.on('SIGTERM', () => process.exit(0))

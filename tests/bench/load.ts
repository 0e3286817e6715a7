// The other reports of a busy building, as its own process: half from strangers' devices, half idle frames of enrolled
// pendants heard by several receivers. Arguments: broker port, reports a second, seconds. Says "flowing" when it flows.

import { topicOf } from '../../schemas/report.ts'
import { sealedFrame } from '../gateway/core/building.ts'
import { connectReceiver } from '../gateways/gateway-process.ts'
import { benchSite, KEY_OF } from './site.ts'

const [port, perSecond, seconds] = process.argv.slice(2).map(Number) as [number, number, number]
const BATCH = 25
const TICK_MS = 50
/** Each idle frame is heard by so many receivers: the cipher runs for the first, bytes are compared for the others. */
const HEARD_BY = 3

const site = benchSite(0)
const idlers = site.pendants.slice(site.pendants.length / 2)
const stranger = '0201061aff4c000215e5ca1adef007ba11000000000000000000640007c5'

let counter = 1_000_000
let turn = 0
let frame = { address: '', data: '' }
/** Half strangers; of the others, each new frame comes HEARD_BY times in a row. */
function nextReport() {
  turn += 1
  const rssiDbm = -40 - (turn % 50)
  if (turn % 2 === 0) {
    const address = `d0:00:00:00:${hex(turn >> 8)}:${hex(turn)}`
    return { address, rssiDbm, data: stranger, ageMs: turn % 200 }
  }
  if (turn % (2 * HEARD_BY) === 1) {
    const idler = idlers[turn % idlers.length] as (typeof idlers)[number]
    counter += 1
    frame = {
      address: idler.address,
      data: sealedFrame({ counter, address: idler.address, key: KEY_OF(idler) }),
    }
  }
  return { ...frame, rssiDbm, ageMs: turn % 200 }
}
const hex = (value: number) => (value & 0xff).toString(16).padStart(2, '0')

// The first receiver is the one that hears the presses.
const ids = site.receivers.slice(1)
const receivers = await Promise.all(
  ids.map(({ id, password = '' }) => connectReceiver({ host: '127.0.0.1', port }, id, password)),
)
const startedAtMs = performance.now()
let sent = 0
process.stdout.write('flowing\n')
const timer = setInterval(() => {
  const elapsedMs = performance.now() - startedAtMs
  const due = (perSecond * elapsedMs) / 1000
  while (sent + BATCH <= due) {
    const receiver = Math.floor(sent / BATCH) % receivers.length
    const payload = JSON.stringify({ v: 1, reports: Array.from({ length: BATCH }, nextReport) })
    receivers[receiver]?.client.publish(topicOf(ids[receiver]?.id ?? '', 'reports'), payload, {
      qos: 1,
    })
    sent += BATCH
  }
  if (elapsedMs < seconds * 1000) return
  clearInterval(timer)
  process.stdout.write(`sent ${sent}\n`)
  void Promise.all(receivers.map(receiver => receiver.close())).then(() => process.exit(0))
}, TICK_MS)
process.on('SIGTERM', () => process.exit(0))

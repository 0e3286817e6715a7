// For `radio.ts`: the virtual controller in a process of its own, with reports ready made, so that pouring them costs next to nothing.
// In (messages): pour { count, addresses } as fast as the line takes them, or pace { perSecond, seconds } with the instant inside.
import { realClock } from '../../../simulator/clock.ts'
import { createController } from '../../../simulator/controller/controller.ts'
import { legacyReport } from '../../../simulator/controller/reports.ts'

export type ToController =
  | { is: 'pour'; count: number; addresses: number }
  | { is: 'pace'; perSecond: number; seconds: number }
export type FromController = { is: 'ready' } | { is: 'poured'; count: number }

const AT_ONCE = 2000
const TICK_MS = 5

/** Flags, then manufacturer data of 14 bytes of which the last eight are an instant: 21 bytes, a usual size. */
const dataOf = (atMs: number): Buffer => {
  const data = Buffer.from('020106' + '11ff9005' + '000000000000' + '0000000000000000', 'hex')
  data.writeDoubleBE(atMs, data.length - 8)
  return data
}
const nowMs = (): number => {
  const [seconds, nanos] = process.hrtime()
  return seconds * 1000 + nanos / 1e6
}
const addressOf = (number: number): string =>
  `c0${number.toString(16).padStart(10, '0')}`.replace(/..(?=.)/g, '$&:')
const reportOf = (number: number, atMs = 0): Buffer =>
  legacyReport({ address: addressOf(number), data: dataOf(atMs), rssiDbm: -60 }) as Buffer

const controller = await createController({
  path: String(process.argv[2]),
  clock: realClock(),
  bluetooth: 4,
})

async function pour(count: number, addresses: number): Promise<void> {
  const size = reportOf(0).length
  const block = Buffer.concat(Array.from({ length: AT_ONCE }, (_, i) => reportOf(i % addresses)))
  let number = 0
  for (let left = count; left > 0; left -= AT_ONCE) {
    const bytes = Buffer.from(block.subarray(0, Math.min(left, AT_ONCE) * size))
    // Other addresses in the block that is there: the four lowest bytes, last first, behind the head of the event.
    if (addresses > AT_ONCE)
      for (let at = 7; at < bytes.length; at += size) bytes.writeUInt32LE(number++ % addresses, at)
    await controller.pour(bytes)
  }
}

async function pace(perSecond: number, seconds: number): Promise<number> {
  let count = 0
  const begunMs = nowMs()
  while (nowMs() - begunMs < seconds * 1000) {
    const due = Math.floor(((nowMs() - begunMs) / 1000) * perSecond)
    for (; count < due; count += 1) void controller.pour(reportOf(count % 200, nowMs()))
    await new Promise(resolve => setTimeout(resolve, TICK_MS))
  }
  return count
}

const tell = (message: FromController): void => void process.send?.(message)
process.on('message', (message: ToController) => {
  if (message.is === 'pour')
    void pour(message.count, message.addresses).then(() => tell({ is: 'poured', count: message.count }))
  else void pace(message.perSecond, message.seconds).then(count => tell({ is: 'poured', count }))
})
process.on('disconnect', () => void controller.close().then(() => process.exit()))
tell({ is: 'ready' })

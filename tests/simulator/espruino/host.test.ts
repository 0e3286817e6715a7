// The built bundle on the simulated Puck.js: what a wearer does, and what leaves the antenna and the lights.
import { createDecipheriv } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { KIND_ASK, KIND_IDLE } from '../../../schemas/frame.ts'
import { memoryStorage } from '../../../simulator/espruino/chip/storage.ts'
import { builtBundle } from '../../firmware/built.ts'
import { ADDRESS, enrolled, KEY, wear } from './pendant.ts'

/** Kind, number and flags of a sealed frame, opened by node:crypto alone. */
const pendantSays = (data: Uint8Array = new Uint8Array()) => {
  const nonce = Buffer.concat([
    Buffer.from(`${ADDRESS.replaceAll(':', '')}d2fc45`, 'hex'),
    data.subarray(19, 23),
  ])
  const decipher = createDecipheriv('aes-128-ccm', Buffer.from(KEY, 'hex'), nonce, { authTagLength: 4 })
  decipher.setAuthTag(data.subarray(23, 27))
  const plain = decipher.update(data.subarray(8, 19))
  decipher.final()
  return { kind: (plain[8] ?? 0) & 15, number: plain[9], flags: plain[10] ?? 0 }
}

const isIdleOrAsk = (data: Uint8Array): boolean => [KIND_IDLE, KIND_ASK].includes(pendantSays(data).kind)

let bundle = ''
beforeAll(async () => {
  bundle = await builtBundle()
})

const gaps = (instants: readonly number[]): number[] =>
  instants.slice(1).map((atMs, i) => atMs - (instants[i] ?? 0))

test('an idle pendant is on the air at least each two seconds and prints nothing', () => {
  const { clock, host, sent } = wear(bundle)
  host.powerOn()
  clock.advance(60_000)
  expect(host.console()).toEqual([])
  expect(sent.length).toBeGreaterThan(29)
  expect(Math.max(...gaps(sent.map(({ atMs }) => atMs)))).toBeLessThanOrEqual(2000)
  expect(sent.every(({ data, txPowerDbm }) => data.length === 27 && txPowerDbm === 4)).toBe(true)
})

test('a pulled cord is on the air within 30 ms and then every 100 ms for ten seconds', () => {
  const { clock, host, sent } = wear(bundle)
  host.powerOn()
  clock.advance(5000)
  const idle = sent.length
  const pulledAtMs = clock.nowMs()
  host.setPin('D1', 1)
  clock.advance(10_000)
  const burst = sent.slice(idle)
  expect((burst[0]?.atMs ?? 0) - pulledAtMs).toBeLessThanOrEqual(30)
  expect(burst.length).toBeGreaterThanOrEqual(94)
  expect(Math.max(...gaps(burst.map(({ atMs }) => atMs)))).toBeLessThanOrEqual(110)
})

test('a cord that bounces for less than the debounce raises nothing', () => {
  const { clock, host, sent } = wear(bundle)
  host.powerOn()
  clock.advance(3000)
  for (let i = 0; i < 8; i++) {
    host.setPin('D1', i % 2 === 0 ? 1 : 0)
    clock.advance(5)
  }
  const before = sent.length
  clock.advance(5000)
  expect(sent.length - before).toBeLessThan(8)
})

test('a button held 600 ms is an alarm and one pressed 500 ms is not', () => {
  for (const { heldMs, isAlarm } of [
    { heldMs: 500, isAlarm: false },
    { heldMs: 650, isAlarm: true },
  ]) {
    const { clock, host, sent } = wear(bundle)
    host.powerOn()
    clock.advance(3000)
    const idle = sent.length
    host.setPin('BTN', 1)
    clock.advance(heldMs)
    host.setPin('BTN', 0)
    clock.advance(5000)
    expect(sent.length - idle > 40, `held ${heldMs} ms`).toBe(isAlarm)
  }
})

test('without a battery there is nothing on the air, and with a new one it goes on', () => {
  const { clock, host, sent } = wear(bundle)
  host.powerOn()
  host.setPin('D1', 1)
  clock.advance(3000)
  host.powerOff()
  const before = sent.length
  clock.advance(60_000)
  expect(sent.length).toBe(before)
  expect(host.lights()).toEqual({ red: false, green: false, blue: false })
  host.powerOn()
  clock.advance(3000)
  expect(sent.length).toBeGreaterThan(before)
})

test('a pendant without settings is never mute: plain frames, the fault light, a line on its console', () => {
  const { clock, host, sent, lit } = wear(bundle, memoryStorage())
  host.powerOn()
  clock.advance(6000)
  expect(host.console()).toEqual(['expected tocsin.json in Storage, found none'])
  expect(sent.length).toBeGreaterThanOrEqual(4)
  // 0201 06, then service data of FCD2, info 0x44: plain; the last byte is the flags, fault set.
  expect(sent.every(({ data }) => data[7] === 0x44 && ((data.at(-1) ?? 0) & 4) !== 0)).toBe(true)
  expect(lit.some(({ lights }) => lights.red && lights.blue && !lights.green)).toBe(true)
  host.setPin('D1', 1)
  clock.advance(5000)
  expect(sent.length).toBeGreaterThan(50)
})

test('two runs with one seed send the same bytes at the same instants', () => {
  const run = (): unknown => {
    const { clock, host, sent } = wear(bundle)
    host.powerOn()
    clock.advance(5000)
    host.setPin('D1', 1)
    clock.advance(5000)
    return sent
  }
  expect(run()).toEqual(run())
})

test('the flash is tidied while idle, before an alarm would have to wait for it', () => {
  const compacted: number[] = []
  const settings = JSON.stringify({ id: 'p-07', key: KEY })
  const onStep = ({ step }: { step: string }): void => {
    if (step === 'compact') compacted.push(clock.nowMs())
  }
  const storage = memoryStorage({ 'tocsin.json': settings }, onStep, 4096)
  const { clock, host } = wear(bundle, storage)
  host.powerOn()
  for (let i = 0; storage.freeBytes() > 1000; i++) {
    host.setPin('D1', i % 2 === 0 ? 1 : 0)
    // A cord out sooner after it was put in hangs by a thread, and writes nothing.
    clock.advance(4000)
  }
  expect(compacted).toEqual([])
  // The alarm times out after half an hour, and an idle hour later the flash is looked at.
  clock.advance(95 * 60_000)
  expect(compacted).toHaveLength(1)
  expect(storage.freeBytes()).toBeGreaterThan(3000)
})

test('a flash that refuses to write raises the fault flag and never the silence', () => {
  let isFull = false
  const storage = enrolled({}, () => {
    if (isFull) throw new Error('Unable to find or create file')
  })
  const { clock, host, sent, lit } = wear(bundle, storage)
  host.powerOn()
  clock.advance(3000)
  isFull = true
  const idle = sent.length
  host.setPin('D1', 1)
  clock.advance(10_000)
  expect(sent.length - idle).toBeGreaterThan(90)
  const before = sent.length
  expect(lit.length).toBeGreaterThan(0)
  isFull = false
  clock.advance(10_000)
  expect(sent.length).toBeGreaterThan(before)
  expect(host.console()).toEqual([])
})

test('a pad without its resistor: the cord that parts unseen is an alarm by the next heartbeat, and the fault stays shown', () => {
  const { clock, host, sent } = wear(bundle)
  host.powerOn()
  clock.advance(60_000)
  expect(pendantSays(sent.at(-1)?.data)).toMatchObject({ kind: 0, flags: 0 })
  const before = sent.length
  const partedAtMs = clock.nowMs()
  host.setPin('D1', 'floating')
  clock.advance(30_000)
  const alarm = sent.slice(before).find(({ data }) => pendantSays(data).kind === 1)
  expect((alarm?.atMs ?? Number.POSITIVE_INFINITY) - partedAtMs).toBeLessThanOrEqual(2050)
  expect(pendantSays(sent.at(-1)?.data)).toMatchObject({ kind: 1, number: 1, flags: 5 })
  // From here on the chip's own pull-up stays on: the cord is followed by its edges again.
  host.setPin('D1', 0)
  clock.advance(10_000)
  const again = clock.nowMs()
  host.setPin('D1', 'floating')
  clock.advance(100)
  const second = sent.find(({ data, atMs }) => atMs >= again && pendantSays(data).number === 2)
  expect((second?.atMs ?? Number.POSITIVE_INFINITY) - again).toBeLessThanOrEqual(40)
})

test('a cord out at power-on, and a floating pad under it, is a fault and no alarm', () => {
  const { clock, host, sent } = wear(bundle)
  host.setPin('D1', 'floating')
  host.powerOn()
  clock.advance(60_000)
  expect(sent.every(({ data }) => isIdleOrAsk(data))).toBe(true)
  expect(pendantSays(sent.at(-1)?.data).flags & 5).toBe(5)
})

test('a jolt of the cord while its pad is sounded is no alarm and no fault', () => {
  const { clock, host, sent } = wear(bundle)
  host.powerOn()
  for (let i = 0; i < 300; i++) {
    clock.advance(1937)
    host.setPin('D1', 1)
    clock.advance(15)
    host.setPin('D1', 0)
  }
  clock.advance(5000)
  expect(sent.every(({ data }) => isIdleOrAsk(data) && pendantSays(data).flags % 16 === 0)).toBe(true)
})

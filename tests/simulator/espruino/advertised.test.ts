// What the bundle puts on the air, opened with node:crypto alone: this file shares no code with the firmware or the
// gateway, takes the AD structures apart by itself and knows the formats from bthome.io and schemas/frame.ts by heart.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { builtBundle } from '../../firmware/built.ts'
import { enrolled, wear } from './pendant.ts'

let bundle = ''
beforeAll(async () => {
  bundle = await builtBundle()
})

const key = Buffer.from('231d39c1d7cc1ab1aee224cd096db932', 'hex')
const address = Buffer.from('c7f936ddb0ca', 'hex')

type Opened = {
  counter: number
  plain: string
  kind: number
  number: number
  flags: number
  packetId: number
}

const structures = (data: Uint8Array): { type: number; body: Buffer }[] => {
  const found: { type: number; body: Buffer }[] = []
  for (let at = 0; at < data.length; at += (data[at] ?? 0) + 1) {
    const length = data[at] ?? 0
    if (length === 0 || at + length >= data.length) throw new Error('the lengths do not add up')
    found.push({ type: data[at + 1] ?? 0, body: Buffer.from(data.subarray(at + 2, at + 1 + length)) })
  }
  return found
}

const opened = (data: Uint8Array): Opened => {
  const [flags, service, ...rest] = structures(data)
  expect(rest).toEqual([])
  expect(flags).toEqual({ type: 0x01, body: Buffer.from([0x06]) })
  expect(service?.type).toBe(0x16)
  const body = service?.body ?? Buffer.alloc(0)
  expect(body.subarray(0, 3).toString('hex')).toBe('d2fc45')
  const counter = body.subarray(-8, -4)
  const nonce = Buffer.concat([address, body.subarray(0, 3), counter])
  const decipher = createDecipheriv('aes-128-ccm', key, nonce, { authTagLength: 4 })
  decipher.setAuthTag(body.subarray(-4))
  const plain = decipher.update(body.subarray(3, -8))
  decipher.final()
  expect([plain[0], plain[2], plain[4], plain[6], plain[7]]).toEqual([0x00, 0x01, 0x3a, 0x54, 3])
  expect((plain[8] ?? 0) >> 4).toBe(1)
  return {
    counter: counter.readUInt32LE(),
    plain: plain.toString('hex'),
    kind: (plain[8] ?? 0) & 15,
    number: plain[9] ?? -1,
    flags: plain[10] ?? -1,
    packetId: plain[1] ?? -1,
  }
}

/** Told · alarm number · frame counter, sealed as the gateway would, under the beacon's own counter. */
const beacon = (counter: number, told: number, number: number, frameCounter: number): Uint8Array => {
  const count = Buffer.alloc(4)
  count.writeUInt32LE(counter)
  const about = Buffer.alloc(6)
  about.set([told, number])
  about.writeUInt32LE(frameCounter, 2)
  const nonce = Buffer.concat([address, Buffer.from([0x90, 0x05, 0xb1]), count])
  const cipher = createCipheriv('aes-128-ccm', key, nonce, { authTagLength: 4 })
  const sealed = cipher.update(about)
  cipher.final()
  const body = Buffer.concat([Buffer.from('9005b1b0ca', 'hex'), count, sealed, cipher.getAuthTag()])
  return Buffer.concat([Buffer.from([2, 1, 6, body.length + 1, 0xff]), body])
}

test('every frame opens; idle says idle, a parted cord says cord, and only new frames move the counter', () => {
  const { clock, host, sent } = wear(bundle)
  host.powerOn()
  clock.advance(6000)
  host.setPin('D1', 1)
  clock.advance(12_000)
  const frames = sent.map(({ data }) => opened(data))
  expect(frames[0]).toMatchObject({
    counter: 0,
    kind: 0,
    number: 0,
    flags: 0,
    plain: '000101613a005403100000',
  })
  const alarm = frames.filter(({ kind }) => kind !== 0)
  expect(alarm.every(({ kind, number, flags }) => kind === 1 && number === 1 && flags === 1)).toBe(true)
  expect(new Set(alarm.map(({ packetId }) => packetId)).size).toBe(1)
  const counters = frames.map(({ counter }) => counter)
  expect(counters).toEqual([...counters].sort((a, b) => a - b))
  // Twelve seconds of alarm, sealed anew each second, some ten times repeated.
  expect(new Set(alarm.map(({ counter }) => counter)).size).toBe(12)
})

test('a beacon about this alarm turns the lights to coming: green for two seconds, the second of them with red, and then the frame says so', () => {
  const { clock, host, sent, lit } = wear(bundle)
  host.powerOn()
  clock.advance(6000)
  host.setPin('D1', 1)
  clock.advance(3000)
  const heard = opened(sent.at(-1)?.data ?? new Uint8Array())
  const data = beacon(1, 4, heard.number, heard.counter)
  for (let i = 0; i < 12; i++) {
    host.hear({ address: 'f0:00:00:00:00:01', data, rssiDbm: -70 })
    clock.advance(100)
  }
  const green = lit.find(({ lights }) => lights.green)
  expect(green?.lights).toEqual({ red: false, green: true, blue: false })
  clock.advance(6000)
  const dark = lit.find(({ lights, atMs }) => !lights.green && atMs > (green?.atMs ?? 0))
  expect((dark?.atMs ?? 0) - (green?.atMs ?? 0)).toBeCloseTo(2000, 0)
  expect(opened(sent.at(-1)?.data ?? new Uint8Array())).toMatchObject({ kind: 1, number: 1, flags: 1 | 8 })
})

test('a resolved alarm goes back to idle and keeps its number', () => {
  const { clock, host, sent } = wear(bundle, enrolled({ askEveryMs: 0 }))
  host.powerOn()
  clock.advance(6000)
  host.setPin('D1', 1)
  clock.advance(3000)
  const heard = opened(sent.at(-1)?.data ?? new Uint8Array())
  for (let i = 0; i < 12; i++) {
    host.hear({
      address: 'f0:00:00:00:00:01',
      data: beacon(2, 5, heard.number, heard.counter),
      rssiDbm: -70,
    })
    clock.advance(100)
  }
  clock.advance(3000)
  expect(opened(sent.at(-1)?.data ?? new Uint8Array())).toMatchObject({ kind: 0, number: 1, flags: 1 })
})

test('a beacon with a wrong seal, for another pendant, of another alarm or of an older frame changes nothing', () => {
  const { clock, host, sent, lit } = wear(bundle)
  host.powerOn()
  clock.advance(6000)
  const before = opened(sent.at(-1)?.data ?? new Uint8Array())
  host.setPin('D1', 1)
  clock.advance(3000)
  const heard = opened(sent.at(-1)?.data ?? new Uint8Array())
  const forged = beacon(3, 4, 1, heard.counter)
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
  const foreign = beacon(3, 4, 1, heard.counter)
  foreign[9] = (foreign[9] ?? 0) ^ 1
  for (const data of [
    forged,
    foreign,
    beacon(3, 4, 2, heard.counter),
    beacon(3, 4, 1, before.counter),
    beacon(3, 4, 1, heard.counter + 1000),
  ]) {
    for (let i = 0; i < 12; i++) {
      host.hear({ address: 'f0:00:00:00:00:01', data, rssiDbm: -70 })
      clock.advance(100)
    }
  }
  expect(lit.some(({ lights }) => lights.green || lights.blue)).toBe(false)
})

// The battery is pulled at every single write to the flash, and put back: no nonce is used twice, and no new alarm ever
// looks like an old one.
import { createDecipheriv } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { KIND_ASK } from '../../../schemas/frame.ts'
import { PowerCut } from '../../../simulator/espruino/chip/storage.ts'
import { builtBundle } from '../../firmware/built.ts'
import { enrolled, KEY, wear } from './pendant.ts'

let bundle = ''
beforeAll(async () => {
  bundle = await builtBundle()
})

const plainOf = (data: Uint8Array): Buffer => {
  const nonce = Buffer.concat([Buffer.from('c7f936ddb0cad2fc45', 'hex'), data.subarray(19, 23)])
  const decipher = createDecipheriv('aes-128-ccm', Buffer.from(KEY, 'hex'), nonce, { authTagLength: 4 })
  decipher.setAuthTag(data.subarray(23, 27))
  const plain = decipher.update(data.subarray(8, 19))
  decipher.final()
  return plain
}

type Life = { cutAfter: number; pulls: number; idleMs: number }

/** Lives one after the other on one flash; each ends by a power cut at its n-th step of writing, or by hand. */
const live = (lives: readonly Life[]): { frames: Map<number, string>; alarms: number[]; pulled: number } => {
  let left = Number.POSITIVE_INFINITY
  const storage = enrolled({}, () => {
    if (left-- <= 0) throw new PowerCut('the battery is out')
  })
  const { clock, host, sent } = wear(bundle, storage)
  const frames = new Map<number, string>()
  const alarms: number[] = []
  let read = 0
  let wasIdle = true
  const collect = (): void => {
    for (; read < sent.length; read++) {
      const data = sent[read]?.data ?? new Uint8Array()
      const counter = Buffer.from(data.subarray(19, 23)).readUInt32LE()
      const hex = Buffer.from(data).toString('hex')
      expect(frames.get(counter) ?? hex, `counter ${counter} used for two different frames`).toBe(hex)
      frames.set(counter, hex)
      const [kind, number] = plainOf(data).subarray(8, 10)
      const isAlarm = kind !== 0x10 && kind !== 0x10 + KIND_ASK
      if (isAlarm && (wasIdle || number !== alarms.at(-1))) alarms.push(number ?? -1)
      wasIdle = !isAlarm
    }
  }
  let pulled = 0
  for (const { cutAfter, pulls, idleMs } of lives) {
    host.setPin('D1', 0)
    left = cutAfter
    host.powerOn()
    clock.advance(idleMs)
    for (let i = 0; i < pulls; i++) {
      host.setPin('D1', 1)
      clock.advance(1500)
      collect()
      if (sent.at(-1) !== undefined && clock.nowMs() - (sent.at(-1)?.atMs ?? 0) < 200) pulled++
      host.setPin('D1', 0)
      // Longer than `cordSettleMs`: pulled again sooner it is a cord that hangs by a thread.
      clock.advance(3500)
    }
    collect()
    host.powerOff()
  }
  return { frames, alarms, pulled }
}

test('a cut at each of the first thirty steps of writing leaves the next life with fresh counters and numbers', () => {
  for (let cutAfter = 0; cutAfter < 30; cutAfter++) {
    const { alarms, pulled } = live([
      { cutAfter: 100, pulls: 2, idleMs: 4000 },
      { cutAfter, pulls: 6, idleMs: 4000 },
      { cutAfter: 100, pulls: 2, idleMs: 4000 },
    ])
    expect(new Set(alarms).size, `cut after ${cutAfter}`).toBe(alarms.length)
    // One whose pull was noted before the cut, and not yet on the air, goes on the air after it.
    expect([pulled, pulled + 1], `cut after ${cutAfter}`).toContain(alarms.length)
  }
})

test('whatever lives a pendant has, no counter seals two frames and no two pulls share an alarm number', () => {
  const life = fc.record({
    cutAfter: fc.integer({ min: 0, max: 14 }),
    pulls: fc.integer({ min: 0, max: 3 }),
    idleMs: fc.integer({ min: 0, max: 5000 }),
  })
  fc.assert(
    fc.property(fc.array(life, { minLength: 1, maxLength: 5 }), lives => {
      const { alarms } = live(lives)
      expect(new Set(alarms).size).toBe(alarms.length)
    }),
    { numRuns: 40 },
  )
})

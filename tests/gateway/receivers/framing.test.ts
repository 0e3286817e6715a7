import fc from 'fast-check'
import mqttPacket from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { framing } from '../../../gateway/receivers/mqtt/framing.ts'

const LIMIT = { bytesMax: 300, mayCut: true }

/** Cuts `bytes` into chunks of the given sizes, round and round. */
function chunks(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const out: Buffer[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1
    out.push(bytes.subarray(at, at + size))
    at += size
  }
  return out
}

function passAll(bytes: Buffer, sizes: readonly number[], limit = LIMIT): Buffer | { refused: string } {
  const frames = framing()
  const out: Buffer[] = []
  for (const chunk of chunks(bytes, sizes)) {
    const passed = frames.pass(chunk, limit)
    if ('refused' in passed) return passed
    out.push(passed)
  }
  return Buffer.concat(out)
}

const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 })
const publish = (maxLength: number) =>
  fc.record({
    cmd: fc.constant('publish' as const),
    topic: fc.constant('a/b'),
    payload: fc.uint8Array({ maxLength }).map(bytes => Buffer.from(bytes)),
    qos: fc.constant(1 as const),
    messageId: fc.integer({ min: 1, max: 65_535 }),
    dup: fc.boolean(),
    retain: fc.boolean(),
  })

describe('framing', () => {
  it('passes packets that are short enough unchanged, however they are split', () => {
    fc.assert(
      fc.property(fc.array(publish(250), { maxLength: 8 }), sizes, (packets, parts) => {
        const bytes = Buffer.concat(packets.map(packet => mqttPacket.generate(packet)))
        expect(passAll(bytes, parts)).toEqual(bytes)
      }),
    )
  })

  it('cuts every longer PUBLISH to the limit and keeps the packets around it whole', () => {
    fc.assert(
      fc.property(fc.array(publish(2000), { maxLength: 8 }), sizes, (packets, parts) => {
        const passed = passAll(Buffer.concat(packets.map(packet => mqttPacket.generate(packet))), parts)
        const read: unknown[] = []
        const parser = mqttPacket.parser()
        parser.on('packet', packet => read.push(packet))
        parser.parse(Buffer.isBuffer(passed) ? passed : Buffer.alloc(0))
        const overhead = 2 + 'a/b'.length + 2
        expect(read).toHaveLength(packets.length)
        for (const [i, { payload, messageId }] of packets.entries()) {
          const kept = payload.subarray(0, LIMIT.bytesMax - overhead)
          const isCut = payload.length > kept.length
          expect(read[i]).toMatchObject({ messageId, topic: 'a/b' })
          const { payload: came } = read[i] as { payload: Buffer }
          // The last byte of a cut payload is the last that was sent.
          expect(came.subarray(0, -1)).toEqual(kept.subarray(0, -1))
          expect(came.at(-1)).toBe(isCut ? payload.at(-1) : kept.at(-1))
          expect(came.length).toBe(kept.length)
        }
      }),
    )
  })

  it('lets nothing of a cut PUBLISH be whole before all of it came', () => {
    const frames = framing()
    const packet = mqttPacket.generate({
      cmd: 'publish',
      topic: 'a/b',
      payload: Buffer.alloc(5000),
      qos: 1,
      messageId: 1,
      dup: false,
      retain: false,
    })
    const early = frames.pass(packet.subarray(0, -1), LIMIT)
    expect(Buffer.isBuffer(early) && early.length).toBe(3 + LIMIT.bytesMax - 1)
    expect(frames.pass(packet.subarray(-1), LIMIT)).toHaveLength(1)
  })

  it('never passes more than came, never throws, and refuses what it cannot cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), sizes, fc.boolean(), (bytes, parts, mayCut) => {
        const passed = passAll(Buffer.from(bytes), parts, { bytesMax: 300, mayCut })
        if (Buffer.isBuffer(passed)) expect(passed.length).toBeLessThanOrEqual(bytes.length)
        else expect(passed.refused).toMatch(/^a (packet of \d+ bytes|length of five bytes)$/)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['a long CONNECT', [0x10, 0xff, 0xff, 0xff, 0x7f], 'a packet of 268435455 bytes'],
    ['a length that never ends', [0x30, 0xff, 0xff, 0xff, 0xff], 'a length of five bytes'],
  ])('refuses %s from its first bytes', (_name, bytes, refused) => {
    expect(framing().pass(Buffer.from(bytes), LIMIT)).toEqual({ refused })
  })
})

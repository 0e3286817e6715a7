// What a handset heard, from packets in any order.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRecording } from '../../../simulator/phones/recording.ts'

const STEP = 160
const packet = (i: number): Int16Array => new Int16Array(STEP).fill(i + 1)

test('packets after the first lie where their timestamps say, in whatever order they come', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }), fc.integer(), (order, base) => {
      const recording = createRecording()
      for (const i of [0, ...order, ...order]) recording.add(7, (base + i * STEP) >>> 0, packet(i))
      const samples = recording.samples()
      expect(samples).toHaveLength((Math.max(...order) + 1) * STEP)
      for (let i = 0; i <= Math.max(...order); i += 1) {
        expect(samples[i * STEP + 5]).toBe(i === 0 || order.includes(i) ? i + 1 : 0)
      }
    }),
  )
})

test('another stream goes on after what was heard', () => {
  const recording = createRecording()
  recording.add(7, 5000, packet(0))
  recording.add(8, 90, packet(1))
  expect([recording.samples()[0], recording.samples()[STEP]]).toEqual([1, 2])
})

test('a clock that jumps is a new beginning, not hours of silence', () => {
  const recording = createRecording()
  recording.add(7, 5000, packet(0))
  recording.add(7, 2_000_000_000, packet(1))
  expect(recording.seconds()).toBeCloseTo(0.04)
})

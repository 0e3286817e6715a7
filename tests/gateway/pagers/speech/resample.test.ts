// From 22,050 Hz to the telephone's 8,000 Hz: what a telephone can carry stays, what would fold back is gone.
import { expect, test } from 'vitest'
import { resample } from '../../../../gateway/pagers/speech/resample.ts'

const FROM_HZ = 22_050
const TO_HZ = 8000

const tone = (frequencyHz: number, rateHz: number): Int16Array =>
  Int16Array.from({ length: rateHz }, (_, i) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * frequencyHz * i) / rateHz)),
  )

/** The middle of it, away from where the sound begins and ends. */
function level(samples: Int16Array): number {
  const middle = samples.subarray(1000, -1000)
  return Math.sqrt(middle.reduce((sum, sample) => sum + sample * sample, 0) / middle.length)
}

test('a second stays a second', () => {
  expect(resample(tone(440, FROM_HZ), FROM_HZ, TO_HZ)).toHaveLength(TO_HZ)
})

test.each([100, 1000, 2000, 3000])('a tone of %i Hz comes through as it is', frequencyHz => {
  const through = resample(tone(frequencyHz, FROM_HZ), FROM_HZ, TO_HZ)
  const wanted = tone(frequencyHz, TO_HZ)
  const error = through.map((sample, i) => sample - (wanted[i] ?? 0))
  expect(level(error)).toBeLessThan(level(wanted) / 100)
})

test.each([4500, 6000, 9000])('a tone of %i Hz is gone by 50 dB', frequencyHz => {
  const sound = tone(frequencyHz, FROM_HZ)
  expect(level(resample(sound, FROM_HZ, TO_HZ))).toBeLessThan(level(sound) / 316)
})

test('the same rate is the same sound', () => {
  const sound = tone(440, TO_HZ)
  expect(resample(sound, TO_HZ, TO_HZ)).toBe(sound)
})

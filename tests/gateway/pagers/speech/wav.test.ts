// WAV files: written and read back, espeak-ng's impossible length, and what is no WAV file.
import { expect, test } from 'vitest'
import { readWav, writeWav } from '../../../../gateway/pagers/speech/wav.ts'

const SOUND = { rateHz: 8000, samples: Int16Array.of(0, 1, -1, 32_767, -32_768) }

test('what is written reads back', () => {
  expect(readWav(writeWav(SOUND))).toEqual(SOUND)
})

test('a data length beyond the end, as a pipe gives, means all there is', () => {
  const file = writeWav(SOUND)
  file.writeUInt32LE(0x7fff_f000, 40)
  expect(readWav(file)).toEqual(SOUND)
})

test('chunks of other kinds are passed over', () => {
  const file = writeWav(SOUND)
  const list = Buffer.concat([Buffer.from('LIST'), Buffer.from([3, 0, 0, 0]), Buffer.from('abc\0')])
  expect(readWav(Buffer.concat([file.subarray(0, 36), list, file.subarray(36)]))).toEqual(SOUND)
})

test.each([
  ['nothing', Buffer.alloc(0), 'expected a WAV file'],
  ['text', Buffer.from('this is not a sound at all, whatever its name may say'), 'expected a WAV file'],
  ['a head alone', writeWav(SOUND).subarray(0, 20 + 16), 'expected a data chunk'],
])('%s is refused in words', (_name, file, words) => {
  expect(() => readWav(file)).toThrow(words)
})

test('stereo is refused in words', () => {
  const file = writeWav(SOUND)
  file.writeUInt16LE(2, 22)
  expect(() => readWav(file)).toThrow('expected 16-bit mono PCM, came format 1 with 2 channels of 16 bits')
})

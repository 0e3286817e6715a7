// Samples as a WAV file, for ears and for tests: 16-bit mono PCM at 8 kHz.
import { writeFile } from 'node:fs/promises'
import { SAMPLE_RATE_HZ } from '../recording.ts'

const HEAD_BYTES = 44

/** Writes what a call heard. Throws Node's file errors. */
export const writeWav = (path: string, samples: Int16Array): Promise<void> => writeFile(path, wavOf(samples))

/** The bytes of a WAV file with these samples. */
export function wavOf(samples: Int16Array): Buffer {
  const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
  const head = Buffer.alloc(HEAD_BYTES)
  head.write('RIFF', 0)
  head.writeUInt32LE(HEAD_BYTES - 8 + data.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(SAMPLE_RATE_HZ, 24)
  head.writeUInt32LE(SAMPLE_RATE_HZ * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}

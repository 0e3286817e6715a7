// WAV files of 16-bit mono PCM: bytes in, samples out, and back. The data length in the header is not trusted,
// since espeak-ng writes to a pipe before it knows it.

const PCM = 1
const HEAD_BYTES = 44

export type Sound = { rateHz: number; samples: Int16Array }

/** Throws Error, saying what was expected and what came, for anything but 16-bit mono PCM. */
export function readWav(file: Buffer): Sound {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') {
    throw new Error(`expected a WAV file, came ${file.length} bytes of something else`)
  }
  let rateHz = 0
  for (let at = 12; at + 8 <= file.length; ) {
    const chunk = file.toString('latin1', at, at + 4)
    const length = file.readUInt32LE(at + 4)
    if (chunk === 'fmt ') rateHz = readFormat(file, at + 8)
    if (chunk === 'data') {
      if (rateHz === 0) throw new Error('expected a fmt chunk before the data chunk, came none')
      return { rateHz, samples: samplesOf(file.subarray(at + 8, Math.min(file.length, at + 8 + length))) }
    }
    at += 8 + length + (length % 2)
  }
  throw new Error('expected a data chunk, came none')
}

export function writeWav(sound: Sound): Buffer {
  const data = Buffer.from(sound.samples.buffer, sound.samples.byteOffset, sound.samples.byteLength)
  const head = Buffer.alloc(HEAD_BYTES)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(HEAD_BYTES - 8 + data.length, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(PCM, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(sound.rateHz, 24)
  head.writeUInt32LE(sound.rateHz * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}

/** Little-endian 16-bit bytes as samples; an odd last byte is dropped. */
export function samplesOf(bytes: Buffer): Int16Array {
  const samples = new Int16Array(bytes.length >> 1)
  for (let i = 0; i < samples.length; i += 1) samples[i] = bytes.readInt16LE(i * 2)
  return samples
}

function readFormat(file: Buffer, at: number): number {
  const [format, channels] = [file.readUInt16LE(at), file.readUInt16LE(at + 2)]
  const bits = file.readUInt16LE(at + 14)
  if (format !== PCM || channels !== 1 || bits !== 16) {
    throw new Error(
      `expected 16-bit mono PCM, came format ${format} with ${channels} channels of ${bits} bits`,
    )
  }
  return file.readUInt32LE(at + 4)
}

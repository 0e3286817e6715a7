// 16-bit samples in, G.711 bytes out (ITU-T G.711): µ-law or A-law.

export type Codec = 'PCMU' | 'PCMA'

/** µ-law adds this before it looks for the segment, and can say nothing louder than the clip. */
const MU_BIAS = 0x84
const MU_CLIP = 32_635

/** Encodes samples to one byte each. */
export function encode(codec: Codec, samples: Int16Array): Uint8Array {
  return Uint8Array.from(samples, codec === 'PCMU' ? toMu : toA)
}

function toMu(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const biased = Math.min(Math.abs(sample), MU_CLIP) + MU_BIAS
  // The segment is where the highest bit stands, from bit 7 (0) to bit 14 (7).
  const segment = 24 - Math.clz32(biased)
  return ~(sign | (segment << 4) | ((biased >> (segment + 3)) & 0x0f)) & 0xff
}

function toA(sample: number): number {
  // Thirteen bits; negative values count from -1, so that both signs have as many steps.
  const magnitude = (sample < 0 ? ~sample : sample) >> 3
  const segment = Math.max(0, 27 - Math.clz32(magnitude))
  const mantissa = segment < 2 ? (magnitude >> 1) & 0x0f : (magnitude >> segment) & 0x0f
  return ((sample < 0 ? 0 : 0x80) | (segment << 4) | mantissa) ^ 0x55
}

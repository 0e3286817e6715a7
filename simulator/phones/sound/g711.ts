// G.711 as the phone hears it: one byte of µ-law or A-law in, a 16-bit sample out (ITU-T G.711, tables 1 and 2).
import type { Codec } from '../sip/sdp.ts'

/** The byte that means no sound. */
export const QUIET: Record<Codec, number> = { PCMU: 0xff, PCMA: 0xd5 }

/** Decodes a whole payload to 16-bit samples. */
export function decodeSound(codec: Codec, payload: Uint8Array): Int16Array {
  const expand = codec === 'PCMU' ? expandMu : expandA
  return Int16Array.from(payload, expand)
}

function expandMu(byte: number): number {
  const inverted = ~byte & 0xff
  const magnitude = (((inverted & 0x0f) << 3) + 0x84) << ((inverted & 0x70) >> 4)
  return inverted & 0x80 ? 0x84 - magnitude : magnitude - 0x84
}

function expandA(byte: number): number {
  const toggled = byte ^ 0x55
  const segment = (toggled & 0x70) >> 4
  const mantissa = (toggled & 0x0f) << 4
  const magnitude = segment === 0 ? mantissa + 8 : (mantissa + 0x108) << (segment - 1)
  return toggled & 0x80 ? magnitude : -magnitude
}

// In: manufacturer data that a receiver broadcasts back. Out: what it says, or null where it is not a beacon for this
// pendant or its seal is wrong. Whether it is believed is the pendant's own rule.
import {
  BEACON_BYTES,
  BEACON_COMPANY,
  BEACON_SEALED_BYTES,
  BEACON_TYPE,
  COUNTER_BYTES,
} from '../../schemas/frame.ts'
import { type Bench, TEXT_AT } from './seal.ts'

export type Beacon = { counter: number; told: number; number: number; frameCounter: number }

const COUNTER_AT = 3
const SEALED_AT = COUNTER_AT + COUNTER_BYTES
const MIC_AT = SEALED_AT + BEACON_SEALED_BYTES
/** The last two bytes of the address, on the bench: they stand in its nonce. */
const ADDRESS_END_AT = 5

const counterAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) +
  (bytes[at + 1] as number) * 256 +
  (bytes[at + 2] as number) * 65536 +
  (bytes[at + 3] as number) * 16777216

/**
 * Opens a beacon. One whose counter is not above `newerThan`, which is about the last believed one's, is dropped before any
 * AES is spent on it, because anybody can broadcast.
 */
export const readBeacon = (bench: Bench, newerThan: number, data: Uint8Array): Beacon | null => {
  const bytes = bench.bytes
  if (
    data.length !== BEACON_BYTES ||
    data[0] !== BEACON_TYPE ||
    data[1] !== bytes[ADDRESS_END_AT] ||
    data[2] !== bytes[ADDRESS_END_AT + 1]
  )
    return null
  const counter = counterAt(data, COUNTER_AT)
  if (counter <= newerThan) return null
  bench.lay(BEACON_COMPANY, BEACON_TYPE, counter, data.subarray(SEALED_AT, MIC_AT))
  if (!bench.open(data.subarray(MIC_AT))) return null
  return {
    counter: counter,
    told: bytes[TEXT_AT] as number,
    number: bytes[TEXT_AT + 1] as number,
    frameCounter: counterAt(bytes, TEXT_AT + 2),
  }
}

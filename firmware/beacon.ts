// In: manufacturer data that a receiver broadcasts back. Out: what it says, or null where it is not a beacon for this
// pendant or its seal is wrong. Whether it is believed is the pendant's own rule.
import {
  BEACON_BYTES,
  BEACON_COMPANY,
  BEACON_SEALED_BYTES,
  BEACON_TYPE,
  COUNTER_BYTES,
} from '../schemas/frame.ts'
import type { Aes } from './board.ts'
import { nonceOf } from './frame.ts'
import { open } from './seal.ts'

export type Beacon = { counter: number; told: number; number: number; frameCounter: number }

const COUNTER_AT = 3
const SEALED_AT = COUNTER_AT + COUNTER_BYTES
const MIC_AT = SEALED_AT + BEACON_SEALED_BYTES

const counterAt = (bytes: Uint8Array, at: number): number => {
  let counter = 0
  for (let i = COUNTER_BYTES - 1; i >= 0; i--) counter = counter * 256 + (bytes[at + i] as number)
  return counter
}

const isFor = (address: number[], data: Uint8Array): boolean =>
  data.length === BEACON_BYTES && data[0] === BEACON_TYPE && data[1] === address[4] && data[2] === address[5]

/**
 * Opens a beacon. `newerThan` is the last believed counter: an older one is dropped before any AES is spent on it,
 * because anybody can broadcast.
 */
export const readBeacon = (
  aes: Aes,
  key: Uint8Array,
  address: number[],
  newerThan: number,
  data: Uint8Array,
): Beacon | null => {
  if (!isFor(address, data)) return null
  const counter = counterAt(data, COUNTER_AT)
  if (counter <= newerThan) return null
  const plain = open(aes, key, nonceOf(address, BEACON_COMPANY, BEACON_TYPE, counter), {
    data: data.subarray(SEALED_AT, MIC_AT),
    mic: data.subarray(MIC_AT),
  })
  if (plain === null) return null
  return {
    counter: counter,
    told: plain[0] as number,
    number: plain[1] as number,
    frameCounter: counterAt(plain, 2),
  }
}

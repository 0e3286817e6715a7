// In: a pendant. Out: the bytes of its advertisement, flags first, then BTHome v2 service data, sealed where there is a
// key. Builds bytes only; the radio is the board's.
import {
  AD_SERVICE_DATA,
  ALARM_LENGTH,
  ALARM_VERSION,
  BTHOME_UUID,
  COUNTER_BYTES,
  INFO_PLAIN_TRIGGER,
  INFO_SEALED_TRIGGER,
  MIC_BYTES,
  OBJECT_BATTERY,
  OBJECT_BUTTON,
  OBJECT_PACKET_ID,
  OBJECT_RAW,
} from '../schemas/frame.ts'
import type { State } from './fields.ts'
import { type Bench, COUNTER_AT, STREAM_AT, TEXT_AT } from './seal.ts'
import { buttonOf, flagsOf, kindOf } from './sending.ts'

/** The BTHome objects of a frame. */
export const FRAME_TEXT_BYTES = 11
/** AD flags, AD header, UUID, info. */
const HEADER_BYTES = 8
export const FRAME_BYTES = HEADER_BYTES + FRAME_TEXT_BYTES + COUNTER_BYTES + MIC_BYTES
const BLOCK = 16

/** Flags (LE general discoverable, BR/EDR not supported: BlueZ leaves out passive reports that lack them) and header. */
const header = (info: number, dataBytes: number): number[] => [
  0x02,
  0x01,
  0x06,
  dataBytes + 4,
  AD_SERVICE_DATA,
  BTHOME_UUID & 0xff,
  BTHOME_UUID >> 8,
  info,
]

/** The BTHome objects in ascending order of id. */
export const textOf = (s: State): number[] => [
  OBJECT_PACKET_ID,
  s.packetId,
  OBJECT_BATTERY,
  s.battery,
  OBJECT_BUTTON,
  buttonOf(s),
  OBJECT_RAW,
  ALARM_LENGTH,
  (ALARM_VERSION << 4) | kindOf(s),
  s.number,
  flagsOf(s),
]

/** An advertisement without a seal, for a pendant that has no key: better heard and doubted than mute. */
export const plainFrame = (s: State): Uint8Array =>
  new Uint8Array(header(INFO_PLAIN_TRIGGER, FRAME_TEXT_BYTES).concat(textOf(s)))

export type Sealer = {
  /** The frame of `s` under its frame counter; the bytes are good until the next. */
  frame(s: State): Uint8Array
  /** The same where only the packet id and the lowest byte of the counter differ from the frame before: the heartbeat. */
  again(s: State): Uint8Array
}

/** Seals a pendant's frames on a bench. */
export const sealerOn = (bench: Bench): Sealer => {
  const bytes = bench.bytes
  const air = new Uint8Array(FRAME_BYTES)
  const counter = bytes.subarray(COUNTER_AT, COUNTER_AT + COUNTER_BYTES)
  air.set(header(INFO_SEALED_TRIGGER, FRAME_BYTES - HEADER_BYTES))

  const put = (): Uint8Array => {
    bench.seal()
    // The counter and the MIC go over what the block has beyond the text.
    air.set(bench.out, HEADER_BYTES)
    air.set(counter, HEADER_BYTES + FRAME_TEXT_BYTES)
    air.set(bench.mic, FRAME_BYTES - MIC_BYTES)
    if (bench.ahead !== null) bench.ahead()
    return air
  }
  return {
    frame: s => {
      bench.lay(BTHOME_UUID, INFO_SEALED_TRIGGER, s.frameCounter, textOf(s))
      return put()
    },
    again: s => {
      const low = s.frameCounter % 256
      bytes[TEXT_AT + 1] = s.packetId
      bytes[COUNTER_AT] = low
      bytes[STREAM_AT + COUNTER_AT] = low
      bytes[STREAM_AT + BLOCK + COUNTER_AT] = low
      return put()
    },
  }
}

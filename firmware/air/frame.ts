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
} from '../../schemas/frame.ts'
import type { State } from '../fields.ts'
import { type Bench, COUNTER_AT, FRAME_BYTES, FRAME_TEXT_BYTES } from './seal.ts'
import { airedKindOf, buttonOf, flagsOf } from './sending.ts'

/** AD flags, AD header, UUID, info. */
const HEADER_BYTES = 8

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
  (ALARM_VERSION << 4) | airedKindOf(s),
  s.number,
  flagsOf(s),
]

/** An advertisement without a seal, for a pendant that has no key: better heard and doubted than mute. */
export const plainFrame = (s: State): Uint8Array =>
  new Uint8Array(header(INFO_PLAIN_TRIGGER, FRAME_TEXT_BYTES).concat(textOf(s)))

const COUNTER_IN_FRAME = HEADER_BYTES + FRAME_TEXT_BYTES
const MIC_IN_FRAME = FRAME_BYTES - MIC_BYTES

/** Seals a pendant's frames on a bench: that of `s` under its frame counter. Its bytes are good until the next. */
export const sealerOn = (bench: Bench): ((s: State) => Uint8Array) => {
  const mic = bench.mic
  const air = bench.air
  const counter = bench.bytes.subarray(COUNTER_AT, COUNTER_AT + COUNTER_BYTES)
  air.set(header(INFO_SEALED_TRIGGER, FRAME_BYTES - HEADER_BYTES))

  return s => {
    bench.lay(BTHOME_UUID, INFO_SEALED_TRIGGER, s.frameCounter, textOf(s))
    bench.seal()
    // The counter's first byte goes over what the words of the text have beyond it.
    air.set(counter, COUNTER_IN_FRAME)
    air.set(mic, MIC_IN_FRAME)
    return air
  }
}

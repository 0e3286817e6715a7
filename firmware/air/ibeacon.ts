// In: the packet of an iBeacon identity that a site chose for this pendant. Out: what its radio is given in place of a sealed frame
// alone. The packet is the same for ever: whoever hears it knows the pendant by it.
import type { Board } from '../board.ts'
import type { State } from '../fields.ts'
import { BURST_INTERVAL_MS } from '../state.ts'

/** Of the whole packet: flags, Apple's company number, type and length, UUID, major, minor, and the level at a metre. */
export const IBEACON_BYTES = 30
/** So much later than its share of the heartbeat, so that what is put off by 0-10 ms leaves none over before the next. */
const SLACK_MS = 10

/**
 * The interval of an idle pendant's packets with the identity among them. Espruino takes the packets of a list in turn and
 * the first of them twice, so that 2n + 1 of them in a heartbeat are n of the identity and n + 1 sealed ones, where
 * without it there were n: no sealed one is missing for it, as far as the radio may be as quick.
 */
export const besideMs = (s: Pick<State, 'heartbeatMs' | 'idleMs'>): number =>
  Math.max(
    BURST_INTERVAL_MS,
    Math.ceil(s.heartbeatMs / (2 * Math.ceil(s.heartbeatMs / s.idleMs) + 1)) + SLACK_MS,
  )

/**
 * What the radio is given with a heartbeat where there is an identity: the frame and the packet in turn. With anything but a
 * heartbeat it is given a frame alone, so that an alarm, an event or a burst has the air to itself; and so it is where it
 * does not take both. It reads the list again after each packet, for the next one; a frame is sealed in the same place as
 * the one before, but handed over in the same turn, long before that next one.
 */
export const beside =
  (
    board: Board,
    settings: { iBeacon: Uint8Array[] | null },
  ): ((frame: Uint8Array, intervalMs: number) => void) =>
  (frame, intervalMs) => {
    const pair = settings.iBeacon as Uint8Array[]
    pair[0] = frame
    try {
      board.advertise(pair, intervalMs)
    } catch (_error) {
      board.advertise(frame, intervalMs)
    }
  }

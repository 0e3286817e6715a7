// What a controller sends, sorted: reports to whoever takes reports, answers to whoever asked. In: bytes as they come. Out: calls, and
// what could not be read, counted.
import type { Clock } from '../../ports.ts'
import { type ControllerEvent, decodeEvent, EVENT_LE } from './codec/events.ts'
import { createSplitter } from './codec/packets.ts'
import { createReportReader, type TakeReport } from './codec/reports.ts'

/** After so long without its rest a packet may be junk: at the slowest speed of a line the longest takes a tenth of it. */
const REST_MS_MAX = 200

export type Reading = {
  feed(bytes: Uint8Array): void
  heard(): number
  malformed(): number
  stop(): void
}

export type ReadingOptions = {
  clock: Clock
  report: TakeReport
  /** Reports came, and all that came at once have been told. */
  flush(): void
  /** False: it cannot be. */
  event(event: ControllerEvent): boolean
}

export function createReading({ clock, report, flush, event }: ReadingOptions): Reading {
  let heard = 0
  let cancelRest = (): void => {}
  const reader = createReportReader((...args) => {
    heard += 1
    report(...args)
  })
  const splitter = createSplitter((bytes, from, to) => {
    if (bytes[from] === EVENT_LE) return reader.read(bytes, from + 2, to)
    const decoded = decodeEvent(bytes, from, to)
    return decoded !== null && event(decoded)
  })
  const flushed = (read: () => void): void => {
    const before = heard
    read()
    if (heard !== before) flush()
  }
  return {
    feed(bytes) {
      cancelRest()
      flushed(() => splitter.feed(bytes))
      if (splitter.waiting() > 0) cancelRest = clock.after(REST_MS_MAX, () => flushed(splitter.lookBehind))
    },
    heard: () => heard,
    malformed: () => splitter.malformed() + reader.lost(),
    stop: () => cancelRest(),
  }
}

// What a receiver has heard and not yet had confirmed by the broker. In: heard advertisements; out: batches, fresh ones
// first, oldest first. Bounded: repeats are dropped for room among repeats only, so they never cost a fresh frame.
import { AD_SERVICE_DATA, BTHOME_UUID } from '../../schemas/frame.ts'
import { REPORT_AGE_MS_MAX, REPORTS_PER_BATCH_MAX } from '../../schemas/report.ts'
import type { Heard } from '../building/world.ts'

/**
 * Frames are sealed, so a receiver cannot read which one is an alarm. What it can see is *fresh*: a BTHome frame whose bytes
 * are not those it heard last from that address. Each alarm begins with one, whatever its info byte says (many buttons say
 * that they are not trigger based), and so does each heartbeat's new seal; the repeats between them only sharpen the
 * location and can wait for the next batch.
 */
export type Freshness = 'fresh' | 'repeat'

export type ReportQueue = {
  add(heard: Heard): Freshness
  /** The next batch to publish, empty where nothing waits. It is the caller's until confirmed or given back. */
  take(nowMs: number): Waiting[]
  /** Puts an unconfirmed batch back in front. */
  giveBack(batch: readonly Waiting[]): void
  waiting(): number
  dropped(): number
}

/** An hour of six pendants' heartbeats each 2 s is 10,800; older ones are refused by the gateway anyway. */
export const FRESH_MAX = 16_000
export const REPEATS_MAX = 2_000
/**
 * A thermometer is not trigger based either, and some seal every repeat anew: of such an address so many frames a second are
 * fresh, which is more than any button's presses, and what comes beyond them waits like a repeat.
 */
export const UNTRIGGERED_PER_SECOND = 2
/** Addresses whose last frame is remembered; the one heard longest ago is forgotten for a new one. */
const ADDRESSES_MAX = 1_000
/** A report of 31 bytes is at most 137 characters of JSON; 450 of them stay under PAYLOAD_BYTES_MAX. */
const BATCH_MAX = Math.min(450, REPORTS_PER_BATCH_MAX)

export type Waiting = Heard & { freshness: Freshness }

export function createReportQueue(): ReportQueue {
  const waiting: Record<Freshness, Waiting[]> = { fresh: [], repeat: [] }
  const lastFrames = new Map<string, Last>()
  let dropped = 0

  const trim = (freshness: Freshness, most: number) => {
    const excess = waiting[freshness].length - most
    if (excess <= 0) return
    waiting[freshness].splice(0, excess)
    dropped += excess
  }
  const isOfUse = (nowMs: number) => (heard: Heard) => nowMs - heard.heardAtMs <= REPORT_AGE_MS_MAX
  const sweep = (freshness: Freshness, nowMs: number) => {
    const kept = waiting[freshness].filter(isOfUse(nowMs))
    dropped += waiting[freshness].length - kept.length
    waiting[freshness] = kept
  }

  return {
    add(heard) {
      const freshness = freshnessOf(lastFrames, heard)
      waiting[freshness].push({ ...heard, freshness })
      trim('fresh', FRESH_MAX)
      trim('repeat', REPEATS_MAX)
      return freshness
    },
    take(nowMs) {
      sweep('fresh', nowMs)
      sweep('repeat', nowMs)
      const fresh = waiting.fresh.splice(0, BATCH_MAX)
      return [...fresh, ...waiting.repeat.splice(0, BATCH_MAX - fresh.length)]
    },
    giveBack(batch) {
      waiting.fresh.unshift(...batch.filter(({ freshness }) => freshness === 'fresh'))
      waiting.repeat.unshift(...batch.filter(({ freshness }) => freshness === 'repeat'))
      trim('fresh', FRESH_MAX)
      trim('repeat', REPEATS_MAX)
    },
    waiting: () => waiting.fresh.length + waiting.repeat.length,
    dropped: () => dropped,
  }
}

/** What was heard last of an address, and how many of its frames were fresh in the second since `sinceMs`. */
type Last = { frame: string; sinceMs: number; fresh: number }
type Frame = { hex: string; isTriggered: boolean }

const SECOND_MS = 1_000

function freshnessOf(lastFrames: Map<string, Last>, { address, data, heardAtMs }: Heard): Freshness {
  const frame = bthomeFrame(data)
  if (frame === null) return 'repeat'
  const before = lastFrames.get(address)
  const isNewSecond = before === undefined || heardAtMs - before.sinceMs >= SECOND_MS
  const fresh = isNewSecond ? 0 : before.fresh
  const isSame = before?.frame === frame.hex
  const isFresh = !isSame && (frame.isTriggered || fresh < UNTRIGGERED_PER_SECOND)
  const sinceMs = isNewSecond ? heardAtMs : before.sinceMs
  lastFrames.delete(address)
  // One beyond the count is not remembered: still sent in the next second, it is fresh then.
  const known = isFresh || before === undefined ? frame.hex : before.frame
  lastFrames.set(address, { frame: known, sinceMs, fresh: fresh + (isFresh ? 1 : 0) })
  const [oldest] = lastFrames.keys()
  if (lastFrames.size > ADDRESSES_MAX && oldest !== undefined) lastFrames.delete(oldest)
  return isFresh ? 'fresh' : 'repeat'
}

/** BTHome device information byte, bit 2: the device sends when something happens (bthome.io, format v2). */
const INFO_TRIGGER_BIT = 0x04

/** The service data of a BTHome frame; null for anything else on the air. */
function bthomeFrame(data: Uint8Array): Frame | null {
  for (let at = 0; at + 1 < data.length; at += (data[at] ?? 0) + 1) {
    const structure = data.subarray(at + 1, at + 1 + (data[at] ?? 0))
    const [type, low = 0, high = 0, info = 0] = structure
    if (type !== AD_SERVICE_DATA || (low | (high << 8)) !== BTHOME_UUID) continue
    return { hex: Buffer.from(structure).toString('hex'), isTriggered: (info & INFO_TRIGGER_BIT) !== 0 }
  }
  return null
}

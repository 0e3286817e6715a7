// What a receiver has heard and the gateway has not confirmed yet. In: heard advertisements; out: batches, fresh ones first,
// oldest first. Bounded: repeats are dropped for room among repeats only, so they never cost a fresh frame.
import { AD_SERVICE_DATA, BTHOME_UUID } from '../../schemas/frame.ts'
import { REPORTS_PER_BATCH_MAX } from '../../schemas/report.ts'

/** One advertisement as a radio heard it. `rssiDbm` null: the radio does not know the level. */
export type Heard = { address: string; data: Uint8Array; rssiDbm: number | null; heardAtMs: number }

/**
 * Frames are sealed, so a receiver cannot read which one is an alarm. What it can see is *fresh*: a BTHome frame whose bytes
 * are not those it heard last from that address. Each alarm begins with one, whatever its info byte says (many buttons say
 * that they are not trigger based), and so does each heartbeat's new seal; the repeats between them only sharpen the
 * location and can wait for the next batch. What is no BTHome frame is nobody's business and goes nowhere.
 */
export type Freshness = 'fresh' | 'repeat'

/** `heardAtMs` null: heard before this machine was started anew, so nobody knows how long ago. */
export type Waiting = Omit<Heard, 'heardAtMs'> & {
  /** Unlike that of any other, over restarts too where there is a spool. */
  id: number
  heardAtMs: number | null
  freshness: Freshness
}

export type ReportQueue = {
  /** Null for what no gateway wants. */
  add(heard: Heard): Waiting | null
  /** The next batch to publish, empty where nothing waits. It is the caller's until confirmed or given back. */
  take(nowMs: number, most?: number): Waiting[]
  /** Puts an unconfirmed batch back in front. */
  giveBack(batch: readonly Waiting[]): void
  waiting(): number
  dropped(): number
}

/** Some 4 MB. A receiver near 20 pendants that seal each 2 s keeps 27 minutes of them whole, and thinned ones of hours. */
export const FRESH_MAX = 16_000
export const REPEATS_MAX = 2_000
/** For want of room, of a pendant one frame is kept in so long; more than the last, and an alarm might be lost. */
const SPACINGS_MS = [2_500, 5_000, 8_000]
/** Of an address with fewer each may be a press of its own: a button that is not ours seals no heartbeats. */
const MANY_MIN = 32
/** Looked for room so often, and only where it brings as much. */
const THIN_EACH = 1_000
/** A repeat says where somebody was. */
export const REPEAT_AGE_MS_MAX = 3_600_000
/**
 * A thermometer is not trigger based either, and some seal every repeat anew: of such an address so many frames a second are
 * fresh, which is more than any button's presses, and what comes beyond them waits like a repeat.
 */
export const UNTRIGGERED_PER_SECOND = 2
/** Addresses whose last frame is remembered; the one heard longest ago is forgotten for a new one. */
const ADDRESSES_MAX = 1_000
/** A report of 31 bytes is at most 137 characters of JSON; 450 of them stay under 64 KB. */
const BATCH_MAX = Math.min(450, REPORTS_PER_BATCH_MAX)

/** `onDropped` is told of fresh frames that are given up for room. `firstId`: above every id that is still known. */
export function createReportQueue(
  onDropped: (those: readonly Waiting[]) => void = () => {},
  firstId = 1,
): ReportQueue {
  const waiting: Record<Freshness, Waiting[]> = { fresh: [], repeat: [] }
  const lastFrames = new Map<string, Last>()
  let nextId = firstId
  let thinnedAtId = Number.NEGATIVE_INFINITY
  let dropped = 0

  const trimRepeats = () => {
    const excess = waiting.repeat.length - REPEATS_MAX
    if (excess > 0) dropped += waiting.repeat.splice(0, excess).length
  }
  const giveUp = (gone: readonly Waiting[]) => {
    dropped += gone.length
    onDropped(gone)
  }
  const thin = () => {
    thinnedAtId = nextId
    for (const spacingMs of SPACINGS_MS) {
      const { kept, gone } = thinned(waiting.fresh, spacingMs)
      if (gone.length < THIN_EACH) continue
      waiting.fresh = kept
      return giveUp(gone)
    }
  }
  const trimFresh = () => {
    if (waiting.fresh.length <= FRESH_MAX) return
    if (nextId - thinnedAtId >= THIN_EACH) thin()
    const excess = waiting.fresh.length - FRESH_MAX
    if (excess > 0) giveUp(waiting.fresh.splice(0, excess))
  }
  const sweepRepeats = (nowMs: number) => {
    const kept = waiting.repeat.filter(({ heardAtMs }) => nowMs - (heardAtMs ?? 0) <= REPEAT_AGE_MS_MAX)
    dropped += waiting.repeat.length - kept.length
    waiting.repeat = kept
  }

  return {
    add(heard) {
      const frame = bthomeFrame(heard.data)
      if (frame === null) return null
      const freshness = freshnessOf(lastFrames, heard, frame)
      const { address, rssiDbm, heardAtMs } = heard
      const data = heard.data.length > LEGACY_BYTES ? frame.structure : heard.data
      const one = { address, data, rssiDbm, heardAtMs, freshness, id: nextId++ }
      waiting[freshness].push(one)
      if (freshness === 'fresh') trimFresh()
      else trimRepeats()
      return one
    },
    take(nowMs, most = BATCH_MAX) {
      sweepRepeats(nowMs)
      const fresh = waiting.fresh.splice(0, most)
      return [...fresh, ...waiting.repeat.splice(0, most - fresh.length)]
    },
    giveBack(batch) {
      waiting.fresh = [...batch.filter(({ freshness }) => freshness === 'fresh'), ...waiting.fresh]
      waiting.repeat = [...batch.filter(({ freshness }) => freshness === 'repeat'), ...waiting.repeat]
      trimFresh()
      trimRepeats()
    },
    waiting: () => waiting.fresh.length + waiting.repeat.length,
    dropped: () => dropped,
  }
}

/**
 * Room among fresh frames: of an address with many, those go that were heard within some seconds of one that stays. A pendant in
 * alarm seals anew each second, for ten seconds at least, and each of its frames says the alarm: one in eight seconds says it too.
 */
function thinned(fresh: readonly Waiting[], spacingMs: number): { kept: Waiting[]; gone: Waiting[] } {
  const counts = new Map<string, number>()
  for (const { address } of fresh) counts.set(address, (counts.get(address) ?? 0) + 1)
  const lastMs = new Map<string, number>()
  const kept: Waiting[] = []
  const gone: Waiting[] = []
  for (const one of fresh) {
    const { address, heardAtMs } = one
    const isMany = (counts.get(address) ?? 0) >= MANY_MIN
    const sinceMs =
      (heardAtMs ?? Number.POSITIVE_INFINITY) - (lastMs.get(address) ?? Number.NEGATIVE_INFINITY)
    if (isMany && sinceMs < spacingMs) gone.push(one)
    else {
      kept.push(one)
      if (heardAtMs !== null) lastMs.set(address, heardAtMs)
    }
  }
  return { kept, gone }
}

/** What was heard last of an address, and how many of its frames were fresh in the second since `sinceMs`. */
type Last = { frame: string; sinceMs: number; fresh: number }
type Frame = { hex: string; isTriggered: boolean; structure: Uint8Array }

const SECOND_MS = 1_000

function freshnessOf(lastFrames: Map<string, Last>, { address, heardAtMs }: Heard, frame: Frame): Freshness {
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

/** Of a longer packet (Bluetooth 5: up to 1,650 bytes) the frame alone is kept; the longest that a report has room for. */
const LEGACY_BYTES = 31
const STRUCTURE_BYTES_MAX = 255
/** BTHome device information byte, bit 2: the device sends when something happens (bthome.io, format v2). */
const INFO_TRIGGER_BIT = 0x04

/** The service data of a BTHome frame; null for anything else on the air. */
function bthomeFrame(data: Uint8Array): Frame | null {
  for (let at = 0; at + 1 < data.length; at += (data[at] ?? 0) + 1) {
    const structure = data.subarray(at, at + 1 + (data[at] ?? 0))
    const [, type, low = 0, high = 0, info = 0] = structure
    if (type !== AD_SERVICE_DATA || (low | (high << 8)) !== BTHOME_UUID) continue
    if (structure.length > STRUCTURE_BYTES_MAX) return null
    const hex = Buffer.from(structure).toString('hex')
    return { hex, isTriggered: (info & INFO_TRIGGER_BIT) !== 0, structure }
  }
  return null
}

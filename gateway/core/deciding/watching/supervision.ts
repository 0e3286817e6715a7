// In: what receivers and pendants say of themselves, and how long they have said nothing. Out: technical alarms raised and mended.
import { HEARTBEAT_MS } from '../../../../schemas/report.ts'
import { complaintsIn } from '../../hearing/complaint.ts'
import type { Cover } from '../../hearing/receivers/cover.ts'
import { deafKey, GOES_MIN, type ReceiverState, receiverKey } from '../../hearing/receivers/receiver.ts'
import type { Sighting } from '../../hearing/sighting.ts'
import type { Track } from '../../hearing/track.ts'
import type { Change } from '../../plan/change.ts'
import type { Complaint, Facts, Technical } from '../../plan/facts.ts'
import { technicalRaised } from '../../plan/fault-words.ts'
import { isTeller } from '../../plan/foreign.ts'
import type { Plan } from '../../plan/plan.ts'

/** Three heartbeats missed in a row: one lost packet is no fault, half a minute of silence is shown. */
const SILENCE_MS = 3 * HEARTBEAT_MS
/** After so long it is out of order, and the rooms that nobody hears for it are named. */
const FAULT_MS = 9 * HEARTBEAT_MS

type Supervised = {
  plan: Plan
  cover: Cover
  technical: ReadonlyMap<string, { sinceMs: number; facts?: Facts }>
  receivers: ReadonlyMap<string, ReceiverState>
  /** What it has heard says as much as a heartbeat. */
  ears: ReadonlyMap<string, { heardAtMs: number | null }>
  startedAtMs: number
}

/** A receiver that went GOES_MIN times within so long comes and goes: it is back once it has stayed for as long as silence takes. */
const GOES_MS = 5 * 60_000

/** The change that a receiver's own word brings, if any. Of one that comes and goes it is one row, however often it does. */
export function receiverSaid(so: Supervised, receiver: string, isOnline: boolean, nowMs: number): Change[] {
  const key = receiverKey(receiver)
  if (isOnline) return mendedIfSteady(so, receiver, nowMs)
  if (so.technical.has(key)) return []
  const goneAtMs = so.receivers.get(receiver)?.goneAtMs ?? []
  const facts = { of: 'receiver-gone', receiver, forMs: null } as const
  const isOften = comesAndGoes([...goneAtMs, nowMs].slice(-GOES_MIN), nowMs)
  return [technicalRaised(so.plan, key, isOften ? { ...facts, isOften } : facts)]
}

function mendedIfSteady(so: Supervised, receiver: string, nowMs: number): Change[] {
  const key = receiverKey(receiver)
  const isSteady = !comesAndGoes(so.receivers.get(receiver)?.goneAtMs ?? [], nowMs)
  return isSteady && so.technical.has(key) ? [{ is: 'technical-mended', key }] : []
}

const comesAndGoes = (goneAtMs: readonly number[], nowMs: number): boolean => {
  const [first, last] = [goneAtMs[0] ?? 0, goneAtMs.at(-1) ?? 0]
  return goneAtMs.length === GOES_MIN && last - first <= GOES_MS && nowMs - last <= SILENCE_MS
}

/**
 * One of another system has no heartbeat, unless our script runs on it: it is there from its own word on until its connection
 * ends, and deaf as any other.
 */
function isThere({ plan, receivers }: Supervised, id: string): boolean {
  const receiver = plan.receivers.get(id)
  const hasHeartbeat = receiver?.foreign === undefined || isTeller(receiver)
  return !hasHeartbeat && receivers.get(id)?.isOnline === true
}

/** Receivers that have gone silent, or were never heard since the gateway started; and those whose reports come again. */
export function silentReceivers(so: Supervised, ids: Iterable<string>, nowMs: number): Change[] {
  const changes: Change[] = []
  for (const id of ids) {
    const reportedAtMs = so.ears.get(id)?.heardAtMs ?? Number.NEGATIVE_INFINITY
    const heardAtMs = Math.max(so.receivers.get(id)?.statusAtMs ?? so.startedAtMs, reportedAtMs)
    const key = receiverKey(id)
    const known = so.technical.get(key)
    if (known !== undefined) {
      const isBack = reportedAtMs > known.sinceMs && nowMs - reportedAtMs <= SILENCE_MS
      if (isBack) changes.push(...mendedIfSteady(so, id, nowMs))
      else changes.push(...outOfOrder(so, id, known, nowMs))
      continue
    }
    if (nowMs - heardAtMs <= SILENCE_MS || isThere(so, id)) continue
    changes.push(
      technicalRaised(so.plan, key, { of: 'receiver-gone', receiver: id, forMs: nowMs - heardAtMs }),
    )
  }
  return changes
}

/** Said once of a receiver that is gone for so long; of one that comes and goes it is said already what to do. */
function outOfOrder(
  so: Supervised,
  receiver: string,
  { sinceMs, facts }: { sinceMs: number; facts?: Facts },
  nowMs: number,
): Change[] {
  if (facts?.of !== 'receiver-gone' || facts.isOften || facts.rooms !== undefined) return []
  const forMs = nowMs - sinceMs + (facts.forMs ?? 0)
  if (forMs < FAULT_MS) return []
  const rooms = uncoveredWithout(so, receiver)
  return [technicalRaised(so.plan, receiverKey(receiver), { of: 'receiver-gone', receiver, forMs, rooms })]
}

/** Rooms that this one is to hear, and in which none of the others that are to hear them is there. */
function uncoveredWithout({ cover, technical }: Supervised, receiver: string): string[] {
  const isThere = (id: string): boolean => !technical.has(receiverKey(id)) && !technical.has(deafKey(id))
  return [...cover.rooms].flatMap(([room, those]) =>
    those.includes(receiver) && !those.some(id => id !== receiver && isThere(id)) ? [room] : [],
  )
}

/** A loaded battery is measured each ten minutes and wavers about its limit: two good measurements in a row mend it. */
const BATTERY_WELL_MS = 25 * 60_000
/** A cord that was put back is well at once; one that was faulty may be loose. */
const FAULT_WELL_MS = 60_000

export const pendantKey = (pendant: string): string => `pendant:${pendant}`

/** The change that a pendant's own flags bring: raised once for each complaint, mended when all have been gone a while. */
export function pendantSaid(
  so: { technical: ReadonlyMap<string, Pick<Technical, 'facts'>> },
  plan: Plan,
  track: Track,
  { pendant, alarm, heardAtMs, isLate }: Sighting,
): Change[] {
  if (isLate) return []
  const key = pendantKey(pendant)
  const known = so.technical.get(key)
  // A row of old says what it complained of in words alone: it may have been anything.
  const before = known?.facts?.of === 'pendant-complains' ? known.facts.complaints : null
  const complaints = complaintsIn(alarm)
  if (complaints.length > 0) {
    if (complaints.every(each => before?.includes(each))) return []
    return [technicalRaised(plan, key, { of: 'pendant-complains', pendant, complaints })]
  }
  if (known === undefined) return []
  const onlyOf = (these: readonly Complaint[]): boolean =>
    before?.every(each => these.includes(each)) === true
  const wellMs = onlyOf(['cord-out']) ? 0 : onlyOf(['fault', 'cord-out']) ? FAULT_WELL_MS : BATTERY_WELL_MS
  const isWell = heardAtMs - (track.wellSinceMs ?? heardAtMs) >= wellMs
  return isWell ? [{ is: 'technical-mended', key }] : []
}

// Which receivers hear now. In: the counts of their heartbeats, what came of their reports, and who is to hear which room.
// Out: who hears, who is there and deaf, and the rooms in which no alarm would be heard. Not heard lately is not proven.
import type { Change } from '../../plan/change.ts'
import type { Facts, Missing, RadioFault } from '../../plan/facts.ts'
import { technicalRaised } from '../../plan/fault-words.ts'
import type { Plan } from '../../plan/plan.ts'
import { movedKey } from '../../walk/drift.ts'
import type { Cover } from './cover.ts'
import { deafKey, receiverKey } from './receiver.ts'

/** What is known of one receiver's hearing, in memory only. */
export type Ear = {
  /** What its last heartbeat had counted; null before one. */
  count: number | null
  /** Since when it is listened for: from then on it should be heard to hear. */
  sinceMs: number
  /** When it heard anything last; null while that is not proven. */
  heardAtMs: number | null
  /** Since when it hears without a break. */
  hearingSinceMs: number | null
  /** Why it hears nothing, by its own word, and since when; null where it says that it hears, or nothing of it. */
  radioFault: (RadioFault & { sinceMs: number }) | null
}
export type Ears = Map<string, Ear>

type Listening = {
  plan: Plan
  cover: Cover
  ears: ReadonlyMap<string, Ear>
  technical: ReadonlyMap<string, { facts?: Facts }>
}

/** Who hears now, why nobody does, and the rooms, by id, in which nobody would hear an alarm. */
export type HearingNow = {
  hears: ReadonlySet<string>
  missing: Extract<Missing, { of: 'ears' }> | null
  uncovered: readonly string[]
}

/** Three heartbeats: within these a receiver hears without a break. */
const BREAK_MS = 30_000
/** A pendant is on the air each 2 s: who hears none of it for so long, while others near hear on, is deaf. */
const DEAF_MS = 60_000
/** Where nobody near hears anything either, the air may be empty; for so long it is not proven that it is. */
const QUIET_MS = 300_000

const newEar = (atMs: number): Ear => ({
  count: null,
  sinceMs: atMs,
  heardAtMs: null,
  hearingSinceMs: null,
  radioFault: null,
})

/** Takes in what it says of its own radio (in place): the next of its words counts, and no report in between. */
export function noteRadio(ears: Ears, receiver: string, fault: RadioFault | null, atMs: number): void {
  const ear = ears.get(receiver) ?? newEar(atMs)
  ears.set(receiver, ear)
  ear.radioFault = fault === null ? null : { ...fault, sinceMs: ear.radioFault?.sinceMs ?? atMs }
}

/** Takes in a heartbeat (in place). A first count is no proof: it may have stood there for days. */
export function noteCount(ears: Ears, receiver: string, count: number, atMs: number): void {
  const ear = ears.get(receiver) ?? newEar(atMs)
  ears.set(receiver, ear)
  const before = ear.count
  ear.count = count
  // One that was started anew counts from 0.
  const hasHeard = before !== null && (count > before || (count < before && count > 0))
  if (hasHeard) noteHeard(ears, receiver, atMs)
}

/** Takes in that it heard a pendant (in place): a report proves as much as a count. */
export function noteHeard(ears: Ears, receiver: string, heardAtMs: number): void {
  const known = ears.get(receiver)
  const ear = known ?? newEar(heardAtMs)
  if (known === undefined) ears.set(receiver, ear)
  if (ear.heardAtMs !== null && heardAtMs <= ear.heardAtMs) return
  const isOn = ear.heardAtMs !== null && heardAtMs - ear.heardAtMs <= BREAK_MS
  ear.hearingSinceMs = isOn ? ear.hearingSinceMs : heardAtMs
  ear.heardAtMs = heardAtMs
}

/** Works out who hears. */
export function hearingNow(so: Listening, nowMs: number): HearingNow {
  const ids = [...so.cover.near.keys()]
  if (ids.length === 0) return byRelays(so)
  const hears = new Set(ids.filter(id => isHearing(so, id, nowMs)))
  if (hears.size === 0) return { hears, missing: { of: 'ears', why: whyNobody(so, ids) }, uncovered: [] }
  // What was moved hears other rooms than anybody knows.
  const covers = (id: string): boolean => hears.has(id) && !so.technical.has(movedKey(id))
  const uncovered = [...so.cover.rooms].flatMap(([room, those]) => (those.some(covers) ? [] : [room]))
  return { hears, missing: null, uncovered }
}

/** A site whose buttons all come in by other systems has nothing that hears the air: what counts is that one of them is there. */
function byRelays(so: Listening): HearingNow {
  const isAny = [...so.plan.receivers.keys()].some(id => !isDown(so, id))
  return { hears: new Set(), missing: isAny ? null : { of: 'ears', why: 'gone' }, uncovered: [] }
}

/** The technical alarms of receivers that are there and deaf: raised once for each reason, and mended when they hear. */
export function deafChanges(so: Listening, { hears }: HearingNow, nowMs: number): Change[] {
  return [...so.cover.near.keys()].flatMap(receiver => {
    const key = deafKey(receiver)
    const ear = so.ears.get(receiver)
    const known = so.technical.get(key)
    const said = known?.facts?.of === 'receiver-deaf' ? known.facts.radio : undefined
    const isWell = hears.has(receiver) || (said !== undefined && ear !== undefined && ear.radioFault === null)
    if (known !== undefined && isWell) return [{ is: 'technical-mended', key } as const]
    if (ear === undefined || isDown(so, receiver)) return []
    const radio = faultNow(ear, nowMs)
    const isNew =
      known === undefined ? isDeaf(so, receiver, ear, hears, nowMs) : radio !== null && radio.is !== said?.is
    if (!isNew) return []
    const forMs = nowMs - lastMs(ear)
    return [
      technicalRaised(so.plan, key, {
        of: 'receiver-deaf',
        receiver,
        forMs,
        ...(radio !== null && { radio }),
      }),
    ]
  })
}

/** A radio that is begun anew is back within less. */
const RADIO_MS = 5_000

/** What it says of its radio, where it has said so for long enough to be a fault. */
function faultNow({ radioFault }: Ear, nowMs: number): RadioFault | null {
  if (radioFault === null || nowMs - radioFault.sinceMs < RADIO_MS) return null
  const { is, why } = radioFault
  return { is, why }
}

const lastMs = ({ heardAtMs, sinceMs }: Ear): number => heardAtMs ?? sinceMs

const isDown = (so: Listening, receiver: string): boolean => so.technical.has(receiverKey(receiver))

function isHearing(so: Listening, receiver: string, nowMs: number): boolean {
  const ear = so.ears.get(receiver)
  if (ear === undefined || ear.heardAtMs === null || isDown(so, receiver)) return false
  if (faultNow(ear, nowMs) !== null) return false
  return nowMs - ear.heardAtMs <= QUIET_MS && !isOutheard(so, receiver, ear, nowMs)
}

/** Others near it have heard without a break for as long as it has heard nothing, and that is too long. */
function isOutheard(so: Listening, receiver: string, ear: Ear, nowMs: number): boolean {
  return (so.cover.near.get(receiver) ?? []).some(id => {
    const other = so.ears.get(id)
    if (other === undefined || isDown(so, id)) return false
    const { heardAtMs, hearingSinceMs } = other
    if (heardAtMs === null || hearingSinceMs === null || nowMs - heardAtMs > BREAK_MS) return false
    return nowMs - Math.max(hearingSinceMs, lastMs(ear)) > DEAF_MS
  })
}

/** Where nobody hears at all, that is one thing to say and not one for each; what a receiver says of itself is its own. */
function isDeaf(
  so: Listening,
  receiver: string,
  ear: Ear,
  hears: ReadonlySet<string>,
  nowMs: number,
): boolean {
  if (isDown(so, receiver)) return false
  if (faultNow(ear, nowMs) !== null) return true
  if (hears.has(receiver) || hears.size === 0) return false
  return nowMs - lastMs(ear) > QUIET_MS || isOutheard(so, receiver, ear, nowMs)
}

function whyNobody(so: Listening, ids: readonly string[]): 'gone' | 'unproven' | 'quiet' {
  if (ids.every(id => isDown(so, id))) return 'gone'
  const hasHeard = ids.some(id => !isDown(so, id) && (so.ears.get(id)?.heardAtMs ?? null) !== null)
  return hasHeard ? 'quiet' : 'unproven'
}

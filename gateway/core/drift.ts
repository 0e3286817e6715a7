// Whether live data still fit the walk test. In: what pendants are heard at, room by room as the walk test knows them.
// Out: technical alarms for a receiver that was moved and for a room that changed. It keeps sums for each room and
// receiver, in memory only, and nothing of any pendant: who was where is in none of them.
import type { Change } from './change.ts'
import { doorWords, type Plan } from './plan.ts'
import { momentsOf, type Tally } from './walk-tally.ts'

/** What the walk test had in one room of one receiver. */
type Known = { meanDbm: number; varianceDb: number; share: number }
export type Heard = ReadonlyMap<string, number>
/** One receiver in one room, for one look: how far from the walk test, in dB and in squared deviations. */
export type Residual = { room: string; receiver: string; offDb: number; squared: number }
type Sum = { looks: number; squared: number; offDb: number }
export type Drift = { lookedAtMs: number; nextPendant: number; sums: Map<string, Map<string, Sum>> }

/** A seated person is looked at six times a minute: fewer would be slow to see, more would be the same again. */
export const LOOK_EACH_MS = 10_000
/** Pendants looked at in one go, in turn: it costs the same on a large site as on a small one. */
export const PENDANTS_EACH_LOOK = 32
/** Whoever is heard by fewer receivers cannot be placed without the one that is doubted. */
const HEARD_MIN = 3
/** How sure the other receivers must be of the room. */
const SURE = 0.9
/**
 * Deviation that bodies add: 5 to 10 dB are lost through one (measured at 2.4 GHz), one way or the other as people turn.
 * What all receivers lose alike is taken off first.
 */
const BODY_DB = 6
/** Level of one that is not heard, where it should have been. */
const UNHEARD_DBM = -100
/** A receiver must hear a room this loud before its silence says something. */
const AUDIBLE_DBM = -88
const SHARE_MIN = 0.5
/** One wild look (a lift door, a trolley) counts as much as five deviations, not as fifty. */
const SQUARED_MAX = 25
/**
 * Looks before anything is said, ten minutes of people in a room. Looks of one seat are alike: 60 of them are taken for
 * six independent ones, whose mean square passes 4 by chance in one of 2,000 cases (chi-square of 6 degrees).
 */
const LOOKS_MIN = 60
const FAR = 4
/** From here on the older half counts half, so that what changes today shows within the hour. */
const LOOKS_MAX = 360
/** A receiver that was moved is off in more than one room; a room that changed is off for more than one receiver. */
const WITNESSES = 2

export const newDrift = (): Drift => ({ lookedAtMs: 0, nextPendant: 0, sums: new Map() })

/** What the walk test knows, in the form drift is measured by; rooms without a name are left out. */
export function knownOf(tally: Tally): Map<string, Map<string, Known>> {
  const rooms = new Map<string, Map<string, Known>>()
  for (const [room, counts] of tally) {
    if (room === null || counts.looks === 0) continue
    const receivers = new Map<string, Known>()
    for (const [receiver, listened] of counts.listened) {
      const heard = counts.heard.get(receiver)
      if (heard === undefined) {
        receivers.set(receiver, { meanDbm: UNHEARD_DBM, varianceDb: 0, share: 0 })
        continue
      }
      const { meanDbm, deviationDb } = momentsOf(heard)
      receivers.set(receiver, { meanDbm, varianceDb: deviationDb ** 2, share: heard.looks / listened })
    }
    rooms.set(room, receivers)
  }
  return rooms
}

type Rooms = ReadonlyMap<string, ReadonlyMap<string, Known>>

/**
 * How one pendant's levels fit: for each receiver, the room is found by the others alone, and the receiver's own level
 * then compared. Nothing where the others are not sure. `down` are receivers that do not work now.
 */
export function residualsOf(rooms: Rooms, heard: Heard, down: ReadonlySet<string>): Residual[] {
  if (heard.size < HEARD_MIN) return []
  const receivers = new Set([...rooms.values()].flatMap(known => [...known.keys()]))
  const residuals: Residual[] = []
  for (const receiver of receivers) {
    if (down.has(receiver)) continue
    const found = roomBy(rooms, heard, receiver)
    const known = found === null ? undefined : rooms.get(found.room)?.get(receiver)
    if (found === null || known === undefined) continue
    const level = heard.get(receiver)
    const expected = known.meanDbm + found.offsetDb
    const isExpected = known.share >= SHARE_MIN && expected >= AUDIBLE_DBM
    // Faint where it was faint, silent where it was silent: nothing to learn either way.
    if (level === undefined ? !isExpected : known.share < SHARE_MIN && level < AUDIBLE_DBM) continue
    const offDb = (level ?? UNHEARD_DBM) - expected
    const squared = Math.min(SQUARED_MAX, offDb ** 2 / (known.varianceDb + BODY_DB ** 2))
    residuals.push({ room: found.room, receiver, offDb, squared })
  }
  return residuals
}

/** The room that all receivers but one are sure of, and what they all hear it louder or fainter by. */
function roomBy(rooms: Rooms, heard: Heard, without: string): { room: string; offsetDb: number } | null {
  let best: { room: string; offsetDb: number; log: number } | null = null
  const logs: number[] = []
  for (const [room, known] of rooms) {
    const offs = [...heard].flatMap(([receiver, level]) => {
      const of = receiver === without ? undefined : known.get(receiver)
      return of === undefined ? [] : [level - of.meanDbm]
    })
    if (offs.length < HEARD_MIN - 1) continue
    const offsetDb = medianOf(offs)
    const log = logOf(known, heard, without, offsetDb)
    logs.push(log)
    if (best === null || log > best.log) best = { room, offsetDb, log }
  }
  if (best === null) return null
  const top = best.log
  const sum = logs.reduce((total, log) => total + Math.exp(log - top), 0)
  return 1 / sum >= SURE ? { room: best.room, offsetDb: best.offsetDb } : null
}

/** A pendant's output and its wearer's body, common to all receivers, vary by about as much as a body costs. */
const OFFSET_DB = 8

function logOf(known: ReadonlyMap<string, Known>, heard: Heard, without: string, offsetDb: number): number {
  let log = -((offsetDb / OFFSET_DB) ** 2) / 2
  for (const [receiver, { meanDbm, varianceDb, share }] of known) {
    if (receiver === without) continue
    const level = heard.get(receiver)
    const variance = varianceDb + BODY_DB ** 2
    if (level !== undefined)
      log -= (level - meanDbm - offsetDb) ** 2 / (2 * variance) + Math.log(variance) / 2
    else if (meanDbm + offsetDb >= AUDIBLE_DBM) log += Math.log(1.05 - share)
  }
  return log
}

const medianOf = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** Adds what was seen, in place. */
export function addResiduals(drift: Drift, residuals: readonly Residual[]): void {
  for (const { room, receiver, offDb, squared } of residuals) {
    const sums = drift.sums.get(room) ?? new Map<string, Sum>()
    drift.sums.set(room, sums)
    const sum = sums.get(receiver) ?? { looks: 0, squared: 0, offDb: 0 }
    sums.set(receiver, sum)
    if (sum.looks >= LOOKS_MAX) for (const key of ['looks', 'squared', 'offDb'] as const) sum[key] /= 2
    sum.looks += 1
    sum.squared += squared
    sum.offDb += offDb
  }
}

type Raised = Extract<Change, { is: 'technical-raised' }>
type Far = { room: string; receiver: string; offDb: number }

/** The alarms that are due and not yet raised: one for each receiver that was moved, then for each room that changed. */
export function driftChanges(plan: Plan, drift: Drift, technical: ReadonlyMap<string, unknown>): Raised[] {
  const far: Far[] = [...drift.sums].flatMap(([room, sums]) =>
    [...sums].flatMap(([receiver, { looks, squared, offDb }]) =>
      looks >= LOOKS_MIN && squared / looks >= FAR ? [{ room, receiver, offDb: offDb / looks }] : [],
    ),
  )
  const moved = groups(far, ({ receiver }) => receiver)
  const isMoved = new Set(moved.map(([receiver]) => receiver))
  const changed = groups(
    far.filter(({ receiver }) => !isMoved.has(receiver)),
    ({ room }) => room,
  )
  return [
    ...moved.map(([receiver, those]) =>
      raised(`receiver-moved:${receiver}`, movedText(plan, receiver, those)),
    ),
    ...changed.map(([room, those]) => raised(`walk-drift:${room}`, changedText(plan, room, those))),
  ].filter(change => !technical.has(change.key))
}

function groups(far: readonly Far[], by: (each: Far) => string): [string, Far[]][] {
  const grouped = new Map<string, Far[]>()
  for (const each of far) grouped.set(by(each), [...(grouped.get(by(each)) ?? []), each])
  return [...grouped].filter(([, those]) => those.length >= WITNESSES)
}

const raised = (key: string, text: string): Raised => ({ is: 'technical-raised', key, text })

const movedText = (plan: Plan, receiver: string, those: readonly Far[]): string =>
  `Receiver ${receiver} does not hear what it heard in the walk test (${those
    .slice(0, 3)
    .map(({ room, offDb }) => `${doorWords(plan, room)} ${signed(offDb)} dB`)
    .join(', ')}): was it moved? Rooms are named less surely until somebody walks again`

const changedText = (plan: Plan, room: string, those: readonly Far[]): string =>
  `${doorWords(plan, room)} does not sound as in the walk test (${those
    .slice(0, 3)
    .map(({ receiver, offDb }) => `${receiver} ${signed(offDb)} dB`)
    .join(', ')}): walk it again`

const signed = (db: number): string => `${db < 0 ? '−' : '+'}${Math.abs(Math.round(db))}`

// Whether live data still fit the walk test. In: what pendants are heard at, room by room as the walk test knows them.
// Out: technical alarms for a receiver that was moved and for a room that changed. It keeps sums for each room and
// receiver, in memory only, and nothing of any pendant: who was where is in none of them.
import type { Change } from '../plan/change.ts'
import { doorWords, type Plan } from '../plan/plan.ts'
import { momentsOf, type Tally } from './tally.ts'

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
 * How much is looked at before a receiver is blamed: in several rooms, and ten looks of one room count as all of them, since
 * looks of one seat are alike. Where the walk test still holds the mean square is below 1, whatever bodies do; four rooms
 * pass 3 by chance in one of 60 cases (chi-square of 4 degrees), eight in one of 400, and it must be still so later.
 */
const RECEIVER_LOOKS_MIN = 24
const RECEIVER_ROOMS_MIN = 4
const ROOM_LOOKS_MAX = 10
/** Off in fewer rooms than this, it is the room that changed: a cupboard, a new wall. */
const ROOMS_OFF_MIN = 3
/** A room is blamed after ten minutes of people in it, by two receivers at least that were not moved themselves. */
const LOOKS_MIN = 60
const FAR = 3
const WITNESSES = 2
/** From here on the older half counts half, so that what changes today shows within the hour. */
const LOOKS_MAX = 360

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
 * then compared. Nothing where the others are not sure. `unfit` are receivers that do not work now, or were moved: they
 * are neither judged nor believed.
 */
export function residualsOf(rooms: Rooms, heard: Heard, unfit: ReadonlySet<string>): Residual[] {
  if (heard.size < HEARD_MIN) return []
  const receivers = new Set([...rooms.values()].flatMap(known => [...known.keys()]))
  const residuals: Residual[] = []
  for (const receiver of receivers) {
    if (unfit.has(receiver)) continue
    const found = roomBy(rooms, heard, new Set([...unfit, receiver]))
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
function roomBy(
  rooms: Rooms,
  heard: Heard,
  without: ReadonlySet<string>,
): { room: string; offsetDb: number } | null {
  let best: { room: string; offsetDb: number; log: number } | null = null
  const logs: number[] = []
  for (const [room, known] of rooms) {
    const offs = [...heard].flatMap(([receiver, level]) => {
      const of = without.has(receiver) ? undefined : known.get(receiver)
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

/** No one receiver overrules the others about the room: beyond three deviations it may be the one that was moved. */
const DOUBT_MAX = 4.5
/** A receiver hears now and then where it never did, and misses where it never did. */
const SELDOM = 0.05

function logOf(
  known: ReadonlyMap<string, Known>,
  heard: Heard,
  without: ReadonlySet<string>,
  offsetDb: number,
): number {
  let log = -((offsetDb / OFFSET_DB) ** 2) / 2
  for (const [receiver, { meanDbm, varianceDb, share }] of known) {
    if (without.has(receiver)) continue
    const level = heard.get(receiver)
    const variance = varianceDb + BODY_DB ** 2
    const isAudible = meanDbm + offsetDb >= AUDIBLE_DBM
    if (level === undefined) log += isAudible ? Math.log(SELDOM + (1 - SELDOM) * (1 - share)) : 0
    else {
      const squared = (level - meanDbm - offsetDb) ** 2 / variance
      log -= Math.min(DOUBT_MAX, squared / 2) + Math.log(variance) / 2
      log += Math.log(SELDOM + (1 - SELDOM) * share)
    }
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
type Cell = Sum & { room: string; receiver: string }

/**
 * The alarm that is due, if any: the receiver that is furthest off, and no other while it is so, since it misleads about
 * the rooms; where no receiver was moved, the rooms that changed. What stands already is not raised again.
 */
export function driftChanges(plan: Plan, drift: Drift, technical: ReadonlyMap<string, unknown>): Raised[] {
  const cells = [...drift.sums].flatMap(([room, sums]) =>
    [...sums].map(([receiver, sum]): Cell => ({ room, receiver, ...sum })),
  )
  const moved = grouped(cells, ({ receiver }) => receiver)
    .filter(([receiver]) => !technical.has(movedKey(receiver)))
    .map(([receiver, those]) => ({ receiver, those, off: offOf(those) }))
    .filter(({ off }) => off >= FAR)
    .sort((a, b) => b.off - a.off)[0]
  if (moved !== undefined)
    return [raised(movedKey(moved.receiver), movedText(plan, moved.receiver, moved.those))]
  const far = cells.filter(({ looks, squared }) => looks >= LOOKS_MIN && squared / looks >= FAR)
  return grouped(far, ({ room }) => room)
    .filter(([room, those]) => those.length >= WITNESSES && !technical.has(roomKey(room)))
    .map(([room, those]) => raised(roomKey(room), changedText(plan, room, those)))
}

const MOVED_PREFIX = 'receiver-moved:'
export const movedKey = (receiver: string): string => `${MOVED_PREFIX}${receiver}`
export const isMovedKey = (key: string): boolean => key.startsWith(MOVED_PREFIX)
const roomKey = (room: string): string => `walk-drift:${room}`

/** A receiver's mean square over its rooms, each counting by its looks up to a bound; 0 while it is too early to say. */
function offOf(cells: readonly Cell[]): number {
  let [looks, squared, rooms, roomsOff] = [0, 0, 0, 0]
  for (const cell of cells) {
    const weight = Math.min(ROOM_LOOKS_MAX, cell.looks)
    looks += weight
    squared += (weight * cell.squared) / cell.looks
    if (cell.looks < 2) continue
    rooms += 1
    roomsOff += cell.squared / cell.looks >= FAR ? 1 : 0
  }
  const isTold = looks >= RECEIVER_LOOKS_MIN && rooms >= RECEIVER_ROOMS_MIN && roomsOff >= ROOMS_OFF_MIN
  return isTold ? squared / looks : 0
}

function grouped(cells: readonly Cell[], by: (cell: Cell) => string): [string, Cell[]][] {
  const groups = new Map<string, Cell[]>()
  for (const cell of cells) groups.set(by(cell), [...(groups.get(by(cell)) ?? []), cell])
  return [...groups]
}

const raised = (key: string, text: string): Raised => ({ is: 'technical-raised', key, text })

const movedText = (plan: Plan, receiver: string, those: readonly Cell[]): string =>
  `Receiver ${receiver} does not hear what it heard in the walk test (${those
    .filter(({ looks, squared }) => squared / looks >= FAR)
    .slice(0, 3)
    .map(({ room, offDb, looks }) => `${doorWords(plan, room)} ${signed(offDb / looks)} dB`)
    .join(', ')}): was it moved? Rooms are named less surely until somebody walks again`

const changedText = (plan: Plan, room: string, those: readonly Cell[]): string =>
  `${doorWords(plan, room)} does not sound as in the walk test (${those
    .slice(0, 3)
    .map(({ receiver, offDb, looks }) => `${receiver} ${signed(offDb / looks)} dB`)
    .join(', ')}): walk it again`

const signed = (db: number): string => `${db < 0 ? '−' : '+'}${Math.abs(Math.round(db))}`

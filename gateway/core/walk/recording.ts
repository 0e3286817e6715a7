// A walk test while it is being recorded: taps and readings come in, and once it is finished the walk goes out.
// It lives in memory only and is bounded in time, in readings and in patience.
import {
  WALK_READINGS_MAX,
  WALK_STAYS_MAX,
  type Walk,
  type WalkReading,
  type WalkStay,
} from '../../../schemas/walk.ts'
import { countReading, endLookBefore, newTally, roomTally, type Tally, tallyOf } from './tally.ts'

/** 40 rooms of a minute each, and as long again to get about and open doors. */
export const WALK_MS_MAX = 2 * 3_600_000
/** Nobody stays in a room so long for a walk test: the recorder was forgotten, and a forgotten one follows a person. */
export const UNTAPPED_MS_MAX = 10 * 60_000
/** A forgotten recording is thrown away after this. */
export const ABANDONED_MS = 3_600_000
/** Several walkers at once, each in a part of the building. */
export const RECORDINGS_MAX = 4
/** A shorter stay was a wrong tap. */
export const STAY_MS_MIN = 1_000
/** A receiver that was down for more of the walk than this is left out of it; for less, the time is cut out. */
const DOWN_SHARE_MAX = 0.1
const OUTAGES_MAX = 64
/** Receivers' batches come in each quarter of a second: what is older than this is in order. */
const SETTLED_MS = 2_000
/** Whoever heard it within this hears it now. */
export const HEARING_MS = 5_000

type Outage = { fromMs: number; toMs: number | null }

export type Recording = {
  readonly pendant: string
  readonly by: string
  readonly startedAtMs: number
  /** In columns: a tuple for each reading would take twice the memory. Times since the start, receivers by place. */
  readonly times: number[]
  readonly places: number[]
  readonly levels: number[]
  readonly receivers: string[]
  stays: WalkStay[]
  open: { room: string | null; fromMs: number } | null
  tappedAtMs: number
  /** Since when nothing more is recorded, and why; null while it goes on. */
  stopped: { atMs: number; why: string } | null
  readonly outages: Map<string, Outage[]>
  readonly hearing: Map<string, { rssiDbm: number; heardAtMs: number }>
  /** Counts of what has settled, for the live report; the newest readings wait their turn. */
  tally: Tally
  pending: WalkReading[]
}

export function newRecording(
  pendant: string,
  by: string,
  receivers: Iterable<{ id: string; isUp: boolean }>,
  startedAtMs: number,
): Recording {
  const outages = new Map<string, Outage[]>()
  for (const { id, isUp } of receivers) outages.set(id, isUp ? [] : [{ fromMs: 0, toMs: null }])
  return {
    pendant,
    by,
    startedAtMs,
    times: [],
    places: [],
    levels: [],
    receivers: [...outages.keys()],
    stays: [],
    open: null,
    tappedAtMs: startedAtMs,
    stopped: null,
    outages,
    hearing: new Map(),
    tally: newTally(),
    pending: [],
  }
}

/** Ends the stay that goes on, if any, and begins one in `room`, or none. */
export function tap(recording: Recording, to: { room: string | null } | null, atMs: number): void {
  recording.tappedAtMs = atMs
  if (recording.stopped !== null) return
  const { open } = recording
  if (open !== null && to !== null && open.room === to.room) return
  const sinceMs = atMs - recording.startedAtMs
  if (open !== null && sinceMs - open.fromMs >= STAY_MS_MIN) recording.stays.push({ ...open, toMs: sinceMs })
  recording.open = to === null ? null : { room: to.room, fromMs: sinceMs }
}

/** Takes back the last tap: the stay that goes on, or the last one, was in another room. Answers whether there was one. */
export function untap(recording: Recording, atMs: number): boolean {
  recording.tappedAtMs = atMs
  const isUndone = recording.open !== null || recording.stays.length > 0
  if (recording.open !== null) recording.open = null
  else recording.stays.pop()
  recording.tally = tallyOf([walkSoFar(recording, atMs)])
  recording.pending = []
  return isUndone
}

export function addReading(recording: Recording, receiver: string, rssiDbm: number, heardAtMs: number): void {
  const { startedAtMs, stopped } = recording
  const place = recording.receivers.indexOf(receiver)
  if (place < 0 || heardAtMs < startedAtMs || stopped !== null) return
  const tMs = Math.round(heardAtMs - startedAtMs)
  recording.times.push(tMs)
  recording.places.push(place)
  recording.levels.push(rssiDbm)
  recording.pending.push([tMs, receiver, rssiDbm])
  const newest = recording.hearing.get(receiver)
  if (newest === undefined || newest.heardAtMs <= heardAtMs)
    recording.hearing.set(receiver, { rssiDbm, heardAtMs })
}

/** A receiver went down or came up again. */
export function noteOutage(recording: Recording, receiver: string, isDown: boolean, atMs: number): void {
  const outages = recording.outages.get(receiver)
  if (outages === undefined) return
  const sinceMs = Math.max(0, atMs - recording.startedAtMs)
  const last = outages.at(-1)
  const isAlready = last !== undefined && last.toMs === null
  if (isDown && !isAlready) outages.push({ fromMs: sinceMs, toMs: null })
  // One that comes and goes without end has not worked all the while.
  if (!isDown && isAlready) last.toMs = outages.length > OUTAGES_MAX ? null : sinceMs
}

/** Looks at the time: settles what may be counted, and stops what has gone on for too long. */
export function lookAtTime(recording: Recording, nowMs: number): void {
  const why = whyStopped(recording, nowMs)
  if (why !== null && recording.stopped === null) {
    recording.stopped = { atMs: nowMs, why }
  }
  settle(recording, nowMs - SETTLED_MS)
}

function whyStopped({ times, stays, startedAtMs, tappedAtMs }: Recording, nowMs: number): string | null {
  if (times.length >= WALK_READINGS_MAX)
    return `it has ${WALK_READINGS_MAX} readings, which is all one walk holds`
  if (stays.length >= WALK_STAYS_MAX) return `it has ${WALK_STAYS_MAX} stays, which is all one walk holds`
  if (nowMs - startedAtMs >= WALK_MS_MAX) return `it has gone on for ${WALK_MS_MAX / 3_600_000} hours`
  if (nowMs - tappedAtMs >= UNTAPPED_MS_MAX)
    return `nothing was tapped for ${UNTAPPED_MS_MAX / 60_000} minutes`
  return null
}

export const isAbandoned = (recording: Recording, nowMs: number): boolean =>
  recording.stopped !== null && nowMs - Math.max(recording.stopped.atMs, recording.tappedAtMs) >= ABANDONED_MS

/** Counts readings up to `untilMs`, in order of time, into the rooms they were heard in. */
function settle(recording: Recording, untilMs: number): void {
  const { pending, tally, startedAtMs } = recording
  const until = untilMs - startedAtMs
  const ready = pending.filter(([tMs]) => tMs <= until).sort((a, b) => a[0] - b[0])
  recording.pending = pending.filter(([tMs]) => tMs > until)
  for (const [tMs, receiver, rssiDbm] of ready) {
    const stay = stayAt(recording, tMs)
    if (stay !== null) countReading(roomTally(tally, stay.room), tMs, receiver, rssiDbm)
  }
  for (const room of tally.values()) endLookBefore(room, until)
}

/** Newest first: what settles now was heard a moment ago. */
function stayAt({ stays, open }: Recording, tMs: number): { room: string | null } | null {
  if (open !== null && tMs >= open.fromMs) return open
  for (let i = stays.length - 1; i >= 0; i--) {
    const stay = stays[i] as WalkStay
    if (tMs >= stay.toMs) return null
    if (tMs >= stay.fromMs) return stay
  }
  return null
}

/** Its stays as they stand, the one that goes on being cut at `nowMs` or where the recording stopped. */
export function staysSoFar(recording: Recording, nowMs: number): WalkStay[] {
  const { stays, open, startedAtMs, stopped } = recording
  const endMs = Math.min(nowMs, stopped?.atMs ?? nowMs) - startedAtMs
  if (open === null || endMs - open.fromMs < STAY_MS_MIN) return stays
  return [...stays, { ...open, toMs: endMs }]
}

/** The whole of it, without regard to which receivers were down. */
function walkSoFar(recording: Recording, nowMs: number): Walk {
  const { pendant, receivers, times, places, levels } = recording
  const readings = times.map(
    (tMs, i): WalkReading => [tMs, receivers[places[i] as number] as string, levels[i] as number],
  )
  return { pendant, receivers: [...receivers], readings, stays: staysSoFar(recording, nowMs) }
}

/**
 * The walk as it is kept. A receiver that was down for more than a tenth of it is left out, since its silence says
 * nothing; where one was down for less, that time is cut out of the stays instead.
 */
export function finished(recording: Recording, nowMs: number): Walk {
  const walk = walkSoFar(recording, nowMs)
  const staysMs = lengthOf(walk.stays)
  const lostMs = (receiver: string): number => {
    const cut = withoutOutages(walk.stays, recording.outages.get(receiver) ?? [])
    return staysMs - lengthOf(cut)
  }
  const receivers = walk.receivers.filter(id => lostMs(id) <= DOWN_SHARE_MAX * staysMs)
  const outages = receivers.flatMap(id => recording.outages.get(id) ?? [])
  const working = new Set(receivers)
  return {
    pendant: walk.pendant,
    receivers,
    readings: walk.readings.filter(([, receiver]) => working.has(receiver)),
    stays: withoutOutages(walk.stays, outages).slice(0, WALK_STAYS_MAX),
  }
}

const lengthOf = (stays: readonly WalkStay[]): number =>
  stays.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)

function withoutOutages(stays: readonly WalkStay[], outages: readonly Outage[]): WalkStay[] {
  let left = [...stays]
  for (const { fromMs, toMs } of outages) {
    left = left.flatMap(stay => [
      { ...stay, toMs: Math.min(stay.toMs, Math.max(stay.fromMs, fromMs)) },
      { ...stay, fromMs: Math.max(stay.fromMs, Math.min(stay.toMs, toMs ?? Number.POSITIVE_INFINITY)) },
    ])
    left = left.filter(stay => stay.toMs - stay.fromMs >= STAY_MS_MIN)
  }
  return left
}

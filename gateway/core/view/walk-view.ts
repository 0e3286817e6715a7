// In: the state. Out: what people are shown of walk tests, in the shapes of schemas/walk-api.

import type {
  RecordingView,
  WalkLayout,
  WalkReport,
  WalkRoom,
  WalkSummary,
  WalksView,
} from '../../../schemas/api/walk.ts'
import { WALK_READINGS_MAX, type Walk } from '../../../schemas/walk.ts'
import { isDriftKey } from '../deciding/people/walk.ts'
import { doorWords, type Plan, wearerName } from '../plan/plan.ts'
import type { State } from '../state/state.ts'
import { HEARING_MS, type Recording, staysSoFar, UNTAPPED_MS_MAX, WALK_MS_MAX } from '../walk/recording.ts'
import { type StoredWalk, standingTally, walkOf } from '../walk/stored-walk.ts'
import { tallyOf } from '../walk/tally.ts'
import { reportWalk } from '../walk/walk-report.ts'

export function walksView(state: State, nowMs: number): WalksView {
  const { plan } = state
  return {
    nowMs,
    rooms: roomsOf(plan),
    pendants: [...plan.pendants.values()].map(({ id, wearer }) => ({ id, wearer: wearerName(plan, wearer) })),
    recordings: [...state.recordings.values()].map(recording => recordingView(plan, recording, nowMs)),
    walks: state.walks.map(summaryOf).reverse(),
    drift: [...state.technical.values()].filter(({ key }) => isDriftKey(key)),
  }
}

function roomsOf(plan: Plan): WalkRoom[] {
  const withReceiver = new Set([...plan.receivers.values()].map(({ room }) => room))
  return [...plan.places].map(([id, { floor, building }]) => ({
    id,
    door: doorWords(plan, id) ?? id,
    floor,
    building,
    hasReceiver: withReceiver.has(id),
  }))
}

/** The building as a layout.json says it. */
export function layoutView({ site, places }: Plan): WalkLayout {
  const receivers = site.receivers.map(({ id, room }): [string, string] => [id, room])
  const positions = site.receivers.flatMap(({ id, at }) => (at === undefined ? [] : [[id, at] as const]))
  const floors = site.buildings.flatMap(({ floors: those }) =>
    those.flatMap(({ rooms }, storey) => rooms.map(({ id }): [string, number] => [id, storey])),
  )
  return {
    rooms: [...places.keys()],
    receivers: Object.fromEntries(receivers),
    receiver_xyz: Object.fromEntries(positions),
    adjacency: [...places].flatMap(([id, { room }]) =>
      room.adjacent.map((other): [string, string] => [id, other]),
    ),
    room_floor: Object.fromEntries(floors),
  }
}

function recordingView(plan: Plan, recording: Recording, nowMs: number): RecordingView {
  const { pendant, by, startedAtMs, open, stopped, tappedAtMs, outages } = recording
  const wearer = wearerName(plan, plan.pendants.get(pendant)?.wearer ?? pendant)
  return {
    pendant,
    wearer,
    by,
    startedAtMs,
    place: open === null ? 'between' : open.room === null ? 'elsewhere' : 'room',
    room: open?.room ?? null,
    sinceMs: open === null ? tappedAtMs : startedAtMs + open.fromMs,
    seconds: [...stayedMs(recording, nowMs)].map(([room, ms]) => ({
      room,
      seconds: Math.round(ms / 100) / 10,
    })),
    readings: recording.times.length,
    readingsMax: WALK_READINGS_MAX,
    endsAtMs: Math.min(startedAtMs + WALK_MS_MAX, tappedAtMs + UNTAPPED_MS_MAX),
    stopped: stopped?.why ?? null,
    hearing: [...recording.hearing]
      .filter(([, { heardAtMs }]) => nowMs - heardAtMs <= HEARING_MS)
      .map(([receiver, heard]) => ({ receiver, ...heard, heardAtMs: Math.round(heard.heardAtMs) }))
      .sort((a, b) => b.rssiDbm - a.rssiDbm),
    wereDown: [...outages].filter(([, list]) => list.length > 0).map(([receiver]) => receiver),
  }
}

function stayedMs(recording: Recording, nowMs: number): Map<string | null, number> {
  const stayed = new Map<string | null, number>()
  for (const { room, fromMs, toMs } of staysSoFar(recording, nowMs))
    stayed.set(room, (stayed.get(room) ?? 0) + toMs - fromMs)
  return stayed
}

function summaryOf(stored: StoredWalk): WalkSummary {
  const { walk, atMs, by, pendant, lengthMs, stays, count, receivers, withdrawn } = stored
  const rooms = new Set(stays.map(({ room }) => room)).size
  const summary = {
    walk,
    atMs,
    by,
    pendant,
    lengthMs,
    rooms,
    stays: stays.length,
    readings: count,
    withdrawn,
  }
  return { ...summary, receivers: [...receivers] }
}

/** A stored walk whole; null where there is none, or its readings are no longer held in memory. */
export function storedWalk(state: State, walk: number): Walk | null {
  const stored = state.walks.find(each => each.walk === walk)
  return stored === undefined ? null : walkOf(stored)
}

/** The report on one stored walk, or on all that stand together; null where nothing stands to report on. */
export function storedReport(state: State, walk: number | 'standing'): WalkReport | null {
  if (walk === 'standing') {
    const tally = standingTally(state.walks)
    return tally.size === 0 ? null : reportWalk(state.plan, tally)
  }
  const whole = storedWalk(state, walk)
  return whole === null ? null : reportWalk(state.plan, tallyOf([whole]))
}

/** The report on the walk that is being recorded; null where none is. */
export function recordingReport(state: State, pendant: string, nowMs: number): WalkReport | null {
  const recording = state.recordings.get(pendant)
  if (recording === undefined) return null
  // While it goes on, a receiver that was down for a while is taken to have listened: the stored walk settles that.
  const tally = new Map(
    [...recording.tally].map(([room, counts]) => [
      room,
      { ...counts, listened: new Map(recording.receivers.map(id => [id, counts.looks])) },
    ]),
  )
  return reportWalk(state.plan, tally, stayedMs(recording, nowMs))
}

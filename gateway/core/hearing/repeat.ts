// Which alarms of a pendant were heard before, so that one recorded and played again is no new one. In: the rows of alarms
// and the frames heard of them. Out: the alarm that a frame belongs to, if it is known. Bounded; found again after a restart.
import type { Suspicion } from '../plan/change.ts'

export type HeardAlarm = {
  alarmNumber: number
  /** Null where the row does not say it. */
  packetId: number | null
  /** The counters that it was heard under. */
  lowest: number
  highest: number
  incident: string
  suspect: Suspicion | null
}

export type FrameOfAlarm = { alarmNumber: number; packetId: number | null; counter: number }

/** As many alarms of one pendant are remembered; whoever has recorded more can have the oldest called a second time. */
export const ALARMS_MAX = 512
/** An alarm is sealed anew each second and given up after half an hour: fewer counters than this (firmware/state, BLOCK). */
const ALARM_COUNTERS = 4_096

/** The alarm that this frame is of, newest first; undefined where none like it was heard. */
export const knownAlarm = (
  alarms: readonly HeardAlarm[],
  { alarmNumber, packetId, counter }: FrameOfAlarm,
): HeardAlarm | undefined =>
  alarms.findLast(
    each =>
      each.alarmNumber === alarmNumber &&
      (each.packetId === null || packetId === null || each.packetId === packetId) &&
      counter >= each.lowest - ALARM_COUNTERS &&
      counter <= each.highest + ALARM_COUNTERS,
  )

/** A frame of no alarm, of one sender: its counter and when it was heard. */
export type Between = { counter: number; atMs: number }

/**
 * This frame is none of the resolved alarm whose number and packet id it has, but of one begun since: its sender said something
 * else after the resolve, under a counter before this one. A recording of what came before the alarm and of the alarm itself
 * is none: of the counters heard of it, and those after them, it is the rest.
 */
export const isBegunSince = (
  { lowest }: HeardAlarm,
  counter: number,
  resolvedAtMs: number,
  between: Between | null,
): boolean =>
  between !== null &&
  between.atMs > resolvedAtMs &&
  between.counter < counter &&
  (counter < lowest || between.counter >= lowest)

/** Takes a new alarm into the memory (in place). */
export function rememberAlarm(
  alarms: HeardAlarm[],
  alarm: Omit<HeardAlarm, 'lowest' | 'highest'>,
  counter: number,
): void {
  alarms.push({ ...alarm, lowest: counter, highest: counter })
  if (alarms.length > ALARMS_MAX) alarms.shift()
}

/** Takes one more frame of an alarm that is known (in place). */
export function extendAlarm(alarms: readonly HeardAlarm[], frame: FrameOfAlarm): void {
  const known = knownAlarm(alarms, frame)
  if (known === undefined) return
  known.lowest = Math.min(known.lowest, frame.counter)
  known.highest = Math.max(known.highest, frame.counter)
}

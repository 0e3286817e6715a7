// What the receivers are to broadcast now: orders in, one list out, the newest order of each pendant while it lasts.
import type { BeaconOrder } from '../../schemas/report.ts'
import type { ToldOrder } from '../ports.ts'

/** As many as one receiver takes turns with (schemas/report.ts). */
const BEACONS_MAX = 32
const FOR_MS_MAX = 600_000
/** Pendants whose orders are remembered; far beyond what BEACONS_MAX lets out. */
const ORDERS_MAX = 1024

export type Beacons = {
  /**
   * Takes orders, each replacing that pendant's former one; zero `forMs` ends it. An answer to an ask only hides it, while it
   * lasts and where it is told: of two with turns a pendant that listens for a moment may hear the older alone.
   */
  take(orders: readonly ToldOrder[], nowMs: number): void
  /**
   * This receiver's list as of now, newest first, and when the next entry of it ends (null when it is empty). What is told
   * of alarms and tests comes before answers, of which any number of idle pendants may ask.
   */
  current(nowMs: number, receiver: string): { order: BeaconOrder; nextEndAtMs: number | null }
}

type Live = { data: string; endAtMs: number; receivers: readonly string[] | undefined }

const answerTo = (pendant: string): string => `${pendant} asked`

/** No orders yet. */
export function beacons(): Beacons {
  // A Map keeps insertion order: the newest order is always last.
  const live = new Map<string, Live>()
  const forgetEnded = (nowMs: number) => {
    for (const [pendant, { endAtMs }] of live) if (endAtMs <= nowMs) live.delete(pendant)
  }
  return {
    take(orders, nowMs) {
      for (const { pendant, data, forMs, receivers } of orders) {
        const key = receivers === undefined ? pendant : answerTo(pendant)
        live.delete(key)
        if (receivers === undefined) live.delete(answerTo(pendant))
        live.set(key, { data, endAtMs: nowMs + Math.min(Math.round(forMs), FOR_MS_MAX), receivers })
      }
      forgetEnded(nowMs)
      for (const pendant of live.keys()) if (live.size > ORDERS_MAX) live.delete(pendant)
    },
    current(nowMs, receiver) {
      forgetEnded(nowMs)
      const isOurs = (order: Live | undefined): boolean =>
        order !== undefined && order.receivers?.includes(receiver) !== false
      const ours = [...live]
        .filter(([key, order]) => isOurs(order) && !isOurs(live.get(answerTo(key))))
        .map(([, order]) => order)
        .reverse()
      const answers = ours.filter(({ receivers }) => receivers !== undefined)
      const newest = [...ours.filter(each => !answers.includes(each)), ...answers].slice(0, BEACONS_MAX)
      const list = newest.map(({ data, endAtMs }) => ({ data, forMs: Math.min(endAtMs - nowMs, FOR_MS_MAX) }))
      const nextEndAtMs = ours.length === 0 ? null : Math.min(...ours.map(({ endAtMs }) => endAtMs))
      return { order: { v: 1, beacons: list }, nextEndAtMs }
    },
  }
}

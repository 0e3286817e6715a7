// What the receivers are to broadcast now: orders in, one list out, the newest order of each pendant while it lasts.
import type { BeaconOrder } from '../../schemas/report.ts'
import type { ToldOrder } from '../ports.ts'

/** As many as one receiver takes turns with (schemas/report.ts). */
const BEACONS_MAX = 32
/** Where there are more, so many of the newest are always told; the others by turns, each turn as long as a pendant takes to listen. */
const ALWAYS = 16
const TURN_MS = 10_000
const FOR_MS_MAX = 600_000
/** Pendants whose orders are remembered; far beyond what BEACONS_MAX lets out. */
const ORDERS_MAX = 1024

export type Beacons = {
  /** All that still lasts, the oldest first, each for what is left of it: to be taken by another list. */
  orders(nowMs: number): ToldOrder[]
  /**
   * Takes orders, each replacing that pendant's former one; zero `forMs` ends it. An answer to an ask only hides it, while it
   * lasts and where it is told: of two with turns a pendant that listens for a moment may hear the older alone.
   */
  take(orders: readonly ToldOrder[], nowMs: number): void
  /**
   * This receiver's list as of now, newest first, and when it is another one (null when it is empty): an entry of it ends, or of
   * more than fit it is the turn of others. What is told
   * of alarms and tests comes before answers, of which any number of idle pendants may ask.
   */
  current(nowMs: number, receiver: string): { order: BeaconOrder; nextEndAtMs: number | null }
}

type Live = { pendant: string; data: string; endAtMs: number; receivers: readonly string[] | undefined }

const answerTo = (pendant: string): string => `${pendant} asked`

/** No orders yet. */
export function beacons(): Beacons {
  // A Map keeps insertion order: the newest order is always last.
  const live = new Map<string, Live>()
  const forgetEnded = (nowMs: number) => {
    for (const [pendant, { endAtMs }] of live) if (endAtMs <= nowMs) live.delete(pendant)
  }
  return {
    orders(nowMs) {
      forgetEnded(nowMs)
      return [...live.values()].map(({ pendant, data, endAtMs, receivers }) => ({
        ...{ pendant, data, forMs: endAtMs - nowMs },
        ...(receivers !== undefined && { receivers }),
      }))
    },
    take(orders, nowMs) {
      for (const { pendant, data, forMs, receivers } of orders) {
        const key = receivers === undefined ? pendant : answerTo(pendant)
        live.delete(key)
        if (receivers === undefined) live.delete(answerTo(pendant))
        live.set(key, { pendant, data, endAtMs: nowMs + Math.min(Math.round(forMs), FOR_MS_MAX), receivers })
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
      const told = ours.filter(each => !answers.includes(each))
      const turn = Math.floor(nowMs / TURN_MS)
      const now = [...inTurn(told, turn), ...answers].slice(0, BEACONS_MAX)
      const list = now.map(({ data, endAtMs }) => ({ data, forMs: Math.min(endAtMs - nowMs, FOR_MS_MAX) }))
      const nextTurnAtMs = told.length > BEACONS_MAX ? [(turn + 1) * TURN_MS] : []
      const nextEndAtMs =
        ours.length === 0 ? null : Math.min(...ours.map(({ endAtMs }) => endAtMs), ...nextTurnAtMs)
      return { order: { v: 1, beacons: list }, nextEndAtMs }
    },
  }
}

/** All where they fit; else the newest, and those of the others whose turn it is. */
function inTurn<T>(told: readonly T[], turn: number): T[] {
  if (told.length <= BEACONS_MAX) return [...told]
  const others = told.slice(ALWAYS)
  const from = (turn * (BEACONS_MAX - ALWAYS)) % others.length
  return [...told.slice(0, ALWAYS), ...others.slice(from), ...others.slice(0, from)].slice(0, BEACONS_MAX)
}

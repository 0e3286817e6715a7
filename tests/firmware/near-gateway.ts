// A receiver and a gateway as a pendant finds them, in a few rules: what is asked is answered, what is alarmed is told, and
// the receiver goes on telling for as long as it was ordered to, also when the gateway has died.
import {
  KIND_ASK,
  KIND_CANCEL,
  KIND_DURESS_ASKING,
  KIND_DURESS_TESTING,
  KIND_DURESS_TURN,
  KIND_IDLE,
  KIND_OKAY,
  KIND_TEST,
  TOLD_ARMED,
  TOLD_NOT_ARMED,
  TOLD_STORED,
  TOLD_TEST_PASSED,
} from '../../schemas/frame.ts'
import type { drive } from './driven.ts'

type Pendant = ReturnType<typeof drive>
export type World = { isInReach: boolean; isThere: boolean; isArmed: boolean }
type Order = {
  of: string
  told: number
  number: number
  frameCounter: number
  counter: number
  untilMs: number
}

const STEP_MS = 50
const TELL_EACH_MS = 100
/** From a frame on the air to the beacon that speaks of it. */
const ROUND_TRIP_MS = 300
const COLLECT_MS = 3000
const TELL_ALARM_MS = 600_000
const TELL_ANSWER_MS = 15_000
const TELL_TEST_MS = 60_000
/** After a silence of this, what a duress seems to send is a new one, whatever its turn. */
const UNHEARD_MS = 2_000

const isSeeming = (kind: number, as: number): boolean => kind === as || kind === as + KIND_DURESS_TURN
const asks = (kind: number): boolean =>
  kind === KIND_ASK || kind === KIND_OKAY || kind === KIND_CANCEL || isSeeming(kind, KIND_DURESS_ASKING)
const tests = (kind: number): boolean => kind === KIND_TEST || isSeeming(kind, KIND_DURESS_TESTING)
const isAlarm = (kind: number): boolean => kind > KIND_IDLE && kind < KIND_CANCEL

/** Moves a pendant on in a world that may be changed between two calls. */
export const nearGateway = (pendant: Pendant, world: World) => {
  let orders: Order[] = []
  let due: (Omit<Order, 'counter' | 'untilMs'> & { atMs: number; forMs: number })[] = []
  let seen = pendant.done.length
  let counter = 0
  /** What each of the pendant's present doings was answered by already: an alarm by its number, an event until it is over. */
  let asked: string | null = null
  let alarmed = -1
  let heardAtMs = 0

  const hear = (): void => {
    const since = pendant.done.slice(seen)
    seen = pendant.done.length
    // Who was asked what is in its memory alone.
    if (!world.isThere) asked = null
    for (const { atMs, effect } of since) {
      if (effect.kind !== 'advertise' || !world.isInReach || !world.isThere) continue
      const { kind, number, packetId } = effect.frame
      const about = { number, frameCounter: effect.counter }
      const isAlarmed = isAlarm(kind) || kind >= KIND_DURESS_ASKING
      if (isAlarmed && alarmed !== number) {
        alarmed = number
        due.push({
          of: 'alarm',
          told: TOLD_STORED,
          ...about,
          atMs: atMs + ROUND_TRIP_MS,
          forMs: TELL_ALARM_MS,
        })
      }
      const name = asks(kind) || tests(kind) ? `${kind} ${packetId}` : null
      const isAnew = kind >= KIND_DURESS_ASKING && atMs - heardAtMs >= UNHEARD_MS
      heardAtMs = atMs
      if (name !== null && (name !== asked || isAnew)) {
        const told = world.isArmed ? TOLD_ARMED : TOLD_NOT_ARMED
        if (asks(kind))
          due.push({ of: 'answer', told, ...about, atMs: atMs + ROUND_TRIP_MS, forMs: TELL_ANSWER_MS })
        else
          due.push({
            of: 'alarm',
            told: TOLD_TEST_PASSED,
            ...about,
            atMs: atMs + COLLECT_MS,
            forMs: TELL_TEST_MS,
          })
      }
      asked = name
    }
  }
  const tell = (nowMs: number): void => {
    for (const { atMs, forMs, ...each } of due.filter(one => one.atMs <= nowMs && world.isThere)) {
      orders = orders.filter(one => one.of !== each.of)
      orders.push({ ...each, counter: ++counter, untilMs: atMs + forMs })
    }
    due = due.filter(one => one.atMs > nowMs)
    for (const one of orders)
      if (world.isThere && one.told === TOLD_STORED) one.untilMs = nowMs + TELL_ALARM_MS
    orders = orders.filter(one => one.untilMs > nowMs)
    if (nowMs % TELL_EACH_MS > 0 || !world.isInReach) return
    // All of them at once: which a receiver's turns bring first is chance, and no property of the pendant.
    for (const order of orders) {
      // The ear drops what is not newer than the last believed one (beacon.ts).
      if (pendant.state().isScanning === 0 || order.counter <= pendant.state().beaconCounter) continue
      pendant.at(nowMs, { kind: 'beacon', beacon: order })
    }
  }

  return {
    to: (atMs: number): void => {
      while (pendant.nowMs() < atMs) {
        pendant.to(Math.min(atMs, pendant.nowMs() + STEP_MS - (pendant.nowMs() % STEP_MS)))
        hear()
        tell(pendant.nowMs())
      }
    },
  }
}

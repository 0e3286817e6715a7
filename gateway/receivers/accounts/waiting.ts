// What waits to be proved, in lanes by address and account: each address has its turn, an account that was wrong too often from an
// address waits there, and no address has more than its share of the room. Promises that all of it is bounded.

/** All in all. Others come back by themselves. */
const WAITING_MAX = 256
/** Of one account from one address: a receiver that has given up and comes again. */
const LANE_WAITING_MAX = 4
/** So many wrong ones at once, and then one in so long. */
const WRONG_AT_ONCE = 5
export const WRONG_EACH_MS = 2_000
/** Lanes that are remembered for having been wrong. */
const LANES_MAX = 4_096

export type Proof = {
  /** Where it comes from, and whose account it is about. */
  from: string
  account: string
  /** Whoever asked is still there. */
  isWanted(): boolean
  run(): Promise<boolean>
}

export type Waiting = { proof: Proof; settle(outcome: boolean | 'busy'): void }

export type WaitingRoom = {
  readonly count: number
  /** False where there is no room for it. */
  add(waiting: Waiting, nowMs: number): boolean
  /** The next that may run, which waits no more; null where none may now. */
  next(nowMs: number): Waiting | null
  /** It has run. */
  ended(proof: Proof, isRight: boolean, nowMs: number): void
}

type Lane = { waiting: Waiting[]; isRunning: boolean; mayBeWrong: number; atMs: number }
/** The map's order is whose turn it is. */
type Lanes = Map<string, Map<string, Lane>>

export function waitingRoom(): WaitingRoom {
  const lanes: Lanes = new Map()
  let count = 0

  const take = (lane: Lane, which: (waiting: Waiting) => boolean): Waiting[] => {
    const taken = lane.waiting.filter(which)
    if (taken.length > 0) lane.waiting = lane.waiting.filter(each => !taken.includes(each))
    count -= taken.length
    return taken
  }
  const dropUnwanted = (lane: Lane): void => {
    for (const { settle } of take(lane, ({ proof }) => !proof.isWanted())) settle('busy')
  }

  /** Makes room where another address has more than its share; false where none has. */
  function displace(of: ReadonlyMap<string, Lane>): boolean {
    const most = [...lanes.values()].sort((a, b) => waitingIn(b) - waitingIn(a))[0]
    if (most === undefined || waitingIn(most) <= waitingIn(of) + 1) return false
    const longest = [...most.values()].sort((a, b) => b.waiting.length - a.waiting.length)[0]
    if (longest === undefined) return false
    const last = longest.waiting.at(-1)
    for (const { settle } of take(longest, each => each === last)) settle('busy')
    return true
  }

  return {
    get count() {
      return count
    },
    add(waiting, nowMs) {
      const { from, account } = waiting.proof
      const of = lanes.get(from) ?? new Map<string, Lane>()
      const lane = of.get(account) ?? newLane(nowMs)
      dropUnwanted(lane)
      if (lane.waiting.length >= LANE_WAITING_MAX) return false
      if (count >= WAITING_MAX && !displace(of)) return false
      lanes.set(from, of.set(account, lane))
      lane.waiting.push(waiting)
      count += 1
      return true
    },
    next(nowMs) {
      for (const [from, of] of lanes)
        for (const lane of of.values()) {
          dropUnwanted(lane)
          const [first] = lane.waiting
          if (first === undefined || lane.isRunning || earned(lane, nowMs) < 1) continue
          take(lane, each => each === first)
          lane.isRunning = true
          lanes.delete(from)
          lanes.set(from, of)
          return first
        }
      return null
    },
    ended({ from, account }, isRight, nowMs) {
      const of = lanes.get(from)
      const lane = of?.get(account)
      if (of === undefined || lane === undefined) return
      lane.isRunning = false
      if (!isRight) lane.mayBeWrong -= 1
      const isBlameless = earned(lane, nowMs) >= WRONG_AT_ONCE
      if (lane.waiting.length === 0 && (isBlameless || laneCount(lanes) > LANES_MAX)) of.delete(account)
      if (of.size === 0) lanes.delete(from)
    },
  }
}

const newLane = (nowMs: number): Lane => ({
  waiting: [],
  isRunning: false,
  mayBeWrong: WRONG_AT_ONCE,
  atMs: nowMs,
})

/** How many wrong ones it may still bring. */
function earned(lane: Lane, nowMs: number): number {
  lane.mayBeWrong = Math.min(WRONG_AT_ONCE, lane.mayBeWrong + (nowMs - lane.atMs) / WRONG_EACH_MS)
  lane.atMs = nowMs
  return lane.mayBeWrong
}

const waitingIn = (of: ReadonlyMap<string, Lane>): number =>
  [...of.values()].reduce((sum, { waiting }) => sum + waiting.length, 0)

const laneCount = (lanes: Lanes): number => [...lanes.values()].reduce((sum, { size }) => sum + size, 0)

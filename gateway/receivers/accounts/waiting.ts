// What waits to be proved, in lanes by address and account: each address has its turn, what was wrong too often waits, and none has more than its share of the room. Promises that all of it is bounded.

/** All in all. Others come back by themselves. */
const WAITING_MAX = 256
/** Of one account from one address: a receiver that has given up and comes again. */
const LANE_WAITING_MAX = 4
/** Of one account from one address so many wrong ones at once, and then one in so long. */
const OF_LANE: Budget = { atOnce: 5, eachMs: 2_000 }
/** Of all accounts that were wrong from one address lately: a guesser costs a hundredth of a core, whatever accounts it goes through. */
const OF_ADDRESS: Budget = { atOnce: 20, eachMs: 1_000 }
const LATELY_MS = 600_000
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

type Budget = { atOnce: number; eachMs: number }
/** How many wrong ones it may still bring, as of when. */
type Purse = { left: number; atMs: number }
type Lane = { waiting: Waiting[]; isRunning: boolean; purse: Purse; wrongAtMs: number }
type Address = { lanes: Map<string, Lane>; purse: Purse }
/** The map's order is whose turn it is. */
type Addresses = Map<string, Address>

export function waitingRoom(): WaitingRoom {
  const addresses: Addresses = new Map()
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
  function displace(of: Address): boolean {
    const most = [...addresses.values()].sort((a, b) => waitingIn(b) - waitingIn(a))[0]
    if (most === undefined || waitingIn(most) <= waitingIn(of) + 1) return false
    const longest = [...most.lanes.values()].sort((a, b) => b.waiting.length - a.waiting.length)[0]
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
      const of = addresses.get(from) ?? { lanes: new Map(), purse: full(OF_ADDRESS, nowMs) }
      const lane = of.lanes.get(account) ?? newLane(nowMs)
      dropUnwanted(lane)
      if (lane.waiting.length >= LANE_WAITING_MAX) return false
      if (count >= WAITING_MAX && !displace(of)) return false
      addresses.set(from, of)
      of.lanes.set(account, lane)
      lane.waiting.push(waiting)
      count += 1
      return true
    },
    next(nowMs) {
      for (const [from, of] of addresses)
        for (const lane of of.lanes.values()) {
          dropUnwanted(lane)
          const [first] = lane.waiting
          if (first === undefined || !mayRun(of, lane, nowMs)) continue
          take(lane, each => each === first)
          lane.isRunning = true
          addresses.delete(from)
          addresses.set(from, of)
          return first
        }
      return null
    },
    ended({ from, account }, isRight, nowMs) {
      const of = addresses.get(from)
      const lane = of?.lanes.get(account)
      if (of === undefined || lane === undefined) return
      lane.isRunning = false
      if (!isRight) {
        lane.purse.left -= 1
        of.purse.left = Math.max(-OF_ADDRESS.atOnce, of.purse.left - 1)
        lane.wrongAtMs = nowMs
      }
      forget(addresses, nowMs)
    },
  }
}

const full = ({ atOnce }: Budget, nowMs: number): Purse => ({ left: atOnce, atMs: nowMs })

const newLane = (nowMs: number): Lane => ({
  ...{ waiting: [], isRunning: false, purse: full(OF_LANE, nowMs) },
  wrongAtMs: Number.NEGATIVE_INFINITY,
})

/** One that was not wrong lately waits for no others of its address. */
const mayRun = ({ purse }: Address, lane: Lane, nowMs: number): boolean =>
  !lane.isRunning &&
  earned(lane.purse, OF_LANE, nowMs) >= 1 &&
  (nowMs - lane.wrongAtMs > LATELY_MS || earned(purse, OF_ADDRESS, nowMs) >= 1)

/** How many wrong ones it may bring now. */
function earned(purse: Purse, { atOnce, eachMs }: Budget, nowMs: number): number {
  purse.left = Math.min(atOnce, purse.left + (nowMs - purse.atMs) / eachMs)
  purse.atMs = nowMs
  return purse.left
}

/** Lanes in which nothing was wrong lately; of too many the oldest too. */
function forget(addresses: Addresses, nowMs: number): void {
  let many = [...addresses.values()].reduce((sum, { lanes }) => sum + lanes.size, 0) - LANES_MAX
  for (const [from, { lanes }] of addresses) {
    for (const [account, { waiting, isRunning, wrongAtMs }] of lanes) {
      if (waiting.length > 0 || isRunning) continue
      if (nowMs - wrongAtMs <= LATELY_MS && many-- <= 0) continue
      lanes.delete(account)
    }
    if (lanes.size === 0) addresses.delete(from)
  }
}

const waitingIn = ({ lanes }: Address): number =>
  [...lanes.values()].reduce((sum, { waiting }) => sum + waiting.length, 0)

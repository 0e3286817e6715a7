// Whose turn it is: messages of receivers in, carried out in the order they came from each. Promises that whoever sends more
// than a receiver may is slowed and delays nobody else, that nothing of it is lost, and that it is said who does.
import type { Clock } from '../../ports.ts'
import { errorOf } from './owing.ts'

/**
 * What one account may have carried out: so many units a second, and so many more at once. A unit is 128 bytes of a message,
 * which is about a report; each message costs four more for its way. A busy receiver of a large site needs some 1,500.
 */
export const UNITS_PER_S = 3_000
const UNITS_AT_ONCE = 10_000
const BYTES_PER_UNIT = 128
const UNITS_PER_MESSAGE = 4
/** After so many units everybody else comes in between: less than a millisecond's work. */
const UNITS_IN_A_ROW = 32
/** Who owes for so long is named; who has not owed for so long no longer is. */
const NAMED_AFTER_MS = 5_000
const CLEARED_AFTER_MS = 30_000
/** Two debts so close to each other are one. */
const SAME_DEBT_MS = 1_000
const MS_PER_S = 1_000

/** A message: its length, and once its turn has come, its parts; each is carried out after the one before. */
export type Message = { bytes: number; read(): (() => Promise<unknown>)[] }

export type Turns = {
  /** Resolves when every part has been carried out, rejects where one has not. */
  add(account: string, message: Message): Promise<unknown>
  close(): void
}

type Waiting = { message: Message; settle(outcome: Promise<unknown>): void }
type Lane = {
  waiting: Waiting[]
  isServed: boolean
  /** What it may spend; less than nothing is a debt, and waited for. */
  units: number
  atMs: number
  inARow: number
  /** `lastMs` is when the newest of it is paid. */
  owing: { sinceMs: number; lastMs: number } | null
  isNamed: boolean
}

/** `onFlood` is told when an account keeps sending more than it may, and when it has stopped. */
export function turns(clock: Clock, onFlood: (account: string, isFlooding: boolean) => void): Turns {
  const lanes = new Map<string, Lane>()
  const cancels = new Set<() => void>()
  let isClosed = false

  const laneOf = (account: string): Lane => {
    const lane = lanes.get(account) ?? newLane(clock.nowMs())
    lanes.set(account, lane)
    return lane
  }

  function later(delayMs: number, run: () => void): void {
    const cancel = clock.after(delayMs, () => {
      cancels.delete(cancel)
      run()
    })
    cancels.add(cancel)
  }

  /** Resolves when nothing is owed any more. */
  async function paid(account: string, lane: Lane): Promise<void> {
    for (let owed = -earn(lane, clock.nowMs()); owed > 0; owed = -earn(lane, clock.nowMs())) {
      const owedMs = (owed / UNITS_PER_S) * MS_PER_S
      noteDebt(account, lane, owedMs)
      await new Promise<void>(resolve => later(owedMs, resolve))
    }
  }

  function noteDebt(account: string, lane: Lane, owedMs: number): void {
    const nowMs = clock.nowMs()
    const isSame = lane.owing !== null && nowMs - lane.owing.lastMs <= SAME_DEBT_MS
    lane.owing = {
      sinceMs: isSame ? (lane.owing?.sinceMs ?? nowMs) : nowMs,
      lastMs: nowMs + Math.ceil(owedMs),
    }
    if (lane.isNamed || nowMs - lane.owing.sinceMs < NAMED_AFTER_MS) return
    lane.isNamed = true
    onFlood(account, true)
    later(CLEARED_AFTER_MS, () => clear(account, lane))
  }

  function clear(account: string, lane: Lane): void {
    const leftMs = CLEARED_AFTER_MS - (clock.nowMs() - (lane.owing?.lastMs ?? 0))
    if (leftMs > 0) later(leftMs, () => clear(account, lane))
    else {
      lane.isNamed = false
      onFlood(account, false)
    }
  }

  async function serve(account: string, lane: Lane): Promise<void> {
    lane.isServed = true
    for (let next = lane.waiting.shift(); next !== undefined && !isClosed; next = lane.waiting.shift()) {
      const { message, settle } = next
      if (earn(lane, clock.nowMs()) < 0) await paid(account, lane)
      const parts = partsOf(message)
      const units = (UNITS_PER_MESSAGE + message.bytes / BYTES_PER_UNIT) / Math.max(1, parts.length)
      if (parts.length === 0) spend(lane, units)
      const outcomes: Promise<unknown>[] = []
      for (const carryOut of parts) {
        // The parts of one message go one by one; of several messages, many may be on their way.
        if (outcomes.length > 0) await outcomes.at(-1)?.catch(() => undefined)
        if (lane.inARow >= UNITS_IN_A_ROW) await breath()
        if (earn(lane, clock.nowMs()) < 0) await paid(account, lane)
        spend(lane, units)
        outcomes.push(carryOut())
      }
      settle(allOf(outcomes))
    }
    lane.isServed = false
  }

  return {
    add(account, message) {
      const lane = laneOf(account)
      return new Promise((resolve, reject) => {
        lane.waiting.push({ message, settle: outcome => void outcome.then(resolve, reject) })
        if (!lane.isServed) void serve(account, lane)
      })
    },
    close() {
      isClosed = true
      for (const cancel of cancels) cancel()
    },
  }
}

async function allOf(outcomes: readonly Promise<unknown>[]): Promise<unknown[]> {
  const ended = await Promise.allSettled(outcomes)
  const errors = ended.flatMap(each => (each.status === 'rejected' ? [each.reason as Error] : []))
  if (errors.length > 0) throw errorOf(errors)
  return Promise.all(outcomes)
}

/** A fault in reading one message is that message's alone: it is rejected, and the next has its turn. */
function partsOf(message: Message): (() => Promise<unknown>)[] {
  try {
    return message.read()
  } catch (error) {
    return [() => Promise.reject(error)]
  }
}

const newLane = (nowMs: number): Lane => ({
  waiting: [],
  isServed: false,
  units: UNITS_AT_ONCE,
  atMs: nowMs,
  inARow: 0,
  owing: null,
  isNamed: false,
})

/** What the account may spend now. A clock that was put back costs it nothing. */
function earn(lane: Lane, nowMs: number): number {
  const earned = (Math.max(0, nowMs - lane.atMs) * UNITS_PER_S) / MS_PER_S
  lane.units = Math.min(UNITS_AT_ONCE, lane.units + earned)
  lane.atMs = nowMs
  return lane.units
}

function spend(lane: Lane, units: number): void {
  if (lane.inARow === 0) {
    setImmediate(() => {
      lane.inARow = 0
    })
  }
  lane.units -= units
  lane.inARow += units
}

/** Sockets, timers and telephones come in between. */
const breath = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

// The engine's queue: events in from everywhere, one at a time out. What people and telephones say goes before everything
// else, and what receivers say is taken in turn, one of each, so that no receiver's flood keeps another's alarm waiting; what may
// be an alarm goes before who came, went or was refused, of which 500 receivers have much to say when a switch restarts.
// Bounded: what finds no place is refused at once, so that a receiver gets no PUBACK and sends it again.
import type { Decided, EngineEvent, RimRefusal } from '../ports.ts'

/** Waiting at once. A connection has about a hundred messages on the way; a person gives one answer at a time. */
export const WAITING_MAX = { perReceiver: 256, receivers: 8_192, rest: 1_024, people: 8_192 } as const
/** So many of the better lane in a row, then one of the next: nothing waits for ever. */
const IN_A_ROW = 16
/** After so many the process looks at its sockets and timers again. */
const BREATH_EACH = 64

type Waiting = {
  event: EngineEvent
  arrivedAtMs: number
  resolve(decided: Decided): void
  reject(error: unknown): void
}

export type Queue = {
  add(event: EngineEvent): Promise<Decided>
  /** How many wait. */
  size(): number
  /** Resolves when nothing waits any more. */
  settled(): Promise<void>
}

/** There are too many events waiting: this one was not carried out, and nothing of it will be. */
export class Overrun extends Error {
  override readonly name = 'Overrun'
}

/** `work` is told when the event arrived. Its rejection is the submitter's; whether it is a bug too is for `onError`. */
export function createQueue(options: {
  work(event: EngineEvent, arrivedAtMs: number): Promise<Decided>
  nowMs(): number
  onError(error: unknown): void
}): Queue {
  const lanes = createLanes()
  let running: Promise<void> | null = null
  const run = async (): Promise<void> => {
    for (let done = 1, next = lanes.take(); next !== undefined; next = lanes.take(), done++) {
      try {
        next.resolve(await options.work(next.event, next.arrivedAtMs))
      } catch (error) {
        next.reject(error)
        options.onError(error)
      }
      if (done % BREATH_EACH === 0) await new Promise<void>(resolve => setImmediate(resolve))
    }
    running = null
  }
  return {
    add: event =>
      new Promise((resolve, reject) => {
        lanes.put({ event, arrivedAtMs: options.nowMs(), resolve, reject })
        running ??= Promise.resolve().then(run)
      }),
    size: lanes.size,
    settled: async () => {
      while (running !== null) await running
    },
  }
}

type Lane = 'people' | 'rest' | 'receivers'

function laneOf({ kind }: EngineEvent): Lane {
  switch (kind) {
    case 'raise':
    case 'acknowledge':
    case 'attend':
    case 'release':
    case 'resolve':
    case 'page':
    case 'tick':
    case 'start':
      return 'people'
    case 'reports':
    case 'hint':
    case 'press':
    case 'refused':
    case 'receiver-status':
      return 'receivers'
    default:
      return 'rest'
  }
}

/** Whose turn an event takes. Who could not say the password may be anybody: none of it is in that receiver's way. */
const turnOf = (event: Extract<EngineEvent, { receiver: string }>): string =>
  event.kind === 'refused' && isOfStranger(event.reason) ? '' : event.receiver

const isOfStranger = (reason: RimRefusal): boolean =>
  reason === 'wrong-password' || reason === 'revoked' || reason === 'handshake'

/** What may be an alarm. */
const isHeard = ({ event: { kind } }: Waiting): boolean => kind === 'reports' || kind === 'press'

type Turn = { waiting: Waiting[]; heard: number }

/** What receivers say, in turn: each one's own in its order. Those of whom something was heard go before those that came or went. */
function createTurns() {
  /** Whose turn it is stands first. */
  const hearing = new Map<string, Turn>()
  const others = new Map<string, Turn>()
  let count = 0
  let inARow = 0
  const put = (receiver: string, turn: Turn): void => {
    if (turn.waiting.length > 0) (turn.heard > 0 ? hearing : others).set(receiver, turn)
  }
  return {
    count: () => count,
    /** False where there is no room. */
    add(receiver: string, waiting: Waiting): boolean {
      const turn = hearing.get(receiver) ?? others.get(receiver) ?? { waiting: [], heard: 0 }
      if (turn.waiting.length >= WAITING_MAX.perReceiver || count >= WAITING_MAX.receivers) return false
      turn.waiting.push(waiting)
      count += 1
      if (isHeard(waiting)) {
        turn.heard += 1
        others.delete(receiver)
      }
      put(receiver, turn)
      return true
    },
    take(): Waiting | undefined {
      const isTurnOfHearing = hearing.size > 0 && (inARow < IN_A_ROW || others.size === 0)
      inARow = isTurnOfHearing ? inARow + 1 : 0
      const turns = isTurnOfHearing ? hearing : others
      for (const [receiver, turn] of turns) {
        const next = turn.waiting.shift()
        turns.delete(receiver)
        count -= 1
        if (next !== undefined && isHeard(next)) turn.heard -= 1
        put(receiver, turn)
        return next
      }
      return undefined
    },
  }
}

function createLanes() {
  const people: Waiting[] = []
  const rest: Waiting[] = []
  const receivers = createTurns()
  let inARow = 0
  let isTurnOfRest = false

  return {
    size: () => people.length + rest.length + receivers.count(),
    put(waiting: Waiting): void {
      const { event } = waiting
      const lane = laneOf(event)
      if (lane === 'receivers') {
        const receiver = turnOf(event as Extract<EngineEvent, { receiver: string }>)
        if (!receivers.add(receiver, waiting))
          throw overrun(WAITING_MAX.perReceiver, `messages of ${receiver === '' ? 'strangers' : receiver}`)
        return
      }
      const own = lane === 'people' ? people : rest
      if (own.length >= WAITING_MAX[lane]) throw overrun(WAITING_MAX[lane], `events like ${event.kind}`)
      own.push(waiting)
    },
    take(): Waiting | undefined {
      const hasOthers = receivers.count() > 0 || rest.length > 0
      if (people.length > 0 && (inARow < IN_A_ROW || !hasOthers)) {
        inARow += 1
        return people.shift()
      }
      inARow = 0
      isTurnOfRest = !isTurnOfRest
      return isTurnOfRest ? (rest.shift() ?? receivers.take()) : (receivers.take() ?? rest.shift())
    },
  }
}

const overrun = (max: number, what: string): Overrun =>
  new Overrun(`expected at most ${max} ${what} waiting, came one more: it was not carried out`)

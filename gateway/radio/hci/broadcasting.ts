// Beacons while the scan goes on. In: packets that are to be sent, all at once in turn. Out: commands to the controller: an
// advertising set for each packet where it has sets, otherwise (and where there are more packets) one after the other.
import type { Clock } from '../../ports.ts'
import type { Asking } from './asking.ts'
import type { Controller } from './bring-up.ts'
import {
  setAdvertising,
  setAdvertisingData,
  setAdvertisingParameters,
  setSet,
  setSetAddress,
  setSetData,
  setSetParameters,
} from './codec/commands.ts'

/** The shortest that a controller of Bluetooth 4 may be asked for. */
const INTERVAL_MS = 100
/** Each packet goes out once in its turn: the interval, and up to 10 ms that the controller adds at random. */
const TURN_MS = 115
/** Sets that are used of those that there are: each takes its time from listening. */
const SETS_MAX = 4

export type Broadcasting = {
  /** From now on these, of ADVERTISING_BYTES_MAX at most. */
  send(packets: readonly Uint8Array[]): void
  /** The controller was reset, or is another: everything is said to it again. */
  begin(controller: Controller): void
  stop(): void
}

export type BroadcastingOptions = {
  asking: Asking
  clock: Clock
  /** Null: it works. Otherwise why it doesn't. Told when it changes. */
  onFault(why: string | null): void
}

/** Says to one set of a controller what to send. What it does now is `now`; undefined: it was never set up. */
async function putOn(
  asking: Asking,
  of: Controller,
  set: number,
  data: Uint8Array | null,
  now?: Uint8Array | null,
) {
  const switched = (isOn: boolean) => (of.isExtended ? setSet(set, isOn) : setAdvertising(isOn))
  if (data === null) {
    await asking.ask(switched(false))
    return
  }
  if (now === undefined) await setUp(asking, of, set)
  await asking.ask(of.isExtended ? setSetData(set, data) : setAdvertisingData(data))
  if (now === undefined || now === null) await asking.ask(switched(true))
}

async function setUp(asking: Asking, { isExtended, own, randomAddress }: Controller, set: number) {
  await asking.ask(
    isExtended ? setSetParameters(set, own, INTERVAL_MS) : setAdvertisingParameters(own, INTERVAL_MS),
  )
  if (isExtended && randomAddress !== null) await asking.ask(setSetAddress(set, randomAddress))
}

const setsOf = ({ sets }: Controller): number => Math.min(sets, SETS_MAX)

export function createBroadcasting({ asking, clock, onFault }: BroadcastingOptions): Broadcasting {
  let packets: readonly Uint8Array[] = []
  let controller: Controller | null = null
  /** What each set sends now; null: it is set up and is off. Undefined: it is not set up yet. */
  let sending: (Uint8Array | null)[] = []
  let turn = 0
  let isAtWork = false
  let cancelTurn = (): void => {}
  let fault: string | null = null

  const tell = (why: string | null): void => {
    if (why === fault) return
    fault = why
    onFault(why)
  }

  /** The first set that sends something else than it is to send in this turn. */
  const due = (): { of: Controller; set: number; data: Uint8Array | null } | null => {
    if (controller === null) return null
    const of = controller
    for (let set = 0; set < setsOf(of); set += 1) {
      const mine = packets.filter((_, i) => i % setsOf(of) === set)
      const data = mine[turn % Math.max(1, mine.length)] ?? null
      if (data !== (sending[set] ?? null)) return { of, set, data }
    }
    return null
  }

  /** One command at a time; what changed meanwhile is seen when it is done. */
  const work = async (): Promise<void> => {
    if (isAtWork) return
    isAtWork = true
    const begun = controller
    try {
      for (let next = due(); next !== null; next = due()) {
        const { of, set, data } = next
        await putOn(asking, of, set, data, sending[set])
        if (of === controller) sending[set] = data
      }
      if (controller !== null) tell(null)
    } catch (error) {
      // Refused: listening goes on without. Unanswered: whoever watches over the controller resets it, and it is another then.
      if (controller === begun) tell(error instanceof Error ? error.message : String(error))
    }
    isAtWork = false
    if (controller !== begun) void work()
  }

  /** While more packets than sets are to be sent, each in its turn. */
  const takeTurns = (): void => {
    cancelTurn()
    cancelTurn = (): void => {}
    if (controller === null || packets.length <= setsOf(controller)) return
    cancelTurn = clock.after(TURN_MS, () => {
      turn += 1
      takeTurns()
      void work()
    })
  }

  return {
    send(list) {
      packets = list
      takeTurns()
      void work()
    },
    begin(next) {
      controller = next
      sending = []
      takeTurns()
      void work()
    },
    stop() {
      controller = null
      cancelTurn()
    },
  }
}

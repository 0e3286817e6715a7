// Events on their way from the broker's thread to the engine's. Promises that of each account only few are on the way at once,
// so that no flood stands between another's alarm and the engine; that an account's come in its order; and that what is decided
// of each comes back to whoever asked.
import type { Decided, EngineEvent, RimRefusal, Submit } from '../../ports.ts'
import type { Failure } from './messages.ts'

/** Of one account. Reading so many takes the engine's thread less than a millisecond; each answer lets one more go. */
export const ON_THE_WAY_MAX = 32

/**
 * Of all accounts, but that each may have one: fewer than the engine lets wait (engine/queue), so that of a site that says more than
 * can be carried out nothing is refused. What waits here is read no further, and its receiver keeps the rest.
 */
export const ALL_ON_THE_WAY_MAX = 2_048

const CARRIED_OUT: Decided = { refused: null }

export type Asking = {
  submit: Submit
  /** What became of a call; null is well. */
  decided(call: number, failure: Failure | null): void
}

type Waiting = {
  event: EngineEvent
  atMs: number
  resolve(decided: Decided): void
  reject(error: Error): void
}
type Line = { onTheWay: number; waiting: Waiting[] }

/** `send` hands one on; `atMs` is when it was submitted. */
export function asking(
  nowMs: () => number,
  send: (call: number, event: EngineEvent, atMs: number) => void,
): Asking {
  const lines = new Map<string, Line>()
  const calls = new Map<number, Waiting & { account: string }>()
  let lastCall = 0

  function go(account: string, line: Line): void {
    while (line.onTheWay < (calls.size < ALL_ON_THE_WAY_MAX ? ON_THE_WAY_MAX : 1)) {
      const next = line.waiting.shift()
      if (next === undefined) break
      lastCall += 1
      line.onTheWay += 1
      calls.set(lastCall, { ...next, account })
      send(lastCall, next.event, next.atMs)
    }
    if (line.onTheWay === 0) lines.delete(account)
  }

  return {
    submit(event) {
      const account = accountOf(event)
      const line = lines.get(account) ?? { onTheWay: 0, waiting: [] }
      lines.set(account, line)
      return new Promise((resolve, reject) => {
        line.waiting.push({ event, atMs: nowMs(), resolve, reject })
        go(account, line)
      })
    },
    decided(call, failure) {
      const asked = calls.get(call)
      if (asked === undefined) return
      calls.delete(call)
      if (failure === null) asked.resolve(CARRIED_OUT)
      else {
        const { words, ...rest } = failure
        asked.reject(Object.assign(new Error(words), rest))
      }
      const line = lines.get(asked.account)
      if (line === undefined) return
      line.onTheWay -= 1
      go(asked.account, line)
    },
  }
}

const OF_STRANGERS: readonly RimRefusal[] = ['wrong-password', 'revoked', 'handshake']

/** Who could not say the password may be anybody: none of it stands in that receiver's way. What is no receiver's waits for none. */
function accountOf(event: EngineEvent): string {
  if (event.kind === 'refused' && OF_STRANGERS.includes(event.reason)) return 'stranger:'
  return 'receiver' in event ? `receiver:${event.receiver}` : 'own:'
}

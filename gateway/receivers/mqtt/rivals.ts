// Whether two programs use one receiver's account under one client id: MQTT lets each that connects put the other out, and neither is
// gone for long. In: connections that were let in. Out: that it is so, once, and once that it has stopped.
import type { Clock, FaultEvent } from '../../ports.ts'
import type { Connection } from './connection.ts'

/** Of one program alone a network that breaks off leaves a dead connection to be taken over, now and then. */
const TAKEN_MIN = 4
const TAKEN_MS = 60_000
/** So long without another, and it has stopped: longer than any program waits before it comes again. */
const OVER_MS = 120_000

type Account = { atMs: number[]; isTold: boolean; cancel(): void }

export type Rivals = {
  /** It was let in under this account; `clientId` is the account's own. */
  came(connection: Connection, account: string, clientId: string): void
  close(): void
}

/** `tell` hears of an account that it is so, and once that it is over. */
export function rivals(
  clock: Pick<Clock, 'nowMs' | 'after'>,
  tell: (account: string, isSo: boolean) => void,
): Rivals {
  const holders = new Map<string, Connection>()
  const accounts = new Map<string, Account>()
  let isClosed = false

  function taken(account: string): void {
    const nowMs = clock.nowMs()
    const so = accounts.get(account) ?? { atMs: [], isTold: false, cancel() {} }
    accounts.set(account, so)
    so.atMs = [...so.atMs, nowMs].slice(-TAKEN_MIN)
    so.cancel()
    so.cancel = clock.after(OVER_MS, () => {
      accounts.delete(account)
      if (so.isTold) tell(account, false)
    })
    const isOften = so.atMs.length === TAKEN_MIN && nowMs - (so.atMs[0] ?? 0) <= TAKEN_MS
    if (!isOften || so.isTold) return
    so.isTold = true
    tell(account, true)
  }

  return {
    came(connection, account, clientId) {
      if (isClosed || connection.destroyed) return
      const before = holders.get(clientId)
      holders.set(clientId, connection)
      connection.once('close', () => {
        if (holders.get(clientId) === connection) holders.delete(clientId)
      })
      // One that had ended by itself is followed, and not put out.
      if (before !== undefined && !before.destroyed) taken(account)
    },
    close() {
      isClosed = true
      for (const { cancel } of accounts.values()) cancel()
    },
  }
}

export const twiceFault = (receiver: string, isSo: boolean): FaultEvent => ({
  kind: 'fault',
  key: `receiver-twice:${receiver}`,
  text: isSo
    ? `Two programs connect as receiver ${receiver}, and each puts the other out: what they hear may come late. Give each a receiver and an account of its own. If there is one alone, its network breaks off again and again`
    : null,
})

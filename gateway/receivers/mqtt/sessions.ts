// Who is connected: each account's connections, oldest first, and the ones that have shown no password yet.
// Promises to tell once when a receiver's last connection ends, unless we ended it to be sent again what could not be kept (one
// that does not come back is missed by its heartbeat), and to bound how many anyone can hold.
import type { Connection } from './connection.ts'

/** Connections that have shown no password; one more drops the oldest, so that they can't keep receivers out. */
const STRANGERS_MAX = 128
/** One receiver that reconnects under new client ids leaves dead ones behind until their keepalive ends. */
const CONNECTIONS_PER_RECEIVER_MAX = 8

export type Sessions = {
  /** A connection that has not shown who it is. */
  arrived(connection: Connection): void
  /** Its password is being proved: what waits for that is bounded there. The answer makes it one that has shown none again. */
  proving(connection: Connection): () => void
  /** It has shown an account's password. Of one that `isSilent` nothing is told. */
  admitted(connection: Connection, account: string, isSilent: boolean): void
  accountOf(connection: Connection): string | undefined
  /** Ends every connection of this account; answers how many. */
  expel(account: string): number
  /** Ends all, telling nobody. */
  close(): void
}

/** Told the receiver whose first connection has begun, or whose last one has ended. */
export type Comings = { onFirstCame(receiver: string): void; onLastLeft(receiver: string): void }

export function sessions({ onFirstCame, onLastLeft }: Comings): Sessions {
  const strangers = new Set<Connection>()
  const admittedBy = new Map<string, Set<Connection>>()
  const accounts = new Map<Connection, string>()
  const silent = new Set<string>()
  let isClosed = false

  function left(connection: Connection): void {
    strangers.delete(connection)
    const account = accounts.get(connection)
    if (account === undefined) return
    accounts.delete(connection)
    const others = admittedBy.get(account)
    others?.delete(connection)
    if (others?.size !== 0) return
    admittedBy.delete(account)
    if (!isClosed && !connection.willReturn && !silent.delete(account)) onLastLeft(account)
  }

  function isStranger(connection: Connection): void {
    if (connection.destroyed) return
    strangers.add(connection)
    dropOldest(strangers, STRANGERS_MAX)
  }

  return {
    arrived(connection) {
      connection.once('close', () => left(connection))
      isStranger(connection)
    },
    proving(connection) {
      strangers.delete(connection)
      return () => isStranger(connection)
    },
    admitted(connection, account, isSilent) {
      if (connection.destroyed) return
      strangers.delete(connection)
      accounts.set(connection, account)
      const own = admittedBy.get(account) ?? new Set()
      admittedBy.set(account, own.add(connection))
      if (isSilent) silent.add(account)
      else if (own.size === 1) onFirstCame(account)
      dropOldest(own, CONNECTIONS_PER_RECEIVER_MAX)
    },
    accountOf: connection => accounts.get(connection),
    expel(account) {
      const own = [...(admittedBy.get(account) ?? [])]
      for (const connection of own) connection.destroy()
      return own.length
    },
    close() {
      isClosed = true
      for (const connection of [...strangers, ...accounts.keys()]) connection.destroy()
    },
  }
}

function dropOldest(connections: Set<Connection>, max: number): void {
  const [oldest] = connections
  if (connections.size > max) oldest?.destroy()
}

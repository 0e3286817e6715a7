// Who is connected: each receiver's connections, oldest first, and the ones that have shown no password yet.
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
  /** It has shown a receiver's password. */
  admitted(connection: Connection, receiver: string): void
  receiverOf(connection: Connection): string | undefined
  /** Ends every connection of receivers that `isWelcome` denies. */
  expel(isWelcome: (receiver: string) => boolean): void
  /** Ends all, telling nobody. */
  close(): void
}

/** Told the receiver whose first connection has begun, or whose last one has ended. */
export type Comings = { onFirstCame(receiver: string): void; onLastLeft(receiver: string): void }

export function sessions({ onFirstCame, onLastLeft }: Comings): Sessions {
  const strangers = new Set<Connection>()
  const admittedBy = new Map<string, Set<Connection>>()
  const receivers = new Map<Connection, string>()
  let isClosed = false

  function left(connection: Connection): void {
    strangers.delete(connection)
    const receiver = receivers.get(connection)
    if (receiver === undefined) return
    receivers.delete(connection)
    const others = admittedBy.get(receiver)
    others?.delete(connection)
    if (others?.size !== 0) return
    admittedBy.delete(receiver)
    if (!isClosed && !connection.willReturn) onLastLeft(receiver)
  }

  return {
    arrived(connection) {
      strangers.add(connection)
      connection.once('close', () => left(connection))
      dropOldest(strangers, STRANGERS_MAX)
    },
    admitted(connection, receiver) {
      if (connection.destroyed) return
      strangers.delete(connection)
      receivers.set(connection, receiver)
      const own = admittedBy.get(receiver) ?? new Set()
      admittedBy.set(receiver, own.add(connection))
      if (own.size === 1) onFirstCame(receiver)
      dropOldest(own, CONNECTIONS_PER_RECEIVER_MAX)
    },
    receiverOf: connection => receivers.get(connection),
    expel(isWelcome) {
      for (const [connection, receiver] of [...receivers]) if (!isWelcome(receiver)) connection.destroy()
    },
    close() {
      isClosed = true
      for (const connection of [...strangers, ...receivers.keys()]) connection.destroy()
    },
  }
}

function dropOldest(connections: Set<Connection>, max: number): void {
  const [oldest] = connections
  if (connections.size > max) oldest?.destroy()
}

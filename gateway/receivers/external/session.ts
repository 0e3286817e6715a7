// A session at a broker outside, kept up: one connection after the other under one client id. In: what is listened to. Out: what
// comes, and how it is with the session. Goes on trying for ever, each second.
import type { IPublishPacket } from 'mqtt'
import type { Clock } from '../../ports.ts'
import { type Account, type Connection, type ConnectionOptions, openConnection } from './connection.ts'

const RECONNECT_MS = 1_000

export type SessionOptions = Pick<ConnectionOptions, 'will'> & {
  account: Account
  clientId: string
  /** Whether the broker keeps what comes while nobody is connected. */
  isKept: boolean
  clock: Clock
  filters(): readonly string[]
  /** It listens. */
  onListening(connection: Connection, sessionPresent: boolean): void
  onMessage(connection: Connection, packet: IPublishPacket, next: () => void): void
  /** Null while it listens; otherwise why not, in words. */
  onState(why: string | null): void
}

export type Session = {
  /** Null while nobody is connected. */
  connection(): Connection | null
  /** To these beside what it listens to already; nothing where nobody is connected, since it asks for all when it is. */
  listen(filters: readonly string[]): void
  close(): void
}

export function keepSession(options: SessionOptions): Session {
  const { account, clientId, isKept, will, clock } = options
  let ready: Connection | null = null
  let opened: Connection | null = null
  let isClosed = false
  let cancel = (): void => {}

  const ask = (connection: Connection, filters: readonly string[], granted: () => void): void =>
    connection.listen(filters, isKept ? 1 : 0, why => {
      if (isClosed) return
      // Rules of access are mended at the broker: it is asked again as if it had not been there.
      if (why === null) granted()
      else connection.cut(why)
    })

  function open(): void {
    const mine = openConnection({
      ...{ ...account, clientId, clean: !isKept, clock },
      ...(will !== undefined && { will }),
      events: {
        onReady(sessionPresent) {
          ready = mine
          ask(mine, options.filters(), () => {
            options.onListening(mine, sessionPresent)
            options.onState(null)
          })
        },
        onMessage: (packet, next) => options.onMessage(mine, packet, next),
        onGone(why) {
          ready = null
          if (isClosed) return
          options.onState(why)
          cancel = clock.after(RECONNECT_MS, open)
        },
      },
    })
    opened = mine
  }
  open()
  return {
    connection: () => ready,
    listen(filters) {
      if (ready !== null && filters.length > 0) ask(ready, filters, () => {})
    },
    close() {
      isClosed = true
      cancel()
      opened?.cut('closed')
    },
  }
}

/** What the broker kept under this client id is thrown away, where it can be had now. */
export function forget(account: Account, clientId: string, clock: Clock): Pick<Connection, 'cut'> {
  const connection = openConnection({
    ...{ ...account, clientId, clean: true, clock },
    events: { onReady: () => connection.cut('closed'), onMessage: (_, next) => next(), onGone() {} },
  })
  return connection
}

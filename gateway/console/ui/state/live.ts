// The page's line to the gateway: server-sent events in, state and connection out. The browser reconnects by itself with
// Last-Event-ID; a line that has gone silent, or that the browser has given up, is begun again from the last row.
import type { LiveEvent } from '../../../../schemas/api/desk.ts'

/** The gateway's heartbeat is 5 s; two may be late before the line counts as dead. */
const SILENT_MS = 12_000
const WATCH_MS = 1_000
const BEGIN_AGAIN_MS = 1_000

export type Connection =
  | { state: 'connecting'; sinceMs: number }
  | { state: 'live' }
  /** `sinceMs` is when the gateway was last heard, on this machine's clock. */
  | { state: 'lost'; sinceMs: number }

export type LiveListener = {
  /** A desk page's own id: its stream is kept before any other's. */
  desk?: string
  onEvent(event: LiveEvent): void
  onConnection(connection: Connection): void
  /** The gateway's clock less this machine's, in ms. */
  onSkew(skewMs: number): void
  /** The gateway was heard just now; at least each heartbeat. `isAnew`: it may be another one than before, which knows nobody. */
  onHeard?(isAnew: boolean): void
}

/** Opens the line and keeps it open for as long as the page lives; the answer closes it. */
export function openLive(listener: LiveListener): () => void {
  let source: EventSource | null = null
  let again: ReturnType<typeof setTimeout> | undefined
  let lastSeq: number | null = null
  let heardAtMs = Date.now()
  let begunAtMs = heardAtMs
  let isLive = false

  const heard = (): void => {
    heardAtMs = Date.now()
    const isAnew = !isLive
    isLive = true
    if (isAnew) listener.onConnection({ state: 'live' })
    listener.onHeard?.(isAnew)
  }
  const lost = (): void => {
    if (!isLive) return
    isLive = false
    listener.onConnection({ state: 'lost', sinceMs: heardAtMs })
  }
  const begin = (): void => {
    clearTimeout(again)
    again = undefined
    begunAtMs = Date.now()
    source?.close()
    const query = new URLSearchParams({
      ...(listener.desk === undefined ? {} : { desk: listener.desk }),
      ...(lastSeq === null ? {} : { since: String(lastSeq) }),
    })
    source = new EventSource(`/api/live?${query}`)
    source.onmessage = message => {
      const event = JSON.parse(message.data) as LiveEvent
      lastSeq = event.seq
      heard()
      if (event.kind === 'snapshot') listener.onSkew(event.snapshot.nowMs - Date.now())
      listener.onEvent(event)
    }
    source.addEventListener('heartbeat', message => {
      heard()
      listener.onSkew((JSON.parse(message.data) as { nowMs: number }).nowMs - Date.now())
    })
    source.onerror = () => {
      lost()
      if (source?.readyState === EventSource.CLOSED) again ??= setTimeout(begin, BEGIN_AGAIN_MS)
    }
  }
  const watch = setInterval(() => {
    // A line just begun gets its full time to speak before it is cut again.
    if (Date.now() - Math.max(heardAtMs, begunAtMs) < SILENT_MS) return
    lost()
    begin()
  }, WATCH_MS)

  listener.onConnection({ state: 'connecting', sinceMs: heardAtMs })
  begin()
  return () => {
    clearInterval(watch)
    clearTimeout(again)
    source?.close()
  }
}

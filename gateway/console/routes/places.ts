// Who may hold a live stream open: clients come in, those that must make room for them go out. Nobody is turned away, so
// whoever looks now is served; room is made by the oldest stream of the same client, then by the oldest that is no desk's.

/** Open streams at once: a desk, a spare and a few phones need five. */
export const STREAMS_MAX = 64
/** A desk page has one stream, and for a moment two while it begins again. */
export const STREAMS_A_DESK_MAX = 2
/** Monitors and walk tests that go by one name: so many may look at once. */
export const STREAMS_A_CLIENT_MAX = 8
/** A desk page says that it is there each 10 s, and is believed for as long as the engine believes it. */
const DESK_MS = 40_000
const DESKS_MAX = STREAMS_MAX

/** `desk`: the id that a desk page says it is here by. `from`: what tells other clients apart, as well as it can be told. */
export type Client = { desk: string | null; from: string }
type Place<Stream> = Client & { stream: Stream }

export type Places<Stream> = {
  /** Takes the stream in. Answers those that have to end for it; each is forgotten already. */
  take(client: Client, stream: Stream, nowMs: number): Stream[]
  leave(stream: Stream): void
  /** A desk page said that it is here, or that it goes: its stream is one of the last to make room. */
  seeDesk(desk: string, isLeaving: boolean, nowMs: number): void
  streams(): Iterable<Stream>
  size(): number
}

export function createPlaces<Stream>(): Places<Stream> {
  // Both oldest first.
  const places = new Map<Stream, Place<Stream>>()
  const desks = new Map<string, number>()

  const isDesk = ({ desk }: Client, nowMs: number): boolean =>
    desk !== null && nowMs - (desks.get(desk) ?? Number.NEGATIVE_INFINITY) <= DESK_MS
  const oldest = (isMeant: (place: Place<Stream>) => boolean): Place<Stream> | undefined =>
    [...places.values()].find(isMeant)
  const crowded = (client: Client): Place<Stream> | undefined => {
    const own = [...places.values()].filter(place => keyOf(place) === keyOf(client))
    return own.length < (client.desk === null ? STREAMS_A_CLIENT_MAX : STREAMS_A_DESK_MAX)
      ? undefined
      : own[0]
  }

  return {
    take(client, stream, nowMs) {
      const full = (): Place<Stream> | undefined =>
        places.size < STREAMS_MAX ? undefined : (oldest(place => !isDesk(place, nowMs)) ?? oldest(() => true))
      const ends: Stream[] = []
      for (let next = crowded(client) ?? full(); next !== undefined; next = crowded(client) ?? full()) {
        places.delete(next.stream)
        ends.push(next.stream)
      }
      places.set(stream, { ...client, stream })
      return ends
    },
    leave: stream => {
      places.delete(stream)
    },
    seeDesk(desk, isLeaving, nowMs) {
      desks.delete(desk)
      if (isLeaving) return
      desks.set(desk, nowMs)
      for (const oldestDesk of desks.keys()) {
        if (desks.size <= DESKS_MAX) return
        desks.delete(oldestDesk)
      }
    },
    streams: () => places.keys(),
    size: () => places.size,
  }
}

const keyOf = ({ desk, from }: Client): string => (desk === null ? `from ${from}` : `desk ${desk}`)

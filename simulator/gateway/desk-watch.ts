// What the gateway tells its desk, followed from outside for as long as it is wanted: whether an alarm now would reach
// somebody, and what its calls say. Null, or nothing, while the gateway does not answer.
import { z } from 'zod'
import { ArmedView } from '../../schemas/api/desk.ts'
import type { CallView } from '../page/building.ts'
import type { PhoneCall, SimClock } from '../ports.ts'

const AGAIN_MS = 1_000
/** A call is the page that was sent at the same moment, by the clock of one machine. */
const SAME_CALL_MS = 2_000

const Page = z.looseObject({ id: z.string(), said: z.string(), invitedAtMs: z.number().optional() })
type Page = z.infer<typeof Page>
const Incident = z.looseObject({ id: z.string(), pages: z.array(Page) })
/** Of all live events only these say it. */
const Said = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('armed'), armed: ArmedView }),
  z.looseObject({ kind: z.literal('incident'), incident: Incident }),
  z.looseObject({
    kind: z.literal('snapshot'),
    snapshot: z.looseObject({ armed: ArmedView, incidents: z.array(Incident).default([]) }),
  }),
])

export type DeskWatch = {
  armed(): ArmedView | null
  /** The calls, each with the words of its page. No two have the same page. */
  withSaid(calls: readonly PhoneCall[]): CallView[]
  stop(): void
}

/** Follows the desk at this address; `onChange` is called after each change of what it says. */
export function watchDesk(deskUrl: string, clock: SimClock, onChange: () => void): DeskWatch {
  const stopping = new AbortController()
  const incidents = new Map<string, z.infer<typeof Incident>>()
  let armed: ArmedView | null = null
  const setArmed = (next: ArmedView | null): void => {
    if (next === armed || stopping.signal.aborted) return
    armed = next
    onChange()
  }
  const take = (event: z.infer<typeof Said>): void => {
    if (event.kind === 'armed') {
      setArmed(event.armed)
      return
    }
    if (event.kind === 'snapshot') {
      incidents.clear()
      armed = event.snapshot.armed
    }
    const news = event.kind === 'snapshot' ? event.snapshot.incidents : [event.incident]
    for (const incident of news) incidents.set(incident.id, incident)
    if (!stopping.signal.aborted) onChange()
  }
  const follow = async (): Promise<void> => {
    const { body } = await fetch(new URL('/api/live', deskUrl), { signal: stopping.signal })
    if (body === null) return
    for await (const event of events(body)) {
      const said = Said.safeParse(event)
      if (said.success) take(said.data)
    }
  }
  const begin = (): void => {
    // However it ended, it is followed again: a gateway that was killed comes back.
    const over = (): void => {
      setArmed(null)
      if (!stopping.signal.aborted) clock.after(AGAIN_MS, begin)
    }
    follow().then(over, over)
  }
  begin()
  return {
    armed: () => armed,
    withSaid: calls =>
      withPages(
        calls,
        [...incidents.values()].flatMap(({ pages }) => pages),
      ),
    stop: () => stopping.abort(),
  }
}

/**
 * Calls come in the order in which their pages were sent, over one connection; so the first call has the first page of its
 * moment, and the next one has one that is left. The nearest alone would give two calls of one instant the same words.
 */
function withPages(calls: readonly PhoneCall[], pages: readonly Page[]): CallView[] {
  const left = pages
    .flatMap(({ said, invitedAtMs }) => (invitedAtMs === undefined ? [] : [{ said, invitedAtMs }]))
    .sort((a, b) => a.invitedAtMs - b.invitedAtMs)
  return calls.map(call => {
    const at = left.findIndex(({ invitedAtMs }) => Math.abs(invitedAtMs - call.invitedAtMs) < SAME_CALL_MS)
    const [page] = at < 0 ? [] : left.splice(at, 1)
    return page === undefined ? call : { ...call, said: page.said }
  })
}

/** The data of each server-sent event, as it comes. */
async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown> {
  let waiting = ''
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const whole = (waiting + text).split('\n\n')
    waiting = whole.pop() ?? ''
    for (const event of whole) {
      const data = event.split('\n').find(line => line.startsWith('data: '))
      if (data !== undefined) yield JSON.parse(data.slice('data: '.length))
    }
  }
}

// What the gateway tells its desk, followed from outside for as long as it is wanted: whether an alarm now would reach
// somebody, and what its calls say. Null, or nothing, while the gateway does not answer.
import { z } from 'zod'
import { ArmedView } from '../schemas/api.ts'
import type { CallView } from './page/building.ts'
import type { PhoneCall, SimClock } from './ports.ts'

const AGAIN_MS = 1_000
/** A call is the page that was sent at the same moment, by the clock of one machine. */
const SAME_CALL_MS = 2_000

const Incident = z.looseObject({
  id: z.string(),
  pages: z.array(z.looseObject({ id: z.string(), said: z.string(), invitedAtMs: z.number().optional() })),
})
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
  /** The call with the words of its page. */
  withSaid(call: PhoneCall): CallView
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
    withSaid(call) {
      const pages = [...incidents.values()].flatMap(({ pages }) => pages)
      const apart = ({ invitedAtMs = Number.NaN }: { invitedAtMs?: number | undefined }): number =>
        Math.abs(invitedAtMs - call.invitedAtMs)
      const [nearest] = pages.filter(page => apart(page) < SAME_CALL_MS).sort((a, b) => apart(a) - apart(b))
      return nearest === undefined ? call : { ...call, said: nearest.said }
    },
    stop: () => stopping.abort(),
  }
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

// Whether an alarm now would reach somebody, as the gateway itself says on its desk's live events: followed from outside
// for as long as it is wanted. Null while the gateway does not answer.
import { z } from 'zod'
import { ArmedView } from '../schemas/api.ts'
import type { SimClock } from './ports.ts'

const AGAIN_MS = 1_000

/** Of all live events only these say it. */
const Said = z.union([
  z.looseObject({ kind: z.literal('armed'), armed: ArmedView }).transform(({ armed }) => armed),
  z
    .looseObject({ kind: z.literal('snapshot'), snapshot: z.looseObject({ armed: ArmedView }) })
    .transform(({ snapshot }) => snapshot.armed),
])

export type DeskWatch = { armed(): ArmedView | null; stop(): void }

/** Follows the desk at this address; `onChange` is called after each change of what it says. */
export function watchDesk(deskUrl: string, clock: SimClock, onChange: () => void): DeskWatch {
  const stopping = new AbortController()
  let armed: ArmedView | null = null
  const set = (next: ArmedView | null): void => {
    if (next === armed || stopping.signal.aborted) return
    armed = next
    onChange()
  }
  const follow = async (): Promise<void> => {
    const { body } = await fetch(new URL('/api/live', deskUrl), { signal: stopping.signal })
    if (body === null) return
    for await (const event of events(body)) {
      const said = Said.safeParse(event)
      if (said.success) set(said.data)
    }
  }
  const begin = (): void => {
    // However it ended, it is followed again: a gateway that was killed comes back.
    const over = (): void => {
      set(null)
      if (!stopping.signal.aborted) clock.after(AGAIN_MS, begin)
    }
    follow().then(over, over)
  }
  begin()
  return { armed: () => armed, stop: () => stopping.abort() }
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

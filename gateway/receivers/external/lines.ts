// The receivers at a broker outside, each under a session of its own, so that none stands in another's way. In: which receivers
// there are. Out: what they say, as events. A receiver that is gone from the site leaves nothing there.
import type { Receiver } from '../../../schemas/site.ts'
import type { Clock } from '../../ports.ts'
import type { Account } from './connection.ts'
import { type Hearing, type HearingOptions, hearing } from './heard.ts'
import type { LinkStates } from './link-states.ts'
import { forget, keepSession, type Session } from './session.ts'

export type Lines = {
  /** Whether it comes in by this broker. */
  has(receiver: string): boolean
  setReceivers(receivers: readonly Receiver[]): void
  /** What had no acknowledgement has none: it comes again to whoever starts next. */
  close(): void
}

export type LinesOptions = HearingOptions & {
  account: Account
  /** Of the session of one receiver. */
  clientIdOf(receiver: string): string
  clock: Clock
  states: LinkStates
}

type Line = { hearing: Hearing; session: Session; filters: readonly string[] }

export function receiverLines({ account, clientIdOf, states, ...around }: LinesOptions): Lines {
  const { clock } = around
  const lines = new Map<string, Line>()
  const forgetting = new Map<string, ReturnType<typeof forget>>()

  function open(receiver: Receiver): void {
    const { id } = receiver
    // One that is there again keeps its session.
    forgetting.get(id)?.cut('closed')
    forgetting.delete(id)
    const heard = hearing(around, receiver)
    states.expect(id)
    const session = keepSession({
      ...{ account, clientId: clientIdOf(id), isKept: true, clock, filters: heard.filters },
      onListening: heard.began,
      onMessage: heard.hear,
      onState(why) {
        if (why !== null) heard.gone()
        states.set(id, why)
      },
    })
    lines.set(id, { hearing: heard, session, filters: heard.filters() })
  }

  function close(id: string, { hearing, session }: Line): void {
    session.close()
    hearing.gone()
    hearing.close()
    lines.delete(id)
  }

  /** It may be another maker's now, which says other topics. */
  function change(line: Line, receiver: Receiver): void {
    line.hearing.setReceiver(receiver)
    const filters = line.hearing.filters()
    line.session.connection()?.unlisten(line.filters.filter(each => !filters.includes(each)))
    const more = filters.filter(each => !line.filters.includes(each))
    line.filters = filters
    line.session.listen(more)
  }

  return {
    has: id => lines.has(id),
    setReceivers(receivers) {
      const ids = new Set(receivers.map(({ id }) => id))
      for (const [id, line] of lines) {
        if (ids.has(id)) continue
        close(id, line)
        states.drop(id)
        forgetting.set(id, forget(account, clientIdOf(id), clock))
      }
      for (const receiver of receivers) {
        const line = lines.get(receiver.id)
        if (line === undefined) open(receiver)
        else change(line, receiver)
      }
    },
    close() {
      for (const [id, line] of lines) close(id, line)
    },
  }
}

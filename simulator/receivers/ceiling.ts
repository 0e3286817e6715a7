// All receivers of a building: put up, plugged in and pulled out one by one, each with its own link to the broker.
import { createLink } from '../../gateway/radio/link.ts'
import { createReceiver, type Receiver } from '../../gateway/radio/receiver.ts'
import type { Receiver as SiteReceiver } from '../../schemas/site.ts'
import { inTurns } from '../air/turns.ts'
import type { World } from '../building/world.ts'
import type { ReceiverView } from '../page/building.ts'
import type { SimClock } from '../ports.ts'
import { createEspresense } from './espresense.ts'

export type Ceiling = {
  views(): ReceiverView[]
  /** How many have a link to the broker now. */
  connected(): number
  /** Batches published and not confirmed yet, by all of them. */
  unconfirmed(): number
  /** Plugs one in or pulls it out, without a goodbye. Throws where there is no such receiver. */
  set(id: string, isUp: boolean): void
  stop(): Promise<void>
}

export type CeilingOptions = {
  receivers: readonly SiteReceiver[]
  broker: { host: string; port: number }
  world: World
  /** Addresses that ESPresense nodes are told to know. */
  knownMacs?: ReadonlySet<string>
  clock: SimClock
  onChange: () => void
  /** A link came or went, in words for a log. */
  onLink?: (receiver: string, isConnected: boolean, reason: string) => void
}

type Plugged = { receiver: Omit<Receiver, 'say'>; unplug: () => void }

/** One without an account is a radio of the gateway's own machine. */
type WithAccount = SiteReceiver & { password: string }
const hasAccount = (receiver: SiteReceiver): receiver is WithAccount => receiver.password !== undefined

export function createCeiling(options: CeilingOptions): Ceiling {
  const { broker, world, clock, knownMacs = new Set(), onChange, onLink } = options
  const receivers = options.receivers.filter(hasAccount)
  const plugged = new Map<string, Plugged>()

  const plugIn = ({ id, password, espresense }: WithAccount) => {
    const account = { id, password, broker }
    const tells = {
      clock,
      onLink(isConnected: boolean, reason: string) {
        onLink?.(id, isConnected, reason)
        onChange()
      },
    }
    const receiver =
      espresense === undefined
        ? createReceiver({
            ...tells,
            id,
            connect: events => createLink(account, events),
            broadcast: inTurns(clock, data => world.broadcast(id, data)),
          })
        : createEspresense({ ...account, ...tells, node: espresense.node ?? id, knownMacs })
    const unplug = world.listen(id, heard => {
      receiver.hear(heard)
      onChange()
    })
    plugged.set(id, { receiver, unplug })
  }
  const pullOut = (id: string) => {
    const gone = plugged.get(id)
    plugged.delete(id)
    gone?.unplug()
    gone?.receiver.cut()
  }
  for (const receiver of receivers) plugIn(receiver)

  return {
    views: () =>
      receivers.map(({ id, room, at: [x, y] = [0, 0, 0] }) => {
        const now = plugged.get(id)?.receiver
        const { heard, published } = now?.counters() ?? { heard: 0, published: 0 }
        return { id, room, at: { x, y }, isUp: now !== undefined, heard, published }
      }),
    connected: () => [...plugged.values()].filter(({ receiver }) => receiver.isConnected()).length,
    unconfirmed: () => [...plugged.values()].reduce((sum, { receiver }) => sum + receiver.unconfirmed(), 0),
    set(id, isUp) {
      const known = receivers.find(receiver => receiver.id === id)
      if (known === undefined)
        throw new Error(`expected one of the receivers ${receivers.map(by => by.id).join(', ')}, came ${id}`)
      if (isUp && !plugged.has(id)) plugIn(known)
      if (!isUp) pullOut(id)
      onChange()
    },
    async stop() {
      const all = [...plugged.values()]
      for (const { unplug } of all) unplug()
      await Promise.all(all.map(({ receiver }) => receiver.stop()))
    },
  }
}

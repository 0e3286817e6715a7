// Sends each page to the pager of its channel.
import type { PageOrder, Pager, ReplyOrder } from '../ports.ts'

export type Dispatch = Pick<Pager, 'place' | 'withdraw' | 'reply'>

/** A channel without a pager is our own mistake: the site file knows only channels that exist. */
export function createDispatch(pagers: readonly Pager[]): Dispatch {
  const byChannel = new Map(pagers.map(pager => [pager.channel, pager]))
  return {
    place(order: PageOrder) {
      const pager = byChannel.get(order.channel)
      if (!pager) throw new Error(`expected a pager for the channel ${order.channel}, came none`)
      pager.place(order)
    },
    withdraw(page) {
      for (const pager of pagers) pager.withdraw(page)
    },
    reply(order: ReplyOrder) {
      for (const pager of pagers) pager.reply(order)
    },
  }
}

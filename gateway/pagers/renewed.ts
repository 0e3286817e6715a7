// A pager whose settings can change while it runs: new pages go to a new one, calls in progress end where they began.
// In: orders and new settings. Out: one pager, of which the old one says nothing any more but what becomes of its pages.
import type { EngineEvent, Pager, Submit } from '../ports.ts'

/** Makes a pager that tells what happens through this `submit`. */
export type MakePager = (submit: Submit) => Pager

export type RenewedPager = Pager & {
  /** From now on pages go to this one. The one before is closed once the last of its pages is over. */
  renew(make: MakePager): void
}

type Generation = { pager: Pager; pages: Set<string>; isCurrent: boolean; closed: Promise<void> | null }

/** Starts with a first pager. What `make` throws goes on to whoever asked, and then nothing has changed. */
export function renewedPager(make: MakePager, submit: Submit): RenewedPager {
  let generations: Generation[] = []
  let current = begin(make)

  function begin(next: MakePager): Generation {
    const pages = new Set<string>()
    const said: { of: Generation | null } = { of: null }
    const pager = next(event => {
      const { of } = said
      if (of === null || of.isCurrent || event.kind === 'page') {
        if (hasEnded(event)) over(of, event.page)
        return submit(event)
      }
      return Promise.resolve({ refused: null })
    })
    const generation: Generation = { pager, pages, isCurrent: true, closed: null }
    said.of = generation
    generations.push(generation)
    return generation
  }

  function over(generation: Generation | null, page: string): void {
    generation?.pages.delete(page)
    if (generation !== null) retire(generation)
  }

  function retire(generation: Generation): void {
    if (generation.isCurrent || generation.pages.size > 0 || generation.closed !== null) return
    generation.closed = generation.pager.close().then(() => {
      generations = generations.filter(each => each !== generation)
    })
  }

  return {
    channel: current.pager.channel,
    place(order) {
      const { pages, pager } = current
      pages.add(order.page)
      try {
        pager.place(order)
      } catch (error) {
        pages.delete(order.page)
        throw error
      }
    },
    withdraw(page) {
      for (const { pager } of generations) pager.withdraw(page)
    },
    reply(order) {
      for (const { pager } of generations) pager.reply(order)
    },
    prepare: (plan, notes) => current.pager.prepare(plan, notes),
    renew(next) {
      const before = current
      current = begin(next)
      before.isCurrent = false
      retire(before)
    },
    async close() {
      await Promise.all(generations.map(({ pager, closed }) => closed ?? pager.close()))
    },
  }
}

const hasEnded = (event: EngineEvent): event is Extract<EngineEvent, { kind: 'page' }> =>
  event.kind === 'page' && event.progress.step === 'ended'

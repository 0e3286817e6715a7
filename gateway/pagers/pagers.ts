// All channels together: each page goes to the pager of its channel, a changed plan to each that it concerns, and whatever a
// plan's pages may need is made ready in each. Promises that nothing here throws in the engine: an order at which a channel fails is a
// page that has failed, so that the ladder goes on.
import { BUG_PREFIX, bugWords } from '../core/deciding/decision/part.ts'
import type { Plan } from '../core/plan/plan.ts'
import type { Pager, Submit } from '../ports.ts'
import type { Channel, ChannelSetting } from './channel.ts'
import { createDispatch, type Dispatch } from './dispatch.ts'
import { renewedPager } from './renewed.ts'

export type Pagers = Dispatch &
  Pick<Pager, 'close'> & {
    /** Makes ready what pages of this plan, or about sessions with these notes, may need. What fails is logged. */
    prepare(plan: Plan, notes: readonly string[]): void
    /** New pages are placed by this plan; those under way end where they began. Throws what a channel does not offer. */
    renew(before: Plan, after: Plan): void
  }

/** Starts a pager for each channel. Throws what a channel does not offer. */
export function startPagers(channels: readonly Channel[], setting: ChannelSetting, submit: Submit): Pagers {
  const started = channels.map(channel => ({
    channel,
    pager: renewedPager(channel.make(setting), submit),
  }))
  return {
    ...guarded(createDispatch(started.map(({ pager }) => pager)), setting, submit),
    prepare(plan, notes) {
      for (const { channel, pager } of started)
        pager
          .prepare(plan, notes)
          .catch(error =>
            setting.log.error({ err: error }, `the channel ${channel.name} could not be made ready ahead`),
          )
    },
    renew(before, after) {
      for (const { channel, pager } of started)
        if (channel.isOtherwise(before, after)) pager.renew(channel.make({ ...setting, plan: after }))
    },
    async close() {
      await Promise.all(started.map(({ pager }) => pager.close()))
    },
  }
}

/** A fault of ours in one order keeps nothing of the others, and is said. */
function guarded(dispatch: Dispatch, { clock, log }: ChannelSetting, submit: Submit): Dispatch {
  const attempt = (what: string, act: () => void): boolean => {
    try {
      act()
      return true
    } catch (error) {
      log.error({ err: error }, `a fault in ${what}`)
      submit({ kind: 'fault', key: BUG_PREFIX + what, text: bugWords(what, error) }).catch(() => undefined)
      return false
    }
  }
  return {
    place(order) {
      if (attempt('placing a page', () => dispatch.place(order))) return
      const detail = 'a fault of the program itself'
      const progress = { step: 'ended', outcome: 'failed', detail } as const
      submit({ kind: 'page', page: order.page, atMs: clock.nowMs(), progress }).catch(() => undefined)
    },
    withdraw: page => void attempt('ending a page', () => dispatch.withdraw(page)),
    reply: order => void attempt('telling something in a page', () => dispatch.reply(order)),
  }
}

// The telephone as a channel: orders as facts in, calls that speak them out. What is spoken stands in words/.
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Plan } from '../../core/plan/plan.ts'
import { pagedTargets } from '../../core/state/armed.ts'
import type { Log, PageOrder, Pager, ReplyOrder, Submit } from '../../ports.ts'
import type { Channel } from '../channel.ts'
import type { CallOrder, CallReply } from './messages.ts'
import { CHANNEL, createSipPager, type SipPager } from './pager.ts'
import { allPhrases, sessionNotePhrases } from './words/ahead.ts'
import { phrasesOf, replyWords } from './words/said.ts'

export const sipChannel: Channel = {
  name: CHANNEL,
  make({ plan, dataDir, clock, log }) {
    const { sip, speech } = plan.site
    const cacheDir = join(dataDir, 'speech')
    return submit =>
      speaking(createSipPager({ sip, speech, targets: numbersOf(plan), cacheDir, clock, submit, log }), {
        submit,
        log,
      })
  },
  /** Whether the exchange, the voice or the telephones that are to be asked for are others. */
  isOtherwise: (before, after) =>
    !isDeepStrictEqual(
      [before.site.sip, before.site.speech, numbersOf(before)],
      [after.site.sip, after.site.speech, numbersOf(after)],
    ),
}

/** The telephones that are to be asked for all the time. */
const numbersOf = (plan: Plan): string[] =>
  pagedTargets(plan).flatMap(({ channel, address }) => (channel === CHANNEL ? [address] : []))

/** A pager that is given facts, before one that is given phrases. */
function speaking(pager: SipPager, told: { submit: Submit; log: Log }): Pager {
  return {
    channel: CHANNEL,
    place: order => pager.place(callOf(order)),
    withdraw: page => pager.withdraw(page),
    reply: order => pager.reply(spokenReply(order)),
    async prepare(plan, notes) {
      const isDone = await pager.prepare([...allPhrases(plan), ...notes.flatMap(sessionNotePhrases)])
      if (isDone) sayRendered(told)
      return isDone
    },
    close: () => pager.close(),
  }
}

/** The order as a call. */
export const callOf = ({ page, target, message, withinMs }: PageOrder): CallOrder => ({
  page,
  target,
  phrases: phrasesOf(message),
  ringMs: withinMs.reached,
  talkMs: withinMs.answered,
})

/** The reply as it is spoken. */
export const spokenReply = (order: ReplyOrder): CallReply => {
  const { page, is, isLast, news } = order
  return { page, is, ...replyWords(order), isLast, news }
}

/** Or has failed, which its fault says. */
function sayRendered({ submit, log }: { submit: Submit; log: Log }): void {
  log.info({}, 'every phrase of this site is rendered')
  submit({ kind: 'proof', key: 'speech' }).catch(() => undefined)
}

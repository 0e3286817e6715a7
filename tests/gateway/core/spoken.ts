// What a telephone says of a page or a reply: core tests ask for facts by the words that people hear.
import { messageOf, type Subject } from '../../../gateway/core/incident/message.ts'
import { writtenIn } from '../../../gateway/core/incident/page.ts'
import type { PageSays } from '../../../gateway/core/plan/change.ts'
import type { Message } from '../../../gateway/core/plan/message.ts'
import type { Plan } from '../../../gateway/core/plan/plan.ts'
import { spokenReply } from '../../../gateway/pagers/sip/channel.ts'
import type { CallReply } from '../../../gateway/pagers/sip/messages.ts'
import { phrasesOf } from '../../../gateway/pagers/sip/words/said.ts'
import type { ReplyOrder } from '../../../gateway/ports.ts'

/** The phrases of a call about this page; none where there is no page, or it has no message of its own. */
export const spoken = (page: { message?: Message | undefined } | undefined): string[] =>
  page?.message === undefined ? [] : phrasesOf(page.message)

/** The reply as it is spoken. */
export const heard = (reply: ReplyOrder): CallReply => spokenReply(reply)

/** What a call about this says, as it is read and as it is heard. */
export function sentence(plan: Plan, of: Subject, before?: PageSays): { said: string; phrases: string[] } {
  const message = messageOf(plan, of, before)
  return { said: writtenIn(plan, 'sip', message), phrases: phrasesOf(message) }
}

// In: an incident and a page that is due, or that is to go out. Out: the row that the page becomes, and the order to its channel.
import type { PageOrder } from '../../ports.ts'
import type { Message } from '../plan/message.ts'
import { isCall, type Plan } from '../plan/plan.ts'
import type { DuePage } from './escalation.ts'
import { type Incident, type IncidentChange, type Page, pageNumber } from './incident.ts'
import { messageOf, messageOfPage } from './message.ts'
import { CLOSING, sentenceParts, WRITTEN } from './sentence.ts'

/** The row that a due page becomes before it goes out. */
export function pageDue(
  plan: Plan,
  incident: Incident,
  due: DuePage,
): Extract<IncidentChange, { is: 'page-due' }> {
  const number = pageNumber(incident.pages.at(-1)) + 1
  const {
    target: { channel, to: target },
    ...rest
  } = due
  const last = incident.pages.findLast(page => page.channel === channel && page.target === target)
  const message = messageOf(plan, incident, last?.began ?? last?.says)
  return {
    is: 'page-due',
    incident: incident.id,
    page: `${incident.id}-p${number}`,
    channel,
    target,
    said: writtenIn(plan, channel, message),
    message,
    ...rest,
  }
}

/** The message in writing, as people read at the desk what this channel told. */
export const writtenIn = (plan: Plan, channel: string, message: Message): string =>
  sentenceParts(message, WRITTEN, isCall(plan, channel) ? CLOSING : undefined).join(' ')

export const pageOrder = (plan: Plan, incident: Incident, page: Page): PageOrder => ({
  page: page.id,
  incident: incident.id,
  channel: page.channel,
  target: page.target,
  message: messageOfPage(plan, incident, page),
  withinMs: page.withinMs,
})

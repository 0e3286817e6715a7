// In: what a person did, at the desk or on a telephone, and what became of a page. Out: the decision it brings.
// A human's answer comes in by the same door as every other event.
import type { AnswerEvent, PageEvent } from '../ports.ts'
import { acknowledges } from './consequence.ts'
import { type Decision, follow, nothing, SYSTEM } from './decision.ts'
import { type Incident, type IncidentChange, isLive, pageNumber } from './incident.ts'
import type { State } from './state.ts'
import { targetWords } from './story.ts'

export function decidePage(state: State, event: PageEvent, nowMs: number): Decision {
  const incident = state.incidents.get(event.page.slice(0, event.page.lastIndexOf('-p')))
  const page = incident?.pages.find(each => each.id === event.page)
  if (incident === undefined || page === undefined) return nothing()
  const changes = pageChanges(incident, event, isLive(page))
  if (changes.length === 0) return nothing()
  const isKey = event.progress.step === 'key'
  const by = isKey
    ? `${targetWords(state.plan, page.target)} (key ${(event.progress as { key: string }).key})`
    : SYSTEM
  return follow(state, incident, changes, nowMs, by)
}

/** A key counts even when the call has just ended: the human pressed it. Anything else about an ended page is late. */
function pageChanges(
  incident: Incident,
  { page, atMs, progress }: PageEvent,
  isPageLive: boolean,
): IncidentChange[] {
  const about = { incident: incident.id, page, atMs }
  if (progress.step === 'key') {
    const { key } = progress
    const change: IncidentChange = { is: 'page-key', ...about, key }
    // Who answers a call from before it grew worse has not heard that it did.
    const hasHeard = incident.pages.some(each => each.id === page && pageNumber(each) > incident.pagesBefore)
    const isTaken = acknowledges(key) && incident.state === 'raised' && hasHeard
    return isTaken ? [change, { is: 'acknowledged', incident: incident.id }] : [change]
  }
  if (!isPageLive) return []
  if (progress.step === 'ended') {
    const { outcome, detail } = progress
    return [{ is: 'page-ended', ...about, outcome, detail }]
  }
  return [{ is: `page-${progress.step}`, ...about }]
}

export function decideAnswer(state: State, event: AnswerEvent, nowMs: number): Decision {
  const incident = state.incidents.get(event.incident)
  if (incident === undefined)
    return refuse('an incident that is open', `${event.incident}, which is not known`, true)
  const changes = answerChanges(incident, event)
  if (changes === null) {
    return refuse(
      `an incident that one can ${event.kind}`,
      `${incident.id}, which is ${incident.state}`,
      false,
    )
  }
  return follow(state, incident, changes, nowMs, event.by)
}

function answerChanges({ id, state }: Incident, event: AnswerEvent): IncidentChange[] | null {
  const acknowledged: IncidentChange = { is: 'acknowledged', incident: id }
  switch (event.kind) {
    case 'acknowledge':
      return state === 'raised' ? [acknowledged] : null
    case 'attend':
      if (state !== 'raised' && state !== 'acknowledged') return null
      return [...(state === 'raised' ? [acknowledged] : []), { is: 'attended', incident: id }]
    case 'resolve':
      if (state === 'resolved') return null
      return [{ is: 'resolved', incident: id, outcome: event.outcome, reason: event.reason }]
    default:
      return event satisfies never
  }
}

const refuse = (expected: string, came: string, isUnknown: boolean): Decision => ({
  ...nothing(),
  answer: { refused: { expected, came, isUnknown } },
})

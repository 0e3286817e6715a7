// In: an incident, its policy and the time. Out: whom to page now, when to look again, whether the ladder ran out.
// Nothing is remembered here: where an incident stands on the ladder is read off its pages.
import type { Policy, Step } from '../../../schemas/site/paging.ts'
import type { Within } from '../plan/message.ts'
import { type Incident, isLive, ladderPages, type Page, pageNumber } from './incident.ts'

/** By the channel, and the address there. */
export type Target = { channel: string; to: string }

export type DuePage = {
  target: Target
  step: number
  round: number
  attempt: number
  withinMs: Within
}

export type Escalation = {
  due: DuePage[]
  /** When the next page falls due if nothing else happens; null while one is live or a human has it. */
  nextAtMs: number | null
  /** Every round the policy asks for is over and nobody has answered. It goes on all the same. */
  isUnanswered: boolean
}

/** A page cut by our own restart goes out anew at once and uses up no attempt; one that is cut every time does. */
const INTERRUPTED_FREE = 3

const NOTHING: Escalation = { due: [], nextAtMs: null, isUnanswered: false }

/** Decides the next pages. Only an incident that nobody has acknowledged is escalated. */
export function escalate(incident: Incident, policy: Policy, nowMs: number): Escalation {
  if (incident.state !== 'raised') return NOTHING
  const { round, step } = position(incident)
  const atStep = stepPages(incident, policy, step, round, nowMs)
  if (!atStep.isOver) return { ...atStep, isUnanswered: round > policy.rounds }
  return nextStep(incident, policy, step, round, nowMs)
}

function position(incident: Incident): { round: number; step: number } {
  const last = ladderPages(incident).at(-1)
  return last === undefined ? { round: 1, step: 0 } : { round: last.round, step: last.step }
}

function nextStep(
  incident: Incident,
  policy: Policy,
  step: number,
  round: number,
  nowMs: number,
): Escalation {
  const isLastStep = step + 1 >= policy.steps.length
  const next = isLastStep ? { step: 0, round: round + 1 } : { step: step + 1, round }
  const isUnanswered = next.round > policy.rounds
  const waitMs = isLastStep && isUnanswered ? policy.onwardSeconds * 1000 : pauseMs(policy, step, isLastStep)
  const startAtMs = isHurried(incident) ? nowMs : lastEndedAtMs(incident) + waitMs
  if (nowMs < startAtMs) return { due: [], nextAtMs: startAtMs, isUnanswered }
  return { ...stepPages(incident, policy, next.step, next.round, nowMs), isUnanswered }
}

/** The next step of the ladder follows at once; a new round waits as long as another attempt would. */
const pauseMs = (policy: Policy, step: number, isLastStep: boolean): number =>
  isLastStep ? (policy.steps[step]?.pauseSeconds ?? 0) * 1000 : 0

function stepPages(
  incident: Incident,
  policy: Policy,
  stepIndex: number,
  round: number,
  nowMs: number,
): { due: DuePage[]; nextAtMs: number | null; isOver: boolean } {
  // A site file with fewer steps than when this page was made: start again from the first.
  const step = policy.steps[stepIndex] ?? (policy.steps[0] as Step)
  const targets = step.targets.map(target => targetState(incident, step, target, stepIndex, round, nowMs))
  const waits = targets.flatMap(each => (each.atMs === null ? [] : [each.atMs]))
  return {
    due: targets.flatMap(each => (each.due === null ? [] : [each.due])),
    nextAtMs: waits.length === 0 ? null : Math.min(...waits),
    isOver: targets.every(each => each.isOver),
  }
}

type TargetState = { due: DuePage | null; atMs: number | null; isOver: boolean }

function targetState(
  incident: Incident,
  step: Step,
  target: Target,
  stepIndex: number,
  round: number,
  nowMs: number,
): TargetState {
  const tries = ladderPages(incident).filter(page => isTry(page, target, stepIndex, round))
  const last = tries.at(-1)
  const interrupted = tries.filter(page => page.outcome === 'interrupted').length
  const attempt = tries.length - Math.min(interrupted, INTERRUPTED_FREE) + 1
  const due = {
    target,
    step: stepIndex,
    round,
    attempt,
    withinMs: withinOf(step),
  }
  if (last === undefined) return { due, atMs: null, isOver: false }
  if (isLive(last)) return { due: null, atMs: null, isOver: false }
  if (attempt > step.attempts) return { due: null, atMs: null, isOver: true }
  const isInterrupted = last.outcome === 'interrupted' && interrupted <= INTERRUPTED_FREE
  const atMs =
    isInterrupted || isHurried(incident) ? nowMs : (last.endedAtMs as number) + step.pauseSeconds * 1000
  return nowMs >= atMs ? { due, atMs: null, isOver: false } : { due: null, atMs, isOver: false }
}

/** How long a page of this step may take. */
export const withinOf = ({ ringSeconds, talkSeconds }: Step): Within => ({
  reached: ringSeconds * 1000,
  answered: talkSeconds * 1000,
})

const isTry = (page: Page, target: Target, step: number, round: number): boolean =>
  page.round === round && page.step === step && page.channel === target.channel && page.target === target.to

/** Pressed again, or hurried, since the last page was made: whatever was being waited for is over. */
function isHurried(incident: Incident): boolean {
  const last = incident.pages.at(-1)
  if (incident.hurriedPage !== null && pageNumber(last) <= incident.hurriedPage) return true
  return last !== undefined && incident.presses > 1 && incident.pressedAtMs > last.dueAtMs
}

/** Of the ladder as it stands: whoever hung up on a call of the one before has nobody else called later. */
const lastEndedAtMs = (incident: Incident): number =>
  ladderPages(incident).reduce((latest, page) => Math.max(latest, page.endedAtMs ?? 0), 0)

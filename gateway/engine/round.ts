// What came of one event: its decisions, each applied before the next is made, and the rows they ask for. A fault of ours in
// deciding one of them is a loud technical alarm and changes nothing else: `decide` is pure, so nothing is half done.
import { apply, keepCounter } from '../core/applying/apply.ts'
import { observe } from '../core/applying/observe.ts'
import { decide } from '../core/decide.ts'
import { type CoreEvent, type Decision, nothing } from '../core/deciding/decision/decision.ts'
import { bugFound } from '../core/deciding/decision/part.ts'
import { beaconsOf } from '../core/state/counter-key.ts'
import type { Observation } from '../core/state/observation.ts'
import type { State } from '../core/state/state.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Clock, JournalEntry } from '../ports.ts'

type Parts = { clock: Clock; metrics: Metrics; log: Log }

export type Round = {
  decisions: Decision[]
  entries: JournalEntry[]
  counters: Map<string, number>
  /** When the event arrived. */
  arrivedAtMs: number
  /** Why an event could not be decided; null where all were. */
  failure: unknown
}

/** Nothing of this event was carried out: deciding it failed. */
export class NotCarriedOut extends Error {
  override readonly name = 'NotCarriedOut'
}

/** Decides these events one after the other, each on what the last one left. */
export function decideRound(
  parts: Parts,
  state: State,
  events: readonly CoreEvent[],
  arrivedAtMs = parts.clock.nowMs(),
): Round {
  const nowMs = parts.clock.nowMs()
  const round: Round = { decisions: [], entries: [], counters: new Map(), arrivedAtMs, failure: null }
  for (const each of events) take(parts, state, round, decideOne(parts, state, round, each, nowMs), nowMs)
  return round
}

function decideOne({ log }: Parts, state: State, round: Round, event: CoreEvent, nowMs: number): Decision {
  try {
    return decide(state, event, nowMs)
  } catch (error) {
    log.error({ err: error, event: event.kind }, 'an event could not be decided')
    round.failure = error
    const counted = event.kind === 'report' ? ['undecided'] : []
    return { ...nothing(), counted, changes: bugFound(state, `deciding ${event.kind}`, error) }
  }
}

function take(parts: Parts, state: State, round: Round, decision: Decision, nowMs: number): void {
  round.decisions.push(decision)
  for (const seen of decision.observations) {
    const failure = observed(parts, state, seen)
    if (failure !== null) {
      const changes = bugFound(state, 'what the radio tells', failure)
      applyAll(state, round, { ...nothing(), changes }, nowMs)
    }
  }
  applyAll(state, round, decision, nowMs)
  for (const [key, counter] of decision.counters) {
    round.counters.set(key, counter)
    // What is reserved counts once it is on disk.
    if (beaconsOf(key) === null) keepCounter(state, key, counter)
  }
  for (const reason of decision.counted) parts.metrics.countRefused(reason)
  for (const kind of decision.heard) parts.metrics.countEvent(kind)
}

function applyAll(
  state: State,
  { entries }: Round,
  { by, changes }: Pick<Decision, 'by' | 'changes'>,
  nowMs: number,
): void {
  for (const change of changes) {
    const entry = { seq: state.seq + 1, atMs: nowMs, actor: by, change }
    apply(state, entry)
    entries.push(entry)
  }
}

/** Where a pendant is believed to be is memory, which a fault may spoil; the alarm in the same frame goes on. */
function observed({ log }: Parts, state: State, seen: Observation): unknown {
  try {
    observe(state, seen)
    return null
  } catch (error) {
    log.error({ err: error, seen: seen.is }, 'an observation could not be taken in')
    return error
  }
}

// The one decision: what an event changes, whom to page, what the wearer is told. Pure and synchronous:
// it reads the state, the event and the time, and writes nothing.
import type { FaultEvent, JournalAcceptEvent, RefusedEvent } from '../ports.ts'
import { type CoreEvent, type Decision, merge, nothing, refused } from './deciding/decision/decision.ts'
import { withReserve, withReserveForAll } from './deciding/decision/reserve.ts'
import { decideAnswer, decidePage } from './deciding/people/answer.ts'
import { decideRaise } from './deciding/people/raise.ts'
import { decideSession } from './deciding/people/session.ts'
import { decideSite } from './deciding/people/site-change.ts'
import { decideWalk, recorded } from './deciding/people/walk.ts'
import { decideHint } from './deciding/radio/hint.ts'
import { decidePress } from './deciding/radio/press.ts'
import { decideReceiver } from './deciding/radio/receiver-status.ts'
import { decideReport } from './deciding/radio/report.ts'
import { decideStart } from './deciding/start.ts'
import { decideTick } from './deciding/tick.ts'
import { decideClock } from './deciding/watching/clock-step.ts'
import { decideKept, decideLetGo, decideUnkept } from './deciding/watching/disk.ts'
import { garbledNow } from './deciding/watching/garbled.ts'
import { decideReachable } from './deciding/watching/reachable.ts'
import { noted } from './deciding/watching/security.ts'
import { guarded, unsoundIn } from './locating/belief/soundness.ts'
import type { Model } from './locating/building/model.ts'
import { isAcceptable } from './state/journal.ts'
import type { Observation } from './state/observation.ts'
import type { State } from './state/state.ts'

export function decide(state: State, event: CoreEvent, nowMs: number): Decision {
  const decision = decided(state, event, nowMs)
  return event.kind === 'start' ? withReserveForAll(state, decision) : withReserve(state, decision)
}

function decided(state: State, event: CoreEvent, nowMs: number): Decision {
  switch (event.kind) {
    case 'report':
      return recorded(state, event, decideReport(state, event, nowMs))
    case 'hint':
      return decideHint(state, event, nowMs)
    case 'press':
      return decidePress(state, event, nowMs)
    case 'sign-in':
    case 'sign-out':
      return decideSession(state, event, nowMs)
    case 'page':
      return decidePage(state, { ...event, atMs: ofThisRun(state, event.atMs, nowMs) }, nowMs)
    case 'raise':
      return decideRaise(state, event, nowMs)
    case 'acknowledge':
    case 'attend':
    case 'release':
    case 'resolve':
      return decideAnswer(state, event, nowMs)
    case 'walk-start':
    case 'walk-enter':
    case 'walk-between':
    case 'walk-untap':
    case 'walk-finish':
    case 'walk-discard':
    case 'walk-withdraw':
      return decideWalk(state, event, nowMs)
    case 'receiver-status':
      return decideReceiver(state, event, nowMs)
    case 'refused':
      return decideRefused(state, event, nowMs)
    case 'fault':
      return decideFault(state, event)
    case 'proof':
      return provenBy(state, event.key)
    case 'target':
      return decideReachable(state, event, nowMs)
    case 'desk': {
      const { desk, by, isAudible, isLeaving } = event
      if (isLeaving) return { ...nothing(), observations: [{ is: 'desk-left', desk }] }
      return { ...nothing(), observations: [{ is: 'desk', desk, by, isAudible, atMs: nowMs }] }
    }
    case 'journal-accept':
      return decideAccept(state, event)
    case 'unkept':
      return decideUnkept(state, event.incidents, nowMs)
    case 'kept':
      return merge([decideKept(state, nowMs), decideLetGo(event.rowsLetGo ?? 0)])
    case 'site':
      return decideSite(state, event)
    case 'clock':
      return decideClock(state, event.offsetMs, nowMs)
    case 'model':
      return decideModel(event.model)
    case 'flush':
      return nothing()
    case 'tick':
      return decideTick(state, nowMs)
    case 'start':
      return decideStart(state, nowMs)
    default:
      return event satisfies never
  }
}

/** One that cannot be reckoned with is not taken up: rooms are named as before. */
function decideModel(model: Model): Decision {
  const { failed, answer } = guarded(model, () => unsoundIn(model))
  const why = failed ?? answer
  const seen: Observation =
    why === null
      ? { is: 'model', model }
      : { is: 'locating-failed', pendant: null, why: `what was learnt has ${why}` }
  return { ...nothing(), observations: [seen] }
}

/** What a pager says of a call happened while this process runs, and not later than now: its own clock may have jumped. */
const ofThisRun = ({ startedAtMs }: State, atMs: number, nowMs: number): number =>
  Math.min(nowMs, Math.max(startedAtMs, atMs))

/** A person says that the journal is to go on as it is: receivers that remember another are told a new edition. */
function decideAccept(state: State, { by }: JournalAcceptEvent): Decision {
  if ([...state.technical.keys()].some(isAcceptable))
    return { ...nothing(by), changes: [{ is: 'journal-accepted', edition: state.journal.edition + 1 }] }
  return refused('a journal of which something is missing', 'one that is whole')
}

/** What somebody has to look at: who may be trying something, or cannot come in as it is set. */
const SHOWN: readonly RefusedEvent['reason'][] = [
  'wrong-password',
  'revoked',
  'wrong-topic',
  'retained',
  'handshake',
]
function decideRefused(state: State, event: RefusedEvent, nowMs: number): Decision {
  const { reason, receiver, detail } = event
  const isSecurity = SHOWN.includes(reason)
  const note = isSecurity ? noted(state, { reason, pendant: '', receiver, text: detail }, nowMs) : null
  const isGarbled = (reason === 'malformed' || reason === 'oversized') && state.plan.receivers.has(receiver)
  if (!isGarbled) return { ...nothing(), ...note, counted: [reason] }
  const changes = garbledNow(state, receiver, detail, nowMs)
  return {
    ...nothing(),
    changes,
    observations: [{ is: 'garbled', receiver, atMs: nowMs }],
    counted: [reason],
  }
}

function decideFault(state: State, { key, text }: FaultEvent): Decision {
  const known = state.technical.get(key)
  const proven = provenBy(state, key)
  if (text === null)
    return known === undefined ? proven : { ...proven, changes: [{ is: 'technical-mended', key }] }
  return known?.text === text ? proven : { ...proven, changes: [{ is: 'technical-raised', key, text }] }
}

const provenBy = ({ proven }: State, key: string): Decision => ({
  ...nothing(),
  observations: proven.has(key) ? [] : [{ is: 'proven', key }],
})

// What the page knows of the desk: live events come in, the state to draw goes out. Pure; no browser is needed.
import type { DeskSnapshot, IncidentView, LiveEvent } from '../../../../schemas/api/desk.ts'
import { KINDS } from '../../../../schemas/kinds.ts'

/** How many rows of what is over are kept; the open incidents have no limit. */
const SECURITY_MAX = 50
const TESTS_MAX = 50
const MENDED_MAX = 50
const RESOLVED_MAX = 20

export type DeskState = DeskSnapshot

/** The state after one live event. Nothing but a snapshot can start it. */
export function follow(state: DeskState | null, event: LiveEvent): DeskState | null {
  if (event.kind === 'snapshot') return event.snapshot
  if (state === null) return null
  const seq = Math.max(state.seq, event.seq)
  switch (event.kind) {
    case 'incident':
      return { ...withIncident(state, event.incident), seq }
    case 'technical':
      return { ...state, seq, technical: event.technical }
    case 'mended': {
      const others = state.mended.filter(({ key }) => key !== event.mended.key)
      return { ...state, seq, mended: newestFirst([...others, event.mended]).slice(0, MENDED_MAX) }
    }
    case 'armed':
      return { ...state, seq, armed: event.armed }
    case 'security': {
      const others = state.security.filter(other => other.seq !== event.event.seq)
      return { ...state, seq, security: newestFirst([...others, event.event]).slice(0, SECURITY_MAX) }
    }
    case 'tested': {
      const others = state.tests.filter(other => other.seq !== event.test.seq)
      return { ...state, seq, tests: newestFirst([...others, event.test]).slice(0, TESTS_MAX) }
    }
    case 'sessions':
      return { ...state, seq, sessions: event.sessions }
    case 'receivers':
      return { ...state, seq, receivers: event.receivers }
    case 'walks':
      // The walk test has its own page.
      return state
    default:
      return event satisfies never
  }
}

/**
 * The state with what an answer of ours came back with, which may be here before the live event, or after it and after later ones:
 * then it is old. Each answer is a line of the story, and a story only gets longer.
 */
export function withAnswer(state: DeskState, incident: IncidentView): DeskState {
  const known = state.incidents.find(({ id }) => id === incident.id)
  return known !== undefined && !isLonger(incident, known) ? state : withIncident(state, incident)
}

/** The oldest lines of a very long story are let go. */
function isLonger({ lines }: IncidentView, { lines: known }: IncidentView): boolean {
  return lines.length > known.length || (lines.at(-1)?.atMs ?? 0) > (known.at(-1)?.atMs ?? 0)
}

function withIncident(state: DeskState, incident: IncidentView): DeskState {
  const others = state.incidents.filter(({ id }) => id !== incident.id)
  return { ...state, incidents: [...others, incident] }
}

/** Gravest first, then oldest first: a new one moves those before it only where it is graver. */
const byGravity = (a: IncidentView, b: IncidentView): number =>
  KINDS[b.kind].gravity - KINDS[a.kind].gravity || a.raisedAtMs - b.raisedAtMs || (a.id < b.id ? -1 : 1)

/** Nobody has these: they sound. Gravest first. */
export function waiting(state: DeskState): IncidentView[] {
  return state.incidents.filter(({ state }) => state === 'raised').sort(byGravity)
}

/** Somebody has these, and they are not over. Gravest first. */
export function held(state: DeskState): IncidentView[] {
  return state.incidents
    .filter(({ state }) => state === 'acknowledged' || state === 'attended')
    .sort(byGravity)
}

/** All that are not over: those that nobody has before those that somebody has. */
export const open = (state: DeskState): IncidentView[] => [...waiting(state), ...held(state)]

/** Newest first. */
export function resolved(state: DeskState): IncidentView[] {
  return state.incidents
    .filter(({ state }) => state === 'resolved')
    .sort((a, b) => (b.resolved?.atMs ?? 0) - (a.resolved?.atMs ?? 0))
    .slice(0, RESOLVED_MAX)
}

/** Newest first, whatever the order they came in. */
export function securityEvents(state: DeskState): DeskState['security'] {
  return newestFirst(state.security)
}

/** Faults that are over and have not come back, newest first. */
export function mended({ mended, technical }: DeskState): DeskState['mended'] {
  const there = new Set(technical.map(({ key }) => key))
  return newestFirst(mended.filter(({ key }) => !there.has(key)))
}

/** Newest first, whatever the order they came in. */
export function tests(state: DeskState): DeskState['tests'] {
  return newestFirst(state.tests)
}

function newestFirst<Event extends { seq: number }>(events: readonly Event[]): Event[] {
  return [...events].sort((a, b) => b.seq - a.seq)
}

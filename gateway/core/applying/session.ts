// In: a row about a session. Out: the sessions of the state, changed in place.
import type { Change } from '../plan/change.ts'
import type { State } from '../state/state.ts'

export type SessionChange = Extract<Change, { session: string }>

/** Applies a row, in place. */
export function applySession(state: State, change: SessionChange, atMs: number, by: string): void {
  const { session: id } = change
  if (change.is === 'session-ended') {
    state.sessions.delete(id)
    return
  }
  const { pendant, wearer, room, untilMs, note } = change
  state.sessionCount += 1
  state.sessions.set(id, { id, pendant, wearer, room, untilMs, note, sinceMs: atMs, by })
}

// In: the parts of a decision that stand apart from one another. Out: each part's decision, or, where a bug threw in one,
// a loud technical alarm in its place: what is wrong with one incident must not keep another's pages.
import type { Change } from '../../plan/change.ts'
import type { State } from '../../state/state.ts'
import { type Decision, nothing } from './decision.ts'

export const BUG_PREFIX = 'bug:'
const WHY_LENGTH_MAX = 200

/** What the part decides. A throw in it is a technical alarm `bug:<what>`, said once. */
export function part(state: State, what: string, decides: () => Decision): Decision {
  try {
    return decides()
  } catch (error) {
    return { ...nothing(), changes: bugFound(state, what, error) }
  }
}

/** The technical alarm of a bug; nothing where it is raised already. */
export function bugFound({ technical }: Pick<State, 'technical'>, what: string, error: unknown): Change[] {
  const key = `${BUG_PREFIX}${what}`
  if (technical.has(key)) return []
  return [{ is: 'technical-raised', key, text: bugWords(what, error) }]
}

/** What people read of it. */
export function bugWords(what: string, error: unknown): string {
  const why = (error instanceof Error ? error.message : String(error)).slice(0, WHY_LENGTH_MAX)
  return `A fault of the program itself in ${what} (${why}): everything else goes on; send the log to whoever looks after Tocsin`
}

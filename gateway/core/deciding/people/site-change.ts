// In: a plan that was read anew while the gateway runs. Out: the decision that it counts from now on, with a row that says
// what came, went and changed, by id. Open incidents go on: they name people and rooms by id, and the ladder goes on where it is.
import type { SiteEvent } from '../../../ports.ts'
import { isOpen } from '../../incident/incident.ts'
import type { Change } from '../../plan/change.ts'
import { type Named, placeOf } from '../../plan/plan.ts'
import { partsOf } from '../../plan/site-difference.ts'
import type { State } from '../../state/state.ts'
import { type Decision, nothing } from '../decision/decision.ts'

/** Faults are about a thing by "<family>:<id>"; of what is gone nothing can be said any more. */
const idIn = (key: string): string => key.slice(key.indexOf(':') + 1)

export function decideSite(state: State, { plan, by }: SiteEvent): Decision {
  const parts = partsOf(state.plan, plan)
  const gone = new Set([
    ...without(state.plan.receivers, plan.receivers),
    ...without(state.plan.pendants, plan.pendants),
  ])
  const mended = [...state.technical.keys()].filter(key => key.includes(':') && gone.has(idIn(key)))
  return {
    ...nothing(by),
    changes: [
      { is: 'site-changed', parts },
      ...mended.map((key): Change => ({ is: 'technical-mended', key, isLetGo: true })),
    ],
    observations: [{ is: 'plan', plan: { ...plan, gone: stillNamed(state) } }],
  }
}

/** Whom and what open incidents and sessions name, as they were known: what is being called out says no less after a reload. */
function stillNamed({ plan, incidents, sessions }: State): Named {
  const open = [...incidents.values()].filter(isOpen)
  const people = [...open, ...sessions.values()].map(({ wearer }) => wearer)
  const rooms = [
    ...open.flatMap(({ whereabouts: { room, runnerUp, booked } }) => [room, runnerUp, booked ?? null]),
    ...[...sessions.values()].map(({ room }) => room),
  ]
  return {
    people: new Map(people.flatMap(id => withId(id, plan.people.get(id) ?? plan.gone.people.get(id)))),
    places: new Map(rooms.flatMap(id => (id === null ? [] : withId(id, placeOf(plan, id))))),
  }
}

const withId = <T>(id: string, value: T | undefined): [string, T][] =>
  value === undefined ? [] : [[id, value]]

/** Every one, however many: a row names only so many of them. */
const without = (was: ReadonlyMap<string, unknown>, is: ReadonlyMap<string, unknown>): string[] =>
  [...was.keys()].filter(id => !is.has(id))

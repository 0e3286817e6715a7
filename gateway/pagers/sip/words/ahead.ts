// In: a plan, or a session's note. Out: every phrase that a call may need, so that each is rendered before it is needed.
import { roomOn } from '../../../core/incident/place.ts'
import { everyPart, sessionNoteParts } from '../../../core/incident/sentence.ts'
import type { Plan } from '../../../core/plan/plan.ts'
import { CALL_PHRASES } from './said.ts'
import { SPOKEN } from './spoken.ts'

/** Every phrase that any call of this plan can need but sessions' notes. */
export function allPhrases(plan: Plan): string[] {
  const wearers = plan.site.pendants.map(({ wearer }) => plan.people.get(wearer)?.name ?? wearer)
  const rooms = [...plan.places.values()].map(roomOn)
  return [...new Set([...everyPart(wearers, rooms, SPOKEN), ...CALL_PHRASES])]
}

/** What a call says of a session's note: rendered when the session begins. */
export const sessionNotePhrases = (note: string | null): string[] => sessionNoteParts({ note }, SPOKEN)

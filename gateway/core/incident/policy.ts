// Which policy an alarm is paged by: the one place that is asked. In: the plan, and what is known of the alarm. Out: a policy.
import type { Kind } from '../../../schemas/api/desk.ts'
import type { Policy } from '../../../schemas/site/paging.ts'
import type { Plan } from '../plan/plan.ts'
import type { Incident } from './incident.ts'

/** What may decide who comes: how grave it is, where, and when. `room` null where it is not known. */
export type Asked = { kind: Kind; room: string | null; atMs: number }

/** The id of the policy for an alarm of this kind, there and then; it goes into the row that begins the incident. */
export const policyFor = ({ site }: Plan, _asked: Asked): string => site.policy

/**
 * The incident's policy, whatever became of it in the site file since: where it is gone, that of an alarm like this one now;
 * where that is no policy either, any. Undefined only for a site without a policy, which the site check refuses.
 */
export function policyOf(plan: Plan, incident: Incident): Policy | undefined {
  const { kind, whereabouts, raisedAtMs } = incident
  const { policies } = plan
  const likeIt = policyFor(plan, { kind, room: whereabouts.room, atMs: raisedAtMs })
  return policies.get(incident.policy) ?? policies.get(likeIt) ?? [...policies.values()][0]
}

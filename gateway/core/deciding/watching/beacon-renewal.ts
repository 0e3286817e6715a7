// In: the open incidents and the time. Out: their beacons told anew before receivers let them go by themselves.
import { toldOrder } from '../../incident/consequence.ts'
import { isOpen } from '../../incident/incident.ts'
import { isGivenAway, isOvertaken } from '../../incident/overtaken.ts'
import type { State } from '../../state/state.ts'
import { type Decision, nothing } from '../decision/decision.ts'

/** Half of how long receivers keep a beacon by themselves. */
const BEACON_RENEWAL_MS = 300_000

/** Each 5 minutes. */
export function decideRenewal(state: State, nowMs: number): Decision {
  return nowMs - state.beaconsRenewedAtMs >= BEACON_RENEWAL_MS ? renewBeacons(state, nowMs) : nothing()
}

/** Of two open incidents of one pendant only the newer is told. */
export function renewBeacons(state: State, nowMs: number): Decision {
  const open = [...state.incidents.values()].filter(
    each => isOpen(each) && !isOvertaken(state.incidents, each) && !isGivenAway(state.plan, each),
  )
  const told = open.flatMap(incident => toldOrder(state.plan, incident) ?? [])
  return { ...nothing(), told, observations: [{ is: 'beacons-renewed', atMs: nowMs }] }
}

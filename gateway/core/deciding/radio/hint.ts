// In: what an ESPresense node says of a device. Out: a memory of how strong it was, for the pendant that it is of, and
// a better room where that pendant's incident is open. Nothing else: it raises, pages, tests and answers nothing.
import type { EspresenseNode } from '../../../../schemas/site.ts'
import type { HintEvent, HintHeard } from '../../../ports.ts'
import { openOfWearer } from '../../incident/overtaken.ts'
import { levelOfDistance } from '../../locating/building/radio.ts'
import type { Observation } from '../../state/observation.ts'
import type { State } from '../../state/state.ts'
import { type Decision, nothing } from '../decision/decision.ts'
import { receiverSaid } from '../watching/supervision.ts'
import { relocate } from './relocate.ts'

/** Their level is smoothed already: more of it a second would be the same again, and what one account says is bounded. */
const HINT_EACH_MS = 500
/** A node that tells of anything is alive; noted so often at most. */
const ALIVE_EACH_MS = 5_000
/** A walk's packets are counted by what heard them: a hint of this age or less belongs to the packet before it. */
const SAME_PACKET_MS = 2_000

export function decideHint(state: State, { receiver, device, heard }: HintEvent, nowMs: number): Decision {
  const node = state.plan.receivers.get(receiver)?.espresense
  if (node === undefined) return { ...nothing(), counted: ['wrong-topic'] }
  const alive = signOfLife(state, receiver, nowMs)
  const pendant = state.plan.pendantByDevice.get(device)
  if (pendant === undefined) return { ...alive, counted: ['unknown-pendant'] }
  const track = state.tracks.get(pendant.id)
  if (nowMs - (track?.hints?.toldAtMs.get(receiver) ?? 0) < HINT_EACH_MS) return alive
  const rssiDbm = levelIn(heard, node)
  const hint: Observation = { is: 'hint', pendant: pendant.id, receiver, rssiDbm, atMs: nowMs }
  const observations = [...alive.observations, hint, ...reading(state, hint)]
  const open = track === undefined ? undefined : openOfWearer(state, track)
  const moved =
    track === undefined || open === undefined
      ? nothing()
      : relocate(state, open, track, { receiver, rssiDbm, heardAtMs: nowMs, isHint: true }, nowMs)
  return {
    ...moved,
    changes: [...alive.changes, ...moved.changes],
    observations: [...moved.observations, ...observations],
  }
}

/** The level that the node heard, where it does not tell it, by its own formula turned round. */
function levelIn(heard: HintHeard, { rssiAt1m, absorption }: EspresenseNode): number {
  if ('rssiDbm' in heard) return heard.rssiDbm
  return levelOfDistance(heard.distanceM, heard.atOneMetreDbm ?? rssiAt1m, absorption)
}

function signOfLife(state: State, receiver: string, nowMs: number): Decision {
  if (nowMs - (state.receivers.get(receiver)?.statusAtMs ?? 0) < ALIVE_EACH_MS) return nothing()
  return {
    ...nothing(),
    changes: receiverSaid(state, receiver, true, nowMs),
    observations: [{ is: 'receiver', receiver, isOnline: true, heard: null, atMs: nowMs }],
  }
}

/** It is also a reading of the walk test that its pendant is on, beside the packet that was heard last. */
function reading({ recordings, tracks }: State, hint: Extract<Observation, { is: 'hint' }>): Observation[] {
  const { pendant, receiver, rssiDbm, atMs } = hint
  if (!recordings.has(pendant)) return []
  const packetAtMs = tracks.get(pendant)?.newest?.sighting.heardAtMs ?? 0
  const heardAtMs = atMs - packetAtMs <= SAME_PACKET_MS ? packetAtMs : atMs
  return [{ is: 'walk-heard', pendant, receiver, rssiDbm, heardAtMs }]
}

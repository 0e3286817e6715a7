// In: an ask of a pendant (would anybody come?), an okay or a cancel, which ask too, and the time. Out: the sealed answer,
// through each receiver that hears it, under one beacon counter. Nothing of it is written down: who is idle is not tracked.
import { KIND_ASK, KIND_CANCEL, KIND_OKAY, TOLD_ARMED, TOLD_NOT_ARMED } from '../../../../schemas/frame.ts'
import type { Sighting } from '../../hearing/sighting.ts'
import { type Asked, mayHaveTurnedTwice, type Track } from '../../hearing/track.ts'
import { sealBeacon } from '../../incident/beacon.ts'
import { hearing } from '../../plan/plan.ts'
import { missing } from '../../state/armed.ts'
import { lastBeacon, type State } from '../../state/state.ts'
import { type Decision, nothing } from '../decision/decision.ts'

/** Pendants ask for a few seconds and listen no longer. */
const ANSWER_FOR_MS = 15_000
/** What a receiver kept back for longer than this is asked no more. */
const FRESH_MS = 10_000
/** The same packet id after this long is another ask. */
const SAME_MS = 60_000

/** What a frame asks: its kind, or what a duress seems to send; null where it asks nothing. */
export const askIn = ({ alarm: { kind, seeming } }: Sighting): number | null => {
  if (seeming?.kind === KIND_ASK) return seeming.kind
  return kind === KIND_ASK || kind === KIND_OKAY || kind === KIND_CANCEL ? kind : null
}

/** The ask that this frame repeats; undefined where it is a new one, as each is that a duress begins anew. */
const knownAsk = (track: Track, sighting: Sighting, nowMs: number): Asked | undefined => {
  const { asked } = track
  return asked !== null &&
    !asked.isOver &&
    asked.packetId === sighting.packetId &&
    asked.turn === sighting.alarm.seeming?.turn &&
    nowMs - asked.atMs < SAME_MS &&
    !mayHaveTurnedTwice(track, sighting)
    ? asked
    : undefined
}

/** Whether this is an ask that was not heard before: counted once. */
export const isNewAsk = (track: Track, sighting: Sighting, nowMs: number): boolean =>
  sighting.alarm.kind === KIND_ASK &&
  knownAsk(track, sighting, nowMs) === undefined &&
  isNewer(track, sighting) &&
  isFresh(sighting, nowMs)

/** Recorded and played again, even the newest frame of a pendant that has gone is no ask. */
const isNewer = (track: Track, { counter, isLate }: Sighting): boolean =>
  !isLate && counter !== null && (track.counter === null || counter > track.counter)

const isFresh = ({ heardAtMs }: Sighting, nowMs: number): boolean => nowMs - heardAtMs <= FRESH_MS

/**
 * What a sighting brings, with the answer to what it asks: none where that was given through this receiver already, or the
 * pendant cannot hear.
 */
export function withAnswer(
  decision: Decision,
  state: State,
  track: Track,
  sighting: Sighting,
  nowMs: number,
): Decision {
  if (askIn(sighting) === null) return decision
  // Not under the counter of what this decision tells already.
  const told = decision.told.map(({ beaconCounter }) => beaconCounter)
  const { told: answers, observations } = answer(
    state,
    track,
    sighting,
    Math.max(lastBeacon(state, sighting.pendant), ...told) + 1,
    nowMs,
  )
  return {
    ...decision,
    told: [...decision.told, ...answers],
    observations: [...decision.observations, ...observations],
  }
}

function answer(
  state: State,
  track: Track,
  sighting: Sighting,
  nextCounter: number,
  nowMs: number,
): Pick<Decision, 'told' | 'observations'> {
  const { pendant: id, receiver, packetId, alarm, counter } = sighting
  const pendant = hearing(state.plan, id)
  const known = knownAsk(track, sighting, nowMs)
  if (pendant === null || known?.receivers.includes(receiver) || !isFresh(sighting, nowMs)) return nothing()
  if (known === undefined && !isNewer(track, sighting)) return nothing()
  const beaconCounter = known?.beaconCounter ?? nextCounter
  const data =
    known?.data ??
    sealBeacon({
      address: pendant.address,
      key: pendant.key,
      // It was heard here and now: receivers that are lost elsewhere are not this wearer's matter.
      told: missing(state.plan, state.reach, nowMs).length === 0 ? TOLD_ARMED : TOLD_NOT_ARMED,
      alarmNumber: alarm.alarmNumber,
      frameCounter: counter ?? 0,
      beaconCounter,
    })
  const receivers = [...(known?.receivers ?? []), receiver]
  const asked = {
    packetId,
    atMs: known?.atMs ?? nowMs,
    data,
    beaconCounter,
    receivers,
    turn: alarm.seeming?.turn,
    isOver: false,
  }
  const told = { pendant: id, data, forMs: ANSWER_FOR_MS, receivers, beaconCounter, vouchesFor: null }
  return { told: [told], observations: [{ is: 'asked', pendant: id, asked }] }
}

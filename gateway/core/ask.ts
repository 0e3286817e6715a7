// In: an ask of an idle pendant (would anybody come?), and the time. Out: the sealed answer, through each receiver that
// hears it, under one beacon counter. Nothing of it is written down: who is idle is not tracked.
import { KIND_ASK, TOLD_ARMED, TOLD_NOT_ARMED } from '../../schemas/frame.ts'
import { missing } from './armed.ts'
import { sealBeacon } from './beacon.ts'
import { type Decision, nothing } from './decision.ts'
import { hearing } from './plan.ts'
import type { Asked, Sighting, Track } from './sighting.ts'
import type { State } from './state.ts'

/** Pendants ask for a few seconds and listen no longer. */
const ANSWER_FOR_MS = 15_000
/** What a receiver kept back for longer than this is asked no more. */
const FRESH_MS = 10_000
/** The same packet id after this long is another ask. */
const SAME_MS = 60_000

export const isAsk = ({ alarm }: Sighting): boolean => alarm.kind === KIND_ASK

/** The ask that this frame repeats; undefined where it is a new one. */
const knownAsk = ({ asked }: Track, { packetId }: Sighting, nowMs: number): Asked | undefined =>
  asked !== null && asked.packetId === packetId && nowMs - asked.atMs < SAME_MS ? asked : undefined

/** Whether this is an ask that was not heard before: counted once. */
export const isNewAsk = (track: Track, sighting: Sighting, nowMs: number): boolean =>
  isAsk(sighting) &&
  knownAsk(track, sighting, nowMs) === undefined &&
  isNewer(track, sighting) &&
  isFresh(sighting, nowMs)

/** Recorded and played again, even the newest frame of a pendant that has gone is no ask. */
const isNewer = (track: Track, { counter, isLate }: Sighting): boolean =>
  !isLate && counter !== null && (track.counter === null || counter > track.counter)

const isFresh = ({ heardAtMs }: Sighting, nowMs: number): boolean => nowMs - heardAtMs <= FRESH_MS

/** The answer to an ask; nothing where it was given through this receiver already, or the pendant cannot hear. */
export function decideAsk(state: State, track: Track, sighting: Sighting, nowMs: number): Decision {
  const { pendant: id, receiver, packetId, alarm, counter } = sighting
  const pendant = hearing(state.plan, id)
  const known = knownAsk(track, sighting, nowMs)
  if (pendant === null || known?.receivers.includes(receiver) || !isFresh(sighting, nowMs)) return nothing()
  if (known === undefined && !isNewer(track, sighting)) return nothing()
  const beaconCounter = known?.beaconCounter ?? track.beaconCounter + 1
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
  const asked = { packetId, atMs: known?.atMs ?? nowMs, data, beaconCounter, receivers }
  const told = { pendant: id, data, forMs: ANSWER_FOR_MS, receivers, beaconCounter, vouchesFor: null }
  return { ...nothing(), told: [told], observations: [{ is: 'asked', pendant: id, asked }] }
}

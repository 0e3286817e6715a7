// In: a cancel, a test or an okay that a pendant sends, and the time. Out: the decision it brings: a line in the open
// incident, a test written down and told back, or nothing but a count. None of them raises, pages or ends anything.
import { KIND_CANCEL, KIND_IDLE, KIND_OKAY, KIND_TEST, TOLD_TEST_PASSED } from '../../../../schemas/frame.ts'
import { isEvent, type Sighting } from '../../hearing/sighting.ts'
import { type HeardEvent, isSameEvent, type Track } from '../../hearing/track.ts'
import { sealBeacon } from '../../incident/beacon.ts'
import type { Told } from '../../incident/consequence.ts'
import { type Incident, isCancelled } from '../../incident/incident.ts'
import { type Change, SYSTEM } from '../../plan/change.ts'
import { lastBeacon, type State } from '../../state/state.ts'
import { type Decision, follow, merge, nothing } from '../decision/decision.ts'

/** Receivers that hear a test within this of the first are counted to it; the pendant goes on for 20 s. */
const COLLECT_MS = 3_000
/** Longer than any test lasts (schemas of the pendant's settings: a minute at most). */
const TOLD_FOR_MS = 60_000

const NAMES: ReadonlyMap<number, string> = new Map([
  [KIND_OKAY, 'okay'],
  [KIND_CANCEL, 'cancel'],
  [KIND_TEST, 'test'],
])

/** What is counted of this sighting: the event's name, once for each; nothing for anything else. */
export function eventHeard(track: Track, sighting: Sighting): string[] {
  if (!isEvent(sighting) || sighting.isLate || isSameEvent(track, sighting)) return []
  const name = NAMES.get(sighting.alarm.kind)
  return name === undefined ? [] : [name]
}

/** The wearer's cancel of the very alarm that is open, once for each alarm number; null where this is none. */
export function decideCancel(
  state: State,
  open: Incident | undefined,
  { alarm, pendant }: Sighting,
  nowMs: number,
): Decision | null {
  if (alarm.kind !== KIND_CANCEL || open === undefined) return null
  const { alarmNumber } = alarm
  if (open.alarmNumber !== alarmNumber || open.cancelledNumber === alarmNumber) return null
  const change = { is: 'wearer-cancelled', incident: open.id, alarmNumber } as const
  return follow(state, open, [change], nowMs, `pendant ${pendant}`)
}

/**
 * The pendant sends again that nothing is wrong, though nobody resolved its alarm and no cancel of it was heard: it has given up
 * (firmware, `timeoutMs`), or was cancelled out of reach. Once for each alarm; null where this is none.
 */
export function decideIdle(
  state: State,
  open: Incident | undefined,
  { alarm, counter, pendant, isLate, suspect, press }: Sighting,
  nowMs: number,
): Decision | null {
  if (open === undefined || open.isPendantIdle || isCancelled(open)) return null
  // One that is not ours sends its press for a moment and never says that it is over.
  if (state.plan.pendants.get(pendant)?.bthome !== undefined || press !== undefined) return null
  if (alarm.kind !== KIND_IDLE || alarm.seeming !== undefined || alarm.alarmNumber !== open.alarmNumber)
    return null
  // Without a counter nothing says which of two frames is the newer.
  if (isLate || suspect !== undefined || counter === null || counter <= open.counter) return null
  return follow(state, open, [{ is: 'pendant-idle', incident: open.id }], nowMs, `pendant ${pendant}`)
}

/** The tests whose receivers have been counted: each a row, and a beacon that says it passed. */
export function decideTests(state: State, nowMs: number): Decision {
  const due: Decision[] = []
  for (const [pendant, track] of state.tracks) {
    const { event } = track
    if (event === null || event.kind !== KIND_TEST || event.isWritten) continue
    if (nowMs >= event.sinceMs + COLLECT_MS) due.push(passed(state, pendant, event))
  }
  return due.length === 0 ? nothing() : merge(due)
}

function passed(state: State, pendant: string, event: HeardEvent): Decision {
  const known = state.plan.pendants.get(pendant)
  const { packetId, alarmNumber, counter, batteryPercent, flags, receivers } = event
  const beaconCounter = known?.key === undefined ? null : lastBeacon(state, pendant) + 1
  const change: Change = {
    is: 'tested',
    pendant,
    wearer: known?.wearer ?? pendant,
    packetId: packetId ?? 0,
    alarmNumber,
    counter,
    batteryPercent,
    flags,
    receivers: [...receivers],
    beaconCounter,
  }
  const told: Told[] = []
  if (known?.key !== undefined && beaconCounter !== null) {
    const { address, key } = known
    const frameCounter = counter ?? 0
    const data = sealBeacon({
      address,
      key,
      told: TOLD_TEST_PASSED,
      alarmNumber,
      frameCounter,
      beaconCounter,
    })
    told.push({ pendant, data, forMs: TOLD_FOR_MS, beaconCounter, vouchesFor: 'test' })
  }
  return { ...nothing(SYSTEM), changes: [change], told }
}

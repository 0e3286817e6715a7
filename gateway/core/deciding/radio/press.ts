// In: what another system says of something that it knows by a name. Out: for a pendant the decision that a plain frame of it
// would bring, for a button an incident, or a word about its battery. What no site file names is passed over.

import { BUTTON_LONG } from '../../../../schemas/frame.ts'
import type { Button } from '../../../../schemas/site/foreign.ts'
import type { PressEvent } from '../../../ports.ts'
import { meansOf, plainFrame } from '../../hearing/named.ts'
import { nameKey } from '../../plan/plan.ts'
import type { State } from '../../state/state.ts'
import { type Decision, nothing } from '../decision/decision.ts'
import { raiseBy, saidRoom } from '../decision/raise-by.ts'
import { decideReport } from './report.ts'

/** Cells of these buttons last for weeks from there. */
const BATTERY_LOW_PERCENT = 10
/** One that wavers about its limit is one row, not many. */
const BATTERY_WELL_PERCENT = 15

export function decidePress(state: State, event: PressEvent, nowMs: number): Decision {
  const { address, name } = event.of
  if (address !== undefined && state.plan.pendantByAddress.has(address))
    return asFrame(state, address, event, nowMs)
  const known = name === undefined ? undefined : state.plan.named.get(nameKey(event.receiver, name))
  if (known === undefined) return { ...nothing(), counted: address === undefined ? [] : ['unknown-pendant'] }
  return 'button' in known
    ? decideButton(state, known.button, event, nowMs)
    : asFrame(state, known.pendant.address, event, nowMs)
}

function asFrame(state: State, address: string, event: PressEvent, nowMs: number): Decision {
  const { receiver, rssiDbm, action, isStill } = event
  // A word that no number stands for: whatever it was, it was a press.
  const isPress = action !== null && isStill === undefined && event.buttons.length === 0
  const buttons = isPress ? [BUTTON_LONG] : event.buttons
  const report = { address, data: plainFrame({ ...event, buttons }), rssiDbm, ageMs: 0 }
  return decideReport(state, { kind: 'report', receiver, wasRedelivered: false, report }, nowMs)
}

function decideButton(state: State, button: Button, event: PressEvent, nowMs: number): Decision {
  const { receiver, action, isStill } = event
  const battery = batteryOf(state, button, event.batteryPercent)
  const alarm = action === null || (isStill && button.resets) ? null : meansOf(button, action)
  if (alarm === null) return battery
  const { id, wearer, says, room = null, note = null } = button
  const raising = {
    source: { of: 'input', id },
    alarm,
    wearer: wearer ?? says ?? id,
    whereabouts: saidRoom(room),
    note,
    isVerified: false,
  } as const
  const decision = raiseBy(state, raising, nowMs, `receiver ${receiver}`)
  return { ...decision, changes: [...decision.changes, ...battery.changes] }
}

function batteryOf({ technical }: State, { id, says, wearer }: Button, percent: number | null): Decision {
  const key = `button:${id}`
  const isKnown = technical.has(key)
  if (percent === null) return nothing()
  if (percent <= BATTERY_LOW_PERCENT && !isKnown) {
    const text = `Button ${id} (${says ?? wearer}): its battery is low: change it`
    return { ...nothing(), changes: [{ is: 'technical-raised', key, text }] }
  }
  if (percent < BATTERY_WELL_PERCENT || !isKnown) return nothing()
  return { ...nothing(), changes: [{ is: 'technical-mended', key }] }
}

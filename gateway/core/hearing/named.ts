// What another system says of a thing that it knows by a name. In: its word for what happened. Out: what that means at this
// site, or the frame that a pendant would have sent: never sealed, so that it counts as plain.

import {
  AD_SERVICE_DATA,
  BTHOME_UUID,
  OBJECT_BATTERY,
  OBJECT_BUTTON,
  OBJECT_PACKET_ID,
} from '../../../schemas/frame.ts'
import type { Button } from '../../../schemas/site/foreign.ts'

/** Of a press that is over, or of none. */
const NO_PRESS = /(^|_)(release|released|none)$|^$/i
const HOLD = /(^|_)hold(_|$)/i

/** What this button's action comes to: an alarm, unless somebody gave it another meaning. */
export function meansOf(button: Button, action: string): Button['alarm'] | null {
  const { actions, alarm, isWallSwitch } = button
  const said = Object.hasOwn(actions, action) ? actions[action] : undefined
  if (said === 'none') return null
  if (said !== undefined) return said === 'alarm' ? alarm : said
  return NO_PRESS.test(action) || (isWallSwitch && HOLD.test(action)) ? null : alarm
}

const INFO_PLAIN_TRIGGER = 0x44
const FLAGS = [2, 1, 6]

/** BTHome objects in plaintext, as advertising data in hex. */
export function plainFrame(said: {
  packetId?: number | null
  batteryPercent?: number | null
  buttons: readonly number[]
}): string {
  const { packetId = null, batteryPercent = null, buttons } = said
  const data = [
    INFO_PLAIN_TRIGGER,
    ...(packetId === null ? [] : [OBJECT_PACKET_ID, packetId & 0xff]),
    ...(batteryPercent === null
      ? []
      : [OBJECT_BATTERY, Math.min(100, Math.max(0, Math.round(batteryPercent)))]),
    ...buttons.flatMap(button => [OBJECT_BUTTON, button & 0xff]),
  ]
  const uuid = [BTHOME_UUID & 0xff, BTHOME_UUID >> 8]
  return Buffer.from([...FLAGS, data.length + 3, AD_SERVICE_DATA, ...uuid, ...data]).toString('hex')
}

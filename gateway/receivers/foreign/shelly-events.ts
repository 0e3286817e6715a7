// What Shelly's events say: presses that its firmware has read of a paired device, and those of scripts. Pure. The firmware names
// a device by its component, and by its address too where the event has one.
import { readAddress } from '../payload/fields.ts'
import type { Reading } from './adapter.ts'
import { byteIn, type Fields, isFields, levelIn, percentIn, textIn, unread } from './reading.ts'

type Press = Extract<Reading, { is: 'press' }>

const EVENTS_MAX = 64
/** Before firmware 1.6.0 buttons were sensors of their own. */
const COMPONENT = /^bthome(device|sensor):\d+$/
const PRESS_WORD = /push|press|hold/
const BUTTONS_MAX = 16

/** The events of one message of <prefix>/events/rpc. */
export function eventReadings(value: unknown): Reading[] {
  const { method, params } = isFields(value) ? value : {}
  if (!isFields(params)) return [unread('params', 'a group of fields', params)]
  if (method === 'NotifyStatus' || method === 'NotifyFullStatus')
    return Object.entries(params).flatMap(([component, status]) =>
      isFields(status) ? statusReading(component, status) : [],
    )
  if (method !== 'NotifyEvent') return []
  if (!Array.isArray(params.events)) return [unread('params.events', 'a list', params.events)]
  return params.events.slice(0, EVENTS_MAX).flatMap(event => (isFields(event) ? ofEvent(event) : []))
}

/** What the firmware says of a device now and then: its battery, no press. */
export function statusReading(component: string, { battery }: Fields): Reading[] {
  const batteryPercent = percentIn(battery)
  if (!COMPONENT.test(component) || batteryPercent === null) return []
  return [{ ...nothingOf({ name: component }), batteryPercent }]
}

function ofEvent({ component, event, idx, data }: Fields): Reading[] {
  if (event === 'shelly-blu' && isFields(data)) return ofScript(data)
  if (component === 'blu') return event === 'button' && isFields(data) ? ofGateway(data) : []
  if (typeof component !== 'string' || !COMPONENT.test(component)) return []
  if (typeof event !== 'string' || !PRESS_WORD.test(event)) return []
  const address = isFields(data) ? readAddress(data.addr) : null
  const of = { name: component, ...(address !== null && { address }) }
  const button = Number.isInteger(idx) ? Math.min(Math.max(idx as number, 1), BUTTONS_MAX) : 1
  return [{ ...nothingOf(of), action: event, buttons: [...Array<number>(button - 1).fill(0), codeOf(event)] }]
}

/** The script ble-shelly-blu: a frame read object by object. */
function ofScript(data: Fields): Reading[] {
  const address = readAddress(data.address)
  if (address === null) return [unread('data.address', 'an address', data.address)]
  return data.encryption === true ? [{ is: 'heard' }] : [readObjects({ address }, data)]
}

const DEVICE = /([0-9a-f]{12})$/i

/** The script blu-gateway-bthome-to-mqtt: one event a frame, no packet id. */
function ofGateway({ device, value, event }: Fields): Reading[] {
  const address = readAddress(DEVICE.exec(textIn(device))?.[1])
  if (address === null) return [unread('data.device', 'an address at its end', device)]
  const buttons = codesIn(value) ?? [codeOf(textIn(event))]
  return [withButtons({ address }, buttons, {})]
}

/** BTHome objects by their names: pid, battery, button, rssi. */
export const readObjects = (of: Press['of'], value: Fields): Reading =>
  withButtons(of, codesIn(value.button) ?? [], value)

const withButtons = (
  of: Press['of'],
  buttons: readonly number[],
  { pid, battery, rssi }: Fields,
): Reading => ({
  ...nothingOf(of),
  action: buttons.every(button => button === 0) ? null : 'press',
  buttons,
  packetId: byteIn(pid),
  rssiDbm: levelIn(rssi),
  batteryPercent: percentIn(battery),
})

const nothingOf = (of: Press['of']): Press => ({
  is: 'press',
  of,
  action: null,
  buttons: [],
  packetId: null,
  rssiDbm: null,
  batteryPercent: null,
})

function codesIn(value: unknown): number[] | null {
  const codes = (Array.isArray(value) ? value.slice(0, BUTTONS_MAX) : [value]).map(byteIn)
  return codes.every(code => code !== null) ? (codes as number[]) : null
}

/** BTHome's number for a word. One that nobody knows is a long press: whatever it was, it was one. */
function codeOf(word: string): number {
  const isLong = word.includes('long')
  if (word.includes('hold')) return 0x80
  if (word.includes('double')) return isLong ? 0x05 : 0x02
  if (word.includes('triple')) return isLong ? 0x06 : 0x03
  return isLong || !/^(single_)?(push|press)$/.test(word) ? 0x04 : 0x01
}

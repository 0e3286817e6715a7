// Home Assistant, whose automations pass presses on under a topic of ours (the README has them): an event of its bus, or a change
// of an event entity, which is said again with a new date after a restart and is then no press.
import { relayTopic } from '../../../schemas/site/foreign.ts'
import { readAddress } from '../payload/fields.ts'
import type { Message, Reading, System } from './adapter.ts'
import { type Fields, isFields, jsonIn, presenceIn, textIn, unread } from './reading.ts'

/** Its entities take up what they last said for so long after it began. */
const SETTLED_S = 120
/** States of an entity that had said nothing yet in this life of it. */
const BEFORE_ALL: readonly unknown[] = [undefined, null, '', 'unavailable', 'unknown', 'None']

const EVENTS: ReadonlyMap<string, number> = new Map([
  ['press', 0x01],
  ['double_press', 0x02],
  ['triple_press', 0x03],
  ['long_press', 0x04],
  ['long_double_press', 0x05],
  ['long_triple_press', 0x06],
  ['hold_press', 0x80],
])
const BUTTON = /^button(?:_(\d{1,2}))?$/

export function homeAssistant(receiver: string): System {
  const relay = relayTopic(receiver)
  return {
    says: [relay, 'homeassistant/status'],
    also: ['homeassistant/#'],
    hears: [],
    told: [],
    read({ topic, payload }: Message): Reading[] {
      if (topic !== relay) return [presenceIn(payload)]
      const value = jsonIn(payload)
      if (!isFields(value)) return [unread('message', 'JSON of an event', payload.toString('utf8'))]
      return 'entity_id' in value ? ofEntity(value) : ofBus(value)
    },
  }
}

/** bthome_ble_event: told once for each press, and of a device by its address. */
function ofBus({ address, device_id, event_class, event_type }: Fields): Reading[] {
  if (typeof event_type !== 'string') return [unread('event_type', 'a text', event_type)]
  const numbered = BUTTON.exec(textIn(event_class))
  if (numbered === null) return [{ is: 'heard' }]
  const from = readAddress(address)
  const of = { name: textIn(device_id), ...(from !== null && { address: from }) }
  return [press(of, event_type, Math.max(1, Number(numbered[1] ?? 1)))]
}

function ofEntity({ entity_id, event_type, from, uptime_s }: Fields): Reading[] {
  if (typeof event_type !== 'string') return [unread('event_type', 'a text', event_type)]
  if (typeof uptime_s !== 'number')
    return [unread('uptime_s', 'seconds since Home Assistant began', uptime_s)]
  if (uptime_s < SETTLED_S || BEFORE_ALL.includes(from)) return []
  return [press({ name: textIn(entity_id) }, event_type, 1)]
}

const press = (of: Extract<Reading, { is: 'press' }>['of'], action: string, button: number): Reading => ({
  is: 'press',
  of,
  action,
  buttons: [...Array<number>(button - 1).fill(0), EVENTS.get(action) ?? 0x04],
  packetId: null,
  rssiDbm: null,
  batteryPercent: null,
})

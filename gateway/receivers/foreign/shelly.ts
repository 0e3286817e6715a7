// Shelly: events of its firmware under <prefix>/events/rpc, and what scripts on it publish: ours (our own topics), raw bytes, or
// Shelly's examples, which pass on what they made of a frame that is not sealed.
import type { Shelly } from '../../../schemas/site/foreign.ts'
import type { Message, Reading, System } from './adapter.ts'
import { isFields, jsonIn, presenceIn, reportOf, unread } from './reading.ts'
import { eventReadings, readObjects, statusReading } from './shelly-events.ts'

const PASV_PREFIX = 'blegateway/'
const ADDRESS = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i

export function shelly(receiver: string, { prefix = receiver, script, topic: raw }: Shelly): System {
  const events = `${prefix}/events/rpc`
  const online = `${prefix}/online`
  const status = `${prefix}/status/+`
  const says = [events, online, status]
  const also = [`${prefix}/#`, 'homeassistant/#', 'shelly-blu/#', 'shellies/#']
  if (script === 'raw') says.push(raw)
  if (script === 'ble-pasv-mqtt-gw') says.push(`${PASV_PREFIX}+/+`)
  // Its topic is the bare address of a device; it reads every button wrongly, so that nothing in it is a press.
  if (script === 'universal-blu-to-mqtt') also.push('+')

  function read({ topic, payload }: Message): Reading[] {
    if (topic === online) return [presenceIn(payload)]
    const value = jsonIn(payload)
    if (value === undefined) return [unread('message', 'JSON', payload.toString('utf8'))]
    if (topic === events) return eventReadings(value)
    if (topic === raw)
      return [isFields(value) ? rawReport(value) : unread('message', 'a group of fields', value)]
    if (topic.startsWith(PASV_PREFIX)) return passive(topic, value)
    return isFields(value) ? statusReading(topic.slice(`${prefix}/status/`.length), value) : []
  }
  return { says, also, hears: [], told: [], read }
}

/** Its time is its own clock's, and not believed. */
const rawReport = ({ addr, data, rssi }: Readonly<Record<string, unknown>>): Reading =>
  reportOf(addr, data, rssi)

/** blegateway/<address>/<sort>: one message a frame, with a field for each object. */
function passive(topic: string, value: unknown): Reading[] {
  const [digits = ''] = topic.slice(PASV_PREFIX.length).split('/')
  const address = (digits.match(/../g) ?? []).join(':')
  if (!ADDRESS.test(address)) return [unread('topic', 'an address in it', digits)]
  return isFields(value) ? [readObjects({ address: address.toLowerCase() }, value)] : []
}

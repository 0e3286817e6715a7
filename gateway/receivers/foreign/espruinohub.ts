// EspruinoHub: /ble/advertise/<address> with the level, and right after it /ble/advertise/<address>/fcd2 with the bytes of BTHome,
// QoS 0, where mqtt_advertise_service_data is true.
import type { Foreign } from '../../../schemas/site/foreign.ts'
import { readAddress } from '../payload/fields.ts'
import type { Message, Reading, System } from './adapter.ts'
import { isBthomeUuid, isFields, jsonIn, presenceIn, remembered, reportOf, unread } from './reading.ts'

type Setting = Extract<Foreign, { kind: 'espruinohub' }>

export function espruinoHub({ prefix }: Setting): System {
  const state = `${prefix}/state`
  const advertise = `${prefix}/advertise/`
  /** The level of each device's newest message: bytes come without one. */
  const levels = remembered<unknown>()

  function read({ topic, payload }: Message): Reading[] {
    if (topic === state) return [presenceIn(payload)]
    const [device = '', uuid, ...more] = topic.slice(advertise.length).split('/')
    if (uuid === undefined) return advert(device, jsonIn(payload))
    if (more.length > 0 || !isBthomeUuid(uuid)) return []
    if (readAddress(device) === null)
      return [unread('device', 'an address: leave pendants out of known_devices', device)]
    const bytes = jsonIn(payload)
    if (!Array.isArray(bytes)) return [unread('service data', 'a list of bytes', payload.toString('utf8'))]
    return [reportOf(device, bytes, levels.get(device))]
  }

  function advert(device: string, value: unknown): Reading[] {
    if (isFields(value)) levels.keep(device, value.rssi)
    return [{ is: 'heard' }]
  }
  return {
    says: [state, `${advertise}+`, `${advertise}+/+`],
    also: [`${prefix}/#`, 'homeassistant/#'],
    hears: [],
    told: [],
    read,
  }
}

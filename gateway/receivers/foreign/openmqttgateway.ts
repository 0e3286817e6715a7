// OpenMQTTGateway (ESP32): home/<gateway>/BTtoMQTT/<address>, one message a device and scan, QoS 0. With pubadvdata it passes on
// every frame; without it only what it decoded by itself. It is told its settings each time it connects.
import type { Foreign } from '../../../schemas/site/foreign.ts'
import type { Message, Reading, System } from './adapter.ts'
import { readDevice } from './decoded.ts'
import { isFields, jsonIn, presenceIn, unread } from './reading.ts'

type Setting = Extract<Foreign, { kind: 'openmqttgateway' }>

export function openMqttGateway(receiver: string, setting: Setting): System {
  const { base, gateway = receiver, pubadvdata } = setting
  const own = `${base}/${gateway}`
  const lwt = `${own}/LWT`
  return {
    says: [`${own}/BTtoMQTT/+`, lwt],
    also: [`${own}/#`, `${base}/presence/${gateway}`, 'homeassistant/#'],
    hears: [`${own}/commands/#`],
    told: pubadvdata ? [{ topic: `${own}/commands/MQTTtoBT/config`, payload: toSet(setting) }] : [],
    read: ({ topic, payload }: Message): Reading[] => {
      if (topic === lwt) return [presenceIn(payload)]
      const value = jsonIn(payload)
      if (!isFields(value)) return [unread('message', 'JSON of a device', payload.toString('utf8'))]
      return pubadvdata ? [...readDevice(value), passesOn(receiver, value)] : readDevice(value)
    },
  }
}

/** It has no say in what is kept over a restart: it is told again whenever it connects. */
const toSet = ({ pubadvdata, adaptivescan, intervalMs, scanMs }: Setting): string =>
  JSON.stringify({
    pubadvdata,
    adaptivescan,
    interval: intervalMs,
    intervalacts: intervalMs,
    scanduration: scanMs,
  })

/** With pubadvdata every device has its kind of address. */
const passesOn = (receiver: string, value: Record<string, unknown> | object): Reading => ({
  is: 'setting',
  fault:
    'mac_type' in value || 'adv_type' in value
      ? null
      : `Receiver ${receiver} passes on no raw data: an alarm that a pendant seals does not come through it. Set pubadvdata to true on that OpenMQTTGateway`,
})

// Theengs gateway (Linux, BlueZ): home/TheengsGateway/BTtoMQTT/<address>, QoS 0. A device that it cannot decode comes with its
// bytes by default (publish_all), which makes it a whole receiver; of a sealed BLU button only publish_advdata leaves them.
import type { Foreign } from '../../../schemas/site/foreign.ts'
import type { Message, Reading, System } from './adapter.ts'
import { isSealedModel, readDevice } from './decoded.ts'
import { type Fields, isFields, jsonIn, presenceIn, unread } from './reading.ts'

type Setting = Extract<Foreign, { kind: 'theengs' }>

export function theengs(receiver: string, { topic: own, publishAdvdata }: Setting): System {
  const lwt = `${own}/LWT`
  const [base = 'home'] = own.split('/')
  return {
    says: [`${own}/BTtoMQTT/+`, lwt],
    also: [`${own}/#`, `${base}/presence/#`, 'homeassistant/#'],
    hears: [],
    told: [],
    read: ({ topic, payload }: Message): Reading[] => {
      if (topic === lwt) return [presenceIn(payload)]
      const value = jsonIn(payload)
      if (!isFields(value)) return [unread('message', 'JSON of a device', payload.toString('utf8'))]
      return publishAdvdata && isSealedModel(value)
        ? [...readDevice(value), passesOn(receiver, value)]
        : readDevice(value)
    },
  }
}

const passesOn = (receiver: string, { servicedata, cipher }: Fields): Reading => ({
  is: 'setting',
  fault:
    servicedata !== undefined || cipher !== undefined
      ? null
      : `Receiver ${receiver} leaves out the bytes of sealed buttons: none of their alarms comes through it. Set publish_advdata to 1 on that Theengs gateway`,
})

// Which file reads which system. A receiver of the site file in, its adapter out; null for one of ours and for an ESPresense node.
import type { Receiver } from '../../../schemas/site.ts'
import { type Adapter, adapterOf, type System } from './adapter.ts'
import { espruinoHub } from './espruinohub.ts'
import { homeAssistant } from './homeassistant.ts'
import { openMqttGateway } from './openmqttgateway.ts'
import { shelly } from './shelly.ts'
import { tasmota } from './tasmota.ts'
import { theengs } from './theengs.ts'
import { zigbee2Mqtt } from './zigbee2mqtt.ts'

/** The adapter of one receiver. It keeps what it must remember for itself, within bounds: one for each receiver, and no two. */
export function foreignOf({ id, foreign }: Pick<Receiver, 'id' | 'foreign'>): Adapter | null {
  return foreign === undefined ? null : adapterOf(id, systemOf(id, foreign))
}

function systemOf(id: string, foreign: NonNullable<Receiver['foreign']>): System {
  switch (foreign.kind) {
    case 'openmqttgateway':
      return openMqttGateway(id, foreign)
    case 'theengs':
      return theengs(id, foreign)
    case 'espruinohub':
      return espruinoHub(foreign)
    case 'shelly':
      return shelly(id, foreign)
    case 'tasmota':
      return tasmota(id, foreign)
    case 'homeassistant':
      return homeAssistant(id)
    case 'zigbee2mqtt':
      return zigbee2Mqtt(foreign)
    default:
      return foreign satisfies never
  }
}

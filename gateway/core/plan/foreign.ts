// What a receiver carries to the gateway, as it is set: alarms, levels, batteries, beacons back; how late an alarm may come
// through it, and what it loses. In: one receiver of the site file. Out: data, for `tocsin check`, for cover, and for docs.
import type { Foreign } from '../../../schemas/site/foreign.ts'
import type { Receiver } from '../../../schemas/site.ts'

/**
 * `sealed`: the bytes of every frame, so that a sealed alarm comes through. `unsealed`: only what the system read itself.
 * `named`: only presses of buttons that it calls by a name. `none`: no alarm.
 */
export type AlarmCarried = 'sealed' | 'unsealed' | 'named' | 'none'

/** A setting there that keeps alarms from coming through, or in time. */
export type Setting = { name: string; expected: string; came: string; costs: 'alarms' | 'time' | 'presses' }

export type Carriage = {
  alarm: AlarmCarried
  hasLevel: boolean
  hasBattery: boolean
  tellsBeacons: boolean
  /** How long after the radio had it an alarm may come; null where nobody knows. */
  worstDelayMs: number | null
  /** What to set otherwise there. */
  settings: readonly Setting[]
  /** What it loses whatever is set. */
  loses: readonly string[]
}

/** An alarm that comes later than this through a receiver is told of. */
export const LATE_MS = 10_000

const OURS: Carriage = {
  alarm: 'sealed',
  hasLevel: true,
  hasBattery: true,
  tellsBeacons: true,
  worstDelayMs: 250,
  settings: [],
  loses: [],
}
const NODE: Carriage = { ...OURS, alarm: 'none', hasBattery: false, tellsBeacons: false, worstDelayMs: null }
const DEAF_TO_WEARER: Carriage = { ...OURS, tellsBeacons: false }

/** What this receiver carries. */
export function carriageOf({ foreign, espresense }: Pick<Receiver, 'foreign' | 'espresense'>): Carriage {
  if (espresense !== undefined) return NODE
  return foreign === undefined ? OURS : carriage(foreign)
}

/** Whether it hears alarms on the air: the silence of any other says nothing. */
export const isEar = (receiver: Pick<Receiver, 'foreign' | 'espresense'>): boolean =>
  carriageOf(receiver).alarm === 'sealed'

/** Whether it can broadcast what a wearer is told. */
export const isTeller = (receiver: Pick<Receiver, 'foreign' | 'espresense'>): boolean =>
  carriageOf(receiver).tellsBeacons

function carriage(foreign: Foreign): Carriage {
  switch (foreign.kind) {
    case 'openmqttgateway':
      return openMqttGateway(foreign)
    case 'theengs':
      return theengs(foreign)
    case 'espruinohub':
      return espruinoHub(foreign)
    case 'shelly':
      return shelly(foreign)
    case 'tasmota':
      return tasmota(foreign)
    case 'homeassistant':
      return {
        ...RELAY,
        loses: [
          NO_PACKET_ID,
          'entities: a press within two minutes of its start',
          'buttons 2 to 4 of a BLU RC Button 4, which it takes for the first',
        ],
      }
    case 'zigbee2mqtt':
      return { ...RELAY, loses: [] }
    default:
      return foreign satisfies never
  }
}

const RELAY: Carriage = { ...DEAF_TO_WEARER, alarm: 'named', hasLevel: false, worstDelayMs: null }

type Of<Kind extends Foreign['kind']> = Extract<Foreign, { kind: Kind }>

/** Once each scan; beside that, a pendant in alarm is on the air each 100 ms, and the message takes as long again. */
const SCAN_SLACK_MS = 500

function openMqttGateway({ pubadvdata, adaptivescan, intervalMs, scanMs }: Of<'openmqttgateway'>): Carriage {
  const worstDelayMs = intervalMs + scanMs + SCAN_SLACK_MS
  return {
    ...DEAF_TO_WEARER,
    alarm: pubadvdata ? 'sealed' : 'unsealed',
    worstDelayMs,
    settings: [
      ...unless(pubadvdata, 'pubadvdata', 'true', 'false', 'alarms'),
      ...unless(!adaptivescan, 'adaptivescan', 'false', 'true', 'time'),
      ...unless(
        worstDelayMs <= LATE_MS,
        'interval',
        '100, with intervalacts 100 and scanduration 1000',
        `${intervalMs} and ${scanMs}`,
        'time',
      ),
    ],
    loses: pubadvdata ? [] : HOLDS_UNNAMED,
  }
}

/** By the decoder of Theengs, which has no number for them. */
const HOLDS_UNNAMED = [
  'which press it was of a long double, a long triple and a hold: taken for a hold, where it tells of the frame at all',
]

function theengs({ publishAll, publishAdvdata, scanPauseSeconds }: Of<'theengs'>): Carriage {
  return {
    ...DEAF_TO_WEARER,
    alarm: publishAll ? 'sealed' : 'unsealed',
    worstDelayMs: scanPauseSeconds * 1_000 + SCAN_SLACK_MS,
    settings: [
      ...unless(publishAll, 'publish_all', '1', '0', 'alarms'),
      ...unless(publishAdvdata, 'publish_advdata', '1', '0', 'presses'),
      ...unless(scanPauseSeconds === 0, 'ble_time_between_scans', '0', String(scanPauseSeconds), 'time'),
    ],
    loses: publishAdvdata ? [] : HOLDS_UNNAMED,
  }
}

const espruinoHub = ({ serviceData }: Of<'espruinohub'>): Carriage => ({
  ...DEAF_TO_WEARER,
  alarm: serviceData ? 'sealed' : 'none',
  worstDelayMs: SCAN_SLACK_MS,
  settings: unless(serviceData, 'mqtt_advertise_service_data', 'true', 'false', 'alarms'),
  loses: [
    'a second press of a button that does not seal, where it compares packet ids of 80 and more as text: half of them',
  ],
})

const NO_PACKET_ID = 'a second press of the same kind within 30 s, since it passes on no packet id'

function shelly({ script }: Of<'shelly'>): Carriage {
  const stock = (loses: readonly string[], more: Partial<Carriage> = {}): Carriage => ({
    ...DEAF_TO_WEARER,
    alarm: 'unsealed',
    worstDelayMs: SCAN_SLACK_MS,
    settings: unless(false, 'script', 'tocsin', script, 'alarms'),
    loses,
    ...more,
  })
  switch (script) {
    case 'tocsin':
      return { ...OURS, loses: ['beacons back before firmware 2.0.0'] }
    case 'raw':
      return { ...DEAF_TO_WEARER, worstDelayMs: SCAN_SLACK_MS }
    case 'none':
      return stock([NO_PACKET_ID], { alarm: 'named', hasLevel: false, worstDelayMs: null })
    case 'ble-shelly-blu':
      return stock(['a press under the packet id that another button had last'])
    case 'ble-pasv-mqtt-gw':
      return stock(['all but the last button of a frame'])
    case 'universal-blu-to-mqtt':
      return stock(['every press'], { alarm: 'none' })
    case 'blu-gateway-bthome-to-mqtt':
      return stock([NO_PACKET_ID], {
        hasLevel: false,
        hasBattery: false,
      })
    default:
      return script satisfies never
  }
}

function tasmota({ details, addrFilter }: Of<'tasmota'>): Carriage {
  return {
    ...DEAF_TO_WEARER,
    alarm: details !== 0 && addrFilter !== 0 ? 'sealed' : 'none',
    worstDelayMs: SCAN_SLACK_MS,
    settings: [
      ...unless(details !== 0, 'BLEDetails', '3 or 4, by a rule at each boot', '0', 'alarms'),
      ...unless(addrFilter !== 0, 'BLEAddrFilter', '1', '0', 'alarms'),
    ],
    loses: ['frames, where several come within 50 ms: an alarm is on the air each 100 ms'],
  }
}

const unless = (
  isSet: boolean,
  name: string,
  expected: string,
  came: string,
  costs: Setting['costs'],
): Setting[] => (isSet ? [] : [{ name, expected, came, costs }])

// What a site file says of other systems: refused where it leads nowhere, and warned of where an alarm would not come through, or
// come late. Every system and every setting of it that an alarm hangs on.
import { describe, expect, it } from 'vitest'
import { carriageOf, isEar } from '../../../gateway/core/plan/foreign.ts'
import { advice } from '../../../gateway/site/advice.ts'
import { contradictions } from '../../../gateway/site/check.ts'
import { settingsAdvice } from '../../../gateway/site/foreign.ts'
import { Foreign } from '../../../schemas/site/foreign.ts'
import { Site } from '../../../schemas/site.ts'
import { ADDRESS, KEY, site } from '../core/building.ts'

const of = (foreign: object, more: object = {}): Site =>
  Site.parse({
    ...site(),
    receivers: [...site().receivers, { id: 'x-1', room: 'hall', password: 'password-x-1', foreign }],
    ...more,
  })
const problems = (of: Site) =>
  contradictions(of).map(
    ({ path, expected, came }) => `${path.join('.')}: expected ${expected}, came ${came}`,
  )
const warnings = (of: Site) =>
  advice(of).flatMap(({ path, expected, came }) =>
    path.includes('foreign') ? [`expected ${expected}, came ${came}`] : [],
  )
const costs = (foreign: object) => settingsAdvice(of(foreign)).map(each => `${each.setting}: ${each.costs}`)

describe('a setting that an alarm hangs on is warned of', () => {
  it.each<[string, object, string[], string]>([
    [
      'OpenMQTTGateway as shipped',
      { kind: 'openmqttgateway' },
      ['pubadvdata: alarms', 'adaptivescan: time', 'interval: time'],
      'unsealed',
    ],
    [
      'OpenMQTTGateway as it should be',
      { kind: 'openmqttgateway', pubadvdata: true, adaptivescan: false, intervalMs: 100, scanMs: 1_000 },
      [],
      'sealed',
    ],
    [
      'OpenMQTTGateway with raw data alone',
      { kind: 'openmqttgateway', pubadvdata: true },
      ['adaptivescan: time', 'interval: time'],
      'sealed',
    ],
    [
      'Theengs gateway as shipped',
      { kind: 'theengs' },
      ['publish_advdata: presses', 'ble_time_between_scans: time'],
      'sealed',
    ],
    [
      'Theengs gateway that leaves out what it cannot decode',
      { kind: 'theengs', publishAll: false, publishAdvdata: true, scanPauseSeconds: 0 },
      ['publish_all: alarms'],
      'unsealed',
    ],
    ['EspruinoHub as shipped', { kind: 'espruinohub' }, ['mqtt_advertise_service_data: alarms'], 'none'],
    ['EspruinoHub as it should be', { kind: 'espruinohub', serviceData: true }, [], 'sealed'],
    ['Tasmota as shipped', { kind: 'tasmota' }, ['BLEDetails: alarms', 'BLEAddrFilter: alarms'], 'none'],
    [
      'Tasmota that drops random addresses',
      { kind: 'tasmota', details: 3 },
      ['BLEAddrFilter: alarms'],
      'none',
    ],
    ['Tasmota as it should be', { kind: 'tasmota', details: 4, addrFilter: 1 }, [], 'sealed'],
    ['Shelly’s own events', { kind: 'shelly' }, ['script: alarms'], 'named'],
    [
      'Shelly with ble-shelly-blu',
      { kind: 'shelly', script: 'ble-shelly-blu' },
      ['script: alarms'],
      'unsealed',
    ],
    [
      'Shelly with ble-pasv-mqtt-gw',
      { kind: 'shelly', script: 'ble-pasv-mqtt-gw' },
      ['script: alarms'],
      'unsealed',
    ],
    [
      'Shelly with blu-gateway-bthome-to-mqtt',
      { kind: 'shelly', script: 'blu-gateway-bthome-to-mqtt' },
      ['script: alarms'],
      'unsealed',
    ],
    [
      'Shelly with universal-blu-to-mqtt',
      { kind: 'shelly', script: 'universal-blu-to-mqtt' },
      ['script: alarms'],
      'none',
    ],
    ['Shelly with raw bytes', { kind: 'shelly', script: 'raw' }, [], 'sealed'],
    ['Shelly with our script', { kind: 'shelly', script: 'tocsin' }, [], 'sealed'],
    ['Home Assistant', { kind: 'homeassistant' }, [], 'named'],
    ['Zigbee2MQTT', { kind: 'zigbee2mqtt' }, [], 'named'],
  ])('%s', (_name, foreign, expected, alarm) => {
    expect(costs(foreign)).toEqual(expected)
    expect(carriageOf({ foreign: Foreign.parse(foreign) }).alarm).toBe(alarm)
  })

  it('in words: which receiver, what to set, and what it costs', () => {
    expect(warnings(of({ kind: 'openmqttgateway' }))).toEqual([
      'expected pubadvdata true, came false: the alarm of the pendant that seals does not come through x-1',
      'expected adaptivescan false, came true: an alarm may come through x-1 67 s late',
      'expected interval 100, with intervalacts 100 and scanduration 1000, came 55555 and 10000: an alarm may come through x-1 67 s late',
      expect.stringContaining('x-1, which loses which press it was'),
    ])
  })

  it('and a room that only such a one is near has none that hears alarms', () => {
    const [hall] = site().receivers
    const near = (foreign: object) =>
      advice({
        ...of(foreign),
        receivers: [
          { ...(hall as Site['receivers'][number]), room: 'interview', foreign: Foreign.parse(foreign) },
        ],
      }).some(({ came }) => came.startsWith('none: an alarm in'))
    expect(near({ kind: 'espruinohub' })).toBe(true)
    expect(near({ kind: 'espruinohub', serviceData: true })).toBe(false)
    expect(isEar({ espresense: { rssiAt1m: -59, absorption: 2.7 } })).toBe(false)
  })
})

describe('a name that leads nowhere is refused:', () => {
  const zigbee = { kind: 'zigbee2mqtt' }
  const cord = { id: 'cord', knownTo: [{ receiver: 'x-1', as: 'WC' }], says: 'Pull cord', room: 'hall' }
  const buttons = (...all: object[]) =>
    problems(of(zigbee, { buttons: all.map(each => ({ ...cord, ...each })) }))

  it('none where all is well', () => {
    expect(buttons({})).toEqual([])
  })
  it.each<[object[], string]>([
    [[{ knownTo: [{ receiver: 'nobody', as: 'WC' }] }], 'knownTo.0.receiver: expected an id under receivers'],
    [[{ knownTo: [{ receiver: 'r-hall', as: 'WC' }] }], 'came "r-hall", which knows nobody by a name'],
    [[{}, { id: 'cord-2' }], 'buttons.1.knownTo.0.as: expected a name used once, came "WC" of x-1 again'],
    [[{ id: 'p-07' }], 'buttons.0.id: expected an id that no pendant and no other button has'],
    [[{ room: 'attic' }], 'buttons.0.room: expected a room of this site'],
    [[{ says: undefined, wearer: 'nobody' }], 'buttons.0.wearer: expected an id under people'],
    [[{ alarm: 'assist', actions: { sos: 'alarm' } }], 'buttons.0.actions: expected alarm: button or cord'],
  ])('%j', (all, message) => {
    expect(buttons(...all).join('\n')).toContain(message)
  })

  it('a pendant with a key has no name, whose presses come unsealed', () => {
    const pendant = { id: 'p', address: ADDRESS, wearer: 'jane', knownTo: [{ receiver: 'x-1', as: 'd' }] }
    const found = (more: object) => problems(of(zigbee, { pendants: [{ ...pendant, ...more }] })).join('\n')
    expect(found({ key: KEY })).toContain('expected none for a pendant with a key')
    expect(found({})).toContain('expected bthome with allowPlain: true beside it')
    expect(found({ bthome: { allowPlain: true } })).toBe('')
  })

  it('a receiver is not of two systems', () => {
    const both = of(zigbee)
    const receivers = both.receivers.map(each => ({
      ...each,
      espresense: { rssiAt1m: -59, absorption: 2.7 },
    }))
    expect(problems({ ...both, receivers }).join('\n')).toContain('expected either espresense or foreign')
  })

  it('a topic of ours is nobody else’s', () => {
    expect(Foreign.safeParse({ kind: 'zigbee2mqtt', base: 'tocsin/v1/x-1' }).success).toBe(false)
    expect(Foreign.safeParse({ kind: 'zigbee2mqtt', base: 'a/#' }).success).toBe(false)
    expect(Foreign.safeParse({ kind: 'espruinohub', prefix: '/ble' }).success).toBe(true)
  })
})

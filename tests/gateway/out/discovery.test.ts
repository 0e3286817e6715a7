// What is announced to Home Assistant, held to its own rules as they stand in its sources (homeassistant/components/mqtt/schemas.py,
// discovery.py, sensor.py, binary_sensor.py, abbreviations.py, since 2024.12): what each part must and may have, and the form of topics.
import { expect, it } from 'vitest'
import { z } from 'zod'
import { announceGateway, announcePendant, announceReceiver } from '../../../gateway/out/discovery.ts'
import { Out } from '../../../schemas/site/out.ts'

/** discovery.py, TOPIC_MATCHER. */
const TOPIC = /^homeassistant\/device\/[a-zA-Z0-9_-]+\/[a-zA-Z0-9_-]+\/config$/
/** MQTT_ENTITY_COMMON_SCHEMA and MQTT_RO_SCHEMA, as far as a device's part may say them itself. */
const COMMON = {
  name: z.string(),
  unique_id: z.string(),
  default_entity_id: z.string(),
  state_topic: z.string().regex(/^[^+#]+$/),
  value_template: z.string(),
  expire_after: z.number().int().positive().optional(),
  json_attributes_topic: z.string().optional(),
  json_attributes_template: z.string().optional(),
  enabled_by_default: z.boolean().optional(),
  entity_category: z.enum(['config', 'diagnostic']).optional(),
  icon: z.string().regex(/^mdi:/).optional(),
}
const BinarySensor = z.strictObject({
  ...COMMON,
  platform: z.literal('binary_sensor'),
  // binary_sensor.BinarySensorDeviceClass
  device_class: z.enum(['connectivity', 'problem', 'safety']).optional(),
})
const Sensor = z
  .strictObject({
    ...COMMON,
    platform: z.literal('sensor'),
    // sensor.SensorDeviceClass
    device_class: z.enum(['battery', 'enum', 'timestamp']).optional(),
    unit_of_measurement: z.string().optional(),
    state_class: z.enum(['measurement', 'total', 'total_increasing']).optional(),
    options: z.array(z.string()).min(1).optional(),
  })
  // sensor.py, validate_sensor_state_and_device_class_config.
  .refine(({ options, device_class }) => (options === undefined) === (device_class !== 'enum'))
  .refine(
    ({ options, state_class, unit_of_measurement }) => !options || (!state_class && !unit_of_measurement),
  )
  .refine(
    ({ device_class, unit_of_measurement }) => device_class !== 'battery' || unit_of_measurement === '%',
  )
/** What takes a part back: its platform, and nothing else. */
const Removed = z.strictObject({ platform: z.enum(['sensor', 'binary_sensor']) })

/** DEVICE_DISCOVERY_SCHEMA. */
const Device = z.strictObject({
  device: z.strictObject({
    identifiers: z.array(z.string()).min(1),
    name: z.string(),
    manufacturer: z.string(),
    via_device: z.string().optional(),
    suggested_area: z.string().optional(),
  }),
  origin: z.strictObject({ name: z.string() }),
  availability: z.array(
    z.strictObject({
      topic: z.string(),
      payload_available: z.literal('online'),
      payload_not_available: z.literal('offline'),
    }),
  ),
  components: z.record(z.string(), z.union([Removed, BinarySensor, Sensor])),
})

const all = (out: object) => {
  const of = Out.parse(out)
  return [
    announceGateway(of, 'Northgate'),
    announceReceiver(of, 'r-1', '214 Interview room'),
    announcePendant(of, 'p-07', 'Jane Smith'),
    announcePendant(of, 'p-08', 'Omar Haddad'),
  ]
}

it.each([
  ['as it comes', {}],
  ['with all that may be asked for', { id: 'north-1', names: true, positions: true }],
])('each announcement is as Home Assistant takes it, %s', (_what, out) => {
  for (const { topic, payload } of all(out)) {
    expect(topic).toMatch(TOPIC)
    expect(() => Device.parse(payload)).not.toThrow()
  }
})

it('no two parts have one id, and each device hangs on the gateway', () => {
  const devices = all({}).map(({ payload }) => Device.parse(payload))
  const ids = devices.flatMap(({ components }) =>
    Object.values(components).flatMap(part => ('unique_id' in part ? [part.unique_id] : [])),
  )
  expect(new Set(ids).size).toBe(ids.length)
  const [gateway, ...others] = devices
  for (const { device } of others) expect(device.via_device).toBe(gateway?.device.identifiers[0])
})

it('of another gateway on the same broker nothing has the same topic or id', () => {
  const [here, there] = [all({ id: 'north' }), all({ id: 'south' })].map(each => JSON.stringify(each))
  expect(here?.replaceAll('north', 'south')).toBe(there)
  const topics = (id: string) => all({ id }).map(({ topic }) => topic)
  expect(topics('north').filter(topic => topics('south').includes(topic))).toEqual([])
})

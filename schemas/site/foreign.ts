// Receivers that are not ours: which system one runs, its name in that system's topics, and how it is set there. Buttons that
// such a system knows by a name. What is not written counts as the system is shipped. Contract only.
import { z } from 'zod'
import { Id, Spoken, Text } from '../fields.ts'

/** Topics of ours, of a receiver that another system relays for. */
export const relayTopic = (receiver: string): string => `tocsin/v1/${receiver}/relay`

const Part = z.string().regex(/^[^/+#\s]{1,64}$/, 'expected one part of a topic: no /, +, # and no blanks')
const Topic = z
  .string()
  .max(128)
  .regex(
    /^(?!tocsin(\/|$))\/?[^/+#\s]+(\/[^/+#\s]+)*$/,
    'expected a topic without +, # and blanks that does not begin with tocsin',
  )

export const OpenMqttGateway = z.strictObject({
  kind: z.literal('openmqttgateway').describe('OpenMQTTGateway on an ESP32.'),
  gateway: Part.optional().describe(
    'Its name, as it stands in its topics: home/<gateway>/BTtoMQTT/…. Without it: the id of the receiver.',
  ),
  base: Topic.default('home').describe('What stands before its name in its topics.'),
  pubadvdata: z
    .boolean()
    .default(false)
    .describe('Whether pubadvdata is on there. Without it no alarm of a pendant that seals comes through.'),
  adaptivescan: z
    .boolean()
    .default(true)
    .describe('Whether adaptivescan is on there: it then chooses by itself how often it listens.'),
  intervalMs: z
    .number()
    .int()
    .min(0)
    .max(3_600_000)
    .default(55_555)
    .describe('interval and intervalacts there: how long it is deaf between two scans.'),
  scanMs: z.number().int().min(100).max(60_000).default(10_000).describe('scanduration there.'),
})

export const TheengsGateway = z.strictObject({
  kind: z.literal('theengs').describe('Theengs gateway on a Linux box.'),
  topic: Topic.default('home/TheengsGateway').describe('Its topic, before /BTtoMQTT/<address>.'),
  publishAll: z
    .boolean()
    .default(true)
    .describe('publish_all there: without it no alarm of a pendant that seals comes through.'),
  publishAdvdata: z
    .boolean()
    .default(false)
    .describe('publish_advdata there: without it a BLU button that seals is not heard.'),
  scanPauseSeconds: z
    .number()
    .min(0)
    .max(3_600)
    .default(5)
    .describe('ble_time_between_scans there: how long it is deaf between two scans.'),
})

export const EspruinoHub = z.strictObject({
  kind: z.literal('espruinohub').describe('EspruinoHub.'),
  prefix: Topic.default('/ble').describe('mqtt_prefix there.'),
  serviceData: z
    .boolean()
    .default(false)
    .describe('mqtt_advertise_service_data there: without it no alarm comes through.'),
})

/** What runs on a Shelly. `none`: the firmware's own events of BTHome devices that it was paired with. */
export const ShellyScript = z.enum([
  'none',
  'tocsin',
  'raw',
  'ble-shelly-blu',
  'ble-pasv-mqtt-gw',
  'universal-blu-to-mqtt',
  'blu-gateway-bthome-to-mqtt',
])

export const Shelly = z.strictObject({
  kind: z.literal('shelly').describe('A Shelly.'),
  prefix: Topic.optional().describe('Its MQTT prefix. Without it: the id of the receiver.'),
  script: ShellyScript.default('none').describe(
    'What runs on it: none (the events of its firmware), tocsin (gateway/receivers/foreign/shelly), raw (m-schaeffler’s ShellyBlu), or one of Shelly’s examples.',
  ),
  topic: Topic.default('node-red/bleraw').describe('Only for script raw: where it publishes.'),
})

export const Tasmota = z.strictObject({
  kind: z.literal('tasmota').describe('Tasmota on an ESP32.'),
  topic: Part.optional().describe('Its topic, as in tele/<topic>/BLE. Without it: the id of the receiver.'),
  prefix: Topic.default('tele').describe('What stands before that: Prefix3 there.'),
  details: z
    .union([z.literal(0), z.literal(3), z.literal(4)])
    .default(0)
    .describe('BLEDetails there: 3 or 4, by a rule at each boot, since it is not kept.'),
  addrFilter: z
    .number()
    .int()
    .min(0)
    .max(3)
    .default(0)
    .describe('BLEAddrFilter there: with 0 it drops every pendant of ours. Set 1.'),
})

export const HomeAssistant = z.strictObject({
  kind: z.literal('homeassistant').describe('Home Assistant, whose automations pass presses on.'),
})

export const Zigbee2Mqtt = z.strictObject({
  kind: z.literal('zigbee2mqtt').describe('Zigbee2MQTT: SOS buttons and pull cords.'),
  base: Topic.default('zigbee2mqtt').describe('base_topic there.'),
})

/** A receiver or relay of another system, taken as it is. */
export const Foreign = z.discriminatedUnion('kind', [
  OpenMqttGateway,
  TheengsGateway,
  EspruinoHub,
  Shelly,
  Tasmota,
  HomeAssistant,
  Zigbee2Mqtt,
])

export const KnownTo = z.strictObject({
  receiver: Id.describe('The id of the receiver that tells of it.'),
  as: z
    .string()
    .min(1)
    .max(128)
    .describe(
      'Its name there: bthomedevice:200 at a Shelly, the friendly name at Zigbee2MQTT, the device or the entity at Home Assistant.',
    ),
})
const knownTo = z.array(KnownTo).min(1).max(16)
export const KnownToList = knownTo
  .optional()
  .describe('As whom other systems know it that do not pass on its address. What they say is not sealed.')

export const ActionMeans = z.enum(['alarm', 'assist', 'none'])

/** A button without a Bluetooth address: a Zigbee SOS button, a pull cord, whatever another system calls by a name. */
export const Button = z
  .strictObject({
    id: Id.describe('What incidents call the button.'),
    knownTo: knownTo.describe('Which receivers tell of it, and as whom.'),
    wearer: Id.optional().describe('The id of the person who has it.'),
    says: Spoken.optional().describe('What people are told in place of a name: "Pull cord, toilet 214".'),
    room: Id.optional().describe('The id of the room that it hangs in.'),
    alarm: z.enum(['cord', 'button', 'assist']).default('button').describe('What an alarm of it is.'),
    actions: z
      .record(z.string().min(1).max(64), ActionMeans)
      .default({})
      .describe(
        'What its actions mean, in the words of its system: { double: assist, off: none }. What is not named is an alarm, but for a release.',
      ),
    isWallSwitch: z
      .boolean()
      .default(false)
      .describe('A Shelly BLU Wall Switch 4: it says hold before each press, and its hold alone is none.'),
    resets: z
      .boolean()
      .default(true)
      .describe(
        'Only where it says sos: true and no action: whether it says false again by itself. Without that each true is a press.',
      ),
    note: Text.max(200).optional().describe('For whoever comes.'),
  })
  .refine(({ wearer, says }) => (wearer === undefined) !== (says === undefined), {
    message: 'expected either wearer, the id of a person, or says, what people are told',
  })
export const Buttons = z
  .array(Button)
  .default([])
  .describe('Buttons and pull cords that another system knows by a name. Their alarms are marked unverified.')

export type Foreign = z.infer<typeof Foreign>
export type Shelly = z.infer<typeof Shelly>
export type Button = z.infer<typeof Button>
export type KnownTo = z.infer<typeof KnownTo>

// The site file: one YAML document that says what the building is, who wears what, and who is called.
// Contract only; gateway/site/read.ts reads the file and says file, line, what was expected and what came.
import { z } from 'zod'
import { Id, Spoken, Text } from './fields.ts'
import { IBeacon } from './ibeacon.ts'
import { Address } from './report.ts'
import { ExternalBroker, Mqtt } from './site/broker.ts'
import { Buttons, Foreign, KnownToList } from './site/foreign.ts'
import { Out } from './site/out.ts'
import { paging } from './site/paging.ts'
import { hasPlainDigits } from './text.ts'

const Coordinate = z.number().min(-100_000).max(100_000)

export const Room = z.strictObject({
  id: Id.describe('What the rest of this file calls the room. Never shown, never spoken.'),
  number: Text.trim()
    .min(1)
    .max(16)
    .refine(hasPlainDigits, 'expected a number as on the door, in the digits 0 to 9 and ordinary letters')
    .describe('The number as on the door, in quotes. Spoken digit by digit: "room 2 1 4".'),
  name: Spoken.optional().describe('What people call it: "Interview room A".'),
  adjacent: z
    .array(Id.describe('The id of a room.'))
    .default([])
    .describe('The rooms that one can step into from here. Written once, a door counts both ways.'),
  alsoOn: z
    .array(Id.describe('The id of a floor of the same building.'))
    .min(1)
    .max(64)
    .optional()
    .describe('Other floors of the same building that it is on as well: a stairwell, an atrium, a lift.'),
  note: Text.max(200)
    .optional()
    .describe('For whoever comes: "door locked from outside, the custody officer holds the key".'),
})

export const Floor = z.strictObject({
  id: Id.describe('What the rest of this file calls the floor.'),
  name: Spoken.describe('As people call it: "Second floor".'),
  rooms: z.array(Room).min(1).describe('The rooms of this floor.'),
})
export const Building = z.strictObject({
  id: Id.describe('What the rest of this file calls the building.'),
  name: Spoken.describe('As people call it. It is spoken on every call, before the room.'),
  floors: z.array(Floor).min(1).describe('The floors of this building.'),
})

/** A receiver that runs ESPresense: it tells where a pendant may be, and never of an alarm. */
export const EspresenseNode = z.strictObject({
  node: z
    .string()
    .regex(/^[a-z0-9_-]{1,64}$/, 'expected the node as it stands in its topics: a-z, 0-9, _ and -')
    .optional()
    .describe(
      'The room of the node as a slug, as it stands in its topics: espresense/rooms/<node>. Without it: the id of the receiver.',
    ),
  rssiAt1m: z
    .number()
    .min(-100)
    .max(0)
    .default(-59)
    .describe(
      'The level in dBm that the node expects at one metre. Used only where the node tells a distance and no level.',
    ),
  absorption: z
    .number()
    .min(1)
    .max(5)
    .default(2.7)
    .describe(
      'How fast the level falls with distance, as the node is set. Used only where it tells a distance and no level.',
    ),
})

export const Receiver = z.strictObject({
  id: Id.describe('The id of the receiver, and the user name of its account on the broker.'),
  room: Id.describe('The id of the room that it hangs in.'),
  password: z
    .string()
    .min(8)
    .max(128)
    .optional()
    .describe(
      'The password of its account on the broker, in plain text. Better left out: tocsin account makes accounts, and keeps hashes beside this file.',
    ),
  radio: z
    .string()
    .regex(/^(hci\d{1,2}|\/[\w./:-]{1,120})$/, 'expected an adapter like hci0, or a device like /dev/ttyACM0')
    .optional()
    .describe(
      'Only for a radio of the gateway’s own machine: hci0, or a serial device that speaks H4. It has no account and no password.',
    ),
  at: z
    .tuple([
      Coordinate.describe('Metres along the plan.'),
      Coordinate.describe('Metres across the plan.'),
      Coordinate.describe('Metres above the floor.'),
    ])
    .optional()
    .describe('Where it hangs, in metres on the plan of its floor: x, y, height.'),
  atDoorTo: Id.optional().describe(
    'It hangs in the doorway between its own room and this one, and hears both with no wall between.',
  ),
  espresense: EspresenseNode.optional().describe(
    'Only for a node of ESPresense. It hints at rooms and never raises an alarm.',
  ),
  foreign: Foreign.optional().describe(
    'Only for a gateway of another system, taken as it is: which one, and how it is set there.',
  ),
})

export const Person = z.strictObject({
  id: Id.describe('What the rest of this file calls the person.'),
  name: Spoken.describe('The full name, as it is spoken first on every call.'),
})

/** What a press of a button that is not ours comes to. */
export const PressKind = z.enum(['button', 'assist', 'okay', 'none'])

/** A BTHome v2 button that is not ours. What nobody gave another meaning is an alarm. */
export const Bthome = z.strictObject({
  allowPlain: z
    .boolean()
    .default(false)
    .describe(
      'Whether it may speak in plaintext. Anybody can send that, so its alarms are marked unverified. Never with a key.',
    ),
  press: PressKind.default('button').describe('What one short press means.'),
  double: PressKind.default('button').describe('What a double press means.'),
  triple: PressKind.default('button').describe('What a triple press means.'),
  long: PressKind.default('button').describe(
    'What a long press means; also a long double and a long triple press.',
  ),
  hold: PressKind.default('button').describe('What holding the button means.'),
  isOldShelly: z
    .boolean()
    .default(false)
    .describe('Its firmware is an old one of Shelly, which says 0xFE where the format has 0x80 for a hold.'),
  isWallSwitch: z
    .boolean()
    .default(false)
    .describe('A Shelly BLU Wall Switch 4: it says hold before each press, and its hold alone is none.'),
  buttons: z
    .array(z.number().int().min(1).max(16))
    .min(1)
    .optional()
    .describe('The buttons that mean something; the first is 1. Without it all of them do.'),
})

export const Pendant = z.strictObject({
  id: Id.describe('The id of the pendant, as on its label.'),
  address: Address.describe('Its Bluetooth address, as printed: c7:f9:36:dd:b0:ca.'),
  key: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'expected 32 lower-case hexadecimal digits')
    .optional()
    .describe(
      'Its AES-128 key, 32 hexadecimal digits. Without one only plaintext is heard, and its alarms are marked unverified.',
    ),
  wearer: Id.describe('The id of the person who wears it.'),
  iBeacon: IBeacon.optional().describe(
    'The iBeacon identity that it airs, for ESPresense. Anybody can follow that identity; no alarm comes of it.',
  ),
  bthome: Bthome.optional().describe('Only for a BTHome button that is not ours: what its presses mean.'),
  espresense: z
    .string()
    .regex(/^[^/+#\s]{1,96}$/, 'expected an id as it stands in a topic: iBeacon:<uuid>-<major>-<minor>')
    .optional()
    .describe(
      'As whom ESPresense nodes hear it, as it stands in their topics: iBeacon:<uuid>-<major>-<minor>, or an alias.',
    ),
  knownTo: KnownToList,
})

export const Site = z.strictObject({
  site: Spoken.describe('The name of the site, as the desk shows it.'),
  buildings: z.array(Building).min(1).describe('The buildings with their floors and rooms.'),
  receivers: z.array(Receiver).min(1).describe('The fixed radios that hear the pendants.'),
  people: z.array(Person).min(1).describe('Who wears a pendant.'),
  pendants: z.array(Pendant).describe('The pendants, and who wears which.'),
  buttons: Buttons,
  broker: ExternalBroker.optional().describe(
    'A broker of your own, in place of the one in the gateway: receivers come in there, and its accounts and ACL count.',
  ),
  mqtt: Mqtt.prefault({}).describe('How receivers come in to the broker of the gateway.'),
  out: Out.optional().describe(
    'What other systems are told by MQTT: incidents, health, receivers and pendants. Nothing without it.',
  ),
  ...paging,
})

export type Room = z.infer<typeof Room>
export type EspresenseNode = z.infer<typeof EspresenseNode>
export type Building = z.infer<typeof Building>
export type Receiver = z.infer<typeof Receiver>
export type PressKind = z.infer<typeof PressKind>
export type Bthome = z.infer<typeof Bthome>
export type Pendant = z.infer<typeof Pendant>
export type Person = z.infer<typeof Person>
export type Site = z.infer<typeof Site>

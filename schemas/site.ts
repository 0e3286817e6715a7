// The site file: one YAML document that says what the building is, who wears what, and who is called.
// Contract only; gateway/site.ts reads the file and says file, line, what was expected and what came.
import { z } from 'zod'
import { IBeacon } from './ibeacon.ts'
import { Address } from './report.ts'

const Id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'expected an id of a-z, 0-9 and -, at most 32 characters')
const Spoken = z.string().trim().min(1).max(80)
const Phone = z.string().regex(/^[0-9*#+]{1,20}$/, 'expected a telephone number of digits, * # +, in quotes')

export const Room = z.strictObject({
  id: Id,
  /** As on the door; spoken digit by digit: "room 2 1 4". */
  number: z.string().trim().min(1).max(16),
  name: Spoken.optional(),
  adjacent: z.array(Id).default([]),
  /** Other floors of the same building that it is on as well: a stairwell, an atrium, a lift. */
  alsoOn: z.array(Id).min(1).max(64).optional(),
  /** For the responder: "door locked from outside, custody officer holds the key". */
  note: z.string().max(200).optional(),
})

export const Floor = z.strictObject({ id: Id, name: Spoken, rooms: z.array(Room).min(1) })
export const Building = z.strictObject({ id: Id, name: Spoken, floors: z.array(Floor).min(1) })

/** A receiver that runs ESPresense: it tells where a pendant may be, and never of an alarm. */
export const EspresenseNode = z.strictObject({
  /** Its room as a slug, as it stands in its topics: espresense/rooms/<node>. The receiver's id where it is left out. */
  node: z
    .string()
    .regex(/^[a-z0-9_-]{1,64}$/, 'expected the node as it stands in its topics: a-z, 0-9, _ and -')
    .optional(),
  /**
   * How strong it takes a pendant to be at one metre, and how fast it fades (its settings; the defaults are those of an
   * iBeacon and of its firmware): only used where it tells a distance and no level.
   */
  rssiAt1m: z.number().min(-100).max(0).default(-59),
  absorption: z.number().min(1).max(5).default(2.7),
})

export const Receiver = z.strictObject({
  id: Id,
  room: Id,
  /** Its account on the broker; the user name is its id. */
  password: z.string().min(8).max(128),
  /** Metres on the plan: x, y, height. */
  at: z.tuple([z.number(), z.number(), z.number()]).optional(),
  /** It hangs in the doorway between its own room and this one, and hears both with no wall between. */
  atDoorTo: Id.optional(),
  espresense: EspresenseNode.optional(),
})

export const Person = z.strictObject({ id: Id, name: Spoken })

/** What a press of a button that is not ours comes to. */
export const PressKind = z.enum(['button', 'assist', 'okay', 'none'])

/** A BTHome v2 button that is not ours. What nobody gave another meaning is an alarm. */
export const Bthome = z.strictObject({
  /** Whether it may speak in plaintext: anybody can send that, and its alarms are marked unverified. Never with a key. */
  allowPlain: z.boolean().default(false),
  press: PressKind.default('button'),
  double: PressKind.default('button'),
  triple: PressKind.default('button'),
  /** Also a long double and a long triple press. */
  long: PressKind.default('button'),
  hold: PressKind.default('button'),
  /** Its firmware is an old one of Shelly's, which says 0xFE where the format has 0x80 for a hold. */
  isOldShelly: z.boolean().default(false),
  /** The buttons that mean something, the first being 1. Without it all of them do. */
  buttons: z.array(z.number().int().min(1).max(16)).min(1).optional(),
})

export const Pendant = z.strictObject({
  id: Id,
  address: Address,
  /** AES-128 key, 32 hexadecimal digits. Without one only plaintext is heard, and its alarms are marked unverified. */
  key: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'expected 32 lower-case hexadecimal digits')
    .optional(),
  wearer: Id,
  /** Where the site chose that it airs one, for ESPresense, which calls it by this after "iBeacon:". No alarm comes of it. */
  iBeacon: IBeacon.optional(),
  /** Only for one that is not ours. */
  bthome: Bthome.optional(),
  /** As whom ESPresense nodes hear it, as it stands in their topics: iBeacon:<uuid>-<major>-<minor>, or an alias given there. */
  espresense: z
    .string()
    .regex(/^[^/+#\s]{1,96}$/, 'expected an id as it stands in a topic: iBeacon:<uuid>-<major>-<minor>')
    .optional(),
})

export const Telephone = z.strictObject({
  number: Phone,
  name: Spoken,
  /** Reception has a queue: it can be told too, never alone. */
  role: z.enum(['security', 'reception', 'person', 'receiving-centre']),
})

export const Target = z.strictObject({ channel: z.enum(['sip']), to: Phone })

export const Step = z.strictObject({
  /** All targets of a step are paged at once. */
  targets: z.array(Target).min(1).max(16),
  /** How often each target is tried in this step before the next step. */
  attempts: z.number().int().min(1).max(20).default(3),
  /** How long it may ring before it counts as no answer. */
  ringSeconds: z.number().min(1).max(120).default(20),
  /** How long an answered call may go on without the key before it counts as no answer (voicemail answers too). */
  talkSeconds: z.number().min(1).max(300).default(45),
  /** Pause between a failed attempt and the next. */
  pauseSeconds: z.number().min(0).max(300).default(3),
})

export const Policy = z.strictObject({
  id: Id,
  steps: z.array(Step).min(1).max(16),
  /** After so many times through all steps with nobody answering, the loud technical alarm. */
  rounds: z.number().int().min(1).max(20).default(2),
  /** And then the whole ladder again each so often, until a human answers. It never gives up. */
  onwardSeconds: z.number().min(5).max(600).default(30),
})

export const Sip = z.strictObject({
  /** The PBX, or a phone that takes calls directly. */
  server: z.string().regex(/^[a-z0-9.:[\]-]+$/i, 'expected a host name or address'),
  port: z.number().int().min(1).max(65_535).default(5060),
  transport: z.enum(['tcp', 'tls', 'udp']).default('tcp'),
  /** The gateway's own extension there. */
  user: z.string().min(1).max(64),
  password: z.string().max(128).optional(),
  /** Whether the PBX wants us registered before we may call. */
  register: z.boolean().default(false),
  /**
   * What proves that a telephone can be called: an OPTIONS to the telephone itself, as without this, or, where the exchange
   * answers none for its extensions, only that the exchange answers.
   */
  probe: z.enum(['telephones', 'exchange']).optional(),
  /** Whose name the telephone shows. */
  displayName: Spoken.default('Personal alarm'),
})

export const Speech = z.strictObject({
  voice: z
    .string()
    .regex(/^[a-z-]{2,20}$/)
    .default('en-gb'),
  wordsPerMinute: z.number().int().min(80).max(300).default(150),
})

export const Site = z.strictObject({
  site: Spoken,
  buildings: z.array(Building).min(1),
  receivers: z.array(Receiver).min(1),
  people: z.array(Person).min(1),
  pendants: z.array(Pendant),
  telephones: z.array(Telephone).min(1),
  policies: z.array(Policy).min(1),
  /** The policy that an alarm follows. */
  policy: Id,
  sip: Sip,
  speech: Speech.prefault({}),
})

export type Room = z.infer<typeof Room>
export type EspresenseNode = z.infer<typeof EspresenseNode>
export type Building = z.infer<typeof Building>
export type Receiver = z.infer<typeof Receiver>
export type PressKind = z.infer<typeof PressKind>
export type Bthome = z.infer<typeof Bthome>
export type Pendant = z.infer<typeof Pendant>
export type Person = z.infer<typeof Person>
export type Telephone = z.infer<typeof Telephone>
export type Target = z.infer<typeof Target>
export type Step = z.infer<typeof Step>
export type Policy = z.infer<typeof Policy>
export type Sip = z.infer<typeof Sip>
export type Speech = z.infer<typeof Speech>
export type Site = z.infer<typeof Site>

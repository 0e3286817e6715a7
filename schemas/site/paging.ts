// Whom an alarm reaches and how, as the site file says it: the channels, their targets, the policies, and each channel's settings.
import { z } from 'zod'
import { Id, Spoken } from '../fields.ts'
import { isHost, isSipName, isSipText } from '../text.ts'

const Phone = z.string().regex(/^[0-9*#+]{1,20}$/, 'expected a telephone number of digits, * # +, in quotes')

export const Telephone = z.strictObject({
  number: Phone.describe('The number as the exchange knows it, in quotes.'),
  name: Spoken.describe('Whose telephone it is: "Security desk".'),
  role: z
    .enum(['security', 'reception', 'person', 'receiving-centre'])
    .describe('Who answers it. Reception has a queue: it can be called too, never alone.'),
})

/** The ways to reach people. */
const CHANNEL_NAMES = ['sip'] as const
/**
 * What every channel is, whatever it sends. `isCall`: it rings, somebody answers it and presses a key. `list` says where the
 * addresses of its targets stand in the file, `address` what one of them is called.
 */
export const CHANNELS: Readonly<Record<(typeof CHANNEL_NAMES)[number], ChannelShape>> = {
  sip: { isCall: true, list: 'a number under telephones', address: 'telephone number' },
}
export type ChannelShape = { isCall: boolean; list: string; address: string }

export const Target = z.strictObject({
  channel: z.enum(CHANNEL_NAMES).describe('How it is reached.'),
  to: Phone.describe('A number under telephones.'),
})

export const Step = z.strictObject({
  targets: z.array(Target).min(1).max(16).describe('Whom to page. All of a step are paged at once.'),
  attempts: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe('How often each target is tried before the next step.'),
  ringSeconds: z
    .number()
    .min(1)
    .max(120)
    .default(20)
    .describe('How long it may ring before it counts as no answer.'),
  talkSeconds: z
    .number()
    .min(1)
    .max(300)
    .default(45)
    .describe(
      'How long an answered call may go on without a key before it counts as no answer: voicemail answers too.',
    ),
  pauseSeconds: z
    .number()
    .min(0)
    .max(300)
    .default(3)
    .describe('Pause between a failed attempt and the next.'),
})

export const Policy = z.strictObject({
  id: Id.describe('What the rest of this file calls the policy.'),
  steps: z.array(Step).min(1).max(16).describe('Who is called, one step after the other.'),
  rounds: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(2)
    .describe('After so many times through all steps with nobody answering, the loud technical alarm.'),
  onwardSeconds: z
    .number()
    .min(5)
    .max(600)
    .default(30)
    .describe('And then all steps again each so often, until a human answers. It never gives up.'),
})

export const Sip = z.strictObject({
  server: z
    .string()
    .max(255)
    .refine(
      isHost,
      'expected a host name or address alone, such as pbx.example, 192.0.2.5 or [2001:db8::5]: no "sip:", and the port stands in sip.port',
    )
    .describe(
      'The exchange, or a telephone that takes calls directly: a host name, an address, or [an IPv6 address].',
    ),
  port: z.number().int().min(1).max(65_535).default(5060).describe('Its port for SIP.'),
  transport: z
    .enum(['tcp', 'tls', 'udp'])
    .default('tcp')
    .describe('How it is spoken to: tcp or tls. udp is refused for now: a lost packet would be a lost page.'),
  user: z
    .string()
    .min(1)
    .max(64)
    .refine(isSipName, 'expected the extension alone, without blanks, quotes or invisible characters')
    .describe('The extension of the gateway itself.'),
  password: z
    .string()
    .max(128)
    .optional()
    .describe('The password of that extension, where the exchange asks for one.'),
  register: z
    .boolean()
    .default(false)
    .describe('Whether the exchange wants us registered before we may call.'),
  probe: z
    .enum(['telephones', 'exchange'])
    .optional()
    .describe(
      'What proves that a telephone can be called: an OPTIONS to the telephone itself (telephones, the default), or, where the exchange answers none for its extensions, only that the exchange answers.',
    ),
  displayName: Spoken.refine(isSipText, 'expected a name without quotes and backslashes')
    .default('Personal alarm')
    .describe('Whose name the telephone shows while it rings.'),
})

export const Speech = z.strictObject({
  voice: z
    .string()
    .regex(/^[a-z-]{2,20}$/)
    .default('en-gb')
    .describe('The voice, as espeak-ng calls it.'),
  wordsPerMinute: z.number().int().min(80).max(300).default(150).describe('How fast it speaks.'),
})

/** These fields of the site file. */
export const paging = {
  telephones: z.array(Telephone).min(1).describe('The telephones that a policy may call.'),
  policies: z.array(Policy).min(1).describe('Who is called, in which order, how long and how often.'),
  policy: Id.describe('The id of the policy that an alarm follows.'),
  sip: Sip.describe('The telephone exchange.'),
  speech: Speech.prefault({}).describe('The voice on the telephone.'),
}

export type Telephone = z.infer<typeof Telephone>
export type Target = z.infer<typeof Target>
export type Step = z.infer<typeof Step>
export type Policy = z.infer<typeof Policy>
export type Sip = z.infer<typeof Sip>
export type Speech = z.infer<typeof Speech>

/** Somebody whom a policy may page, by the channel and the address there. */
export type Listed = { channel: string; address: string; name: string; role: Telephone['role'] }

/** All of them, with where their addresses stand in the file. A channel that has a list of its own adds it here. */
export const listedIn = (site: {
  telephones: readonly Telephone[]
}): (Listed & { path: readonly (string | number)[] })[] =>
  site.telephones.map(({ number, name, role }, i) => ({
    channel: 'sip',
    address: number,
    name,
    role,
    path: ['telephones', i, 'number'],
  }))

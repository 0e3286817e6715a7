// The way in for receivers, as the site file says it: TLS on the gateway's own broker, or a broker outside in its place.
import { z } from 'zod'
import { Text } from '../fields.ts'

const File = Text.min(1).max(1_024)

export const Tls = z.strictObject({
  cert: File.describe(
    'The file of the certificate and those between it and its authority (PEM). From the folder of this file on. Taken up by itself when it is renewed.',
  ),
  key: File.describe('The file of its private key (PEM), without a password. For the gateway’s user alone.'),
  port: z
    .number()
    .int()
    .min(1)
    .max(65_535)
    .default(8883)
    .describe('Where receivers come in over TLS, on the address of --mqtt.'),
})

export const Mqtt = z
  .strictObject({
    tls: Tls.optional().describe('Receivers may come in over TLS.'),
    plain: z
      .boolean()
      .default(true)
      .describe(
        'Whether they may also come in without TLS, on --mqtt: passwords and presses are readable on the way then.',
      ),
  })
  .refine(({ tls, plain }) => plain || tls !== undefined, 'expected tls, plain: true, or both')

/** One broker for receivers that is not the gateway's own. */
export const ExternalBroker = z.strictObject({
  url: z
    .string()
    .max(512)
    .regex(/^mqtts?:\/\/[^/\s@?#]+$/, 'expected mqtt://HOST:PORT or mqtts://HOST:PORT, and nothing after it')
    .describe('Where it is: mqtt://HOST:PORT, or mqtts://HOST:PORT for TLS.'),
  username: Text.min(1).max(128).optional().describe('The account of the gateway there.'),
  password: z.string().min(1).max(128).optional().describe('Its password; or passwordFile.'),
  passwordFile: File.optional().describe(
    'The file with its password alone. From the folder of this file on.',
  ),
  ca: File.optional().describe(
    'The certificate of its authority (PEM), where it is not one of the system’s.',
  ),
  clientId: z
    .string()
    .regex(/^[a-z0-9-]{1,23}$/, 'expected a client id of a-z, 0-9 and -, at most 23 characters')
    .default('tocsin-gateway')
    .describe(
      'Under which the gateway is known there, and under this and each receiver’s id what comes while it is away is kept. No other client may have these.',
    ),
})

/** Where the gateway says whether it is there, and hears from itself: brokers of several have only this one. */
export const GATEWAY_ID = 'gateway'
export const GATEWAY_STATUS_TOPIC = `tocsin/v1/${GATEWAY_ID}/status`
/** For each receiver one of its own. */
export const markTopicOf = (receiver: string): string => `tocsin/v1/${GATEWAY_ID}/mark/${receiver}`

export type ExternalBroker = z.infer<typeof ExternalBroker>
export type Tls = z.infer<typeof Tls>
export type Mqtt = z.infer<typeof Mqtt>

// The way in for receivers, as the site file says it: TLS on the gateway's own broker.
import { z } from 'zod'
import { Text } from './fields.ts'

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

export type Tls = z.infer<typeof Tls>
export type Mqtt = z.infer<typeof Mqtt>

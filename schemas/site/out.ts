// What other systems are told by MQTT, as the site file says it. Nothing is told where it is left out, and nothing of where idle people
// are unless `positions` is set.
import { z } from 'zod'
import { Id } from '../fields.ts'

export const Out = z.strictObject({
  id: Id.default('gateway').describe(
    'What this gateway is called in the topics and in Home Assistant. Another for each gateway that is on one broker.',
  ),
  homeAssistant: z
    .boolean()
    .default(true)
    .describe(
      'Whether it is announced to Home Assistant (MQTT discovery), which then has it without being set.',
    ),
  discoveryPrefix: z
    .string()
    .max(64)
    .regex(
      /^(?!tocsin(\/|$))[^/+#\s$][^/+#\s]*(\/[^/+#\s]+)*$/,
      'expected a topic without +, # and blanks that does not begin with tocsin',
    )
    .default('homeassistant')
    .describe('The discovery prefix as it is set in Home Assistant.'),
  names: z
    .boolean()
    .default(false)
    .describe(
      'Whether pendants are told with the names of their wearers, and faults with the names of people. Who has an open alarm is named always.',
    ),
  positions: z
    .boolean()
    .default(false)
    .describe(
      'Whether it is told where people are who have not asked for help. Whoever reads it can follow each of them from room to room.',
    ),
})

export type Out = z.infer<typeof Out>

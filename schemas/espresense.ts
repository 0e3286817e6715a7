// What ESPresense nodes say over MQTT, as far as we listen. Theirs, not ours: what we do not know of is left unread.
// espresense/devices/<id>/<node> (QoS 0) · espresense/rooms/<node>/status online|offline · …/telemetry (each 15 s).
import { z } from 'zod'

export const ESPRESENSE = 'espresense'
export const nodeStatusTopic = (node: string): string => `${ESPRESENSE}/rooms/${node}/status`
export const nodeTelemetryTopic = (node: string): string => `${ESPRESENSE}/rooms/${node}/telemetry`
export const deviceTopic = (device: string, node: string): string => `${ESPRESENSE}/devices/${device}/${node}`

/** The longest distance that means anything; the node's own bound is 100 m (ESPresense, `max_distance`). */
const DISTANCE_MAX_M = 1_000

/** Null is absent; so is a level that can be none, where another of the fields tells of the distance. */
const Level = z
  .number()
  .nullish()
  .transform(level => (level != null && level >= -127 && level <= 20 ? level : undefined))

/**
 * A node heard a device: its filtered level in dBm, less the node's own correction, or, from old and foreign nodes, no more
 * than the distance it made of that: 10^((rssi@1m - rssi) / (10 absorption)).
 */
export const EspresenseReading = z
  .object({
    rssi: Level,
    distance: z
      .number()
      .min(0)
      .max(DISTANCE_MAX_M)
      .nullish()
      .transform(distance => distance ?? undefined),
    'rssi@1m': Level,
  })
  .refine(({ rssi, distance }) => rssi !== undefined || distance !== undefined, 'expected rssi or distance')
export type EspresenseReading = z.infer<typeof EspresenseReading>

// What a receiver publishes over MQTT and what it is told to broadcast. Contracts only.
// Topics: tocsin/v1/<receiver>/reports (QoS 1) · …/status (retained, last will) · …/beacon (retained, from the gateway).
import { z } from 'zod'

export const TOPIC_PREFIX = 'tocsin/v1'
export const topicOf = (receiver: string, leaf: 'reports' | 'status' | 'beacon'): string =>
  `${TOPIC_PREFIX}/${receiver}/${leaf}`

/**
 * The longest message that a gateway reads. Of a longer one it reads what stands in so much of it. Room for a full batch of
 * extended advertisements: 500 of 255 bytes each are 300 KB.
 */
export const PAYLOAD_BYTES_MAX = 524_288
/** What a receiver is to keep to. A gateway reads a longer batch too. */
export const REPORTS_PER_BATCH_MAX = 500
/** A week. An alarm that comes late is one, however late: what is older is told as being so old. */
export const REPORT_AGE_MS_MAX = 604_800_000

/** A Bluetooth address as printed, lower case with colons: c7:f9:36:dd:b0:ca. */
export const Address = z
  .string()
  .regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/, 'expected an address like c7:f9:36:dd:b0:ca')

/** One receiver heard one advertisement, as a receiver is to say it. What a gateway makes of less is `HeardReport`. */
export const Report = z.strictObject({
  address: Address,
  /** Received signal strength in dBm, as the HCI gives it; left out where it has none (127). */
  rssiDbm: z.number().min(-128).max(20).optional(),
  /** The whole advertising data, AD structures as hex. */
  data: z
    .string()
    .max(510)
    .regex(/^([0-9a-f]{2})*$/, 'expected lower-case hex'),
  /**
   * How long before publishing it was heard, in ms, by the receiver's own steady clock; left out where it no longer knows, since
   * its machine was started anew meanwhile.
   */
  ageMs: z.number().int().min(0).max(REPORT_AGE_MS_MAX).optional(),
})
export type Report = z.infer<typeof Report>

export const ReportBatch = z.strictObject({
  v: z.literal(1),
  reports: z.array(Report).max(REPORTS_PER_BATCH_MAX),
})
export type ReportBatch = z.infer<typeof ReportBatch>

/**
 * What a gateway has read of a report, whoever wrote it. `rssiDbm` null: the receiver had no level, or none that can be.
 * `ageMs` null: it does not say when it heard this.
 */
export type HeardReport = {
  address: string
  data: string
  /** What the data are where the pendant's key does not open them as they are: a system told less than all of them. */
  orData?: string
  rssiDbm: number | null
  ageMs: number | null
}

/**
 * Retained, from the gateway: the newest row of its journal. A receiver remembers the newest it was ever told and says it in its
 * heartbeats, so that a journal which lost its tail shows. Newer: a higher edition, or in the same one a higher row.
 */
export const JOURNAL_TOPIC = `${TOPIC_PREFIX}/gateway/journal`
export const JournalEnd = z.strictObject({
  edition: z.number().int().min(1).max(1_000_000_000),
  seq: z.number().int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
})
export type JournalEnd = z.infer<typeof JournalEnd>
export const isNewerEnd = (end: JournalEnd, than: JournalEnd): boolean =>
  end.edition === than.edition ? end.seq > than.seq : end.edition > than.edition

/**
 * `deaf`: hears nothing at all; `gone`: not there; `refused`: there, and cannot be used; `mute`: hears and cannot broadcast;
 * `starting`: not yet told.
 */
export const RadioKind = z.enum(['starting', 'listening', 'deaf', 'gone', 'refused', 'restarting', 'mute'])
export type RadioKind = z.infer<typeof RadioKind>
export const REASON_LENGTH_MAX = 300

/** Heartbeat (each HEARTBEAT_MS) and last will. Counters are since the receiver started. */
export const HEARTBEAT_MS = 10_000
export const ReceiverStatus = z.discriminatedUnion('status', [
  z.strictObject({
    v: z.literal(1),
    status: z.literal('online'),
    uptimeMs: z.number().int().min(0),
    heard: z.number().int().min(0),
    published: z.number().int().min(0),
    dropped: z.number().int().min(0),
    /** The newest end of the gateway's journal that it was ever told. */
    journal: JournalEnd.optional(),
    /** How its radio is; left out where it cannot know. With anything but `listening`, why in plain words. */
    radio: RadioKind.optional(),
    radioWhy: z.string().max(REASON_LENGTH_MAX).optional(),
    /** Reports that wait for a PUBACK, or to be published. */
    waiting: z.number().int().min(0).optional(),
    /**
     * Fresh frames on its disk; `fault`: why it keeps none; `unread`: where frames of an earlier process lie that it cannot read. Both
     * in plain words. Left out where it has no such place.
     */
    spool: z
      .strictObject({
        bytes: z.number().int().min(0),
        fault: z.string().max(REASON_LENGTH_MAX).optional(),
        unread: z.string().max(REASON_LENGTH_MAX).optional(),
      })
      .optional(),
  }),
  z.strictObject({ v: z.literal(1), status: z.literal('offline') }),
])
export type ReceiverStatus = z.infer<typeof ReceiverStatus>
/** What a gateway reads of any other receiver's status: whether it is there, and how much it heard where it counts that. */
export const Presence = z.object({
  status: z.enum(['online', 'offline']),
  heard: z.number().int().min(0).optional().catch(undefined),
})

/** Everything this receiver is to broadcast from now on, in turn; an empty list stops it. Replaces the list before. */
export const BeaconOrder = z.strictObject({
  v: z.literal(1),
  beacons: z
    .array(
      z.strictObject({
        /** Advertising data as hex, ready to broadcast. */
        data: z
          .string()
          .max(62)
          .regex(/^([0-9a-f]{2})+$/),
        /** Stop by yourself after this long unless told again. */
        forMs: z.number().int().min(0).max(600_000),
      }),
    )
    .max(32),
})
export type BeaconOrder = z.infer<typeof BeaconOrder>

// A walk test: what the receivers heard of one pendant while somebody carried it from room to room, and which room they
// said they were in. The form in which it is stored, and from which rooms are learnt.
import { z } from 'zod'

/** A walk of an hour at 10 advertisements a second heard by eight receivers. */
export const WALK_READINGS_MAX = 300_000
export const WALK_STAYS_MAX = 2_000

/** Heard at `tMs` since the walk began, by the receiver, in dBm. */
export const WalkReading = z.tuple([z.number().nonnegative(), z.string(), z.number().min(-127).max(20)])

/** The walker was in `room` from `fromMs` until `toMs`; null is a place that is on no plan. */
export const WalkStay = z.strictObject({
  room: z.string().nullable(),
  fromMs: z.number().nonnegative(),
  toMs: z.number().nonnegative(),
})

export const Walk = z.strictObject({
  pendant: z.string(),
  /** Receivers that worked all the while: one that heard nothing says something, one that was down says nothing. */
  receivers: z.array(z.string()),
  readings: z.array(WalkReading).max(WALK_READINGS_MAX),
  stays: z.array(WalkStay).max(WALK_STAYS_MAX),
})

export type WalkReading = z.infer<typeof WalkReading>
export type WalkStay = z.infer<typeof WalkStay>
export type Walk = z.infer<typeof Walk>

// What people are told of walk tests and what they send: HTTP bodies and views under /api/walks and /api/recordings.
// Contracts only; the form in which a walk is kept is schemas/walk.
import { z } from 'zod'
import { By } from '../written.ts'

const AtMs = z.number().int()
/** A room as on its door and where it is: "214 Interview room", "First floor", "Northgate House". */
export const WalkRoom = z.strictObject({
  id: z.string(),
  door: z.string(),
  floor: z.string(),
  building: z.string(),
  hasReceiver: z.boolean(),
})
export type WalkRoom = z.infer<typeof WalkRoom>

/** `room`: said to be in it; `elsewhere`: at a place that is on no plan; `between`: nowhere in particular. */
export const WalkPlace = z.enum(['room', 'elsewhere', 'between'])
export type WalkPlace = z.infer<typeof WalkPlace>

/** A walk test that is being recorded, in memory only. */
export const RecordingView = z.strictObject({
  pendant: z.string(),
  wearer: z.string(),
  by: z.string(),
  startedAtMs: AtMs,
  place: WalkPlace,
  room: z.string().nullable(),
  /** Since when the walker has been there. */
  sinceMs: AtMs,
  /** Seconds in each room so far, the stay that goes on included. */
  seconds: z.array(z.strictObject({ room: z.string().nullable(), seconds: z.number() })),
  readings: z.number().int(),
  readingsMax: z.number().int(),
  /** After this nothing more is recorded: finish it. */
  endsAtMs: AtMs,
  /** Why nothing more is recorded, in words; null while it goes on. */
  stopped: z.string().nullable(),
  /** Who hears it now, strongest first. */
  hearing: z.array(z.strictObject({ receiver: z.string(), rssiDbm: z.number(), heardAtMs: AtMs })),
  /** Receivers that were down for a while since it began. */
  wereDown: z.array(z.string()),
})
export type RecordingView = z.infer<typeof RecordingView>

/** A stored walk; `withdrawn` is who took it back. */
export const WalkSummary = z.strictObject({
  walk: z.number().int().min(1),
  atMs: AtMs,
  by: z.string(),
  pendant: z.string(),
  lengthMs: z.number(),
  rooms: z.number().int(),
  stays: z.number().int(),
  readings: z.number().int(),
  receivers: z.array(z.string()),
  withdrawn: z.strictObject({ atMs: AtMs, by: z.string() }).nullable(),
})
export type WalkSummary = z.infer<typeof WalkSummary>

/** GET /api/walks, and the live event of the same: everything but the reports. */
export const WalksView = z.strictObject({
  nowMs: AtMs,
  rooms: z.array(WalkRoom),
  pendants: z.array(z.strictObject({ id: z.string(), wearer: z.string() })),
  recordings: z.array(RecordingView),
  /** Newest first. */
  walks: z.array(WalkSummary),
  /** Where live data contradict the walk test: loud technical alarms too. */
  drift: z.array(z.strictObject({ key: z.string(), text: z.string(), sinceMs: AtMs })),
})
export type WalksView = z.infer<typeof WalksView>

/**
 * What one receiver heard in one room. A look is a second in which any receiver heard the pendant (an idle one sends each
 * 2 s, so a look is a beacon); `share` of the looks did this one hear. Levels in dBm, each the mean of a look.
 */
export const HeardView = z.strictObject({
  receiver: z.string(),
  readings: z.number().int(),
  share: z.number().min(0).max(1),
  medianDbm: z.number(),
  /** The middle half of all looks lies within this. */
  spreadDb: z.number(),
  lowDbm: z.number(),
  highDbm: z.number(),
})
export type HeardView = z.infer<typeof HeardView>

export const RoomReport = z.strictObject({
  room: z.string().nullable(),
  door: z.string(),
  seconds: z.number(),
  looks: z.number().int(),
  /** Loudest first. */
  heard: z.array(HeardView),
})
export type RoomReport = z.infer<typeof RoomReport>

/** How often one look at a pendant in either room would be taken for the other, 0 to 0.5 (a coin). */
export const PairReport = z.strictObject({
  rooms: z.tuple([z.string(), z.string()]),
  doors: z.tuple([z.string(), z.string()]),
  confused: z.number().min(0).max(0.5),
  areAdjacent: z.boolean(),
  text: z.string(),
})
export type PairReport = z.infer<typeof PairReport>

export const CoverageReport = z.strictObject({ room: z.string(), door: z.string(), text: z.string() })
export type CoverageReport = z.infer<typeof CoverageReport>

export const AdviceReport = z.strictObject({
  room: z.string(),
  door: z.string(),
  /** Expected share of looks that name the wrong room, over all rooms: as it is, and with one more receiver there. */
  confusedNow: z.number(),
  confusedThen: z.number(),
  text: z.string(),
})
export type AdviceReport = z.infer<typeof AdviceReport>

/** GET /api/recordings/:pendant/report, /api/walks/report, /api/walks/:walk/report */
export const WalkReport = z.strictObject({
  rooms: z.array(RoomReport),
  /** Rooms of the site that nobody has walked. */
  unwalked: z.array(z.strictObject({ room: z.string(), door: z.string() })),
  /** Worst first; only those worth a word. */
  pairs: z.array(PairReport),
  /** Pairs of walked rooms that were compared, and how many of them can be told apart. */
  compared: z.number().int(),
  apart: z.number().int(),
  coverage: z.array(CoverageReport),
  advice: AdviceReport.nullable(),
})
export type WalkReport = z.infer<typeof WalkReport>

/** GET /api/walks/layout: the building, as recordings of walks carry it in layout.json. */
export const WalkLayout = z.strictObject({
  rooms: z.array(z.string()),
  /** The room that each receiver hangs in. */
  receivers: z.record(z.string(), z.string()),
  /** Metres on the plan, where the site file says. */
  receiver_xyz: z.record(z.string(), z.tuple([z.number(), z.number(), z.number()])),
  adjacency: z.array(z.tuple([z.string(), z.string()])),
  /** The storey of each room, from 0. */
  room_floor: z.record(z.string(), z.number().int()),
})
export type WalkLayout = z.infer<typeof WalkLayout>

/** POST /api/recordings/:pendant/{start,between,finish,discard} and /api/walks/:walk/withdraw */
export const WalkBody = z.strictObject({ by: By })
/** POST /api/recordings/:pendant/enter; `room` null is a place that is on no plan. */
export const EnterBody = z.strictObject({
  by: By,
  room: z.string().min(1, 'expected the id of a room').max(32).nullable(),
})

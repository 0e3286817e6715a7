// What the gateway tells other systems by MQTT: its topics, and what stands on each. Retained all of it, and added to only. Contracts;
// nothing that comes in on these topics is ever read.
import { z } from 'zod'
import { OUT_PREFIX } from '../site/accounts.ts'
import { IncidentState, Kind, Outcome, Source, TechnicalAlarm } from './desk.ts'
import { PendantState } from './session.ts'

/** `id` tells one gateway from another on the same broker (`out.id` of the site file). */
export const outTopics = (id: string) => {
  const root = `${OUT_PREFIX}/${id}`
  return {
    /** `online` or `offline`, as a text. While it is offline, nothing that stands on the others is to be believed. */
    status: `${root}/status`,
    health: `${root}/health`,
    incidents: `${root}/incidents`,
    incident: (incident: string) => `${root}/incidents/${incident}`,
    receiver: (receiver: string) => `${root}/receivers/${receiver}`,
    pendant: (pendant: string) => `${root}/pendants/${pendant}`,
    /** All of them, as a filter. */
    all: `${root}/#`,
  }
}

const AtMs = z.number().int()
const Taken = z.strictObject({ atMs: AtMs, by: z.string() })

/** One that is open. When it is resolved this is said once more, not retained, and then nothing stands there any more. */
export const OutIncident = z.strictObject({
  v: z.literal(1),
  id: z.string(),
  state: IncidentState,
  kind: Kind,
  /** A duress: nothing near the wearer may show or sound it. */
  isSilent: z.boolean(),
  /** False when anybody could have sent it (a pendant without a key). */
  isVerified: z.boolean(),
  /** Why it may not come from the pendant that it names. */
  suspicion: z.string().optional(),
  wearer: z.string(),
  pendant: z.string().nullable(),
  source: Source.optional(),
  building: z.string().nullable(),
  floor: z.string().nullable(),
  /** As on the door: "214 Interview room"; null while it is not known. */
  room: z.string().nullable(),
  /** It is not sure enough to be named without `otherRoom`. */
  isRoomDoubtful: z.boolean(),
  otherRoom: z.string().nullable(),
  confidence: z.number().min(0).max(1),
  raisedAtMs: AtMs,
  presses: z.number().int(),
  acknowledged: Taken.nullable(),
  attended: Taken.nullable(),
  resolved: Taken.extend({ outcome: Outcome }).nullable(),
  /** When the wearer cancelled it on the pendant. It stays open. */
  wearerCancelledAtMs: AtMs.optional(),
})
export type OutIncident = z.infer<typeof OutIncident>

/** Exactly those that are open, oldest first: one that is not among them is over, whatever was heard of it. */
export const OutIncidents = z.strictObject({
  v: z.literal(1),
  open: z.array(z.string()),
  count: z.number().int(),
  /** Of these, how many nobody has yet. */
  unacknowledged: z.number().int(),
  /** Of these, how many are a duress. */
  silent: z.number().int(),
})
export type OutIncidents = z.infer<typeof OutIncidents>

/** As GET /healthz, with nobody's name in its words but of those whose alarm is open. */
export const OutHealth = z.strictObject({
  v: z.literal(1),
  /** When it was so: said again each OUT_HEALTH_EACH_MS, also where nothing changed. */
  atMs: AtMs,
  isOk: z.boolean(),
  isArmed: z.boolean(),
  /** Why it is not armed. */
  reasons: z.array(z.string()),
  /** The rooms, as on their doors, in which no receiver is known to hear an alarm now. */
  uncovered: z.array(z.string()),
  sinceMs: AtMs,
  technical: z.array(TechnicalAlarm),
  unproven: z.array(z.string()),
})
export type OutHealth = z.infer<typeof OutHealth>
export const OUT_HEALTH_EACH_MS = 30_000
/** Where the gateway has said nothing for so long, not even that nothing is new, the status becomes offline. */
export const OUT_ALIVE_MS = 30_000

export const OutReceiver = z.strictObject({
  v: z.literal(1),
  id: z.string(),
  /** Where it hangs, as on the door. */
  room: z.string(),
  isOnline: z.boolean(),
  /** It is there and hears nothing. */
  isDeaf: z.boolean(),
  /** What is wrong with it, in words. */
  faults: z.array(z.string()),
  /** Its own last word, to the minute; of what it hears of pendants nothing is told. */
  heardAtMs: AtMs.nullable(),
})
export type OutReceiver = z.infer<typeof OutReceiver>

export const OutPendant = z.strictObject({
  v: z.literal(1),
  id: z.string(),
  /** Null before it was heard, and where it tells of none. */
  batteryPercent: z.number().int().nullable(),
  reach: PendantState.exclude(['given-away']),
  /** What it complains of itself. */
  complaints: z.array(z.enum(['fault', 'battery-low', 'battery-short', 'cord-out'])),
  /** When it was last heard, where it is not heard now. */
  heardAtMs: AtMs.nullable(),
  /** Only with `names: true`. */
  wearer: z.string().optional(),
  /** Only with `positions: true`: as on the door, null where it is not known or in no room of the plan. */
  room: z.string().nullable().optional(),
  confidence: z.number().min(0).max(1).optional(),
})
export type OutPendant = z.infer<typeof OutPendant>

// What the gateway tells people and takes from them: HTTP bodies and live events. Contracts only.
import { z } from 'zod'
import { KINDS, type Kind as KindName } from '../kinds.ts'
import { By, written } from '../written.ts'
import { SessionView } from './session.ts'
import { WalksView } from './walk.ts'

const AtMs = z.number().int()

export const Kind = z.enum(Object.keys(KINDS) as [KindName, ...KindName[]])
export type Kind = KindName

/** Where a pendant is believed to be. `room` is a room id, null while unknown and outside; confidence 0..1. */
export const Whereabouts = z.strictObject({
  room: z.string().nullable(),
  confidence: z.number().min(0).max(1),
  runnerUp: z.string().nullable(),
  /** True where it is believed to be in none of the rooms of the plan; `confidence` is of that. */
  isOutside: z.boolean().optional(),
  /** When the newest sighting behind it was heard. */
  heardAtMs: AtMs.nullable(),
  /**
   * Which receivers spoke, strongest first, with their windowed level. `isHint`: it told of an identity that anybody can
   * send (ESPresense), so it only bears upon the room, within bounds.
   */
  because: z.array(
    z.strictObject({ receiver: z.string(), rssiDbm: z.number(), isHint: z.literal(true).optional() }),
  ),
  /** The room that the wearer is signed in for: where they said they would be, whatever was heard. */
  booked: z.string().optional(),
})
export type Whereabouts = z.infer<typeof Whereabouts>

export const PageOutcome = z.enum([
  'acknowledged',
  'busy',
  'no-answer',
  'declined',
  'unreachable',
  'hung-up',
  'failed',
  'interrupted',
  'withdrawn',
])
export type PageOutcome = z.infer<typeof PageOutcome>

/** One attempt to reach one target by one channel. Absent instants have not happened. */
export const PageView = z.strictObject({
  id: z.string(),
  channel: z.string(),
  target: z.string(),
  targetName: z.string(),
  said: z.string(),
  step: z.number().int(),
  round: z.number().int(),
  attempt: z.number().int(),
  dueAtMs: AtMs,
  invitedAtMs: AtMs.optional(),
  ringingAtMs: AtMs.optional(),
  answeredAtMs: AtMs.optional(),
  key: z.string().optional(),
  keyAtMs: AtMs.optional(),
  endedAtMs: AtMs.optional(),
  outcome: PageOutcome.optional(),
  detail: z.string().optional(),
})
export type PageView = z.infer<typeof PageView>

export const IncidentState = z.enum(['raised', 'acknowledged', 'attended', 'resolved'])
export type IncidentState = z.infer<typeof IncidentState>

export const Outcome = z.enum(['violent-incident', 'near-miss', 'assistance-given', 'false-alarm', 'test'])
export type Outcome = z.infer<typeof Outcome>

/** One line in the incident's story: "Pressed again", "Acknowledged by 5150 Security desk (key 1)". */
export const Line = z.strictObject({ seq: z.number().int(), atMs: AtMs, by: z.string(), text: z.string() })
export type Line = z.infer<typeof Line>

/** What is being broadcast to the wearer; `ended` where the pendant no longer sends the alarm and shows nothing, `cannot` where it hears nothing, `no-pendant` where none raised it. Whether it was seen, nobody knows. */
export const WearerTold = z.enum([
  'nothing',
  'heard',
  'stored',
  'acknowledged',
  'coming',
  'resolved',
  'ended',
  'cannot',
  'no-pendant',
])
export type WearerTold = z.infer<typeof WearerTold>

/** What raised an alarm without a pendant: its sort, and what tells it from others of that sort. */
export const Source = z.strictObject({
  of: z.enum(['desk', 'session', 'input', 'schedule', 'system']),
  id: z.string(),
})
export type Source = z.infer<typeof Source>

export const IncidentView = z.strictObject({
  id: z.string(),
  state: IncidentState,
  kind: Kind,
  /** Null where no pendant has a part in it; then `source` says what raised it. */
  pendant: z.string().nullable(),
  source: Source.optional(),
  wearer: z.string(),
  /** False when the frame could not be authenticated (a pendant without a key). */
  verified: z.boolean(),
  building: z.string().nullable(),
  floor: z.string().nullable(),
  roomNumber: z.string().nullable(),
  roomName: z.string().nullable(),
  roomNote: z.string().nullable(),
  whereabouts: Whereabouts,
  /** The runner-up as on the door: "215 Group room". */
  runnerUpRoom: z.string().nullable(),
  /** The booked room as on its door, where the wearer is signed in for one. */
  bookedRoom: z.string().nullable().optional(),
  /** The room is not sure enough to be named alone: desk and voice name the runner-up beside it. */
  isRoomDoubtful: z.boolean().optional(),
  /** The room when somebody took it, as on its door, where people have to turn by now; null where it was not known then. */
  movedFrom: z.string().nullable().optional(),
  /** What the wearer wrote for whoever comes, when they were signed in. */
  sessionNote: z.string().nullable().optional(),
  /** Why it may not come from the pendant that it names, as a sentence: people come all the same. */
  suspicion: z.string().optional(),
  /** When the wearer cancelled it on the pendant. It stays open. */
  wearerCancelledAtMs: AtMs.optional(),
  wearerTold: WearerTold.optional(),
  raisedAtMs: AtMs,
  presses: z.number().int(),
  pages: z.array(PageView),
  acknowledged: z.strictObject({ atMs: AtMs, by: z.string() }).nullable(),
  attended: z.strictObject({ atMs: AtMs, by: z.string() }).nullable(),
  resolved: z.strictObject({ atMs: AtMs, by: z.string(), outcome: Outcome, reason: z.string() }).nullable(),
  /** When the next page is due, or null when a human has it. Every unacknowledged incident has one or a live page. */
  nextPageAtMs: AtMs.nullable(),
  lines: z.array(Line),
})
export type IncidentView = z.infer<typeof IncidentView>

/** A fault of the system itself, loud until it is mended. */
export const TechnicalAlarm = z.strictObject({ key: z.string(), text: z.string(), sinceMs: AtMs })
export type TechnicalAlarm = z.infer<typeof TechnicalAlarm>

/** A fault that is over, in words of what works again. It may have come back since: then it is a technical alarm too. */
export const Mended = TechnicalAlarm.extend({ seq: z.number().int(), atMs: AtMs })
export type Mended = z.infer<typeof Mended>

/** Somebody may be trying something: a replay, a downgrade, a wrong key. Repeats within a minute are counted in one. */
export const SecurityEvent = z.strictObject({
  seq: z.number().int(),
  atMs: AtMs,
  reason: z.string(),
  pendant: z.string(),
  receiver: z.string(),
  text: z.string(),
})
export type SecurityEvent = z.infer<typeof SecurityEvent>

/** A pendant was tested at the start of a shift and was heard. */
export const TestView = z.strictObject({
  seq: z.number().int(),
  atMs: AtMs,
  pendant: z.string(),
  wearer: z.string(),
  /** How many receivers heard it. */
  receivers: z.number().int(),
  batteryPercent: z.number().int().nullable(),
  isFaulty: z.boolean(),
})
export type TestView = z.infer<typeof TestView>

/** Whether an alarm now would reach somebody: proven, not assumed. `reasons` says what is not, in sentences. */
export const ArmedView = z.strictObject({
  isArmed: z.boolean(),
  reasons: z.array(z.string()),
  /** Armed in part: the rooms, as on their doors, in which no receiver is known to hear an alarm now. */
  uncovered: z.array(z.string()).optional(),
  sinceMs: AtMs,
})
export type ArmedView = z.infer<typeof ArmedView>

/**
 * GET /healthz: 200 where `isOk`, else 503. It is so while nothing is wrong, an alarm now would be heard in every room and
 * reach somebody, and all that this needs has been proven since the gateway started. The rest says what is not, in words.
 */
export const Health = z.strictObject({
  isOk: z.boolean(),
  armed: ArmedView,
  technical: z.array(TechnicalAlarm),
  /** What has neither worked nor failed since the gateway started. */
  unproven: z.array(z.string()),
  /** The site's name, as the site file has it: whose gateway this is. */
  site: z.string().optional(),
  /** How receivers come in, and how long their certificate is good for. */
  wayIn: z.string().optional(),
})
export type Health = z.infer<typeof Health>

export const DeskSnapshot = z.strictObject({
  /** The newest journal row this shows; live events carry on from it. */
  seq: z.number().int(),
  site: z.string(),
  /** When a changed site file was taken up last, by whom, and what differs. */
  siteChanged: z.strictObject({ atMs: AtMs, by: z.string(), text: z.string() }).optional(),
  nowMs: AtMs,
  /** Open ones, and the newest resolved ones. */
  incidents: z.array(IncidentView),
  technical: z.array(TechnicalAlarm),
  /** The newest, oldest first; of one key the last. */
  mended: z.array(Mended),
  armed: ArmedView,
  security: z.array(SecurityEvent),
  /** The newest, oldest first. */
  tests: z.array(TestView),
  /** Who is alone where, the one expected to be done first before the others. */
  sessions: z.array(SessionView),
  /** How receivers come in, and how long their certificate is good for, in words. */
  wayIn: z.string().optional(),
  receivers: z.array(
    z.strictObject({
      id: z.string(),
      /** As on the door: "215 Group room". */
      room: z.string(),
      isOnline: z.boolean(),
      sinceMs: AtMs.nullable(),
    }),
  ),
})
export type DeskSnapshot = z.infer<typeof DeskSnapshot>

/**
 * Server-sent events on GET /api/live. `id:` is the journal row. A client that comes back with Last-Event-ID gets
 * every event since, or a fresh snapshot where that row is too long ago.
 */
export const LiveEvent = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('snapshot'), seq: z.number().int(), snapshot: DeskSnapshot }),
  z.strictObject({ kind: z.literal('incident'), seq: z.number().int(), incident: IncidentView }),
  z.strictObject({ kind: z.literal('technical'), seq: z.number().int(), technical: z.array(TechnicalAlarm) }),
  z.strictObject({ kind: z.literal('mended'), seq: z.number().int(), mended: Mended }),
  z.strictObject({ kind: z.literal('armed'), seq: z.number().int(), armed: ArmedView }),
  z.strictObject({ kind: z.literal('security'), seq: z.number().int(), event: SecurityEvent }),
  z.strictObject({ kind: z.literal('sessions'), seq: z.number().int(), sessions: z.array(SessionView) }),
  z.strictObject({ kind: z.literal('tested'), seq: z.number().int(), test: TestView }),
  z.strictObject({
    kind: z.literal('receivers'),
    seq: z.number().int(),
    receivers: DeskSnapshot.shape.receivers,
  }),
  /** Also each second while a walk test is recorded. */
  z.strictObject({ kind: z.literal('walks'), seq: z.number().int(), walks: WalksView }),
])
export type LiveEvent = z.infer<typeof LiveEvent>

/**
 * POST /api/incidents: somebody at the desk, or something without a radio, raises an alarm. `person` is one of the site file,
 * `name` what people are told where it is none. `source` tells one input from another: the same one joins its open incident.
 */
export const RaiseBody = z
  .strictObject({
    by: By,
    kind: Kind.exclude(['test']),
    source: Source.extend({ id: written(120, 'expected what tells this source from others') }).optional(),
    person: By.optional(),
    name: By.optional(),
    room: By.nullable().optional(),
    note: written(200, 'expected a note of at most 200 letters').optional(),
  })
  .refine(({ person, name }) => (person === undefined) !== (name === undefined), {
    message: 'expected either person, the id of one of the site file, or name, what people are told',
  })

/** POST /api/incidents/:id/{acknowledge,attend,resolve} */
export const AcknowledgeBody = z.strictObject({ by: By })
export const AttendBody = z.strictObject({ by: By })
export const ResolveBody = z.strictObject({
  by: By,
  outcome: Outcome,
  reason: written(500, 'expected a reason: nothing but a person with a reason resolves an incident'),
})

/** POST /api/desk/present, by a page whose live stream is alive. `desk` tells one open page from another. */
export const PresentBody = z.strictObject({
  desk: z.string().min(1).max(64),
  by: By.nullable(),
  /** Whether an alarm would be heard there: the loudspeaker was switched on. */
  isAudible: z.boolean(),
  /** The page is being closed, and nobody will hear an alarm there. */
  isLeaving: z.boolean().optional(),
})

/** Every refusal over HTTP: what was expected and what came. */
export const Refusal = z.strictObject({ error: z.string(), expected: z.string(), came: z.string() })
export type Refusal = z.infer<typeof Refusal>

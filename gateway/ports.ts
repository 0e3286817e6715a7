// The whole rim, types only: what the engine asks of the outside and what the outside tells the engine.
import type {
  DeskSnapshot,
  Health,
  Kind,
  LiveEvent,
  Outcome,
  PageOutcome,
  Source,
} from '../schemas/api/desk.ts'
import type { WalkLayout, WalkReport, WalksView } from '../schemas/api/walk.ts'
import type { HeardReport, ReceiverStatus } from '../schemas/report.ts'
import type { Walk } from '../schemas/walk.ts'
import type { Model } from './core/locating/building/model.ts'
import type { Change } from './core/plan/change.ts'
import type { Message, Tells, Within } from './core/plan/message.ts'
import type { Plan } from './core/plan/plan.ts'

type Say = (fields: object, text: string) => void

/** What the rim writes to the log: pino's logger fits, and so does a list in a test. */
export type Log = { info: Say; warn: Say; error: Say }

/**
 * The only clock the gateway reads. Every duration, deadline and row is by `nowMs`: the machine's time when the process
 * began, and from then on by a clock that only goes forward. Timers run on it too, so that a test can own both.
 */
export type Clock = {
  /** Whole milliseconds since 1970; never less than before. */
  nowMs(): number
  /** What the machine's clock says now, whoever set it meanwhile. Left out by a clock that nobody can set. */
  wallMs?(): number
  /** Calls `run` once after `delayMs`; the answer cancels it. */
  after(delayMs: number, run: () => void): () => void
}

// ---- events: everything the engine ever hears, one at a time -------------------------------------------------

/**
 * What could be read of a receiver's message. `wasRedelivered` when MQTT sent it again (DUP): its ages were true when it was
 * first published, not now.
 */
export type ReportsEvent = {
  kind: 'reports'
  receiver: string
  reports: readonly HeardReport[]
  wasRedelivered: boolean
  /** What stood beside them and could not be read. */
  unread?: Unread
}
/** How many things of a message could not be read, and the first of them in words. */
export type Unread = { count: number; reason: 'malformed' | 'oversized'; example: string }
export type ReceiverStatusEvent = {
  kind: 'receiver-status'
  receiver: string
  /** One that is not ours says no more than whether it is there. */
  status: ReceiverStatus | { status: 'online' | 'offline'; heard?: number }
}
/**
 * An ESPresense node heard something that calls itself `device`; anybody can. Either its level, or the distance it made of
 * it and what it took for the level at one metre (null: the site's).
 */
export type HintEvent = { kind: 'hint'; receiver: string; device: string; heard: HintHeard }
/**
 * Another system has read by itself that something was pressed, or what its battery is: by its address, by the name that the
 * system has for it, or by both. Nobody sealed that. `buttons` as BTHome numbers them.
 */
export type PressEvent = {
  kind: 'press'
  receiver: string
  of: { address?: string; name?: string }
  /** In the system's own word; null where nothing was pressed. */
  action: string | null
  /** It is the state that the thing goes on being in, said again: a press only of what never leaves it. */
  isStill?: true
  buttons: readonly number[]
  packetId: number | null
  rssiDbm: number | null
  batteryPercent: number | null
}
export type HintHeard = { rssiDbm: number } | { distanceM: number; atOneMetreDbm: number | null }
/** The rim refused something before it could become a report: counted, and shown where it is a security matter. */
export type RefusedEvent = {
  kind: 'refused'
  receiver: string
  reason: RimRefusal
  detail: string
  /** How many things it stands for; one where it is left out. */
  count?: number
}
export type RimRefusal =
  | 'malformed'
  | 'oversized'
  | 'retained'
  | 'stale'
  | 'wrong-topic'
  | 'wrong-password'
  | 'revoked'
  | 'handshake'

/**
 * Something without a radio raises an alarm. `wearer` is a person's id, or what people are to be told in place of a name. A
 * room that is not known is no reason to refuse it: it is told as it came.
 */
export type RaiseEvent = {
  kind: 'raise'
  by: string
  source: Source
  alarm: Kind
  wearer: string
  room: string | null
  note: string | null
}

export type AnswerEvent =
  | { kind: 'acknowledge'; incident: string; by: string }
  | { kind: 'attend'; incident: string; by: string }
  /** They do not have it after all. */
  | { kind: 'release'; incident: string; by: string }
  | { kind: 'resolve'; incident: string; by: string; outcome: Outcome; reason: string }

/** Somebody signs a wearer in as being alone in a room for so long, or out again. */
export type SessionEvent =
  | {
      kind: 'sign-in'
      by: string
      pendant: string
      room: string
      forMs: number
      note: string | null
    }
  | { kind: 'sign-out'; by: string; session: string }

/** What an administrator does with a walk test. `room` null is a place that is on no plan. */
export type WalkEvent =
  | { kind: 'walk-start'; pendant: string; by: string }
  | { kind: 'walk-between'; pendant: string; by: string }
  /** The last tap was wrong. */
  | { kind: 'walk-untap'; pendant: string; by: string }
  | { kind: 'walk-finish'; pendant: string; by: string }
  | { kind: 'walk-discard'; pendant: string; by: string }
  | { kind: 'walk-enter'; pendant: string; by: string; room: string | null }
  /** Takes back the newest stored one, which is named so that it is never another. */
  | { kind: 'walk-withdraw'; walk: number; by: string }

/** What became of a page, told by the pager that placed it. `atMs` is when it happened on the wire. */
export type PageEvent = { kind: 'page'; page: string; atMs: number; progress: PageProgress }
export type PageProgress =
  | { step: 'sent' }
  /** The other side has it: it rings there, or a server has taken it over. Nobody is known to have seen it. */
  | { step: 'accepted' }
  /** Somebody has it in hand. It is nobody's yet. */
  | { step: 'reached' }
  /** Somebody answered with this key; `by` where the channel knows who. What it means is the core's business. */
  | { step: 'answered'; with: string; by?: string }
  /** This news (ReplyOrder) was told whole: whoever was reached has heard it. */
  | { step: 'said'; news: number }
  | { step: 'ended'; outcome: PageOutcome; detail: string }

/** Somebody knows that rows of the journal are missing, or that an older copy was put back, and goes on with it. */
export type JournalAcceptEvent = { kind: 'journal-accept'; by: string }

/** A fault the rim sees in itself, raised (text) or mended (null). Keys name the thing: "sip", "journal", "speech". */
export type FaultEvent = { kind: 'fault'; key: string; text: string | null }

/** Something of the rim has worked, or has said that it does not: from now on its fault is what counts. Keys as of faults. */
export type ProofEvent = { kind: 'proof'; key: string }

/**
 * What came of proving a target without disturbing anybody: null where it can be reached now, otherwise why not. Said again
 * and again: what was not proven lately is not proven.
 */
export type TargetEvent = { kind: 'target'; channel: string; target: string; fault: string | null }
/**
 * A desk page says that it is open, hears the gateway, and whether an alarm would be heard there. Said again and again, and
 * taken back where the page is closed.
 */
export type DeskEvent = {
  kind: 'desk'
  desk: string
  by: string | null
  isAudible: boolean
  isLeaving?: boolean | undefined
}

/** The site file was changed, checked, and counts from now on. `by` says who asked for it. */
export type SiteEvent = { kind: 'site'; plan: Plan; by: string }

/** Rooms were learnt anew from the walk tests that stand. */
export type ModelEvent = { kind: 'model'; model: Model }

export type TickEvent = { kind: 'tick' }
/** Asks the disk again. It is `NotKept`, as what waits is, until all that was carried out before it is on disk. */
export type FlushEvent = { kind: 'flush' }
export type StartEvent = { kind: 'start' }

export type EngineEvent =
  | ReportsEvent
  | ReceiverStatusEvent
  | RefusedEvent
  | HintEvent
  | PressEvent
  | RaiseEvent
  | AnswerEvent
  | SessionEvent
  | WalkEvent
  | PageEvent
  | FaultEvent
  | ProofEvent
  | JournalAcceptEvent
  | TargetEvent
  | DeskEvent
  | ModelEvent
  | SiteEvent
  | TickEvent
  | FlushEvent
  | StartEvent

/** What came of an event, told once its changes are committed; of an alarm that was raised, the incident that it made or joined. */
export type Decided =
  | { refused: null; incident?: string }
  | { refused: { expected: string; came: string; isUnknown: boolean } }

/** What the disk did not take of an event that was carried out: an alarm's, or less; and names that are the same for what is heard again of the same. */
export type NotKeptAbout = { isAlarm: boolean; names: readonly string[] }

export type Submit = (event: EngineEvent) => Promise<Decided>

// ---- effects: what the engine asks for, only after the commit ------------------------------------------------

/** Page this target now. The channel puts the message in its own words and keeps its own timers. */
export type PageOrder = {
  page: string
  incident: string
  channel: string
  target: string
  message: Message
  withinMs: Within
}

/**
 * Broadcast this to the wearer; `data` is advertising data as hex. Through every receiver, unless it names some: then it is
 * the answer to an ask, and stands beside what the wearer is told of an alarm or a test, never in its place.
 */
export type ToldOrder = { pendant: string; data: string; forMs: number; receivers?: readonly string[] }

/**
 * Tell this in a page that is under way, at once, in place of what it was telling; where nobody was reached yet, when somebody
 * is. The core decides what an answer or a change means; the channel only says so.
 */
export type ReplyOrder = {
  page: string
  /** `thank`, `coming`: this answer acknowledged. `taken`: somebody else has it. `worse`, `news`: listen. `again`: no such key. */
  is: 'thank' | 'coming' | 'taken' | 'worse' | 'news' | 'again'
  /** Once, before the message. */
  tells: Tells
  /** Then the message, again and again; with the last of all, once. Null where there is none. */
  message: Message | null
  /** The page ends once this is told. */
  isLast: boolean
  /** Told back as `said` once the news is told whole; null where that changes nothing. */
  news: number | null
}

/** One channel as the engine uses it. */
export type Pager = {
  channel: string
  /** Starts the page; every step of it comes back through `submit`, ending always in exactly one 'ended'. Never throws. */
  place(order: PageOrder): void
  /** Ends a page that is no longer needed. Unknown pages are ignored. */
  withdraw(page: string): void
  /** Tells this in the page. Pages that are unknown or over are ignored. */
  reply(order: ReplyOrder): void
  /**
   * Makes ready whatever a page of this plan, or about sessions with these notes, may need. Resolves with whether all of it was
   * looked at; false where closing came first.
   */
  prepare(plan: Plan, notes: readonly string[]): Promise<boolean>
  /**
   * Ends every page, and resolves when that is done. Nothing is told of it but an answer that was given before: a page that was
   * open stays open, and whoever starts next takes it up.
   */
  close(): Promise<void>
}

// ---- the journal ---------------------------------------------------------------------------------------------

export type JournalEntry = { seq: number; atMs: number; actor: string; change: Change }

/**
 * One event's rows. `counters` are kept in their own table (no audit rows): by a pendant's id the highest authenticated
 * counter of its frames, by `beacon:` and its id the beacon counter up to which none will be used a second time.
 */
export type JournalBatch = {
  entries: readonly { atMs: number; actor: string; change: Change }[]
  counters: ReadonlyMap<string, number>
}

export type Journal = {
  /** Everything so far, in order. Throws JournalFailed where the file is not ours or its chain of hashes is broken. */
  load(): Promise<{ entries: JournalEntry[]; counters: Map<string, number> }>
  /**
   * Durable when it resolves (one transaction, synchronous=FULL). Batches commit in the order given; the answer is the
   * number of the first row. Throws JournalFailed (disk full, I/O error) with nothing of the batch kept.
   */
  commit(batch: JournalBatch): Promise<number>
  close(): Promise<void>
}

// ---- what the console sees -----------------------------------------------------------------------------------

export type Desk = {
  snapshot(): DeskSnapshot
  /** Live events after journal row `seq`, in order; null when that is too long ago to replay. */
  since(seq: number): LiveEvent[] | null
  /** Called for every live event from now on; the answer stops it. */
  subscribe(listener: (event: LiveEvent) => void): () => void
  submit: Submit
  /** A desk page is there; whether an alarm would be heard there is part of being armed. */
  present(said: Omit<DeskEvent, 'kind'>): Promise<void>
  health(): Health
  walks: WalkDesk
}

/** Walk tests, recorded and being recorded. Null where there is none such. */
export type WalkDesk = {
  view(): WalksView
  layout(): WalkLayout
  /** A stored walk whole, withdrawn or not. */
  walk(walk: number): Walk | null
  /** What one stored walk shows, or all that stand together. */
  report(walk: number | 'standing'): WalkReport | null
  /** What the walk that is being recorded with this pendant shows so far. */
  recordingReport(pendant: string): WalkReport | null
}

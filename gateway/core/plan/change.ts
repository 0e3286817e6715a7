// The facts that are kept: every durable change to the state, as it stands in the journal for ever.
// The state is nothing but these, applied in order; a row once written is never read differently.
import type { Kind, Outcome, PageOutcome, Source, Whereabouts } from '../../../schemas/api/desk.ts'
import type { WalkStay } from '../../../schemas/walk.ts'
import type { Facts } from './facts.ts'
import type { Message, Within } from './message.ts'

/** Who did what nobody else did, as it stands in the journal. */
export const SYSTEM = 'tocsin'

/** Of a pendant that is not ours: what told this press from others, so that a restart does not hear it again. */
type PressRow = { counter: number | null; mark: string | null; heardAtMs: number }

/** What a page tells people, apart from its words: how grave, and which rooms they are sent to, the likelier first. */
export type PageSays = Pick<Message, 'kind' | 'where'> & {
  /** By id. */
  rooms: readonly string[]
  /** It has the session's note. */
  hasNote?: boolean
}

/** What came, went and changed in one part of the site file, by id. */
export type SitePart = {
  what: 'rooms' | 'receivers' | 'people' | 'pendants' | 'telephones' | 'policies' | 'settings'
  added: string[]
  removed: string[]
  changed: string[]
}
/**
 * Why an alarm may not come from the pendant that it names, though its seal fits: its counter is lower than one heard before
 * it, or far beyond all; or two senders use the pendant's identity.
 */
export type Suspicion = 'counter-behind' | 'counter-jump' | 'two-senders'

/** How an alarm came: under suspicion, or so long after it was heard. */
type CameRow = { suspect?: Suspicion; ageMs?: number }

export type Change =
  | (CameRow & {
      is: 'raised'
      incident: string
      pendant: string
      wearer: string
      alarm: Kind
      alarmNumber: number
      counter: number
      isVerified: boolean
      policy: string
      whereabouts: Whereabouts
      /** Of a pendant of ours: BTHome's, the same through one alarm and another after a reset. */
      packetId?: number
      press?: PressRow
    })
  /** Nothing was heard on the air: something else raises it. `wearer` is a person, or what people are to be told in place of a name. */
  | {
      is: 'raised-by'
      incident: string
      source: Source
      wearer: string
      alarm: Kind
      policy: string
      whereabouts: Whereabouts
      note: string | null
      /** Anybody could have said it. */
      isVerified?: false
    }
  /** The same source says so again of the same wearer while their incident is open. `note`: what it says for whoever comes, where that is new. */
  | { is: 'raised-again'; incident: string; alarm: Kind; note?: string }
  /** The same wearer pressed again while the incident is open (a new alarm number). */
  | (CameRow & {
      is: 'pressed-again'
      incident: string
      alarm: Kind
      alarmNumber: number
      counter: number
      packetId?: number
      press?: PressRow
    })
  /** The pendant lost its power in this alarm and goes on with it: it believes only what is told about newer frames. */
  | { is: 'resumed'; incident: string; counter: number; packetId: number }
  /** The pendant says that nothing is wrong while its alarm is open: it gave up, or was cancelled where no receiver heard. It is dark. */
  | { is: 'pendant-idle'; incident: string }
  /** It is graver than it was taken for, or the wearer was made to cancel: nobody has it, and the ladder begins anew. */
  | { is: 'worsened'; incident: string; alarm: Kind }
  /** The wearer cancelled this alarm on the pendant. It stays open: only a person resolves it. */
  | { is: 'wearer-cancelled'; incident: string; alarmNumber: number }
  | { is: 'located'; incident: string; whereabouts: Whereabouts }
  | {
      is: 'page-due'
      incident: string
      page: string
      channel: string
      target: string
      /** The message in writing, for people. */
      said: string
      /** Absent in rows of before, and where a newer Tocsin wrote it in another shape: it is made anew of the incident. */
      message?: Message
      /** Only in rows of before; it is part of the message. */
      says?: PageSays
      step: number
      round: number
      attempt: number
      withinMs: Within
    }
  /** In this order: it was sent, the other side has accepted it, somebody was reached. None of them is an answer. */
  | { is: 'page-invited' | 'page-ringing' | 'page-answered'; incident: string; page: string; atMs: number }
  /**
   * Somebody answered with this key. `by` where the channel knows who. `ignored`: why it changed nothing; absent where it did,
   * or means nothing.
   */
  | {
      is: 'page-key'
      incident: string
      page: string
      key: string
      by?: string
      atMs: number
      ignored?: 'not-told' | 'taken'
    }
  /** A page under way has something new to tell: `words` of it before the message, where somebody was reached. */
  | {
      is: 'page-news'
      incident: string
      page: string
      news: number
      why: 'worse' | 'news'
      words: string[]
      said: string
      message?: Message
      says?: PageSays
    }
  /** Whoever was reached by this page has been told the news of this number. */
  | { is: 'page-said'; incident: string; page: string; news: number; atMs: number }
  | { is: 'page-ended'; incident: string; page: string; outcome: PageOutcome; detail: string; atMs: number }
  /** What was being waited for before the next page is over: it is due now. */
  | { is: 'hurried'; incident: string }
  | { is: 'acknowledged'; incident: string }
  | { is: 'attended'; incident: string }
  /** Whoever had it does not have it after all: nobody has it, and the ladder begins anew. */
  | { is: 'released'; incident: string }
  | { is: 'resolved'; incident: string; outcome: Outcome; reason: string }
  /** The beacon to the wearer moved on; its counter is never used again. */
  | { is: 'told'; incident: string; pendant: string; told: number; beaconCounter: number }
  /** A pendant was tested and heard: never an incident. `beaconCounter` is used up by telling the wearer; null without a key. */
  | {
      is: 'tested'
      pendant: string
      wearer: string
      packetId: number
      alarmNumber: number
      counter: number | null
      batteryPercent: number | null
      flags: number
      receivers: string[]
      beaconCounter: number | null
    }
  /** A wearer is expected to be alone in this room until then; who signed them in is the row's actor. */
  | {
      is: 'session-began'
      session: string
      pendant: string
      wearer: string
      room: string
      untilMs: number
      note: string | null
    }
  /** Somebody signed them out, or nobody did for hours after they were expected to be done. */
  | { is: 'session-ended'; session: string; why: 'signed-out' | 'forgotten' }
  /** Somebody began to record a walk test; what they record is memory until it is stored. */
  | { is: 'walk-began'; pendant: string }
  /** A whole walk test (schemas/walk). `readings` are packed as `form` says (walk-pack); `count` of them. */
  | {
      is: 'walk-stored'
      walk: number
      pendant: string
      receivers: string[]
      stays: WalkStay[]
      lengthMs: number
      form: 'w1'
      count: number
      readings: string
    }
  /** A walk test came to nothing. */
  | { is: 'walk-ended'; pendant: string; why: 'discarded' | 'abandoned' | 'lost' }
  /** The newest walk test that stood stands no more. */
  | { is: 'walk-withdrawn'; walk: number }
  /** A changed site file was taken up while the gateway ran. */
  | { is: 'site-changed'; parts: SitePart[] }
  /** `facts` are what the gateway itself reads of it: rows of old, and faults that the rim tells of, have words alone. */
  | { is: 'technical-raised'; key: string; text: string; facts?: Facts }
  /** `isLetGo`: nothing says that it works again; it is said otherwise, or not known any more. */
  | { is: 'technical-mended'; key: string; isLetGo?: true }
  /**
   * The machine's clock was set by `byMs` and stands off by `offsetMs` from this process's own time, by which every row
   * after the row `afterSeq` is dated, until another process says where its clock stands.
   */
  | { is: 'clock-stepped'; byMs: number; offsetMs: number; afterSeq: number }
  | { is: 'security'; reason: string; pendant: string; receiver: string; text: string }
  /** Rows up to here were chained by the rule of version 1, whose last hash was `hash`. */
  | { is: 'journal-rechained'; rows: number; hash: string }
  /**
   * The journal before this one could not be used and lies in `file`; `rows` of it were read and stand before this row. `lost` and
   * `doubtful` are numbers of its own. `edition` is this one's: rows of one number are others in another edition.
   */
  | {
      is: 'journal-mended'
      edition: number
      file: string
      why: string
      rows: number
      lost: [from: number, to: number][]
      doubtful: number[]
      head: { seq: number; hash: string } | null
    }
  /** The end of the chain that was noted apart is not in this journal, which ended with row `seq`. */
  | {
      is: 'journal-cut'
      /** Null where the note can't be read. */
      noted: { edition: number; seq: number; hash: string; atMs: number } | null
      seq: number
      lastAtMs: number | null
      /** It was put back from this copy on purpose; what stood there before lies in `file`. */
      copy?: string
      file?: string
    }
  /** There was a journal that could not be read. Numbers began above `firstNumber`, so that none is given twice. */
  | { is: 'journal-unread'; why: string; firstNumber: number }
  /** A person knows what became of the journal and goes on with this one; who is the row's actor. */
  | { is: 'journal-accepted'; edition: number }
  /** These rows' bodies were erased; by whom is the row's actor. */
  | { is: 'bodies-erased'; rows: number[]; reason: string }
  /** Never written: what is read of a row whose body was erased. */
  | { is: 'erased'; was: string }

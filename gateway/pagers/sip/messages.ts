// What the pager and its worker say to each other; everything is plain data. Instants are the machine's, in ms since 1970.
import type { Sip, Speech } from '../../../schemas/site/paging.ts'
import type { ReplyOrder } from '../../ports.ts'
import type { EngineChoice } from '../speech/engine.ts'

/** A page as a call. `phrases` are spoken one after the other, again and again, until a reply or `talkMs`. */
export type CallOrder = {
  page: string
  target: string
  phrases: readonly string[]
  ringMs: number
  talkMs: number
}

/** A reply as it is spoken: `words` once, then `phrases` again and again. */
export type CallReply = Pick<ReplyOrder, 'page' | 'is' | 'isLast' | 'news'> & {
  words: readonly string[]
  phrases: readonly string[]
}

export type WorkerSetting = {
  sip: Sip
  speech: Speech
  cacheDir: string
  /** PEM certificates to trust besides the machine's own. */
  ca?: string
  /** Telephones that are to be asked for all the time. */
  targets: readonly string[]
  /** Insists on one speech engine. */
  engine?: EngineChoice
}

export type Reply = Omit<CallReply, 'is'>

/** What the worker needs of an order: the timers are ours. */
export type Placing = Pick<CallOrder, 'page' | 'target' | 'phrases'>

export type ToWorker =
  /** The first of all. */
  | { is: 'start'; setting: WorkerSetting }
  | ({ is: 'place' } & Placing)
  /** CANCEL, BYE or nothing at all, whichever is due. */
  | { is: 'end'; page: string }
  /** Says the words, and then the phrases or nothing more (CallReply). */
  | ({ is: 'reply' } & Reply)
  /** Answered with a pong at once, unless the worker hangs. */
  | { is: 'ping'; number: number }
  | { is: 'prepare'; token: number; phrases: readonly string[] }
  | { is: 'close' }

export type FromWorker =
  | { is: 'invited' | 'ringing' | 'answered'; page: string; atMs: number }
  | { is: 'key'; page: string; key: string; atMs: number }
  /** A key came from a place that is not this telephone's (host:port), and is not believed. */
  | { is: 'stray'; page: string; from: string }
  /** The words of this news were spoken whole. */
  | { is: 'said'; page: string; news: number; atMs: number }
  | { is: 'over'; page: string; atMs: number; ending: Ending }
  /** The exchange cannot be reached or refuses us, or can be reached again (null). */
  | { is: 'line'; fault: string | null }
  /** What came of asking for a telephone: null where it can be called. Said at each asking. */
  | { is: 'telephone'; target: string; fault: string | null }
  | { is: 'speech'; fault: string | null }
  | { is: 'prepared'; token: number }
  | { is: 'pong'; number: number }

/** How a call ended on the wire. */
export type Ending =
  | { by: 'us' }
  | { by: 'status'; status: number; reason: string }
  | { by: 'hang-up' }
  | { by: 'line'; detail: string }
  | { by: 'fault'; detail: string }

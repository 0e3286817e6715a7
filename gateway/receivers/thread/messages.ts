// What the gateway and the broker's thread say to each other; everything is plain data.
import type { JournalEnd } from '../../../schemas/report.ts'
import type { Account } from '../../../schemas/site/accounts.ts'
import type { Receiver } from '../../../schemas/site.ts'
import type { EngineEvent, NotKeptAbout, ToldOrder } from '../../ports.ts'
import type { Memory, Proved } from '../accounts/known.ts'
import type { ExternalSetting } from '../external/external.ts'
import type { KeptSetting } from '../kept/setting.ts'
import type { Kept } from '../kept/way.ts'
import type { Pem } from '../mqtt/listener.ts'
import type { ProbeAccount } from '../mqtt/probe.ts'

/** What a thread is started with. */
export type Setting = {
  host: string
  /** Without TLS; null is none. */
  port: number | null
  tls: { port: number; pem: Pem } | null
  /** A broker outside in place of all these. */
  external: ExternalSetting | null
  receivers: readonly Receiver[]
  accounts: readonly Account[]
  /** What other systems are told there. */
  kept: KeptSetting | null
  /** Passwords that were proved to the one before. */
  memory: Memory
  probe: ProbeAccount
}

/** `about`: of `NotKept`. */
export type Failure = { name: string; words: string; about?: NotKeptAbout }

/** The event of this call is carried out and on disk; otherwise why not, by the error's name and its words. */
export type DecidedCall = { call: number; failure: Failure | null }
/** `sentAtMs` by `monotonicMs`: from then on its reports grow older. */
export type SentEvent = { call: number; event: EngineEvent; sentAtMs: number }

export type ToBroker =
  | { is: 'decided'; calls: readonly DecidedCall[] }
  | ({ is: 'site' } & Pick<Setting, 'receivers' | 'accounts' | 'kept'>)
  /** To stand there for whoever reads it; whether it does is said back. */
  | { is: 'keep'; call: number; kept: readonly Kept[]; isWhole: boolean }
  | { is: 'certificate'; pem: Pem }
  | { is: 'told'; orders: readonly ToldOrder[] }
  | { is: 'end'; end: JournalEnd }
  /** Is it there? */
  | { is: 'ping' }
  | { is: 'close' }

export type FromBroker =
  | { is: 'listens'; port: number }
  /** It could not listen; nothing comes after it. */
  | { is: 'failed'; message: string }
  /** In the order in which they came. */
  | { is: 'events'; events: readonly SentEvent[] }
  /** This receiver is connected. Its last connection's end is an event. */
  | { is: 'came'; receiver: string }
  /** Somebody has come in by this account, connected before or not. */
  | { is: 'admitted'; account: string }
  /** To be known by the next thread too. */
  | { is: 'proved'; proved: Proved }
  | { is: 'log'; level: 'info' | 'warn' | 'error'; fields: object; text: string }
  | { is: 'pong' }
  /** What was to be kept stands there; otherwise why not. */
  | { is: 'kept'; call: number; failure: string | null }
  /** Nothing of what was to be kept counts any more: all of it is to be said again. */
  | { is: 'empty' }
  /** Of a broker outside: null while it is connected, otherwise what the desk is told. */
  | { is: 'link'; fault: string | null }
  | { is: 'closed' }

// Who may connect to the broker, what they may say and hear, and when it counts as received.
// Promises that everything said becomes an event in the order it came, and that only a committed event is acknowledged.
import type { AedesOptions, Client, PublishPacket } from 'aedes'
import type { Account } from '../../schemas/site/accounts.ts'
import type { Receiver } from '../../schemas/site.ts'
import type { Clock, EngineEvent, Log, RefusedEvent, Submit } from '../ports.ts'
import { type Accounts, accountsOf } from './accounts/accounts.ts'
import { door } from './accounts/door.ts'
import type { Memory, Proved } from './accounts/known.ts'
import type { KeptSetting } from './kept/setting.ts'
import { mayReach, subscriberOf } from './kept/subscriber.ts'
import { Connection, PacketRefused } from './mqtt/connection.ts'
import { claimOf, handshakeAmiss } from './mqtt/handshake.ts'
import { quoted, refused } from './mqtt/intake.ts'
import type { ProbeAccount } from './mqtt/probe.ts'
import { rivals, twiceFault } from './mqtt/rivals.ts'
import { sessions } from './mqtt/sessions.ts'
import { inTurn } from './payload/in-turn.ts'
import { isNotKept, type Owing, owing, puback, pubrec } from './payload/owing.ts'
import { carrying, floodFault } from './payload/parts.ts'
import { turns } from './payload/turns.ts'
import { type Speaker, speakerOf } from './speaker.ts'

type Hooks = Required<
  Pick<
    AedesOptions,
    'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'
  >
>

export type Access = {
  hooks: Hooks
  /** A connection that has not said who it is. */
  arrived(connection: Connection): void
  /** A connection ended otherwise than by its own wish. */
  connectionFailed(client: Client, error: Error): void
  /** Takes over the accounts; who is gone, was revoked or has a new password is disconnected. */
  setSite(site: AccessSite): void
  /** Ends all connections; nothing is submitted any more. */
  close(): void
}

/** `accounts`: those of the file beside the site file; `kept`: what other systems are told there. */
export type AccessSite = {
  receivers: readonly Receiver[]
  accounts?: readonly Account[]
  kept?: KeptSetting | null
}

export type AccessOptions = {
  site: AccessSite
  submit: Submit
  clock: Clock
  log: Log
  /** Who asks whether the broker answers: it may come in, and say and hear nothing. */
  probe?: ProbeAccount
  /** A receiver that was not connected has shown its password. */
  onCame?(receiver: string): void
  /** Whoever it was, has shown its password. */
  onAdmitted?(account: string): void
  /** What was proved before, in another thread. */
  memory?: Memory
  onProved?(proved: Proved): void
}

export function access(options: AccessOptions): Access {
  const { site, submit, clock, log, onCame } = options
  const accounts = accountsOf(options)
  let speakers = speakersOf(site)
  let { kept } = site
  const settled = inTurn()

  const tell = submitter(submit, log)
  const lanes = turns(clock, (receiver, isFlooding) => void tell(floodFault(receiver, isFlooding)))
  const known = sessions({
    onFirstCame: receiver => onCame?.(receiver),
    onLastLeft(receiver) {
      speakers.get(receiver)?.left?.()
      void tell({ kind: 'receiver-status', receiver, status: { v: 1, status: 'offline' } })
    },
  })
  const accountOf = (client: Client): string | undefined =>
    client.conn instanceof Connection ? known.accountOf(client.conn) : undefined

  const owed = owing(clock, submit)
  const twice = rivals(clock, (receiver, isSo) => void tell(twiceFault(receiver, isSo)))
  const authenticate = door({ ...options, accounts, known, tell, onReceiver: twice.came })

  const authorizePublish: Hooks['authorizePublish'] = (client, packet, done) => {
    const account = client === null ? undefined : accountOf(client)
    if (client === null || account === undefined) return done(new Error('expected an account, came none'))
    const published = { ...packet, payload: Buffer.from(packet.payload) }
    const speaker = speakers.get(account)
    // Nothing a receiver says is kept by the broker: the journal is what remembers.
    packet.retain = false
    const arrivedAtMs = client.conn instanceof Connection ? client.conn.arrivedAtMs : clock.nowMs()
    const hear = () => speaker?.hear(published, clock.nowMs()) ?? []
    const { read, events } = carrying({ arrivedAtMs, hear }, { submit, clock })
    const carriedOut = lanes.add(account, { bytes: published.payload.length, read })
    settled(client, packet.qos === 0 ? overAnyhow(carriedOut) : carriedOut, error => {
      const isOwed = error !== null && isNotKept(error)
      if (isOwed) oweIt(owed, account, client, packet, error)
      else if (error !== null && client.conn instanceof Connection) client.conn.willReturn = true
      done(verdict(events(), isOwed ? null : error))
    })
  }

  const authorizeSubscribe: Hooks['authorizeSubscribe'] = (client, subscription, done) => {
    const account = accountOf(client) ?? ''
    const speaker = speakers.get(account)
    const mayHear = speaker?.mayHear(subscription.topic)
    if (mayHear === 'granted') return done(null, subscription)
    if (mayHear === 'passed') return done(null, null)
    const detail = `expected to subscribe to ${speaker?.hears}, came ${quoted(subscription.topic)}`
    const receiver = accounts.roleOf(account) === 'receiver' ? account : ''
    const read = () => [() => tell(refused(receiver, 'wrong-topic', detail))]
    void lanes.add(account, { bytes: 0, read }).then(() => done(null, null))
  }

  // A receiver is handed whatever it asked for.
  const authorizeForward: Hooks['authorizeForward'] = (client, packet) =>
    accounts.roleOf(accountOf(client) ?? '') !== 'subscriber' || mayReach(packet, kept) ? packet : null

  return {
    hooks: { preConnect, authenticate, authorizePublish, authorizeSubscribe, authorizeForward },
    arrived: known.arrived,
    connectionFailed(client, error) {
      const receiver = accountOf(client) ?? ''
      log.info({ receiver, why: error.message }, 'connection ended')
      if (error instanceof PacketRefused) void tell(refused(receiver, 'oversized', error.message))
      const handshake = handshakeRefusal(client, error, accounts)
      if (handshake !== null) void tell(handshake)
    },
    setSite(next) {
      speakers = speakersOf(next, speakers)
      // What is taken away there is heard by whoever could read it.
      kept = next.kept ?? kept
      accounts.use(next, account => {
        const count = known.expel(account)
        if (count > 0 && accounts.revokedAtMs(account) !== undefined) void tell(revokedNow(account, accounts))
      })
    },
    close() {
      for (const each of [owed, lanes, accounts, twice, known]) each.close()
    },
  }
}

/** Where it is owed, aedes acknowledges nothing, as at QoS 0, and goes on. */
function oweIt(owed: Owing, account: string, { conn }: Client, packet: PublishPacket, error: Error): void {
  const { messageId = 0 } = packet as { messageId?: number }
  const answer = packet.qos === 1 ? puback(messageId) : pubrec(messageId)
  packet.qos = 0
  owed.add(account, error, () => void (conn.destroyed || conn.write(answer)))
}

/** At QoS 0 nobody sends it again: ending the connection would only make its receiver deaf for a while. */
const overAnyhow = (carriedOut: Promise<unknown>): Promise<unknown> => carriedOut.catch(() => undefined)

/** For what nobody waits for: a failure is logged, since there is no acknowledgement to withhold. */
const submitter =
  (submit: Submit, log: Log) =>
  (event: EngineEvent): Promise<void> =>
    submit(event).then(
      () => {},
      (error: unknown) => log.error({ error, event: event.kind }, 'event not committed'),
    )

type Known = Speaker & { as: string }

/** One whose part of the site file is as before goes on with what it remembers. */
const speakersOf = (
  { receivers, accounts = [], kept = null }: AccessSite,
  before: ReadonlyMap<string, Known> = new Map(),
): ReadonlyMap<string, Known> =>
  new Map([
    ...accounts.flatMap(({ id, role }) =>
      role === 'subscriber' ? [[id, { ...subscriberOf(id, kept), as: role }] as const] : [],
    ),
    ...receivers.map(receiver => {
      const as = JSON.stringify([receiver.espresense, receiver.foreign])
      const known = before.get(receiver.id)
      return [receiver.id, known?.as === as ? known : { ...speakerOf(receiver), as }] as const
    }),
  ])

/**
 * Before the account is known: ids are made the account's own, so that nobody can take over another's connection;
 * sessions end with their connection, so that none piles up; no will is kept, since the broker itself sees who leaves.
 */
const preConnect: Hooks['preConnect'] = (client, packet, done) => {
  if (client.conn instanceof Connection) client.conn.claim = claimOf(packet)
  if (packet.clientId !== '') packet.clientId = `${packet.username ?? ''}/${packet.clientId}`
  packet.clean = true
  delete packet.will
  done(null, true)
}

/** Null where it ended for another reason than how it is set. */
function handshakeRefusal(client: Client, error: Error, accounts: Accounts): RefusedEvent | null {
  const claim = client.conn instanceof Connection ? client.conn.claim : null
  const amiss = claim === null ? null : handshakeAmiss(claim, error)
  if (claim === null || amiss === null) return null
  return refused(accounts.roleOf(claim.username) === 'receiver' ? claim.username : '', 'handshake', amiss)
}

/** Of one that was connected. */
function revokedNow(account: string, accounts: Accounts): RefusedEvent {
  const receiver = accounts.roleOf(account) === 'receiver' ? account : ''
  return refused(receiver, 'revoked', `The account ${account} was revoked: its connection was ended`)
}

/** Null acknowledges. A wrong topic ends the connection; so does a failed commit: the receiver must send again. */
function verdict(events: readonly EngineEvent[], error: Error | null): Error | null {
  if (error) return error
  for (const event of events)
    if (event.kind === 'refused' && event.reason === 'wrong-topic') return new Error(event.detail)
  return null
}

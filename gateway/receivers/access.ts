// Who may connect to the broker, what they may say and hear, and when it counts as received.
// Promises that everything said becomes an event in the order it came, and that only a committed event is acknowledged.
import type { AedesOptions, Client } from 'aedes'
import type { Receiver } from '../../schemas/site.ts'
import type { Clock, EngineEvent, Log, RefusedEvent, Submit } from '../ports.ts'
import { type Accounts, accountsOf } from './mqtt/accounts.ts'
import { Connection, PacketRefused } from './mqtt/connection.ts'
import { claimOf, handshakeAmiss } from './mqtt/handshake.ts'
import { quoted, refused } from './mqtt/intake.ts'
import type { ProbeAccount } from './mqtt/probe.ts'
import { sessions } from './mqtt/sessions.ts'
import { inTurn } from './payload/in-turn.ts'
import { aged, floodFault, inParts } from './payload/parts.ts'
import { turns } from './payload/turns.ts'
import { type Speaker, speakerOf } from './speaker.ts'

type Hooks = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe'>
>

export type Access = {
  hooks: Hooks
  /** A connection that has not said who it is. */
  arrived(connection: Connection): void
  /** A connection ended otherwise than by its own wish. */
  connectionFailed(client: Client, error: Error): void
  /** Takes over the accounts; who is gone or has a new password is disconnected. */
  setReceivers(receivers: readonly Receiver[]): void
  /** Ends all connections; nothing is submitted any more. */
  close(): void
}

export type AccessOptions = {
  site: { receivers: readonly Receiver[] }
  submit: Submit
  clock: Clock
  log: Log
  /** Who asks whether the broker answers: it may come in, and say and hear nothing. */
  probe?: ProbeAccount
  /** A receiver that was not connected has shown its password. */
  onCame?(receiver: string): void
}

export function access({ site, submit, clock, log, probe, onCame }: AccessOptions): Access {
  let accounts = accountsOf(site.receivers)
  let speakers = speakersOf(site.receivers)
  const settled = inTurn()

  const tell = submitter(submit, log)
  const lanes = turns(clock, (receiver, isFlooding) => void tell(floodFault(receiver, isFlooding)))
  const known = sessions({
    onFirstCame: receiver => onCame?.(receiver),
    onLastLeft: receiver =>
      void tell({ kind: 'receiver-status', receiver, status: { v: 1, status: 'offline' } }),
  })
  const receiverOf = (client: Client): string | undefined =>
    client.conn instanceof Connection ? known.receiverOf(client.conn) : undefined

  const asker = accountsOf(probe === undefined ? [] : [{ id: probe.username, password: probe.password }])

  const authenticate: Hooks['authenticate'] = (client, username, password, done) => {
    if (username !== undefined && asker.admits(username, password)) return done(null, true)
    if (username !== undefined && client.conn instanceof Connection && accounts.admits(username, password)) {
      client.conn.isTrusted = true
      known.admitted(client.conn, username)
      return done(null, true)
    }
    // Denied only once it is noted: whoever tries passwords waits for the engine, not the other way round.
    void tell(wrongPassword(username, accounts.has(username ?? ''))).then(() => done(null, false))
  }

  const authorizePublish: Hooks['authorizePublish'] = (client, packet, done) => {
    const receiver = client === null ? undefined : receiverOf(client)
    if (client === null || receiver === undefined) return done(new Error('expected an account, came none'))
    const published = { ...packet, payload: Buffer.from(packet.payload) }
    const speaker = speakers.get(receiver)
    // Nothing a receiver says is kept by the broker: the journal is what remembers.
    packet.retain = false
    const arrivedAtMs = client.conn instanceof Connection ? client.conn.arrivedAtMs : clock.nowMs()
    let events: EngineEvent[] = []
    const read = () => {
      events = speaker?.hear(published, clock.nowMs()) ?? []
      return events.flatMap(inParts).map(part => () => submit(aged(part, clock.nowMs() - arrivedAtMs)))
    }
    const carriedOut = lanes.add(receiver, { bytes: published.payload.length, read })
    settled(client, carriedOut, error => {
      if (error !== null && client.conn instanceof Connection) client.conn.willReturn = true
      done(verdict(events, error))
    })
  }

  const authorizeSubscribe: Hooks['authorizeSubscribe'] = (client, subscription, done) => {
    const receiver = receiverOf(client)
    const mayHear = speakers.get(receiver ?? '')?.mayHear(subscription.topic)
    if (mayHear === 'granted') return done(null, subscription)
    if (mayHear === 'passed') return done(null, null)
    const detail = `expected to subscribe to its own …/beacon, came ${quoted(subscription.topic)}`
    const read = () => [() => tell(refused(receiver ?? '', 'wrong-topic', detail))]
    void lanes.add(receiver ?? '', { bytes: 0, read }).then(() => done(null, null))
  }

  return {
    hooks: { preConnect, authenticate, authorizePublish, authorizeSubscribe },
    arrived: known.arrived,
    connectionFailed(client, error) {
      const receiver = receiverOf(client) ?? ''
      log.info({ receiver, why: error.message }, 'connection ended')
      if (error instanceof PacketRefused) void tell(refused(receiver, 'oversized', error.message))
      const handshake = handshakeRefusal(client, error, accounts)
      if (handshake !== null) void tell(handshake)
    },
    setReceivers(receivers) {
      const [before, after] = [accounts, accountsOf(receivers)]
      accounts = after
      speakers = speakersOf(receivers, speakers)
      known.expel(receiver => after.agreesWith(before, receiver))
    },
    close() {
      lanes.close()
      known.close()
    },
  }
}

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
  receivers: readonly Receiver[],
  before: ReadonlyMap<string, Known> = new Map(),
): ReadonlyMap<string, Known> =>
  new Map(
    receivers.map(receiver => {
      const as = JSON.stringify([receiver.espresense, receiver.foreign])
      const known = before.get(receiver.id)
      return [receiver.id, known?.as === as ? known : { ...speakerOf(receiver), as }] as const
    }),
  )

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
  return refused(accounts.has(claim.username) ? claim.username : '', 'handshake', amiss)
}

function wrongPassword(username: string | undefined, isKnown: boolean): RefusedEvent {
  const came = isKnown ? 'a wrong password' : `an unknown receiver ${quoted(username ?? '')}`
  const receiver = isKnown ? (username ?? '') : ''
  return refused(receiver, 'wrong-password', `expected a receiver's id and password, came ${came}`)
}

/** Null acknowledges. A wrong topic ends the connection; so does a failed commit: the receiver must send again. */
function verdict(events: readonly EngineEvent[], error: Error | null): Error | null {
  if (error) return error
  for (const event of events)
    if (event.kind === 'refused' && event.reason === 'wrong-topic') return new Error(event.detail)
  return null
}

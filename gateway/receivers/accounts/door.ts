// Who comes in: a CONNECT's user name and password in, whether it is let in out, and what is told of it. Promises that whoever is
// refused is answered only once that is noted, so that guessing is no faster than the journal.

import { timingSafeEqual } from 'node:crypto'
import type { AedesOptions, Client } from 'aedes'
import type { RefusedEvent } from '../../ports.ts'
import { AHEAD_BYTES } from '../kept/subscriber.ts'
import { Connection } from '../mqtt/connection.ts'
import { quoted, refused } from '../mqtt/intake.ts'
import type { ProbeAccount } from '../mqtt/probe.ts'
import type { Sessions } from '../mqtt/sessions.ts'
import type { Accounts, Verdict } from './accounts.ts'
import { digestOf } from './entries.ts'

export type DoorOptions = {
  accounts: Accounts
  known: Pick<Sessions, 'admitted' | 'proving'>
  tell(event: RefusedEvent): Promise<void>
  /** Who asks whether the broker answers: it may come in, and say and hear nothing. */
  probe?: ProbeAccount
  onAdmitted?(account: string): void
  /** A receiver's connection was let in under this client id. */
  onReceiver?(connection: Connection, account: string, clientId: string): void
}

/** MQTT 3.1.1 §3.2.2.3: the server is unavailable. It comes again by itself. */
const UNAVAILABLE = 3

export function door({
  accounts,
  known,
  tell,
  probe,
  onAdmitted,
  onReceiver,
}: DoorOptions): Required<AedesOptions>['authenticate'] {
  const isProbe = (username: string | undefined, password: Buffer | undefined): boolean =>
    probe !== undefined &&
    username === probe.username &&
    timingSafeEqual(digestOf(probe.password), digestOf(password ?? ''))

  /** Rejects with an answer of MQTT where it has to come again. */
  async function letIn(client: Client, account: string, password: Buffer | undefined): Promise<boolean> {
    const { conn } = client
    if (!(conn instanceof Connection)) return false
    const isStrangerAgain = known.proving(conn)
    const login = { account, password, from: conn.from, isWanted: () => !conn.destroyed }
    const verdict = await accounts.admits(login)
    if (verdict === 'right') {
      conn.isTrusted = true
      const isSubscriber = accounts.roleOf(account) === 'subscriber'
      if (isSubscriber) conn.aheadBytesMax = AHEAD_BYTES
      known.admitted(conn, account, isSubscriber)
      if (!isSubscriber) onReceiver?.(conn, account, client.id)
      onAdmitted?.(account)
      return true
    }
    isStrangerAgain()
    if (verdict === 'busy' || verdict === 'changed')
      throw Object.assign(new Error('too many at once: come again'), { returnCode: UNAVAILABLE })
    await tell(refusal(account, verdict, accounts))
    return false
  }

  return (client, username, password, done) => {
    if (isProbe(username, password)) return done(null, true)
    letIn(client, username ?? '', password).then(
      isIn => done(null, isIn),
      (error: Error) => done(error as Parameters<typeof done>[0], false),
    )
  }
}

function refusal(
  account: string,
  verdict: Exclude<Verdict, 'right' | 'busy' | 'changed'>,
  accounts: Accounts,
): RefusedEvent {
  const receiver = accounts.roleOf(account) === 'receiver' ? account : ''
  if (verdict === 'revoked') {
    const since = new Date(accounts.revokedAtMs(account) ?? 0).toISOString().slice(0, 10)
    return refused(
      receiver,
      'revoked',
      `expected an account that counts, came ${account}, revoked on ${since}`,
    )
  }
  const came =
    verdict === 'wrong'
      ? `a wrong password${ofSubscriber(account, accounts)}`
      : `an unknown receiver ${quoted(account)}`
  return refused(receiver, 'wrong-password', `expected a receiver's id and password, came ${came}`)
}

const ofSubscriber = (account: string, accounts: Accounts): string =>
  accounts.roleOf(account) === 'subscriber' ? ` of subscriber ${account}` : ''

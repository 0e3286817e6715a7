// Asks a broker over the network whether it answers, as a receiver would: CONNECT, PINGREQ, DISCONNECT (MQTT 3.1.1), with
// an account that may do nothing else. In: where it listens. Out: null, or what came instead.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Clock } from '../../ports.ts'

export type ProbeAccount = { readonly username: string; readonly password: string }
export type ProbeOptions = {
  host: string
  port: number
  /** Whether it is a port for TLS. Whose certificate it is, is not asked: the question is whether somebody answers. */
  isTls?: boolean
  account: ProbeAccount
  clock: Clock
  limitMs: number
}

/** No receiver's id has a $. The password is this process's own and stands nowhere. */
export const newProbeAccount = (): ProbeAccount => ({
  username: '$gateway',
  password: randomBytes(32).toString('hex'),
})

/** CONNACK of a session that was accepted, then PINGRESP. */
const EXPECTED = '20020000d000'
const KEEPALIVE_S = 30
/** Protocol level 4; user name, password and clean session. */
const LEVEL_AND_FLAGS = [0x04, 0xc2, 0, KEEPALIVE_S]
const PINGREQ = [0xc0, 0]
const DISCONNECT = [0xe0, 0]

/** Null where it answers within `limitMs`; otherwise why it does not, in words. Never throws. */
export function askBroker({
  host,
  port,
  isTls,
  account,
  clock,
  limitMs,
}: ProbeOptions): Promise<string | null> {
  return new Promise(resolve => {
    let came = ''
    const at = { host: reachable(host), port }
    const socket = isTls
      ? connectTls({ ...at, rejectUnauthorized: false })
      : connect({ ...at, noDelay: true })
    const end = (why: string | null): void => {
      cancel()
      if (why === null) socket.end(Buffer.from(DISCONNECT))
      else socket.destroy()
      resolve(why)
    }
    const cancel = clock.after(limitMs, () => end(`no answer within ${Math.round(limitMs / 1000)} s`))
    socket.on(isTls ? 'secureConnect' : 'connect', () =>
      socket.write(Buffer.concat([connectPacket(account), Buffer.from(PINGREQ)])),
    )
    socket.on('data', chunk => {
      came += chunk.toString('hex')
      if (came === EXPECTED) end(null)
      else if (!EXPECTED.startsWith(came)) end('it answers something else than a broker would')
    })
    socket.on('error', () => end('nothing listens there'))
    socket.on('close', () => end('it hung up'))
  })
}

/** Who listens on every address is asked on the machine's own. */
const reachable = (host: string): string => (host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host)

function connectPacket({ username, password }: ProbeAccount): Buffer {
  const body = Buffer.concat([
    text('MQTT'),
    Buffer.from(LEVEL_AND_FLAGS),
    text('probe'),
    text(username),
    text(password),
  ])
  if (body.length > 127) throw new Error(`a CONNECT of one length byte, came ${body.length} bytes`)
  return Buffer.concat([Buffer.from([0x10, body.length]), body])
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

// Our telephone on the exchange, and the one door to JsSIP: calls out, what becomes of them back, registration, and a
// steady proof that the exchange answers. JsSIP expects a browser; the worker's entry gives it what it looks for.
import JsSIP from 'jssip'
import type { Sip } from '../../../schemas/site/paging.ts'
import type { Ending } from './messages.ts'
import type { ConnectionSetting } from './wire/connection.ts'
import { createGate } from './wire/gate.ts'
import type { Address, Wire } from './wire/wire.ts'

const PING_EVERY_MS = 15_000
/** SIP's own limit is 32 s (timer F): too long to believe in a dead exchange. */
const PING_LIMIT_MS = 4000
const REGISTER_EXPIRES_S = 300
const REGISTER_RETRY_MS = 5000
/** How long a call waits for a registration under way; after that it is tried without. */
const REGISTER_WAIT_MS = 2000
/** RTCSession.STATUS_INVITE_SENT and STATUS_1XX_RECEIVED */
const SENT = 1
const RINGING = 2

export type CallHooks = {
  onSent(atMs: number): void
  onRinging(): void
  onAnswered(): void
  onKey(key: string): void
  onOver(ending: Ending): void
}

/** A call under way. */
export type Dialled = {
  /** CANCEL, BYE or nothing, whichever is due; `onOver` follows. */
  end(): void
  /** Whether the exchange has answered anything yet, be it only 100 Trying. */
  isTaken(): boolean
}

export type Agent = {
  /** Resolves when calls can be made, or with what is in the way of it. Never waits longer than a connection may take. */
  ready(): Promise<{ local: Address } | { fault: string }>
  dial(target: string, setting: ConnectionSetting, hooks: CallHooks): Dialled
  /** Asks the exchange for a sign of life now. */
  ping(): void
  /** Asks a telephone (null: the exchange itself) what it can do. Always answers, at the latest after `limitMs`. */
  ask(target: string | null, limitMs: number): Promise<Answered>
  /** Called each time that the line comes up. */
  onUp(run: () => void): void
  isConnected(): boolean
  close(): void
}

export type Answered = { status: number; reason: string } | { fault: string }

/** JsSIP's UA, with what its type declarations leave out. */
type UserAgent = InstanceType<typeof JsSIP.UA> & {
  sendOptions(
    target: unknown,
    body: null,
    options: { eventHandlers: Record<string, (event: Answer) => void> },
  ): void
}
type Answer = { response?: { status_code: number; reason_phrase: string } | null; cause?: string }
type Session = ReturnType<UserAgent['call']>
type End = { originator: string; cause: string; message: object | null }

/** `onLine` is told of a fault of the line, and null when the exchange has answered again. */
export function createAgent(sip: Sip, wire: Wire, onLine: (fault: string | null) => void): Agent {
  const server = sip.port === 5060 ? sip.server : `${sip.server}:${sip.port}`
  const exchange = `the telephone exchange ${sip.server}:${sip.port}`
  const invites = new Map<string, CallHooks>()
  const gate = createGate(text => wire.write(text))
  let ua: UserAgent | null = null
  let local: Address = { host: '', port: 0 }
  let fault: string | null = null
  let isRegistered = false
  const registering: (() => void)[] = []
  let cameUp = (): void => {}
  let pingLimit: NodeJS.Timeout | null = null
  let registerRetry: NodeJS.Timeout | null = null

  const tell = (text: string | null): void => {
    fault = text
    onLine(text)
  }

  const proven = (): void => {
    if (pingLimit) clearTimeout(pingLimit)
    pingLimit = null
    // One that ends each connection after its answer works as little as one that answers nothing.
    if (wire.isSteady() && (!sip.register || isRegistered)) tell(null)
  }

  const ping = (): void => {
    if (!ua || !wire.isConnected() || pingLimit) return
    pingLimit = setTimeout(() => {
      pingLimit = null
      wire.drop(`no answer to OPTIONS within ${PING_LIMIT_MS} ms`)
    }, PING_LIMIT_MS)
    const heard = (event: Answer): void => {
      if (event.response) proven()
    }
    ua.sendOptions(JsSIP.URI.parse(`sip:${server}`), null, {
      eventHandlers: { succeeded: heard, failed: heard },
    })
  }

  const registrationOver = (text: string | null): void => {
    isRegistered = text === null
    if (text !== null) tell(text)
    for (const resolve of registering.splice(0)) resolve()
    if (registerRetry) clearTimeout(registerRetry)
    if (text !== null && wire.isConnected())
      registerRetry = setTimeout(() => ua?.register(), REGISTER_RETRY_MS)
  }

  wire.onUp = address => {
    local = address
    if (ua) {
      // In its own dialogs the other side must find this connection, not the one before.
      const contact = ua.contact.uri as unknown as { host: string; port: number }
      contact.host = address.host
      contact.port = address.port
    } else {
      ua = startAgent(sip, server, wire, address)
      ua.on('registered', () => {
        registrationOver(null)
        proven()
      })
      ua.on('registrationFailed', ({ response, cause }) =>
        registrationOver(
          `${exchange} refused to register ${sip.user}: ${response ? `${response.status_code} ${response.reason_phrase}` : cause}`,
        ),
      )
      ua.on('disconnected', () => {
        isRegistered = false
      })
      ua.start()
    }
    queueMicrotask(ping)
    queueMicrotask(cameUp)
  }
  wire.onDown = why => {
    if (pingLimit) clearTimeout(pingLimit)
    pingLimit = null
    for (const resolve of registering.splice(0)) resolve()
    tell(`${exchange} cannot be reached: ${why}`)
  }
  wire.onSteady = ping
  wire.pass = gate.received
  wire.onSent = text => {
    gate.sent(text)
    if (!text.startsWith('INVITE ')) return
    const callId = /^Call-ID: *(\S+)/im.exec(text)?.[1] ?? ''
    const hooks = invites.get(callId)
    hooks?.onSent(Date.now())
    if (hooks) gate.follow(callId, { onKey: hooks.onKey, onGone: by => hooks.onOver(goneBy(by)) })
    // A second INVITE of the same call only adds the digest.
    invites.delete(callId)
  }
  const pings = setInterval(ping, PING_EVERY_MS)
  void wire.attempt()

  return {
    async ready() {
      if (!(await wire.attempt())) return { fault: fault ?? `${exchange} cannot be reached` }
      if (sip.register && !isRegistered && !fault) await registration()
      return wire.isConnected() ? { local } : { fault: fault ?? `${exchange} cannot be reached` }
    },
    dial(target, setting, hooks) {
      if (!ua) throw new Error('a call is dialled only once the line was up')
      const session = ua.call(`sip:${encodeURIComponent(target)}@${server}`, {
        mediaConstraints: { audio: false, video: false },
        pcConfig: setting as unknown as object,
      })
      follow(session, hooks, wire, exchange)
      session.on('sending', ({ request: { call_id: callId } }) => {
        invites.set(callId, hooks)
        for (const end of ['failed', 'ended'] as const) session.on(end, () => gate.over(callId))
      })
      session.on('failed', () => forget(hooks))
      return { end: () => end(session), isTaken: () => Number(session.status) !== SENT }
    },
    ping,
    ask: (target, limitMs) =>
      new Promise(resolve => {
        if (!ua || !wire.isConnected()) return resolve({ fault: fault ?? `${exchange} cannot be reached` })
        const limit = setTimeout(() => resolve({ fault: `no answer within ${limitMs / 1000} s` }), limitMs)
        const heard = ({ response, cause }: Answer): void => {
          clearTimeout(limit)
          if (response) resolve({ status: response.status_code, reason: response.reason_phrase })
          else resolve({ fault: cause ?? 'no answer' })
        }
        const user = target === null ? '' : `${encodeURIComponent(target)}@`
        ua.sendOptions(JsSIP.URI.parse(`sip:${user}${server}`), null, {
          eventHandlers: { succeeded: heard, failed: heard },
        })
      }),
    onUp(run) {
      cameUp = run
    },
    isConnected: () => wire.isConnected(),
    close() {
      clearInterval(pings)
      if (registerRetry) clearTimeout(registerRetry)
      if (pingLimit) clearTimeout(pingLimit)
      wire.onDown = () => {}
      if (ua) ua.stop()
      else wire.disconnect()
    },
  }

  function registration(): Promise<void> {
    return new Promise(resolve => {
      const limit = setTimeout(resolve, REGISTER_WAIT_MS)
      registering.push(() => {
        clearTimeout(limit)
        resolve()
      })
    })
  }

  function forget(hooks: CallHooks): void {
    for (const [callId, each] of invites) if (each === hooks) invites.delete(callId)
  }
}

function startAgent(sip: Sip, server: string, wire: Wire, local: Address): UserAgent {
  const host = local.host.includes(':') ? `[${local.host}]` : local.host
  const ua = new JsSIP.UA({
    sockets: wire as unknown as ConstructorParameters<typeof JsSIP.UA>[0]['sockets'],
    uri: `sip:${encodeURIComponent(sip.user)}@${server}`,
    // JsSIP's own would be at "…invalid;transport=ws".
    contact_uri: `sip:${encodeURIComponent(sip.user)}@${host}:${local.port};transport=${sip.transport}`,
    display_name: sip.displayName,
    authorization_user: sip.user,
    ...(sip.password === undefined ? {} : { password: sip.password }),
    register: sip.register,
    register_expires: REGISTER_EXPIRES_S,
    session_timers: false,
    user_agent: 'Tocsin',
  }) as UserAgent
  // A registrar may give us a name of its own (GRUU, RFC 5627) that many exchanges cannot find again: a BYE to it would
  // go nowhere. Our address on this connection always works.
  Object.defineProperty(ua.contact, 'pub_gruu', { get: () => null, set: () => {} })
  return ua
}

function follow(session: Session, hooks: CallHooks, wire: Wire, exchange: string): void {
  session.on('progress', (event: Answer) => {
    const status = event.response?.status_code
    if (status === 180 || status === 183) hooks.onRinging()
  })
  session.on('accepted', () => hooks.onAnswered())
  session.on('failed', (event: End) => {
    if (event.cause === JsSIP.C.causes.BAD_MEDIA_DESCRIPTION) {
      hooks.onOver({
        by: 'fault',
        detail: 'the telephone has no codec in common with us (expected PCMU or PCMA)',
      })
    } else if (isResponse(event.message)) {
      hooks.onOver({ by: 'status', status: event.message.status_code, reason: event.message.reason_phrase })
    } else if (wire.isConnected()) {
      hooks.onOver({ by: 'line', detail: `${exchange} did not answer: ${event.cause}` })
    } else {
      hooks.onOver({ by: 'line', detail: `the connection to ${exchange} was lost` })
    }
  })
  session.on('ended', (event: End) => {
    if (event.originator === 'remote') hooks.onOver({ by: 'hang-up' })
    else hooks.onOver({ by: 'fault', detail: String(event.cause) })
  })
}

/** Whatever ends our dialog ends the page, though JsSIP should not have noticed. */
const goneBy = (by: 'them' | 'us'): Ending =>
  by === 'them' ? { by: 'hang-up' } : { by: 'fault', detail: 'the call was hung up' }

function end(session: Session): void {
  if (session.isEnded()) return
  // JsSIP leaves a 200 alone that crosses our CANCEL, and the callee would talk to nobody; with this mark it
  // acknowledges and hangs up, as it does where no provisional answer has come.
  if (Number(session.status) === RINGING)
    (session as unknown as { _is_canceled: boolean })._is_canceled = true
  session.terminate()
}

function isResponse(message: object | null): message is { status_code: number; reason_phrase: string } {
  return message !== null && 'status_code' in message
}

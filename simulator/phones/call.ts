// One call at the phone, as its callee (RFC 3261 sections 12–15): requests of its dialog in, replies and events out.
// Every call ends exactly once, whatever order ACK, CANCEL, BYE and a pulled plug come in.
import { randomBytes } from 'node:crypto'
import type { PhoneCall } from '../ports.ts'
import type { Peer } from './listener.ts'
import { type Media, openMedia } from './media.ts'
import {
  formatReply,
  formatRequest,
  type Header,
  headerOf,
  headersOf,
  parameterOf,
  type SipRequest,
  shownNameOf,
  uriOf,
} from './message.ts'
import { type Offer, readOffer, writeAnswer } from './sdp.ts'
import { type Repeater, repeat } from './transactions.ts'

export const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO'

/** What a call needs of its phone. `reply` also remembers the answer for a repeated request. */
export type CallSetting = {
  host: string
  port: number
  user: string
  reply(to: SipRequest, text: string, peer: Peer): void
  onChange(): void
}

export type Call = {
  readonly id: string
  view(): PhoneCall
  ring(): void
  answer(): Promise<void>
  refuse(status: number, reason: string): void
  /** A request of this call's dialog, or the CANCEL of its INVITE. */
  receive(request: SipRequest, peer: Peer): void
  /** The other side answered our BYE or INFO. */
  settle(branch: string): void
  hangUp(): void
  press(key: string, by: 'rfc4733' | 'info' | 'info-relay'): void
  heard(): Int16Array
  /** Ends without a word on the wire, as a pulled plug does. */
  drop(): void
}

export function createCall(invite: SipRequest, peer: Peer, setting: CallSetting): Call {
  const tag = randomBytes(6).toString('hex')
  const contact = `<sip:${setting.user}@${bracketed(setting.host)}:${setting.port};transport=${peer.protocol.toLowerCase()}>`
  const own: Header[] = [{ name: 'contact', value: contact }]
  const view: PhoneCall = {
    id: headerOf(invite, 'call-id') ?? '',
    from: shownNameOf(headerOf(invite, 'from') ?? ''),
    state: 'ringing',
    invitedAtMs: Date.now(),
    keys: '',
    heardSeconds: 0,
  }
  let route = { peer, target: uriOf(headerOf(invite, 'contact') ?? '') }
  let media: Media | null = null
  let offer: Offer | null = null
  let sdpVersion = 0
  let cseq = 0
  let finalReply: Repeater | null = null
  const requests = new Map<string, Repeater>()

  const replyTo = (request: SipRequest, status: number, reason: string, headers: Header[] = [], body = '') =>
    formatReply(request, { status, reason, toTag: tag, headers: [...own, ...headers], body })

  const isOver = (): boolean => view.state === 'ended'

  const end = (): void => {
    if (view.state === 'ended') return
    view.state = 'ended'
    view.endedAtMs = Date.now()
    media?.close()
    setting.onChange()
  }

  const sendFinal = (request: SipRequest, text: string, isRepeated: boolean): void => {
    finalReply?.stop()
    finalReply = isRepeated
      ? repeat(
          () => setting.reply(request, text, route.peer),
          // A caller that never says ACK to a 200 has gone (RFC 3261 section 13.3.1.4).
          () => hangUp(),
        )
      : null
    if (!isRepeated) setting.reply(request, text, route.peer)
  }

  const request = (method: string, headers: Header[] = [], body = ''): void => {
    cseq += 1
    const branch = `z9hG4bK${randomBytes(8).toString('hex')}`
    const text = formatRequest({
      is: 'request',
      method,
      uri: route.target,
      body,
      headers: [
        {
          name: 'via',
          value: `SIP/2.0/${route.peer.protocol} ${bracketed(setting.host)}:${setting.port};branch=${branch};rport`,
        },
        { name: 'max-forwards', value: '70' },
        ...headersOf(invite, 'record-route').map(value => ({ name: 'route', value })),
        { name: 'from', value: `${headerOf(invite, 'to')};tag=${tag}` },
        { name: 'to', value: headerOf(invite, 'from') ?? '' },
        { name: 'call-id', value: view.id },
        { name: 'cseq', value: `${cseq} ${method}` },
        ...headers,
      ],
    })
    if (route.peer.isReliable) {
      route.peer.send(text)
      return
    }
    requests.set(
      branch,
      repeat(
        () => route.peer.send(text),
        () => requests.delete(branch),
      ),
    )
  }

  const hangUp = (): void => {
    finalReply?.stop()
    if (view.state === 'talking') request('BYE')
    end()
  }

  const openSound = (): Promise<Media> =>
    openMedia(setting.host, () => {
      const before = Math.floor(view.heardSeconds)
      view.heardSeconds = media?.recording.seconds() ?? 0
      if (Math.floor(view.heardSeconds) !== before) setting.onChange()
    })

  const receiveInvite = (again: SipRequest, from: Peer): void => {
    if (view.state !== 'talking' || !media) {
      setting.reply(again, replyTo(again, 491, 'Request Pending'), from)
      return
    }
    const next = again.body ? readOffer(again.body) : offer
    if (!next) {
      setting.reply(again, replyTo(again, 488, 'Not Acceptable Here'), from)
      return
    }
    route = { peer: from, target: uriOf(headerOf(again, 'contact') ?? route.target) }
    offer = next
    media.connect(next)
    sdpVersion += 1
    sendFinal(
      again,
      replyTo(again, 200, 'OK', SDP, writeAnswer(next, setting.host, media.port, sdpVersion)),
      true,
    )
  }

  const cancel = (asked: SipRequest, from: Peer): void => {
    setting.reply(asked, replyTo(asked, 200, 'OK'), from)
    if (view.state !== 'ringing') return
    sendFinal(invite, replyTo(invite, 487, 'Request Terminated'), !route.peer.isReliable)
    end()
  }

  return {
    id: view.id,
    view: () => ({ ...view }),
    ring() {
      setting.reply(invite, replyTo(invite, 180, 'Ringing'), peer)
    },
    async answer() {
      if (view.state !== 'ringing') return
      offer = readOffer(invite.body)
      if (!offer) {
        this.refuse(488, 'Not Acceptable Here')
        return
      }
      // The handset is off the hook from here on, so that no second hand answers the same call.
      view.state = 'talking'
      view.answeredAtMs = Date.now()
      const opened = await openSound().catch(() => null)
      if (!opened) {
        // No free UDP port: the caller is told, and the phone goes on.
        sendFinal(invite, replyTo(invite, 500, 'Server Internal Error'), !route.peer.isReliable)
        end()
        return
      }
      media = opened
      if (isOver()) {
        media.close()
        return
      }
      const sdp = writeAnswer(offer, setting.host, media.port, sdpVersion)
      sendFinal(invite, replyTo(invite, 200, 'OK', SDP, sdp), true)
      media.connect(offer)
      setting.onChange()
    },
    refuse(status, reason) {
      if (view.state !== 'ringing') return
      sendFinal(invite, replyTo(invite, status, reason), !route.peer.isReliable)
      end()
    },
    receive(asked, from) {
      switch (asked.method) {
        case 'ACK':
          acknowledged(asked)
          break
        case 'CANCEL':
          cancel(asked, from)
          break
        case 'BYE':
          setting.reply(asked, replyTo(asked, 200, 'OK'), from)
          finalReply?.stop()
          end()
          break
        case 'INVITE':
          receiveInvite(asked, from)
          break
        case 'INFO':
        case 'OPTIONS':
          setting.reply(asked, replyTo(asked, 200, 'OK', ALLOWED), from)
          break
        default:
          setting.reply(asked, replyTo(asked, 405, 'Method Not Allowed', ALLOWED), from)
      }
    },
    settle(branch) {
      requests.get(branch)?.stop()
      requests.delete(branch)
    },
    hangUp() {
      if (view.state === 'ringing') this.refuse(603, 'Decline')
      else hangUp()
    },
    press(key, by) {
      if (view.state !== 'talking' || !media) throw new Error('expected a call in progress to press a key in')
      if (by === 'rfc4733') media.press(key)
      if (by === 'info') request('INFO', [{ name: 'content-type', value: 'application/dtmf' }], key)
      if (by === 'info-relay') {
        request(
          'INFO',
          [{ name: 'content-type', value: 'application/dtmf-relay' }],
          `Signal=${key}\r\nDuration=160\r\n`,
        )
      }
      view.keys += key
      setting.onChange()
    },
    heard: () => media?.recording.samples() ?? new Int16Array(0),
    drop() {
      finalReply?.stop()
      for (const repeater of requests.values()) repeater.stop()
      requests.clear()
      end()
    },
  }

  function acknowledged(ack: SipRequest): void {
    finalReply?.stop()
    const late = ack.body ? readOffer(ack.body) : null
    if (!late || !media || view.state !== 'talking') return
    offer = late
    media.connect(late)
  }
}

const ALLOWED: Header[] = [{ name: 'allow', value: ALLOW }]
const SDP: Header[] = [{ name: 'content-type', value: 'application/sdp' }]

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** What tells one dialog's messages from another's: Call-ID and the caller's tag. */
export function dialogKey(request: SipRequest): string {
  return `${headerOf(request, 'call-id')} ${parameterOf(headerOf(request, 'from'), 'tag') ?? ''}`
}

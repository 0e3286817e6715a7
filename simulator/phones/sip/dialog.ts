// The wire's side of one call at the phone (RFC 3261 section 12): answers under our tag, requests in the dialog, and both
// repeated until they are answered where they may be lost. It knows nothing of ringing, talking or sound.
import { randomBytes } from 'node:crypto'
import type { Peer } from './listener.ts'
import {
  formatReply,
  formatRequest,
  type Header,
  headerOf,
  headersOf,
  type SipRequest,
  uriOf,
} from './message.ts'
import { type Repeater, repeat } from './transactions.ts'

/** What a dialog needs of its phone. `reply` also remembers the answer for a repeated request. */
export type DialogSetting = {
  host: string
  port: number
  user: string
  reply(to: SipRequest, text: string, peer: Peer): void
}

export type Answer = { status: number; reason: string; headers?: readonly Header[]; body?: string }

export type Dialog = {
  /** Answers whoever asked, once. */
  reply(asked: SipRequest, from: Peer, answer: Answer): void
  /** The one answer that counts, to where the call is now; `isRepeated` until it is acknowledged. */
  conclude(asked: SipRequest, answer: Answer, isRepeated: boolean): void
  /** The one answer that counts was heard, or need not be any more. */
  acknowledged(): void
  request(method: string, headers?: readonly Header[], body?: string): void
  /** The other side answered our request of this branch. */
  settle(branch: string): void
  /** The other side is there from now on. */
  moveTo(peer: Peer, again: SipRequest): void
  /** Whether nothing is lost on the way to where the call is now. */
  isReliable(): boolean
  /** Nothing is repeated any more. */
  drop(): void
}

/** `onGivenUp`: the one answer that counts was never acknowledged. */
export function createDialog(
  invite: SipRequest,
  peer: Peer,
  setting: DialogSetting,
  onGivenUp: () => void,
): Dialog {
  const tag = randomBytes(6).toString('hex')
  const contact = `<sip:${setting.user}@${placeOf(setting)};transport=${peer.protocol.toLowerCase()}>`
  const requests = new Map<string, Repeater>()
  let route = { peer, target: uriOf(headerOf(invite, 'contact') ?? '') }
  let cseq = 0
  let concluding: Repeater | null = null

  const textOf = (asked: SipRequest, { status, reason, headers = [], body = '' }: Answer): string =>
    formatReply(asked, {
      status,
      reason,
      toTag: tag,
      headers: [{ name: 'contact', value: contact }, ...headers],
      body,
    })

  return {
    reply: (asked, from, answer) => setting.reply(asked, textOf(asked, answer), from),
    conclude(asked, answer, isRepeated) {
      const text = textOf(asked, answer)
      const send = (): void => setting.reply(asked, text, route.peer)
      concluding?.stop()
      concluding = isRepeated ? repeat(send, onGivenUp) : null
      if (!isRepeated) send()
    },
    acknowledged: () => concluding?.stop(),
    request(method, headers = [], body = '') {
      cseq += 1
      const branch = `z9hG4bK${randomBytes(8).toString('hex')}`
      const via = `SIP/2.0/${route.peer.protocol} ${placeOf(setting)};branch=${branch};rport`
      const within = requestHeaders(invite, tag, `${cseq} ${method}`)
      const text = formatRequest({
        is: 'request',
        method,
        uri: route.target,
        body,
        headers: [{ name: 'via', value: via }, ...within, ...headers],
      })
      const send = (): void => route.peer.send(text)
      if (route.peer.isReliable) send()
      else
        requests.set(
          branch,
          repeat(send, () => requests.delete(branch)),
        )
    },
    settle(branch) {
      requests.get(branch)?.stop()
      requests.delete(branch)
    },
    moveTo(next, again) {
      route = { peer: next, target: uriOf(headerOf(again, 'contact') ?? route.target) }
    },
    isReliable: () => route.peer.isReliable,
    drop() {
      concluding?.stop()
      for (const repeater of requests.values()) repeater.stop()
      requests.clear()
    },
  }
}

/** A request of ours in the dialog that the INVITE began: From and To change their places. */
const requestHeaders = (invite: SipRequest, tag: string, cseq: string): Header[] => [
  { name: 'max-forwards', value: '70' },
  ...headersOf(invite, 'record-route').map(value => ({ name: 'route', value })),
  { name: 'from', value: `${headerOf(invite, 'to')};tag=${tag}` },
  { name: 'to', value: headerOf(invite, 'from') ?? '' },
  { name: 'call-id', value: headerOf(invite, 'call-id') ?? '' },
  { name: 'cseq', value: cseq },
]

const placeOf = ({ host, port }: DialogSetting): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

// One call at the phone, as its callee (RFC 3261 sections 12–15): requests of its dialog in, replies and events out.
// Every call ends exactly once, whatever order ACK, CANCEL, BYE and a pulled plug come in.
import type { PhoneCall } from '../ports.ts'
import { type Media, openMedia } from './media.ts'
import { type Answer, createDialog, type Dialog, type DialogSetting } from './sip/dialog.ts'
import type { Peer } from './sip/listener.ts'
import { type Header, headerOf, parameterOf, type SipRequest, shownNameOf } from './sip/message.ts'
import { type Offer, readOffer, writeAnswer } from './sip/sdp.ts'

export const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO'
const ALLOWED: readonly Header[] = [{ name: 'allow', value: ALLOW }]
const SDP: readonly Header[] = [{ name: 'content-type', value: 'application/sdp' }]

export type CallSetting = DialogSetting & { onChange(): void }

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

export const createCall = (invite: SipRequest, peer: Peer, setting: CallSetting): Call =>
  new Incoming(invite, peer, setting)

class Incoming implements Call {
  readonly id: string
  readonly #invite: SipRequest
  readonly #peer: Peer
  readonly #setting: CallSetting
  readonly #dialog: Dialog
  readonly #shown: PhoneCall
  #media: Media | null = null
  #offer: Offer | null = null
  #sdpVersion = 0

  constructor(invite: SipRequest, peer: Peer, setting: CallSetting) {
    this.id = headerOf(invite, 'call-id') ?? ''
    this.#invite = invite
    this.#peer = peer
    this.#setting = setting
    // A caller that never says ACK to a 200 has gone (RFC 3261 section 13.3.1.4).
    this.#dialog = createDialog(invite, peer, setting, () => this.#sayBye())
    this.#shown = {
      id: this.id,
      from: shownNameOf(headerOf(invite, 'from') ?? ''),
      state: 'ringing',
      invitedAtMs: Date.now(),
      keys: '',
      heardSeconds: 0,
    }
  }

  view(): PhoneCall {
    return { ...this.#shown }
  }

  ring(): void {
    this.#dialog.reply(this.#invite, this.#peer, { status: 180, reason: 'Ringing' })
  }

  async answer(): Promise<void> {
    if (this.#shown.state !== 'ringing') return
    const offer = readOffer(this.#invite.body)
    this.#offer = offer
    if (!offer) return this.refuse(488, 'Not Acceptable Here')
    // The handset is off the hook from here on, so that no second hand answers the same call.
    this.#shown.state = 'talking'
    this.#shown.answeredAtMs = Date.now()
    const media = await this.#openSound().catch(() => null)
    // No free UDP port: the caller is told, and the phone goes on.
    if (!media) return this.#endWith(500, 'Server Internal Error')
    this.#media = media
    if (this.#isOver()) return media.close()
    this.#accept(this.#invite, offer, media)
    media.connect(offer)
    this.#setting.onChange()
  }

  refuse(status: number, reason: string): void {
    if (this.#shown.state === 'ringing') this.#endWith(status, reason)
  }

  receive(asked: SipRequest, from: Peer): void {
    const ok: Answer = { status: 200, reason: 'OK' }
    switch (asked.method) {
      case 'ACK':
        this.#acknowledged(asked)
        break
      case 'CANCEL':
        this.#cancel(asked, from)
        break
      case 'BYE':
        this.#dialog.reply(asked, from, ok)
        this.#dialog.acknowledged()
        this.#end()
        break
      case 'INVITE':
        this.#invited(asked, from)
        break
      case 'INFO':
      case 'OPTIONS':
        this.#dialog.reply(asked, from, { ...ok, headers: ALLOWED })
        break
      default:
        this.#dialog.reply(asked, from, { status: 405, reason: 'Method Not Allowed', headers: ALLOWED })
    }
  }

  settle(branch: string): void {
    this.#dialog.settle(branch)
  }

  hangUp(): void {
    if (this.#shown.state === 'ringing') this.refuse(603, 'Decline')
    else this.#sayBye()
  }

  press(key: string, by: 'rfc4733' | 'info' | 'info-relay'): void {
    if (this.#shown.state !== 'talking' || !this.#media)
      throw new Error('expected a call in progress to press a key in')
    if (by === 'rfc4733') this.#media.press(key)
    if (by === 'info') this.#inform('application/dtmf', key)
    if (by === 'info-relay') this.#inform('application/dtmf-relay', `Signal=${key}\r\nDuration=160\r\n`)
    this.#shown.keys += key
    this.#setting.onChange()
  }

  heard(): Int16Array {
    return this.#media?.recording.samples() ?? new Int16Array(0)
  }

  drop(): void {
    this.#dialog.drop()
    this.#end()
  }

  #isOver(): boolean {
    return this.#shown.state === 'ended'
  }

  #end(): void {
    if (this.#isOver()) return
    this.#shown.state = 'ended'
    this.#shown.endedAtMs = Date.now()
    this.#media?.close()
    this.#setting.onChange()
  }

  #endWith(status: number, reason: string): void {
    this.#dialog.conclude(this.#invite, { status, reason }, !this.#dialog.isReliable())
    this.#end()
  }

  #sayBye(): void {
    this.#dialog.acknowledged()
    if (this.#shown.state === 'talking') this.#dialog.request('BYE')
    this.#end()
  }

  #inform(type: string, body: string): void {
    this.#dialog.request('INFO', [{ name: 'content-type', value: type }], body)
  }

  #accept(asked: SipRequest, offer: Offer, media: Media): void {
    const body = writeAnswer(offer, this.#setting.host, media.port, this.#sdpVersion)
    this.#dialog.conclude(asked, { status: 200, reason: 'OK', headers: SDP, body }, true)
  }

  #openSound(): Promise<Media> {
    return openMedia(this.#setting.host, () => {
      const before = Math.floor(this.#shown.heardSeconds)
      this.#shown.heardSeconds = this.#media?.recording.seconds() ?? 0
      if (Math.floor(this.#shown.heardSeconds) !== before) this.#setting.onChange()
    })
  }

  /** Another INVITE in the call: on hold, off hold, or elsewhere. */
  #invited(again: SipRequest, from: Peer): void {
    const next = again.body ? readOffer(again.body) : this.#offer
    if (this.#shown.state !== 'talking' || !this.#media) {
      this.#dialog.reply(again, from, { status: 491, reason: 'Request Pending' })
    } else if (!next) {
      this.#dialog.reply(again, from, { status: 488, reason: 'Not Acceptable Here' })
    } else {
      this.#dialog.moveTo(from, again)
      this.#offer = next
      this.#media.connect(next)
      this.#sdpVersion += 1
      this.#accept(again, next, this.#media)
    }
  }

  #cancel(asked: SipRequest, from: Peer): void {
    this.#dialog.reply(asked, from, { status: 200, reason: 'OK' })
    if (this.#shown.state === 'ringing') this.#endWith(487, 'Request Terminated')
  }

  #acknowledged(ack: SipRequest): void {
    this.#dialog.acknowledged()
    const late = ack.body ? readOffer(ack.body) : null
    if (!late || !this.#media || this.#shown.state !== 'talking') return
    this.#offer = late
    this.#media.connect(late)
  }
}

/** What tells one dialog's messages from another's: Call-ID and the caller's tag. */
export function dialogKey(request: SipRequest): string {
  return `${headerOf(request, 'call-id')} ${parameterOf(headerOf(request, 'from'), 'tag') ?? ''}`
}

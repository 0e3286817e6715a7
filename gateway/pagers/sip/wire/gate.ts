// Between the line and JsSIP: what JsSIP would do wrongly with a call that we placed is dealt with here, and everything else
// passes. In: each message as it came or went. Out: the message to pass on, or null; keys, and the end of the dialog.
// - Every telephone that answers one INVITE is acknowledged in its own dialog, and all but the first are hung up (RFC 3261,
//   13.2.2.4); JsSIP deals with a second one in the dialog of the first.
// - INFO is answered here: JsSIP reads one character of a key, in the first line alone.
// - A request in a call belongs to its dialog (Call-ID and both tags), or is refused.
import { randomBytes } from 'node:crypto'
import { keyOfInfo } from '../media/keys.ts'
import type { Head } from './head.ts'
import {
  addressIn,
  branchOf,
  fieldOf,
  fieldsOf,
  listed,
  readHead,
  sequenceOf,
  tagOf,
  without,
} from './head.ts'

export type DialogHooks = {
  onKey(key: string): void
  /** Our dialog is over: they hung up, or we did. */
  onGone(by: 'them' | 'us'): void
}

export type Gate = {
  /** A message of ours, after it was written. */
  sent(text: string): void
  /** A message that came: what JsSIP is to read of it, null for nothing. */
  received(text: string): string | null
  /** Tells of this call, by its Call-ID, from now on. */
  follow(callId: string, hooks: DialogHooks): void
  /** Nothing more is to come of this call; a late answer still finds it for a while. */
  over(callId: string): void
}

/** A call that we placed, from its INVITE on. */
type Placed = {
  callId: string
  localTag: string
  /** The newest INVITE: a challenge makes a second one. */
  invite: Head
  /** The other sides that have said anything, by their tags. */
  tags: Set<string>
  /** Who answered first: the one dialog that JsSIP knows. */
  answered: string | null
  hasFailed: boolean
  isOver: boolean
  hungUp: Set<string>
  lastInfo: { number: number; branch: string }
  hooks: DialogHooks | null
}

/**
 * Calls are known so long after their end that a late answer still finds them (32 s, RFC 3261 timer M): while there are more
 * than so many, the oldest of those that are over is forgotten. One under way never is: it would be deaf to its keys.
 */
const PLACED_MAX = 256

/** `send` writes a message to the line, past JsSIP. */
export function createGate(send: (text: string) => void): Gate {
  const placed = new Map<string, Placed>()

  const sent = (text: string): void => {
    const head = readHead(text)
    const callId = fieldOf(head, 'call-id')
    const remoteTag = tagOf(fieldOf(head, 'to'))
    const known = placed.get(callId)
    if (head.start.startsWith('INVITE ') && remoteTag === '') {
      const next = known ?? newPlaced(callId, head)
      placed.set(callId, {
        ...next,
        invite: head,
        hasFailed: false,
        tags: new Set(),
        hooks: known?.hooks ?? null,
      })
      for (const [id, { isOver }] of placed) if (isOver && placed.size > PLACED_MAX) placed.delete(id)
    } else if (head.start.startsWith('BYE ') && known !== undefined && remoteTag === known.answered) {
      setImmediate(() => known.hooks?.onGone('us'))
    }
  }

  const received = (text: string): string | null => {
    if (text.trim() === '') return text
    const head = readHead(text)
    const call = placed.get(fieldOf(head, 'call-id'))
    if (call === undefined) return text
    return head.start.startsWith('SIP/2.0 ') ? answered(call, head, text) : asked(call, head, text)
  }

  function answered(call: Placed, head: Head, text: string): string | null {
    const { number, method } = sequenceOf(head)
    const status = Number(head.start.split(' ')[1])
    if (method !== 'INVITE' || number !== sequenceOf(call.invite).number) return text
    if (tagOf(fieldOf(head, 'from')) !== call.localTag) return null
    const tag = tagOf(fieldOf(head, 'to'))
    if (status < 200) {
      call.tags.add(tag)
      // Without a Contact JsSIP makes no early dialog, which would keep the Contact of the 180 for the 200.
      return without(text, 'contact')
    }
    if (status >= 300) {
      call.hasFailed = call.answered === null
      return text
    }
    if (call.answered === null && !call.hasFailed) call.answered = tag
    if (call.answered === tag) return text
    letGo(send, call, head, tag)
    return null
  }

  function asked(call: Placed, head: Head, text: string): string | null {
    const method = head.start.split(' ')[0]?.toUpperCase()
    const tag = tagOf(fieldOf(head, 'from'))
    const isOurs = tagOf(fieldOf(head, 'to')) === call.localTag
    const isTheirs = call.answered === null ? call.tags.has(tag) : call.answered === tag
    if (!isOurs || !isTheirs) {
      if (method !== 'ACK') send(response(head, '481 Call/Transaction Does Not Exist'))
      return null
    }
    if (method === 'INFO') {
      send(response(head, informed(call, head)))
      return null
    }
    if (method === 'BYE' && call.answered !== null) setImmediate(() => call.hooks?.onGone('them'))
    return text
  }

  return {
    sent,
    received,
    follow(callId, hooks) {
      const call = placed.get(callId)
      if (call !== undefined) call.hooks = hooks
    },
    over(callId) {
      const call = placed.get(callId)
      if (call !== undefined) call.isOver = true
    },
  }
}

/** One telephone too many has answered: its human is not left talking to nobody. */
function letGo(send: (text: string) => void, call: Placed, head: Head, tag: string): void {
  send(inDialog(call, head, 'ACK'))
  if (call.hungUp.has(tag)) return
  call.hungUp.add(tag)
  send(inDialog(call, head, 'BYE'))
}

/** Takes the key of an INFO; answers its status line. One sent again is the same press (RFC 3261, 12.2.2). */
function informed(call: Placed, head: Head): string {
  const { number } = sequenceOf(head)
  const branch = branchOf(fieldOf(head, 'via'))
  const { lastInfo } = call
  if (number < lastInfo.number) return '500 Server Internal Error'
  if (number === lastInfo.number && branch === lastInfo.branch) return '200 OK'
  call.lastInfo = { number, branch }
  const isPlain = ['', 'identity'].includes(fieldOf(head, 'content-encoding').toLowerCase())
  const key = isPlain ? keyOfInfo(fieldOf(head, 'content-type'), head.body) : null
  if (key !== null && call.answered !== null) call.hooks?.onKey(key)
  return '200 OK'
}

const newPlaced = (callId: string, invite: Head): Placed => ({
  callId,
  localTag: tagOf(fieldOf(invite, 'from')),
  invite,
  tags: new Set(),
  answered: null,
  hasFailed: false,
  isOver: false,
  hungUp: new Set(),
  lastInfo: { number: -1, branch: '' },
  hooks: null,
})

/** A request in the dialog that this 200 made (RFC 3261, 12.1.2 and 12.2.1.1), with the INVITE's credentials in its ACK. */
function inDialog({ invite }: Placed, answer: Head, method: 'ACK' | 'BYE'): string {
  const target = addressIn(fieldOf(answer, 'contact')) || (invite.start.split(' ')[1] ?? '')
  const routes = listed(fieldsOf(answer, 'record-route')).reverse()
  const { number } = sequenceOf(invite)
  const credentials = invite.fields.filter(
    ({ name }) => name === 'authorization' || name === 'proxy-authorization',
  )
  const via = fieldOf(invite, 'via').replace(/;\s*branch\s*=\s*[^;,\s]+/i, '')
  return written(`${method} ${target} SIP/2.0`, [
    ['Via', `${via};branch=z9hG4bK${randomBytes(9).toString('hex')}`],
    ['Max-Forwards', '70'],
    ...routes.map((route): Line => ['Route', route]),
    ['From', fieldOf(answer, 'from')],
    ['To', fieldOf(answer, 'to')],
    ['Call-ID', fieldOf(answer, 'call-id')],
    ['CSeq', `${method === 'ACK' ? number : number + 1} ${method}`],
    ...(method === 'ACK' ? credentials.map(({ name, value }): Line => [name, value]) : []),
  ])
}

function response(request: Head, status: string): string {
  const kept = request.fields.filter(({ name }) => ['via', 'from', 'to', 'call-id', 'cseq'].includes(name))
  return written(
    `SIP/2.0 ${status}`,
    kept.map(({ name, value }): Line => [NAMES[name] ?? name, value]),
  )
}

type Line = [name: string, value: string]
const NAMES: Readonly<Record<string, string>> = {
  via: 'Via',
  from: 'From',
  to: 'To',
  'call-id': 'Call-ID',
  cseq: 'CSeq',
}

const written = (start: string, lines: readonly Line[]): string =>
  [start, ...lines.map(([name, value]) => `${name}: ${value}`), 'Content-Length: 0', '', ''].join('\r\n')

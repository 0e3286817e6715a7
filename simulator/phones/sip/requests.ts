// What comes over the wire to the phone, message by message (RFC 3261 sections 8.2 and 17.2): a repeated request is answered as it
// was, one of a call goes to its call, an INVITE begins one, and everything else is answered at once.
import { randomBytes } from 'node:crypto'
import { ALLOW, type Call, dialogKey } from '../call.ts'
import type { Peer } from './listener.ts'
import {
  formatReply,
  headerOf,
  type Malformed,
  parameterOf,
  parseMessage,
  type SipRequest,
  type SipResponse,
} from './message.ts'
import { createReplyMemory } from './transactions.ts'

/** Who is behind it: the calls that there are, and what begins one. */
export type Callee = {
  callOf(dialog: string): Call | undefined
  calls(): readonly Call[]
  takeCall(invite: SipRequest, peer: Peer): void
}

export type Requests = {
  receive(text: string, peer: Peer): void
  /** Sends an answer, and remembers it for the same request again. */
  reply(to: SipRequest, text: string, peer: Peer): void
}

export function createRequests(callee: Callee): Requests {
  const memory = createReplyMemory()

  function settle(response: SipResponse): void {
    const branch = parameterOf(headerOf(response, 'via'), 'branch') ?? ''
    if (response.status >= 200) for (const call of callee.calls()) call.settle(branch)
  }

  function receiveRequest(request: SipRequest, peer: Peer): void {
    const key = transactionKey(request)
    const earlier = memory.recall(key)
    if (earlier) peer.send(earlier)
    if (earlier !== undefined) return
    if (request.method !== 'ACK') memory.note(key, null)
    dispatch(request, peer)
  }

  function reply(to: SipRequest, text: string, peer: Peer): void {
    memory.note(transactionKey(to), text)
    peer.send(text)
  }

  function respond(request: SipRequest, peer: Peer, status: number, reason: string): void {
    const toTag = randomBytes(6).toString('hex')
    const headers = [{ name: 'allow', value: ALLOW }]
    reply(request, formatReply(request, { status, reason, toTag, headers }), peer)
  }

  function dispatch(request: SipRequest, peer: Peer): void {
    const call = callee.callOf(dialogKey(request))
    const isInDialog = parameterOf(headerOf(request, 'to'), 'tag') !== undefined
    if (call) call.receive(request, peer)
    else if (request.method === 'ACK') return
    else if (isInDialog || request.method === 'CANCEL') {
      respond(request, peer, 481, 'Call/Transaction Does Not Exist')
    } else if (request.method === 'INVITE') callee.takeCall(request, peer)
    else if (request.method === 'OPTIONS') respond(request, peer, 200, 'OK')
    else respond(request, peer, 405, 'Method Not Allowed')
  }

  return {
    receive(text, peer) {
      const message = parseMessage(text)
      if (message.is === 'malformed') refuseMalformed(message, peer)
      else if (message.is === 'response') settle(message)
      else receiveRequest(message, peer)
    },
    reply,
  }
}

/** Without the headers to find its way back no answer is possible, and none is owed. */
function refuseMalformed(message: Malformed, peer: Peer): void {
  if (
    !headerOf(message, 'via') ||
    message.headers.find(header => header.name === 'cseq')?.value.endsWith('ACK')
  )
    return
  const reason = `Bad Request: ${message.why.replace(/[^\x20-\x7e]/g, '?')}`
  peer.send(formatReply(message, { status: 400, reason }))
}

/** RFC 3261 section 17.2.3: the branch, and CANCEL and ACK apart from their INVITE. */
function transactionKey(request: SipRequest): string {
  return `${parameterOf(headerOf(request, 'via'), 'branch') ?? ''} ${request.method} ${headerOf(request, 'cseq')}`
}

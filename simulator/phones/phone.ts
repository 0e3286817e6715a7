// The telephone at extension 5150: a SIP callee of its own, on TCP and UDP, that rings, answers, records and presses keys.
// Written by hand, sharing nothing with the gateway: a phone made from the caller's own stack would only mirror its
// mistakes, and JsSIP can do no listening. What cannot be read is answered 400 and never stops it.
import type { Phone, PhoneMode } from '../ports.ts'
import { type Call, createCall, dialogKey } from './call.ts'
import { type Listener, listen, type Peer } from './sip/listener.ts'
import { formatReply, type SipRequest } from './sip/message.ts'
import { createRequests } from './sip/requests.ts'

/** Calls remembered, newest last. */
const KEPT_CALLS = 100

export type PhoneOptions = {
  /** Where it listens; 127.0.0.1 unless the building is spread over machines. */
  host: string
  /** TCP and UDP; a free one where left out. */
  port?: number
  /** Its extension, as in its own Contact: "5150". */
  name: string
  mode: PhoneMode
}

/** Starts a telephone. Throws Error where its port is taken. */
export async function createPhone(options: PhoneOptions): Promise<Phone> {
  const calls: Call[] = []
  const byDialog = new Map<string, Call>()
  const listeners = new Set<() => void>()
  let mode = options.mode
  let listener: Listener | null = null
  const tell = (): void => {
    for (const listen of listeners) listen()
  }

  const { receive, reply } = createRequests({
    callOf: dialog => byDialog.get(dialog),
    calls: () => calls,
    takeCall,
  })

  // Port 0 needs one look at which number is free, even for a phone that starts with its plug pulled.
  const opened = await listen(options.host, options.port ?? 0, receive)
  const address = { host: options.host, port: opened.port }
  if (mode === 'down') await opened.close()
  else listener = opened

  function takeCall(invite: SipRequest, peer: Peer): void {
    reply(invite, formatReply(invite, { status: 100, reason: 'Trying' }), peer)
    const call = createCall(invite, peer, { ...address, user: options.name, reply, onChange: tell })
    calls.push(call)
    // Nobody is left to answer: it stops ringing. A call that is up goes on while its sound does.
    peer.onGone(() => {
      if (call.view().state === 'ringing') call.drop()
    })
    byDialog.set(dialogKey(invite), call)
    if (calls.length > KEPT_CALLS) forget(calls.shift())
    tell()
    if (mode === 'busy') call.refuse(486, 'Busy Here')
    if (mode === 'manual' || mode === 'answer') call.ring()
    if (mode === 'answer') void call.answer()
  }

  function forget(old: Call | undefined): void {
    old?.drop()
    for (const [key, call] of byDialog) if (call === old) byDialog.delete(key)
  }

  async function pullPlug(): Promise<void> {
    const plugged = listener
    listener = null
    for (const call of calls) call.drop()
    await plugged?.close()
  }

  return {
    address,
    mode: () => mode,
    async setMode(next) {
      mode = next
      if (next === 'down') await pullPlug()
      else listener ??= await listen(address.host, address.port, receive)
      tell()
    },
    calls: () => calls.map(call => call.view()),
    onChange(run) {
      listeners.add(run)
    },
    answer: callId => void theCall(calls, options.name, 'ringing', callId).answer(),
    hangUp(callId) {
      const call = calls.findLast(
        call => call.view().state !== 'ended' && (callId === undefined || call.id === callId),
      )
      if (!call) throw new Error(`expected a call at ${options.name} to hang up, came none`)
      call.hangUp()
    },
    press: (key, by = 'rfc4733') => theCall(calls, options.name, 'talking').press(key, by),
    heard(callId) {
      const call = calls.find(call => call.id === callId)
      if (!call) throw new Error(`expected the Call-ID of a call at ${options.name}, came ${callId}`)
      return call.heard()
    },
    close: pullPlug,
  }
}

/** The oldest that rings, the newest that is talked in. Throws where there is none. */
function theCall(calls: readonly Call[], name: string, state: 'ringing' | 'talking', callId?: string): Call {
  const found = calls.filter(
    call => call.view().state === state && (callId === undefined || call.id === callId),
  )
  const call = state === 'ringing' ? found[0] : found.at(-1)
  if (!call) throw new Error(`expected a ${state} call at ${name}, came none`)
  return call
}

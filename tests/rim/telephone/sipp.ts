// sipp as a telephone that follows a script to the letter, over TCP: for what no ordinary telephone does on demand.
// A script that does not get what it expects ends there, and `printed` says why.
import { connect } from 'node:net'
import { freePort } from './port.ts'
import { type Program, startProgram } from './program.ts'

export type Sipp = Program & {
  port: number
  /** Resolves at its end with whether it came to the last line of its script. */
  finished(): Promise<boolean>
}

const LAST_LINE = /came to the last line/

/** What sipp's Debian package brings: recorded RFC 4733 events (payload type 101) to play with `play_pcap_audio`. */
export const dtmfRecording = (key: string): string => `/usr/share/sip-tester/dtmf_2833_${key}.pcap`

/** Starts sipp with a scenario (its XML) for one call; OPTIONS are answered beside the script. */
export async function startSipp(scenario: string): Promise<Sipp> {
  const [port, mediaPort, controlPort] = [await freePort(), await freePort(), await freePort()]
  const program = await startProgram(
    'sipp',
    () => [
      ...['-sf', 'scenario.xml', '-t', 't1', '-i', '127.0.0.1', '-p', String(port)],
      ...['-mp', String(mediaPort), '-cp', String(controlPort)],
      ...['-aa', '-nostdin', '-timeout', '40s', '-trace_err', '-error_file', 'errors.log'],
    ],
    () => ({ 'scenario.xml': scenario }),
  )
  await listening(port, program)
  return {
    ...program,
    port,
    finished: () =>
      Promise.race([program.until(LAST_LINE).then(() => true), program.exited.then(() => false)]),
  }
}

function listening(port: number, program: Program): Promise<void> {
  return new Promise((resolve, reject) => {
    let isGone = false
    program.exited.then(code => {
      isGone = true
      reject(new Error(`sipp ended with ${code}:\n${program.printed()}`))
    }, reject)
    const attempt = (): void => {
      const socket = connect({ host: '127.0.0.1', port })
      socket.once('connect', () => {
        socket.destroy()
        resolve()
      })
      socket.once('error', () => {
        if (!isGone) setTimeout(attempt, 20)
      })
    }
    attempt()
  })
}

const SDP = (direction: string, version: number): string =>
  `v=0
o=sipp 1 ${version} IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=${direction}
`

/** A response to the newest request received, with a session description where `direction` is given. */
export function respond(status: string, direction?: string, version = 1): string {
  return `<send><![CDATA[
SIP/2.0 ${status}
[last_Via:]
[last_From:]
[last_To:];tag=[pid]sipp[call_number]
[last_Call-ID:]
[last_CSeq:]
[last_Record-Route:]
Contact: <sip:5150@[local_ip]:[local_port];transport=tcp>
${direction ? 'Content-Type: application/sdp\n' : ''}Content-Length: [len]

${direction ? SDP(direction, version) : ''}
]]></send>`
}

/** A request of the telephone in the call, its answer awaited (and checked for `expects`, a regular expression). */
export function request(
  method: string,
  cseq: number,
  body: { type: string; text: string } | null,
  expects?: string,
): string {
  const check = expects
    ? `<action><ereg regexp="${expects}" search_in="msg" check_it="true" assign_to="found${cseq}"/></action>`
    : ''
  return `<send><![CDATA[
${method} [next_url] SIP/2.0
Via: SIP/2.0/TCP [local_ip]:[local_port];branch=[branch]
[routes]
From: [$callee];tag=[pid]sipp[call_number]
To: [$caller]
Call-ID: [call_id]
CSeq: ${cseq} ${method}
Max-Forwards: 70
Contact: <sip:5150@[local_ip]:[local_port];transport=tcp>
${body ? `Content-Type: ${body.type}\n` : ''}Content-Length: [len]

${body?.text ?? ''}
]]></send>
<recv response="100" optional="true"></recv>
<recv response="200">${check}</recv>
${expects ? `<Reference variables="found${cseq}"/>` : ''}
${method === 'INVITE' ? acknowledge(cseq) : ''}`
}

/** re-INVITE of the telephone: `sendonly` puts us on hold, `sendrecv` takes us back. */
export function reinvite(direction: string, cseq: number, expects: string): string {
  return request('INVITE', cseq, { type: 'application/sdp', text: SDP(direction, cseq) }, expects)
}

function acknowledge(cseq: number): string {
  return `<send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/TCP [local_ip]:[local_port];branch=[branch]
[routes]
From: [$callee];tag=[pid]sipp[call_number]
To: [$caller]
Call-ID: [call_id]
CSeq: ${cseq} ACK
Max-Forwards: 70
Content-Length: 0

]]></send>`
}

/** The first INVITE, with both parties kept for the requests that follow. */
export const takeInvite = `<recv request="INVITE" crlf="true" rrs="true"><action>
<ereg regexp="&lt;.*&gt;" search_in="hdr" header="To:" assign_to="callee"/>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="caller"/>
</action></recv>`

export function scenario(...steps: string[]): string {
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="telephone">
${steps.join('\n')}
<nop><action><exec command="echo came to the last line"/></action></nop>
</scenario>
`
}

/** A telephone behind an exchange that rings, answers, and sends its key 1 by INFO. */
export const answersWithKeyOne = scenario(
  takeInvite,
  respond('180 Ringing'),
  respond('200 OK', 'sendrecv'),
  '<recv request="ACK"></recv>',
  request('INFO', 1, { type: 'application/dtmf-relay', text: 'Signal=1\nDuration=160' }),
  '<recv request="BYE"></recv>',
  respond('200 OK'),
)

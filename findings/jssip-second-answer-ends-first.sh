#!/usr/bin/env bash
# JsSIP 3.13.8; seen on Node 20.20 on 2026-11-29.
#
# An exchange may ring several telephones with one INVITE, and two may answer before it takes the others back. Each 200 makes a
# dialog of its own and is acknowledged there (RFC 3261, 13.2.2.4); a caller who wants one of them says BYE to the other.
# JsSIP makes the second dialog and then uses the first one: its ACK and its BYE go to the telephone that answered first, with
# whom the caller is talking. So the call ends for the one who has it, and the other is never acknowledged. The session itself
# goes on as confirmed.
#
# Output seen:
#   after the second answer: ACK to the dialog of first
#   after the second answer: BYE to the dialog of first
#   the session is established: true
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent jssip@3.13.8

cat > run.mjs <<'JS'
// JsSIP expects a browser; these are the parts of one that a call touches.
const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'
class Connection {
  iceGatheringState = 'complete'
  iceConnectionState = 'connected'
  signalingState = 'have-local-offer'
  localDescription = { type: 'offer', sdp: SDP }
  createOffer = async () => this.localDescription
  async setLocalDescription() {}
  async setRemoteDescription() {}
  getSenders = () => []
  addEventListener() {}
  removeEventListener() {}
  close() {}
}
class Description {
  constructor(description) {
    Object.assign(this, description)
  }
}
Object.assign(globalThis, { window: globalThis, RTCPeerConnection: Connection, RTCSessionDescription: Description })
const { default: JsSIP } = await import('jssip')

/** Waits until all that JsSIP had to do at once is done. */
const settled = async () => {
  for (let i = 0; i < 20; i++) await new Promise(next => setImmediate(next))
}
const sent = []
const socket = {
  via_transport: 'TCP',
  url: 'tcp://127.0.0.1:5060',
  sip_uri: 'sip:127.0.0.1;transport=tcp',
  connect() {
    queueMicrotask(() => this.onconnect())
  },
  disconnect() {},
  isConnected: () => true,
  isConnecting: () => false,
  send: text => sent.push(String(text)) > 0,
}
const header = (text, name) => new RegExp(`^${name}: (.*)$`, 'im').exec(text)[1].trim()
function reply(request, status, tag, body = '') {
  return [
    `SIP/2.0 ${status}`,
    `Via: ${header(request, 'Via')}`,
    `From: ${header(request, 'From')}`,
    `To: ${header(request, 'To')};tag=${tag}`,
    `Call-ID: ${header(request, 'Call-ID')}`,
    `CSeq: ${header(request, 'CSeq')}`,
    `Contact: <sip:${tag}@127.0.0.1:5071;transport=tcp>`,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}
const ua = new JsSIP.UA({ sockets: socket, uri: 'sip:caller@127.0.0.1', register: false, session_timers: false })
ua.start()
await new Promise(connected => ua.once('connected', connected))
const call = ua.call('sip:5150@127.0.0.1', { mediaConstraints: { audio: false, video: false } })
await settled()
const invite = sent.find(text => text.startsWith('INVITE '))
socket.ondata(reply(invite, '200 OK', 'first', SDP))
await settled()
const before = sent.length
socket.ondata(reply(invite, '200 OK', 'second', SDP))
await settled()
for (const text of sent.slice(before)) {
  console.log(`after the second answer: ${text.split(' ')[0]} to the dialog of ${/;tag=(\w+)/.exec(header(text, 'To'))[1]}`)
}
console.log(`the session is established: ${call.isEstablished()}`)
process.exit()
JS

expected='after the second answer: ACK to the dialog of first
after the second answer: BYE to the dialog of first
the session is established: true'
came=$(timeout 60 node run.mjs)
printf '%s\n' "$came"
if [ "$came" != "$expected" ]; then
  printf 'This has changed. Expected:\n%s\n' "$expected" >&2
  exit 1
fi

#!/usr/bin/env bash
# JsSIP 3.13.8; seen on Node 20.20 on 2026-11-29.
#
# A CANCEL has no effect on a call that was answered meanwhile (RFC 3261, 9.1): where it crosses the 200 of somebody who lifts
# the handset, the caller still has to acknowledge that 200, and to say BYE. JsSIP does so where the call was ended before
# anything was heard of it, but not where it rang: the 200 is dropped without ACK or BYE, and whoever answered sits in a call
# with nobody.
#
# Output seen:
#   before anything was heard: INVITE, ACK, BYE
#   after a 180: INVITE, CANCEL
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
const rings = process.argv[2] === 'rings'
if (rings) socket.ondata(reply(invite, '180 Ringing', 'callee'))
await settled()
call.terminate()
// The handset was lifted before the CANCEL came.
socket.ondata(reply(invite, '200 OK', 'callee', SDP))
await settled()
console.log(sent.map(text => text.split(' ')[0]).join(', '))
process.exit()
JS

expected='before anything was heard: INVITE, ACK, BYE
after a 180: INVITE, CANCEL'
came="before anything was heard: $(timeout 60 node run.mjs)
after a 180: $(timeout 60 node run.mjs rings)"
printf '%s\n' "$came"
if [ "$came" != "$expected" ]; then
  printf 'This has changed. Expected:\n%s\n' "$expected" >&2
  exit 1
fi

#!/usr/bin/env bash
# JsSIP 3.13.8; seen on Node 20.20 on 2026-11-28.
#
# A 200 to an INVITE carries the Contact at which the one who answered is reached from then on (RFC 3261, 12.1.2 and
# 12.2.1.2: the remote target is the Contact of the 2xx). Where a 180 with the same To tag came before it with another
# Contact, as through an exchange that moves a call while it rings, JsSIP keeps the address of the 180: the ACK, and any BYE,
# go to where nobody talks. Without the 180 the ACK goes to the 200's Contact.
#
# Output seen:
#   without a 180: ACK sip:answers@127.0.0.1:5072;transport=tcp SIP/2.0
#   after a 180: ACK sip:rings@127.0.0.1:5071;transport=tcp SIP/2.0
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent jssip@3.13.8

cat > run.mjs <<'JS'
// JsSIP expects a browser; these are the parts of one that a call touches.
class Connection {
  iceGatheringState = 'complete'
  iceConnectionState = 'connected'
  signalingState = 'stable'
  localDescription = null
  async createOffer() {
    return { type: 'offer', sdp: SDP }
  }
  async setLocalDescription(description) {
    this.localDescription = description
  }
  async setRemoteDescription() {}
  getSenders() {
    return []
  }
  addEventListener() {}
  removeEventListener() {}
  close() {}
}
const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 4000 RTP/AVP 0',
  '',
].join('\r\n')
class Description {
  constructor(description) {
    Object.assign(this, description)
  }
}
Object.assign(globalThis, { window: globalThis, RTCPeerConnection: Connection, RTCSessionDescription: Description })
const { default: JsSIP } = await import('jssip')

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
  send(text) {
    sent.push(String(text))
    if (text.startsWith('INVITE ')) queueMicrotask(() => answer(text))
    if (text.startsWith('ACK ')) acknowledged(text)
    return true
  },
}
const header = (text, name) => new RegExp(`^${name}: .*$`, 'im').exec(text)[0]
function reply(invite, status, contact, body = '') {
  return [
    `SIP/2.0 ${status}`,
    header(invite, 'Via'),
    header(invite, 'From'),
    `${header(invite, 'To')};tag=callee`,
    header(invite, 'Call-ID'),
    header(invite, 'CSeq'),
    `Contact: <${contact}>`,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}
// One address while it rings; another once somebody has answered. Argument: whether it rings first.
const rings = process.argv[2] === 'rings'
function answer(invite) {
  if (rings) socket.ondata(reply(invite, '180 Ringing', 'sip:rings@127.0.0.1:5071;transport=tcp'))
  socket.ondata(reply(invite, '200 OK', 'sip:answers@127.0.0.1:5072;transport=tcp', SDP))
}
let acknowledged
const ack = new Promise(done => {
  acknowledged = done
})
const ua = new JsSIP.UA({ sockets: socket, uri: 'sip:caller@127.0.0.1', register: false })
ua.start()
await new Promise(connected => ua.once('connected', connected))
ua.call('sip:5150@127.0.0.1', { mediaConstraints: { audio: false, video: false } })
console.log((await ack).split('\r\n')[0])
process.exit()
JS

expected='without a 180: ACK sip:answers@127.0.0.1:5072;transport=tcp SIP/2.0
after a 180: ACK sip:rings@127.0.0.1:5071;transport=tcp SIP/2.0'
came="without a 180: $(timeout 60 node run.mjs answers)
after a 180: $(timeout 60 node run.mjs rings)"
printf '%s\n' "$came"
if [ "$came" != "$expected" ]; then
  printf 'This has changed. Expected:\n%s\n' "$expected" >&2
  exit 1
fi

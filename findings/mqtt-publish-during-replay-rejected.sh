#!/usr/bin/env bash
# mqtt (MQTT.js) 5.16.0, with mqtt-packet 9.0.2 as a scripted broker; seen on Node 20.20 on 2026-11-28.
#
# A QoS 1 publish that has no PUBACK survives a lost connection, and one that is made while the client is offline is queued:
# both are delivered after the client has reconnected by itself. But one that is made while a new connection sends the old
# ones again is rejected with "Connection closed" if that connection drops too, and is never sent. The client is the same,
# its options are the same, and it reconnects all the same: for a moment a QoS 1 publish has no second try. Whoever must not
# lose a message has to publish again after a rejection.
#
# Output seen:
#   first: resolved
#   offline: resolved
#   during: rejected, Connection closed
#   the broker got: 1 first | 2 first | 3 first | 3 offline
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent mqtt@5.16.0 mqtt-packet@9.0.2

cat > run.mjs <<'JS'
import { createServer } from 'node:net'
import mqtt from 'mqtt'
import packets from 'mqtt-packet'

// Connections 1 and 2 are dropped at the first PUBLISH; from the third on everything is acknowledged.
let connections = 0
const got = []
const server = createServer(socket => {
  connections += 1
  const number = connections
  const parser = packets.parser({ protocolVersion: 4 })
  parser.on('packet', packet => {
    if (packet.cmd === 'connect') {
      socket.write(packets.generate({ cmd: 'connack', returnCode: 0, sessionPresent: number > 1 }))
    } else if (packet.cmd === 'publish') {
      got.push(`${number} ${packet.payload}`)
      if (number < 3) socket.destroy()
      else socket.write(packets.generate({ cmd: 'puback', messageId: packet.messageId }))
    } else if (packet.cmd === 'pingreq') socket.write(packets.generate({ cmd: 'pingresp' }))
  })
  socket.on('data', chunk => parser.parse(chunk))
  socket.on('error', () => {})
})
await new Promise(listening => server.listen(0, '127.0.0.1', listening))

const { port } = server.address()
const client = mqtt.connect({ host: '127.0.0.1', port, clientId: 'x', clean: false, reconnectPeriod: 50 })
client.on('error', () => {})
const fate = text =>
  client.publishAsync('t', text, { qos: 1 }).then(
    () => `${text}: resolved`,
    error => `${text}: rejected, ${error.message}`,
  )
const first = new Promise(done => client.once('connect', () => done(fate('first'))))
const offline = new Promise(done => client.once('close', () => done(fate('offline'))))
// The second time that the first publish leaves is on the second connection, which is then lost.
let left = 0
const during = new Promise(done =>
  client.on('packetsend', packet => {
    if (packet.cmd !== 'publish' || String(packet.payload) !== 'first') return
    left += 1
    if (left === 2) done(fate('during'))
  }),
)
console.log(await first)
console.log(await offline)
console.log(await during)
// Whatever is still to come has come by the time that a later publish is acknowledged.
await client.publishAsync('t', 'last', { qos: 1 })
console.log(`the broker got: ${got.filter(each => !each.endsWith('last')).join(' | ')}`)
client.end(true)
server.close()
JS

expected='first: resolved
offline: resolved
during: rejected, Connection closed
the broker got: 1 first | 2 first | 3 first | 3 offline'
came=$(timeout 60 node run.mjs)
printf '%s\n' "$came"
if [ "$came" != "$expected" ]; then
  printf 'This has changed. Expected:\n%s\n' "$expected" >&2
  exit 1
fi

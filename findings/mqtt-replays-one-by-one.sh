#!/usr/bin/env bash
# mqtt (MQTT.js) 5.16.0, with mqtt-packet 9.0.2 as a scripted broker; seen on Node 20.20 on 2026-11-30.
#
# What a client has sent at QoS 1 and has no PUBACK for it sends again on a new connection of the same session, with the DUP flag
# (MQTT 3.1.1, 4.4 and MQTT-3.3.1-1), and may have many on their way at once: as it had before, and as other clients do. MQTT.js
# sends them one by one, each only when the one before it is acknowledged, and what is published meanwhile waits behind all of
# them; the program is told of 'connect' only after the last. So a broker that withholds a single PUBACK after a reconnect hears
# nothing more of that client. And the DUP flag is not set, so that nobody can tell from it that this may be a second delivery.
#
# Output seen:
#   connection 1: first, second, third; none acknowledged
#   connection 2, none acknowledged for a second: first (dup false); told of 'connect': false
#   connection 2, all acknowledged: first, second, third, new
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

const got = { 1: [], 2: [] }
let connections = 0
let isOpen = false
let connected = () => {}
let resent = () => {}
const withheld = []
const hasConnected = new Promise(resolve => { connected = resolve })
const hasResent = new Promise(resolve => { resent = resolve })
const server = createServer(socket => {
  connections += 1
  const number = connections
  const parser = packets.parser({ protocolVersion: 4 })
  parser.on('packet', packet => {
    if (packet.cmd === 'connect') {
      socket.write(packets.generate({ cmd: 'connack', returnCode: 0, sessionPresent: number > 1 }))
      if (number === 2) {
        connected()
        setTimeout(resent, 1000)
      }
    } else if (packet.cmd === 'publish') {
      got[number].push(packet)
      if (number === 1 && got[1].length === 3) socket.destroy()
      const acknowledge = () => socket.write(packets.generate({ cmd: 'puback', messageId: packet.messageId }))
      if (number === 2 && isOpen) acknowledge()
      else if (number === 2) withheld.push(acknowledge)
    }
  })
  socket.on('data', bytes => parser.parse(bytes)).on('error', () => {})
})
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))

const client = mqtt.connect({
  host: '127.0.0.1', port: server.address().port, clientId: 'c', clean: false, reconnectPeriod: 100, protocolVersion: 4,
})
await new Promise(resolve => client.once('connect', resolve))
const all = ['first', 'second', 'third'].map(text => client.publishAsync('t', text, { qos: 1 }).catch(() => {}))
await new Promise(resolve => client.once('close', resolve))
let isToldConnected = false
client.once('connect', () => { isToldConnected = true })
await hasConnected
all.push(client.publishAsync('t', 'new', { qos: 1 }).catch(() => {}))
await hasResent
const names = list => list.map(({ payload }) => String(payload)).join(', ')
console.log(`connection 1: ${names(got[1])}; none acknowledged`)
console.log(`connection 2, none acknowledged for a second: ${got[2].map(({ payload, dup }) => `${payload} (dup ${dup})`).join(', ')}; told of 'connect': ${isToldConnected}`)
isOpen = true
for (const acknowledge of withheld) acknowledge()
await Promise.all(all)
console.log(`connection 2, all acknowledged: ${names(got[2])}`)
client.end(true)
server.close()
JS
timeout 60 node run.mjs > seen || true
cat seen

diff - seen <<'EXPECTED' || { echo 'changed: MQTT.js no longer replays one by one without the DUP flag' >&2; exit 1; }
connection 1: first, second, third; none acknowledged
connection 2, none acknowledged for a second: first (dup false); told of 'connect': false
connection 2, all acknowledged: first, second, third, new
EXPECTED

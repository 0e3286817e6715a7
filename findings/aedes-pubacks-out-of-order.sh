#!/usr/bin/env bash
# aedes 1.2.0, with mqtt-packet 9.0.2 as a scripted client; seen on Node 20.20 on 2026-11-29.
#
# MQTT 3.1.1 (4.6, MQTT-4.6.0-2) has a receiver send its PUBACKs in the order in which the PUBLISH packets came. aedes hands each
# packet to authorizePublish at once, without waiting for the one before, and writes each PUBACK when that packet's callback is
# called. So where the hook asks something that takes time (a database, say), acknowledgements leave in the order of the answers,
# and what is forwarded to subscribers is in that order too. Whoever has an asynchronous hook has to keep the order there.
#
# Output seen:
#   published: 1 first, 2 second, 3 third
#   acknowledged: 2, 3, 1
#   forwarded: second, third, first
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent aedes@1.2.0 mqtt-packet@9.0.2

cat > run.mjs <<'JS'
import { connect, createServer } from 'node:net'
import { Aedes } from 'aedes'
import packets from 'mqtt-packet'

// The first message is let through only once the others have been asked for.
let letFirst
const broker = await Aedes.createBroker({
  authorizePublish(_client, { payload }, done) {
    if (String(payload) === 'first') letFirst = done
    else done(null)
    if (String(payload) === 'third') setImmediate(() => letFirst(null))
  },
})
const forwarded = []
broker.on('publish', ({ topic, payload }) => topic === 't' && forwarded.push(String(payload)))
const server = createServer(broker.handle)
await new Promise(listening => server.listen(0, '127.0.0.1', listening))

const socket = connect(server.address().port, '127.0.0.1')
const write = packet => socket.write(packets.generate(packet))
const parser = packets.parser({ protocolVersion: 4 })
const acknowledged = []
const all = new Promise(done =>
  parser.on('packet', ({ cmd, messageId }) => {
    if (cmd === 'connack')
      for (const [i, payload] of ['first', 'second', 'third'].entries())
        write({ cmd: 'publish', topic: 't', payload, qos: 1, messageId: i + 1 })
    if (cmd === 'puback' && acknowledged.push(messageId) === 3) done()
  }),
)
socket.on('data', chunk => parser.parse(chunk))
write({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'x', clean: true, keepalive: 0 })
await all
console.log('published: 1 first, 2 second, 3 third')
console.log(`acknowledged: ${acknowledged.join(', ')}`)
console.log(`forwarded: ${forwarded.join(', ')}`)
process.exit()
JS

expected='published: 1 first, 2 second, 3 third
acknowledged: 2, 3, 1
forwarded: second, third, first'
came=$(timeout 60 node run.mjs)
printf '%s\n' "$came"
if [ "$came" != "$expected" ]; then
  printf 'This has changed. Expected:\n%s\n' "$expected" >&2
  exit 1
fi

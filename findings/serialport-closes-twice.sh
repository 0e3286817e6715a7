#!/usr/bin/env bash
# serialport 13.0.0 with @serialport/bindings-cpp 13.0.0, on Linux x64; seen on Node 20.20.2 on 2026-11-30. Needs socat.
#
# Where a write is the first to notice that the device is gone, "close" is told twice: first with no argument at all, while the
# descriptor is still open (the stream is destroyed by the error of the write), then with the DisconnectedError, once it is
# closed. Its documentation has one "close", and an argument where the device went. By `close()` it is told once, with null.
#
# Output seen:
#   by close(): close(null), descriptor closed
#   by a write to what is gone: error(EIO: i/o error, write); close(), descriptor open; close(DisconnectedError), descriptor closed
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts serialport@13.0.0

cat > ends.cjs <<'JS'
const { spawn } = require('node:child_process')
const { existsSync, readdirSync, readlinkSync } = require('node:fs')
const { SerialPort } = require('serialport')
const [, , how] = process.argv
const path = `${process.cwd()}/port-${process.pid}`
const socat = spawn('socat', ['-', `PTY,link=${path},rawer`])
const linkOf = name => {
  try {
    return readlinkSync(`/proc/self/fd/${name}`)
  } catch {
    return ''
  }
}
const descriptor = () => (readdirSync('/proc/self/fd').some(name => linkOf(name).startsWith('/dev/pts/')) ? 'open' : 'closed')
const nameOf = value => (value === null ? 'null' : value.disconnected ? 'DisconnectedError' : value.message)

const look = setInterval(() => {
  if (!existsSync(path)) return
  clearInterval(look)
  const told = []
  const port = new SerialPort({ path, baudRate: 115_200 })
  port.on('error', error => told.push(`error(${error.message})`))
  port.on('close', (...given) => {
    told.push(`close(${given.map(nameOf)}), descriptor ${descriptor()}`)
    if (descriptor() === 'open') return
    console.log(`${how}: ${told.join('; ')}`)
    socat.kill()
    process.exit()
  })
  port.on('open', () => {
    if (how === 'by close()') return port.close()
    socat.once('exit', () => port.write('hello'))
    socat.kill()
  })
}, 5)
JS
for how in 'by close()' 'by a write to what is gone'; do
  node ends.cjs "$how" </dev/null 2>/dev/null
done | tee seen
diff seen - <<'SEEN'
by close(): close(null), descriptor closed
by a write to what is gone: error(EIO: i/o error, write); close(), descriptor open; close(DisconnectedError), descriptor closed
SEEN

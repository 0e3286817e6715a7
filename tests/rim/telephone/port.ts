// Free ports of loopback for programs that must be told theirs before they start.
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

const ATTEMPTS = 50

/** A port free for both TCP and UDP at this moment, below the range the machine hands out by itself. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if ((await isTcpFree(port)) && (await isUdpFree(port))) return port
  }
  throw new Error(`expected a free port of loopback, came none in ${ATTEMPTS} attempts`)
}

function isTcpFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

function isUdpFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createSocket('udp4')
    socket.once('error', () => resolve(false))
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)))
  })
}

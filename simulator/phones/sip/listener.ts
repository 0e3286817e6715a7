// The phone's ears on the network: TCP and UDP on one port number. Messages in with the way back to whoever sent them.
// `close` ends listening and every connection at once, as a pulled plug does.
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import { createFraming } from './framing.ts'

/** Where a message came from and how to answer it. `isReliable` is false where lost packets must be sent again. */
export type Peer = {
  protocol: 'TCP' | 'UDP'
  host: string
  port: number
  isReliable: boolean
  send(text: string): void
  /** Called once when nothing can come from there any more; never for UDP, which can't know. */
  onGone(run: () => void): void
}

export type Listener = { port: number; close(): Promise<void> }

/** Two sockets must find the same number free; the UDP one may lose that race. */
const PORT_ATTEMPTS = 20

/**
 * Listens on `port` for both protocols; 0 finds a free one.
 * Throws Error where the port is taken.
 */
export async function listen(
  host: string,
  port: number,
  onMessage: (text: string, peer: Peer) => void,
): Promise<Listener> {
  for (let attempt = 1; ; attempt += 1) {
    const connections = new Set<Socket>()
    const server = createServer(socket => attend(socket, connections, onMessage))
    await bindTcp(server, host, port)
    const found = portOf(server)
    const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    try {
      await bindUdp(udp, host, found)
    } catch (cause) {
      server.close()
      if (port === 0 && attempt < PORT_ATTEMPTS) continue
      throw new Error(`the phone expected UDP port ${found} of ${host} free`, { cause })
    }
    udp.on('message', (data, from) => onMessage(data.toString('utf8'), udpPeer(udp, from.address, from.port)))
    udp.on('error', () => {})
    return { port: found, close: () => closeAll(server, connections, udp) }
  }
}

function attend(
  socket: Socket,
  connections: Set<Socket>,
  onMessage: (text: string, peer: Peer) => void,
): void {
  connections.add(socket)
  socket.setNoDelay(true)
  const framing = createFraming()
  const peer = tcpPeer(socket)
  socket.on('data', chunk => {
    for (const framed of framing(chunk)) {
      if (framed.is === 'ping') peer.send('\r\n')
      else onMessage(framed.text, peer)
      if (framed.is === 'unframeable') socket.end()
    }
  })
  // A reset is the peer's business; the calls it carried are ended by their own timers.
  socket.on('error', () => {})
  socket.on('close', () => connections.delete(socket))
}

function tcpPeer(socket: Socket): Peer {
  // One connection carries any number of calls, so they share one listener of it.
  const whenGone: (() => void)[] = []
  socket.once('close', () => {
    for (const run of whenGone) run()
  })
  return {
    protocol: 'TCP',
    host: socket.remoteAddress ?? '',
    port: socket.remotePort ?? 0,
    isReliable: true,
    send: text => {
      if (socket.writable) socket.write(text)
    },
    onGone: run => void whenGone.push(run),
  }
}

function udpPeer(udp: UdpSocket, host: string, port: number): Peer {
  return {
    protocol: 'UDP',
    host,
    port,
    isReliable: false,
    send: text => {
      try {
        udp.send(text, port, host, () => {})
      } catch {
        // The socket was closed under an answer on its way: the plug is pulled, the answer is lost with it.
      }
    },
    onGone: () => {},
  }
}

function bindTcp(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', cause =>
      reject(new Error(`the phone expected TCP port ${port} of ${host} free`, { cause })),
    )
    server.listen(port, host, () => resolve())
  })
}

function bindUdp(udp: UdpSocket, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    udp.once('error', reject)
    udp.bind(port, host, () => resolve())
  })
}

function portOf(server: Server): number {
  const address = server.address()
  if (!address || typeof address === 'string') throw new Error('a listening TCP server has a port')
  return address.port
}

async function closeAll(server: Server, connections: Set<Socket>, udp: UdpSocket): Promise<void> {
  for (const socket of connections) socket.destroy()
  await Promise.all([
    new Promise<void>(resolve => server.close(() => resolve())),
    new Promise<void>(resolve => udp.close(() => resolve())),
  ])
}

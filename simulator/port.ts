// Which port to listen on: the well-known one where it is free, else any.
import { once } from 'node:events'
import { createServer } from 'node:net'

/** `preferred` where nothing listens there on 127.0.0.1 now, otherwise a free one. */
export async function choosePort(preferred: number): Promise<number> {
  return (await tryPort(preferred)) ?? (await tryPort(0)) ?? 0
}

async function tryPort(port: number): Promise<number | null> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : null
  } catch {
    return null
  } finally {
    server.close()
  }
}

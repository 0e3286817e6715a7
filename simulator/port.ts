// Which port to listen on: the one that was asked for, or else the usual one where it is free, or else any.
import { once } from 'node:events'
import { createServer } from 'node:net'

export const USUAL_PORTS = { desk: 8080, page: 8081, mqtt: 1883, sip: 5060 }
export type PortOf = keyof typeof USUAL_PORTS

/** A port for one of the building's servers. Throws where one was asked for and something listens there. */
export async function portFor(what: PortOf, asked: number | undefined): Promise<number> {
  if (asked === undefined) return choosePort(USUAL_PORTS[what])
  if ((await tryPort(asked)) !== null) return asked
  throw new Error(
    `--${what}-port: expected a port that is free, came ${asked}, where something listens already`,
  )
}

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

// How a gateway is started: where its site file and data are and where it listens. Everything about the building
// itself is in the site file.
import type { LogLevel } from './log.ts'

export type Endpoint = { host: string; port: number }

export type Config = {
  siteFile: string
  dataDir: string
  http: Endpoint
  mqtt: Endpoint
  logLevel: LogLevel
}

const PORT_MAX = 65_535

/** Reads "127.0.0.1:8080" or "[::1]:8080". Port 0 takes any free one. Throws with what was expected and what came. */
export function parseEndpoint(text: string): Endpoint {
  const match = /^(?:\[([0-9a-f:]+)\]|([^:\s]+)):(\d{1,5})$/i.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port > PORT_MAX) {
    throw new Error(
      `expected HOST:PORT like 127.0.0.1:8080 with a port of at most ${PORT_MAX}, came "${text}"`,
    )
  }
  return { host, port }
}

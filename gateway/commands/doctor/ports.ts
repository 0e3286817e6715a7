// The gateway's ports, tried: free, held by another program, or a gateway's own, which is then asked how it is. Those for receivers
// are what the site file says: plain, TLS, or a broker outside, which is nobody's to be free.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { Health } from '../../../schemas/api/desk.ts'
import { codeOf, faultWords } from '../../../schemas/fault-words.ts'
import type { Site } from '../../../schemas/site.ts'
import type { Endpoint } from '../../config.ts'
import { tryOutside } from './certificate.ts'
import { broken, type Finding, ok, warning } from './finding.ts'

const ANSWER_MS = 5_000

export type WaySite = Partial<Pick<Site, 'site' | 'mqtt' | 'broker'>>

/**
 * `isRunning`: the site's gateway answers at the desk's port. Then nothing else may take its telephone. A site file that cannot
 * be read counts as one that says nothing of the way in or of whose gateway it is.
 */
export async function tryPorts(
  http: Endpoint,
  mqtt: Endpoint,
  site: WaySite | null = null,
): Promise<{ isRunning: boolean; found: Finding[] }> {
  const health = await healthAt(http)
  const isOthers = site?.site !== undefined && health?.site !== undefined && health.site !== site.site
  const isRunning = health !== null && !isOthers
  const desk = isOthers ? [othersFinding(http, health.site, site.site)] : await tryDesk(http, health)
  const outside = site?.broker === undefined ? null : endpointOf(site.broker.url)
  if (outside !== null) return { isRunning, found: [...desk, ...(await tryBroker(outside, site?.broker))] }
  const ways: Finding[] = []
  for (const at of waysIn(mqtt, site?.mqtt))
    ways.push(isRunning ? await tryOpen(at) : await tryFree('broker', at))
  return { isRunning, found: [...desk, ...ways] }
}

async function tryDesk(at: Endpoint, health: Health | null): Promise<Finding[]> {
  return health === null ? [await tryFree('desk', at)] : runningFindings(at, health)
}

const othersFinding = (at: Endpoint, came?: string, expected?: string): Finding =>
  broken(
    'gateway',
    `the gateway at ${nameOf(at)} is of another site: expected ${expected}, came ${came}`,
    "say by --http and --mqtt where this site's gateway is, or where it is to be",
  )

async function tryBroker(at: Endpoint, broker: WaySite['broker']): Promise<Finding[]> {
  const open = await tryOpen(at)
  const isSealed = broker?.url.startsWith('mqtts:') === true && open.is === 'ok'
  return isSealed ? [open, await tryOutside(at, broker)] : [open]
}

/** Where receivers come in, on the address of --mqtt. */
const waysIn = (mqtt: Endpoint, said?: Site['mqtt']): Endpoint[] => [
  ...(said?.plain === false ? [] : [mqtt]),
  ...(said?.tls === undefined ? [] : [{ host: mqtt.host, port: said.tls.port }]),
]

const PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883 }

function endpointOf(url: string): Endpoint {
  const { protocol, hostname, port } = new URL(url)
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) || (PORTS[protocol] ?? 0) }
}

const nameOf = ({ host, port }: Endpoint): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

async function healthAt(at: Endpoint): Promise<Health | null> {
  try {
    const response = await fetch(`http://${nameOf(at)}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS) })
    return Health.parse(await response.json())
  } catch {
    return null
  }
}

function runningFindings(at: Endpoint, { isOk, armed, technical, unproven }: Health): Finding[] {
  const about = `a gateway runs at ${nameOf(at)}`
  if (isOk)
    return [ok('gateway', `${about}, and is armed: an alarm now would be heard and would reach somebody`)]
  const said = [...technical.map(({ text }) => text), ...armed.reasons]
  const amiss = [...new Set(said)].map(text => broken('gateway', text))
  const notYet = unproven.map(what => warning('gateway', what))
  return [warning('gateway', `${about}, and is not well`), ...amiss, ...notYet]
}

async function tryFree(what: string, at: Endpoint): Promise<Finding> {
  const server = createServer()
  try {
    server.listen({ ...at, exclusive: true })
    await once(server, 'listening')
    return ok(what, `${nameOf(at)} is free: no gateway runs there`)
  } catch (error) {
    const why = `${nameOf(at)} cannot be had: ${faultWords(error)}`
    return codeOf(error) === 'EADDRINUSE'
      ? broken(what, why, `end that program, or choose another port for the ${what}`)
      : broken(what, why)
  } finally {
    server.close()
  }
}

async function tryOpen(at: Endpoint): Promise<Finding> {
  const socket = connect(at)
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(ANSWER_MS) })
    return ok('broker', `it takes connections at ${nameOf(at)}`)
  } catch (error) {
    return broken('broker', `no receiver can connect at ${nameOf(at)}: ${faultWords(error)}`)
  } finally {
    socket.destroy()
  }
}

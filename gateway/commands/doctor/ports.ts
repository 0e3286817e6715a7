// The gateway's ports, tried: free, held by another program, or a gateway's own, which is then asked how it is.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { Health } from '../../../schemas/api/desk.ts'
import { codeOf, faultWords } from '../../../schemas/fault-words.ts'
import type { Endpoint } from '../../config.ts'
import { broken, type Finding, ok, warning } from './finding.ts'

const ANSWER_MS = 5_000

/** `isRunning`: a gateway answers at the desk's port. Then nothing else may take its telephone. */
export async function tryPorts(
  http: Endpoint,
  mqtt: Endpoint,
): Promise<{ isRunning: boolean; found: Finding[] }> {
  const health = await healthAt(http)
  if (health === null)
    return { isRunning: false, found: [await tryFree('desk', http), await tryFree('broker', mqtt)] }
  return { isRunning: true, found: [...runningFindings(http, health), await tryOpen(mqtt)] }
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
  const notYet = unproven.map(what =>
    warning('gateway', `${what} has neither worked nor failed since it started`),
  )
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

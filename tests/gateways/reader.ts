// Somebody who reads what other systems are told by MQTT: all that came, in its order, and what stands on each topic now. Waits are for
// what comes, never for time.
import { randomUUID } from 'node:crypto'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { OUT_PREFIX } from '../../schemas/site/accounts.ts'
import { PATIENCE } from '../patience.ts'

export type Said = { topic: string; text: string; isRetained: boolean }

export type Reader = {
  client: MqttClient
  /** Everything that came, oldest first. */
  readonly said: readonly Said[]
  /** What stands on each topic: what came last, nothing where that was empty. */
  standing(): ReadonlyMap<string, string>
  /** A document that stands there; undefined for none. */
  on<Document>(topic: string): Document | undefined
  /** Resolves once this is so; answers what it answered. */
  until<T>(find: () => T | undefined | false): Promise<T>
  close(): Promise<void>
}

/** Connects and subscribes to these filters; those that are refused are left out. It comes back by itself. */
export async function startReader(
  at: { host: string; port: number },
  account: Pick<IClientOptions, 'username' | 'password'>,
  filters: readonly string[] = [`${OUT_PREFIX}/#`, 'homeassistant/#'],
): Promise<Reader> {
  const client = mqtt.connect({
    ...at,
    ...account,
    // Of its own: whoever comes under the same id takes a connection over.
    clientId: `reader-${randomUUID()}`,
    reconnectPeriod: 50,
  })
  client.on('error', () => undefined)
  const said: Said[] = []
  const standing = new Map<string, string>()
  const looks = new Set<() => void>()
  client.on('message', (topic, payload, { retain }) => {
    const text = payload.toString()
    said.push({ topic, text, isRetained: retain })
    if (text === '') standing.delete(topic)
    else standing.set(topic, text)
    for (const look of looks) look()
  })
  await new Promise<void>(resolve => client.once('connect', () => resolve()))
  for (const filter of filters) await client.subscribeAsync(filter, { qos: 1 }).catch(() => undefined)
  return {
    client,
    said,
    standing: () => standing,
    on: topic => {
      const text = standing.get(topic)
      return text === undefined ? undefined : JSON.parse(text)
    },
    until: find =>
      new Promise((resolve, reject) => {
        const never = setTimeout(() => {
          looks.delete(look)
          reject(new Error(`it never came; at last there stood ${JSON.stringify([...standing], null, 1)}`))
        }, PATIENCE.timeout)
        const look = (): void => {
          const found = find()
          if (found === undefined || found === false) return
          clearTimeout(never)
          looks.delete(look)
          resolve(found as never)
        }
        looks.add(look)
        look()
      }),
    close: () => client.endAsync(true),
  }
}

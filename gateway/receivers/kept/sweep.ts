// What an earlier life of the gateway left on a broker outside: found by asking for all that is retained under our own topics, and taken
// away where nothing of it stands now. What is found is looked at by its topic alone, and never read.
import type { IPublishPacket, MqttClient } from 'mqtt'
import type { Clock, Log } from '../../ports.ts'
import type { KeptSetting } from './setting.ts'

/** A broker that lets us not hear ourselves: what was left stays. */
const HEAR_MS = 5_000

/** Resolves once it is done, or cannot be. */
export async function sweep(
  client: MqttClient,
  { status, filters }: KeptSetting,
  has: (topic: string) => boolean,
  { clock, log }: { clock: Clock; log: Log },
): Promise<void> {
  const stale = new Set<string>()
  let done = (): void => {}
  const heardOurselves = new Promise<boolean>(resolve => {
    const cancel = clock.after(HEAR_MS, () => resolve(false))
    done = () => {
      cancel()
      resolve(true)
    }
  })
  const hear = (topic: string, payload: Buffer, { retain }: IPublishPacket): void => {
    if (topic === status && !retain) done()
    else if (retain && payload.length > 0 && !has(topic)) stale.add(topic)
  }
  client.on('message', hear)
  try {
    const granted = await client.subscribeAsync([...filters], { qos: 1 })
    const refused = granted.find(({ qos }) => qos > 2)
    // What is retained comes before what we say after having asked for it.
    await client.publishAsync(status, 'offline', { qos: 1, retain: true })
    if (refused !== undefined || !(await heardOurselves))
      log.warn(
        { topic: refused?.topic ?? status },
        'the broker lets the gateway not read its own topics: what an earlier one left there may stay',
      )
    await Promise.all([...stale].map(topic => client.publishAsync(topic, '', { qos: 1, retain: true })))
    await client.unsubscribeAsync([...filters])
  } finally {
    done()
    client.off('message', hear)
  }
}

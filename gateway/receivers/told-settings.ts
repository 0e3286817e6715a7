// Settings that a gateway of another system takes by MQTT: said to each on its own topic, and kept there for when it connects, so
// that it is set as the site file says though it forgets it over a restart.
import type { Receiver } from '../../schemas/site.ts'
import type { Log } from '../ports.ts'
import { foreignOf } from './foreign/systems.ts'
import type { Listener } from './mqtt/listener.ts'

export type ToldSettings = {
  /** From now on these; what is said no more is deleted. */
  setReceivers(receivers: readonly Receiver[]): void
}

export function toldSettings(listener: Pick<Listener, 'publish'>, log: Log): ToldSettings {
  let told: ReadonlyMap<string, string> = new Map()

  function publish(topic: string, payload: string): void {
    listener.publish({ cmd: 'publish', topic, payload, qos: 1, retain: true, dup: false }, error => {
      if (error) log.error({ error, topic }, 'settings not published')
    })
  }
  return {
    setReceivers(receivers) {
      const before = told
      told = new Map(
        receivers.flatMap(each =>
          (foreignOf(each)?.told ?? []).map(({ topic, payload }) => [topic, payload] as const),
        ),
      )
      for (const topic of before.keys()) if (!told.has(topic)) publish(topic, '')
      for (const [topic, payload] of told) if (before.get(topic) !== payload) publish(topic, payload)
    },
  }
}

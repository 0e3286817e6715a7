// What other systems are told, on the gateway's own broker: handed to it in this thread. A reader that falls behind is cut off by its
// connection (mqtt/connection.ts), so that nothing here waits for one.
import type { Clock } from '../../ports.ts'
import type { KeptSetting } from './setting.ts'
import { type Publish, type Standing, standing } from './standing.ts'
import type { KeptWay } from './way.ts'

export type KeptThere = KeptWay & {
  use(setting: KeptSetting | null): void
  close(): Promise<void>
}

/** `setting`: what is offline there already, from before anybody could ask. */
export function keptHere(publish: Publish, setting: KeptSetting | null, clock: Clock): KeptThere {
  const begin = (status: string): Standing => standing({ publish, status, clock })
  let status = setting?.status ?? null
  let now = status === null ? null : begin(status)
  let onEmpty = (): void => {}
  return {
    async keep(kept, isWhole) {
      await now?.keep(kept, isWhole)
    },
    onEmpty(listener) {
      onEmpty = listener
    },
    use(next) {
      if ((next?.status ?? null) === status) return
      const before = now
      status = next?.status ?? null
      now = status === null ? null : begin(status)
      const ready = status === null ? Promise.resolve() : publish(status, 'offline', true)
      void Promise.all([before?.end(true), ready]).then(
        () => onEmpty(),
        () => undefined,
      )
    },
    async close() {
      await now?.end(false)
    },
  }
}

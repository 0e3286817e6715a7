// What other systems are told, handed to the broker's thread: a few at once, and whether they stand there comes back. A thread that is
// gone has none of it, and the next one is given all of it again.
import type { Kept, KeptWay } from '../kept/way.ts'
import type { FromBroker, ToBroker } from './messages.ts'

export type Keeping = {
  way: KeptWay
  hear(message: FromBroker): void
  /** There is no thread, or not the one that was. */
  lost(why: string): void
}

type Asked = { resolve(): void; reject(error: Error): void }

export function keepingIn(post: (message: ToBroker) => void): Keeping {
  const asked = new Map<number, Asked>()
  const listeners: (() => void)[] = []
  let lastCall = 0
  return {
    way: {
      keep: (kept: readonly Kept[], isWhole) =>
        new Promise((resolve, reject) => {
          lastCall += 1
          asked.set(lastCall, { resolve, reject })
          post({ is: 'keep', call: lastCall, kept, isWhole })
        }),
      onEmpty: listener => void listeners.push(listener),
    },
    hear(message) {
      if (message.is === 'empty') for (const listener of listeners) listener()
      if (message.is !== 'kept') return
      const one = asked.get(message.call)
      asked.delete(message.call)
      if (message.failure === null) one?.resolve()
      else one?.reject(new Error(message.failure))
    },
    lost(why) {
      for (const { reject } of asked.values()) reject(new Error(why))
      asked.clear()
    },
  }
}

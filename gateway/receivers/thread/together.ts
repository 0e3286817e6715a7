// What is said within one turn of the event loop, as one message: to wake the other thread costs more than to tell it something.
// Promises the order in which it was said.

export type Together<T> = {
  add(one: T): void
  /** Before anything else is said: what was added before goes before it. */
  flush(): void
}

export function together<T>(post: (all: T[]) => void): Together<T> {
  let waiting: T[] = []
  const flush = (): void => {
    if (waiting.length === 0) return
    const all = waiting
    waiting = []
    post(all)
  }
  return {
    add(one) {
      if (waiting.length === 0) setImmediate(flush)
      waiting.push(one)
    },
    flush,
  }
}

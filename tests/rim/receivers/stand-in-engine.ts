// Stands in for the engine behind the broker: remembers events, and can hold, fail or reorder their commits.
import type { Decided, EngineEvent, Submit } from '../../../gateway/ports.ts'

type Of<Kind extends EngineEvent['kind']> = Extract<EngineEvent, { kind: Kind }>

export type Engine = {
  submit: Submit
  /** Kinds of all events so far, in order. */
  readonly heard: string[]
  /** The next event of a kind, in order, each once. */
  next<Kind extends EngineEvent['kind']>(kind: Kind): Promise<Of<Kind>>
  hold(): void
  release(): void
  /** The oldest of those that are held; the others stay so. */
  releaseOldest(): void
  releaseNewestFirst(): void
  failNext(error: Error): void
  /** All from now on, each as this says; null no more. */
  failAs(failing: ((event: EngineEvent) => Error) | null): void
}

const OK: Decided = { refused: null }

export function standInEngine(): Engine {
  const heard: string[] = []
  const unread: EngineEvent[] = []
  const readers: (() => void)[] = []
  const held: (() => void)[] = []
  let isHolding = false
  let failure: Error | null = null
  let failing: ((event: EngineEvent) => Error) | null = null

  const submit: Submit = event => {
    heard.push(event.kind)
    unread.push(event)
    for (const wake of readers.splice(0)) wake()
    if (failure) {
      const error = failure
      failure = null
      return Promise.reject(error)
    }
    if (failing) return Promise.reject(failing(event))
    return isHolding ? new Promise(resolve => held.push(() => resolve(OK))) : Promise.resolve(OK)
  }

  return {
    submit,
    heard,
    async next<Kind extends EngineEvent['kind']>(kind: Kind) {
      for (;;) {
        const at = unread.findIndex(event => event.kind === kind)
        const [event] = at < 0 ? [] : unread.splice(at, 1)
        if (event) return event as Of<Kind>
        await new Promise<void>(wake => readers.push(wake))
      }
    },
    hold: () => {
      isHolding = true
    },
    release: () => {
      isHolding = false
      for (const resolve of held.splice(0)) resolve()
    },
    releaseOldest: () => held.shift()?.(),
    releaseNewestFirst: () => {
      isHolding = false
      for (const resolve of held.splice(0).reverse()) resolve()
    },
    failNext: error => {
      failure = error
    },
    failAs: as => {
      failing = as
    },
  }
}

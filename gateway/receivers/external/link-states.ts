// How it is with the gateway's sessions at a broker outside, each by itself, as one fault of all of them; the words of it too.
import type { Clock } from '../../ports.ts'

/** They go and come together: said once for all of them. */
const TOGETHER_MS = 100
const NAMED_MAX = 3

/** Whose session: a receiver's id, or what the gateway says itself. */
type Whose = string | typeof OWN
export const OWN = Symbol('own')

export type LinkStates = {
  /** It is to be there from now on, and is not yet. */
  expect(whose: Whose): void
  /** Null while it listens; otherwise why not, in words. */
  set(whose: Whose, why: string | null): void
  drop(whose: Whose): void
  close(): void
}

/** `onLink` is told null once all of them listen; nothing while they begin. */
export function linkStates(url: string, clock: Clock, onLink: (fault: string | null) => void): LinkStates {
  const states = new Map<Whose, string | null | undefined>()
  let cancel = (): void => {}
  const soon = (): void => {
    cancel()
    cancel = clock.after(TOGETHER_MS, () => {
      const fault = faultOf(url, states)
      if (fault !== undefined) onLink(fault)
    })
  }
  return {
    expect: whose => void states.set(whose, undefined),
    set(whose, why) {
      states.set(whose, why)
      soon()
    },
    drop(whose) {
      states.delete(whose)
      soon()
    },
    close: () => cancel(),
  }
}

/** Undefined where some begin, and none is amiss. */
function faultOf(
  url: string,
  states: ReadonlyMap<Whose, string | null | undefined>,
): string | null | undefined {
  const amiss = [...states].flatMap(([whose, why]) => (typeof why === 'string' ? [{ whose, why }] : []))
  const [first] = amiss
  if (first === undefined) return [...states.values()].every(why => why === null) ? null : undefined
  const again = 'It is tried again each second'
  const receivers = amiss.flatMap(({ whose }) => (whose === OWN ? [] : [whose]))
  if (receivers.length === states.size - 1)
    return `The broker ${url} is not connected (${first.why}): no pendant is heard that comes in by it. ${again}`
  if (receivers.length === 0)
    return `The broker ${url} does not take what the gateway says (${first.why}): no wearer is told anything by it. ${again}`
  const others = receivers.length - NAMED_MAX
  const names = `${receivers.slice(0, NAMED_MAX).join(', ')}${others > 0 ? ` and ${others} more` : ''}`
  return `The broker ${url} does not give the gateway what comes of ${names} (${first.why}): no pendant is heard by ${receivers.length === 1 ? 'it' : 'them'}. ${again}`
}

// One page as the engine sees it: what the worker saw on the wire in, ordered progress out, ending exactly once.
// Pure; the pager owns the timers and the sending.
import type { PageOrder, PageProgress } from '../../ports.ts'
import type { FromWorker } from './messages.ts'
import { type Outcome, outcomeOf } from './outcome.ts'

export const ACKNOWLEDGE_KEY = '1'

export type PageState = {
  order: PageOrder
  phase: 'placed' | 'invited' | 'ringing' | 'answered' | 'ended'
  /** Why we are ending it ourselves, once we are. */
  ending: Outcome | null
}

export type Heard = Extract<FromWorker, { page: string }>

const ORDER = ['placed', 'invited', 'ringing', 'answered', 'ended']

/** What the engine is to be told of this message: nothing, one step, or a key and the end it brings. */
export function follow(page: PageState, heard: Heard): { page: PageState; steps: PageProgress[] } {
  const unchanged = { page, steps: [] }
  if (page.phase === 'ended') return unchanged
  switch (heard.is) {
    case 'invited':
    case 'ringing':
    case 'answered':
      // A provisional answer that comes after the final one says nothing any more.
      if (ORDER.indexOf(heard.is) <= ORDER.indexOf(page.phase)) return unchanged
      return { page: { ...page, phase: heard.is }, steps: [{ step: heard.is }] }
    case 'key':
      return pressed(page, heard.key)
    case 'over': {
      const told = outcomeOf(heard.ending, page.phase === 'ringing')
      return ended(page, heard.ending.by === 'us' ? (page.ending ?? told) : told)
    }
    default:
      return heard satisfies never
  }
}

/** Ends it with this outcome, whatever phase it is in. */
export function ended(page: PageState, outcome: Outcome): { page: PageState; steps: PageProgress[] } {
  return { page: { ...page, phase: 'ended' }, steps: [{ step: 'ended', ...outcome }] }
}

function pressed(page: PageState, key: string): { page: PageState; steps: PageProgress[] } {
  const step: PageProgress = { step: 'key', key }
  if (key !== ACKNOWLEDGE_KEY) return { page, steps: [step] }
  const end = ended(page, { outcome: 'acknowledged', detail: `key ${key} pressed` })
  return { page: end.page, steps: [step, ...end.steps] }
}

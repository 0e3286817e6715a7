// One page as the engine sees it: what the worker saw on the wire in, ordered progress out, ending exactly once.
// Pure; the pager owns the timers and the sending.
import type { PageProgress } from '../../ports.ts'
import type { CallOrder, CallReply, FromWorker } from './messages.ts'
import { type Outcome, outcomeOf } from './wire/outcome.ts'

export type PageState = {
  order: CallOrder
  phase: 'placed' | 'invited' | 'ringing' | 'answered' | 'ended'
  /** Why we are ending it ourselves, once we are. */
  ending: Outcome | null
  /** The last words are being said. */
  isLast?: boolean
}

export type Heard = Exclude<Extract<FromWorker, { page: string }>, { is: 'stray' }>

/** What each means to people: a telephone that rings has accepted the page, one that was lifted has reached somebody. */
const STEPS = { invited: 'sent', ringing: 'accepted', answered: 'reached' } as const
const ORDER = ['placed', 'invited', 'ringing', 'answered', 'ended']

/** What the engine is to be told of this message: nothing, or one step. A key is reported, never understood. */
export function follow(page: PageState, heard: Heard): { page: PageState; steps: PageProgress[] } {
  const unchanged = { page, steps: [] }
  if (page.phase === 'ended') return unchanged
  switch (heard.is) {
    case 'invited':
    case 'ringing':
    case 'answered':
      // A provisional answer that comes after the final one says nothing any more.
      if (ORDER.indexOf(heard.is) <= ORDER.indexOf(page.phase)) return unchanged
      return { page: { ...page, phase: heard.is }, steps: [{ step: STEPS[heard.is] }] }
    case 'key':
      return { page, steps: [{ step: 'answered', with: heard.key }] }
    case 'said':
      return { page, steps: [{ step: 'said', news: heard.news }] }
    case 'over': {
      const told = outcomeOf(heard.ending, page.phase === 'ringing')
      // Who hangs up on our last words has heard what they say.
      const isOurs = heard.ending.by === 'us' || (page.isLast && heard.ending.by === 'hang-up')
      return ended(page, isOurs ? (page.ending ?? told) : told)
    }
    default:
      return heard satisfies never
  }
}

/** Ends it with this outcome, whatever phase it is in. */
export function ended(page: PageState, outcome: Outcome): { page: PageState; steps: PageProgress[] } {
  return { page: { ...page, phase: 'ended' }, steps: [{ step: 'ended', ...outcome }] }
}

const LAST_WORDS: Partial<Record<CallReply['is'], Outcome>> = {
  thank: { outcome: 'acknowledged', detail: 'acknowledged, and thanked' },
  coming: { outcome: 'acknowledged', detail: 'acknowledged, and thanked' },
}
const NOT_NEEDED: Outcome = { outcome: 'withdrawn', detail: 'no longer needed, and told so' }

/** The page after a reply: what it says once it is answered, or how it will have ended after its last words. */
export function replied(page: PageState, { is, phrases, isLast }: CallReply): PageState {
  if (page.phase === 'ended') return page
  if (isLast) return { ...page, isLast, ending: LAST_WORDS[is] ?? NOT_NEEDED }
  // What was to be its end, if it was saying its last words, is that no more.
  const onward = page.isLast ? { isLast: false, ending: null } : {}
  return { ...page, ...onward, order: { ...page.order, phrases } }
}

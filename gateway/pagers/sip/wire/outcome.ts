// How a call ended on the wire in, what that means for the page out, with words for the desk (RFC 3261 section 21).
import type { PageOutcome } from '../../../../schemas/api/desk.ts'
import type { Ending } from '../messages.ts'

export type Outcome = { outcome: PageOutcome; detail: string }

const BUSY = [486, 600]
const DECLINED = [403, 603]
/** Nobody there, or nobody there now: after ringing it means that nobody came. */
const NOBODY = [408, 480]
/** Not there, not to be found, or no way to it. */
export const UNREACHABLE: readonly number[] = [404, 410, 484, 502, 503, 504, 604]
/** The exchange gave up ringing by itself. */
const GIVEN_UP = [487]

/** `wasRinging`: a provisional answer had said that it rings. */
export function outcomeOf(ending: Ending, wasRinging: boolean): Outcome {
  switch (ending.by) {
    case 'us':
      return { outcome: 'withdrawn', detail: 'no longer needed' }
    case 'hang-up':
      return { outcome: 'hung-up', detail: 'hung up without pressing 1' }
    case 'line':
      return { outcome: 'unreachable', detail: ending.detail }
    case 'fault':
      return { outcome: 'failed', detail: ending.detail }
    case 'status':
      return {
        outcome: ofStatus(ending.status, wasRinging),
        detail: `${ending.status} ${ending.reason}`.trim(),
      }
    default:
      return ending satisfies never
  }
}

function ofStatus(status: number, wasRinging: boolean): PageOutcome {
  if (BUSY.includes(status)) return 'busy'
  if (DECLINED.includes(status)) return 'declined'
  if (NOBODY.includes(status)) return wasRinging ? 'no-answer' : 'unreachable'
  if (UNREACHABLE.includes(status)) return 'unreachable'
  return GIVEN_UP.includes(status) ? 'no-answer' : 'failed'
}

// Whether the telephones that pages go to can be called, without ringing one: an OPTIONS to each, again and again. Numbers
// in, what came of each asking out, as a sentence or null where it can be called.
import type { Agent, Answered } from './agent.ts'
import type { WorkerSetting } from './messages.ts'
import { UNREACHABLE } from './wire/outcome.ts'

const ASK_EVERY_MS = 15_000
/** SIP's own limit is 32 s (timer F), when two more askings are on the way. */
const ANSWER_LIMIT_MS = 10_000

/**
 * Final answers that mean that a call would reach nobody: not there, not registered, not to be found, no way to it, or not
 * for us (RFC 3261, 21). Any other comes from a telephone, or from an exchange that says nothing against it.
 */
const NOT_CALLABLE: ReadonlySet<number> = new Set([...UNREACHABLE, 401, 407, 408, 480, 500])

/** What an answer says about calling there: null where nothing speaks against it. */
export function faultOf(answered: Answered): string | null {
  if ('fault' in answered) return answered.fault
  const { status, reason } = answered
  return NOT_CALLABLE.has(status) ? `${status} ${reason}` : null
}

/** Asks for each target from now on; the answer stops it. A number asked for twice at once is asked for once. */
export function askFor(
  { targets, sip }: Pick<WorkerSetting, 'targets' | 'sip'>,
  agent: Pick<Agent, 'ask' | 'onUp'>,
  tell: (target: string, fault: string | null) => void,
): () => void {
  const asked = new Set<string>()
  const ask = async (target: string): Promise<void> => {
    if (asked.has(target)) return
    asked.add(target)
    const whom = sip.probe === 'exchange' ? null : target
    tell(target, faultOf(await agent.ask(whom, ANSWER_LIMIT_MS)))
    asked.delete(target)
  }
  const askAll = (): void => {
    for (const target of targets) void ask(target)
  }
  const each = setInterval(askAll, ASK_EVERY_MS)
  agent.onUp(askAll)
  return () => clearInterval(each)
}

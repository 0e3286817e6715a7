// In: technical alarms that are over. Out: in words what works again, and the newest of them for the desk.
import type { Mended } from '../../../schemas/api/desk.ts'
import type { Facts, Technical } from './facts.ts'
import { pendantWords, receiverWords } from './fault-words.ts'
import type { Plan } from './plan.ts'

/** As many as a desk has use for. */
const MENDED_MAX = 50

/** By the family of the key (what stands before the colon), of those that the rim tells of. */
const AGAIN: Readonly<Record<string, string>> = {
  sip: 'The telephone exchange works again',
  speech: 'The voice for telephone calls works again',
  broker: 'The way in for receivers works again',
  journal: 'What happens is written down again',
  disk: 'The disk is well again',
  locating: 'Rooms are told apart again',
}

/** What is so again; of a fault that nobody has words for, that it is over. */
export function mendedWords(
  plan: Plan,
  { key, text, facts }: Pick<Technical, 'key' | 'text' | 'facts'>,
): string {
  const again = facts === undefined ? AGAIN[key.split(':')[0] ?? ''] : againWords(plan, facts)
  return again ?? `Over: ${text}`
}

function againWords(plan: Plan, facts: Facts): string | undefined {
  switch (facts.of) {
    case 'not-armed':
      return 'An alarm reaches somebody again'
    case 'receiver-gone':
      return `${receiverWords(plan, facts.receiver)} is heard again`
    case 'receiver-deaf':
      return `${receiverWords(plan, facts.receiver)} hears again`
    case 'receiver-says':
      return `${receiverWords(plan, facts.receiver)} ${SAYS[facts.what]}`
    case 'pendant-complains':
      return `${pendantWords(plan, facts.pendant)} reports no fault any more`
    case 'pendant-silent':
      return `${pendantWords(plan, facts.pendant)} is heard again`
    case 'pendants-silent':
      return 'Nobody who is signed in is missed any more'
    default:
      facts satisfies never
      return undefined
  }
}

const SAYS = {
  mute: 'can tell the wearers again',
  spool: 'keeps what it hears over a restart again',
  unread: 'says no more that it could not read what it had kept',
} as const

/** The last ones with one more; of one key only the last. */
export const withMended = (known: readonly Mended[], mended: Mended): Mended[] =>
  [...known.filter(({ key }) => key !== mended.key), mended].slice(-MENDED_MAX)

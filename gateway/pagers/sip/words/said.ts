// In: a message or a reply as facts. Out: what is said in the call: words at once, and then phrases again and again. All of
// them are known beforehand, so that each is rendered ahead (ahead.ts).
import type { IncidentState } from '../../../../schemas/api/desk.ts'
import { CLOSING, newsParts, sentenceParts } from '../../../core/incident/sentence.ts'
import type { Message } from '../../../core/plan/message.ts'
import type { ReplyOrder } from '../../../ports.ts'
import { SPOKEN } from './spoken.ts'

/** Only after the row that acknowledges. */
const THANKS = 'Acknowledged. Thank you.'
const ON_THE_WAY = 'Acknowledged. You are on your way. Thank you.'
const TAKEN = 'Somebody else has it already.'
const ATTENDED = 'Somebody is on the way already.'
const RESOLVED = 'It is resolved already.'

/** What is said in a call and stands in no message. */
export const CALL_PHRASES: readonly string[] = [CLOSING, THANKS, ON_THE_WAY, TAKEN, ATTENDED, RESOLVED]

/** What a call says, again and again. */
export const phrasesOf = (message: Message): string[] => sentenceParts(message, SPOKEN, CLOSING)

export type ReplyWords = { words: string[]; phrases: string[] }

/** What a call says to this reply. Thanks go with the message that the call has not come to. */
export function replyWords({ is, tells, message }: ReplyOrder): ReplyWords {
  switch (is) {
    case 'thank':
    case 'coming': {
      const owed = message === null ? [] : sentenceParts(message, SPOKEN)
      return { words: [is === 'thank' ? THANKS : ON_THE_WAY, ...owed], phrases: [] }
    }
    case 'taken':
      return { words: [takenWords(tells.state)], phrases: [] }
    case 'worse':
    case 'news':
      return message === null
        ? { words: [], phrases: [] }
        : { words: newsParts(tells, message, SPOKEN), phrases: phrasesOf(message) }
    case 'again':
      return { words: [CLOSING], phrases: message === null ? [] : phrasesOf(message) }
    default:
      return is satisfies never
  }
}

/** What somebody in a call is told of an incident that is no longer theirs to take; the call ends with it. */
function takenWords(state: IncidentState): string {
  if (state === 'resolved') return RESOLVED
  return state === 'attended' ? ATTENDED : TAKEN
}

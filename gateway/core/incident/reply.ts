// The words of a call that is under way: what is said to a key that was pressed, and before a sentence that has changed.
// In: what happened to the incident. Out: phrases, all of them known beforehand, so that each is rendered ahead.
import type { Kind } from '../../../schemas/api/desk.ts'
import type { Incident, IncidentChange } from './incident.ts'

/** Only after the row that acknowledges. */
export const THANKS = 'Acknowledged. Thank you.'
export const ON_THE_WAY = 'Acknowledged. You are on your way. Thank you.'
const TAKEN = 'Somebody else has it already.'
const ATTENDED = 'Somebody is on the way already.'
const RESOLVED = 'It is resolved already.'

/** In a call that is still up when somebody who had it gives it back. */
export const GIVEN_BACK = 'Nobody has it any more.'

const PRESSED_AGAIN = 'The alarm was raised again.'

/** A kind as it is named in a call that began with a less grave one. */
const WORSE: Readonly<Record<Kind, string>> = {
  cord: 'It has grown worse: personal alarm.',
  button: 'It has grown worse: personal alarm.',
  'man-down': 'It has grown worse: man down.',
  duress: 'It has grown worse: duress.',
  assist: 'It has grown worse: assistance needed.',
  test: 'It has grown worse: personal alarm.',
}

export const worseWords = (kind: Kind): string => WORSE[kind]

/** Every phrase here, to be rendered before it is needed. */
export const REPLY_PHRASES: readonly string[] = [
  ...new Set([
    ...[THANKS, ON_THE_WAY, TAKEN, ATTENDED, RESOLVED, GIVEN_BACK, PRESSED_AGAIN],
    ...Object.values(WORSE),
  ]),
]

/** What somebody in a call is told of an incident that is no longer theirs to take; the call ends with it. */
export function takenWords({ state }: Pick<Incident, 'state'>): string {
  if (state === 'resolved') return RESOLVED
  return state === 'attended' ? ATTENDED : TAKEN
}

/** Before the sentence, where the wearer raised the alarm once more. */
export const againWords = (changes: readonly IncidentChange[]): string[] =>
  changes.some(({ is }) => is === 'pressed-again' || is === 'raised-again') ? [PRESSED_AGAIN] : []

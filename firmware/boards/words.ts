// In: a mood. Out: the big words a screen shows for it, and how long the motor runs when it begins. A hidden alarm is
// dark here too, because its mood is.
import {
  MOOD_ACKNOWLEDGED,
  MOOD_AGAIN,
  MOOD_ALONE,
  MOOD_BEGUN,
  MOOD_COMING,
  MOOD_FAULT,
  MOOD_HEARD,
  MOOD_MAN_DOWN,
  MOOD_NOBODY,
  MOOD_RESOLVED,
  MOOD_STORED,
  MOOD_TAKEN,
  MOOD_TEST_FAILED,
  MOOD_TEST_PASSED,
  MOOD_TESTING,
} from '../wearer/lights.ts'

/** Nothing to read while dark: a screen that says "ready" would promise what nobody has proven. */
export const wordsOf = (mood: number): string => {
  switch (mood) {
    case MOOD_FAULT:
      return 'FAULT'
    case MOOD_BEGUN:
      return 'ALARM'
    case MOOD_HEARD:
      return 'HEARD'
    case MOOD_STORED:
      return 'STORED'
    case MOOD_ACKNOWLEDGED:
      return 'ACKNOWLEDGED'
    case MOOD_COMING:
      return 'COMING'
    case MOOD_RESOLVED:
      return 'RESOLVED'
    case MOOD_TAKEN:
      return 'TAKEN'
    case MOOD_TESTING:
      return 'TESTING'
    case MOOD_TEST_PASSED:
      return 'TEST OK'
    case MOOD_TEST_FAILED:
      return 'TEST FAILED'
    case MOOD_NOBODY:
    case MOOD_ALONE:
      return 'NOBODY LISTENS'
    case MOOD_AGAIN:
      return 'LISTENING'
    case MOOD_MAN_DOWN:
      return 'MAN DOWN?'
    default:
      return ''
  }
}

/** In ms. Longest for what a press may stop; long for what everybody waits for; nothing for what may last all day. */
export const buzzMs = (mood: number): number => {
  if (mood === MOOD_MAN_DOWN) return 2000
  if (mood === MOOD_COMING || mood === MOOD_TEST_FAILED) return 1000
  return wordsOf(mood) === '' || mood === MOOD_FAULT || mood === MOOD_ALONE ? 0 : 150
}

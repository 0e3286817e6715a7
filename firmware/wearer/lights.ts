// In: what there is to tell the wearer. Out: the steps of the three lights that tell it. Green stays on for 2 s in
// 'coming' and in nothing else, and red joins it halfway: a camera, or a test, can read the answer off the pendant, no
// steady green of the chip's own bootloader looks like it, and on a cell that lights no green any more it is long red.

export const MOOD_DARK = 0
export const MOOD_FAULT = 1
export const MOOD_BEGUN = 2
export const MOOD_HEARD = 3
export const MOOD_STORED = 4
export const MOOD_ACKNOWLEDGED = 5
export const MOOD_COMING = 6
export const MOOD_RESOLVED = 7
export const MOOD_TAKEN = 8
export const MOOD_TESTING = 9
export const MOOD_TEST_PASSED = 10
export const MOOD_TEST_FAILED = 11
/** Nobody is listening, as it is told once; and what stays of it, which is nothing for lights and words for a screen. */
export const MOOD_NOBODY = 12
export const MOOD_ALONE = 13
/** Somebody is listening again. */
export const MOOD_AGAIN = 14
/** The pre-alarm of a man-down: any movement or press stops it. */
export const MOOD_MAN_DOWN = 15

export const RED = 1
export const GREEN = 2
export const BLUE = 4

/** Of one step in a pattern's text: red 1 | green 2 | blue 4, and for how long, as four digits of ms. */
export const STEP_LENGTH = 5

/** Shown once and not over and over. */
export const isOnce = (mood: number): boolean =>
  mood >= MOOD_RESOLVED && mood !== MOOD_TESTING && mood !== MOOD_ALONE && mood !== MOOD_MAN_DOWN

/** The steps of a mood, one after another; none for dark. A text, because the chip keeps a text in flash. */
export const stepsOf = (mood: number): string => {
  switch (mood) {
    case MOOD_FAULT:
      return '5005004950'
    case MOOD_BEGUN:
      return '1010000400'
    case MOOD_HEARD:
      return '4010000900'
    case MOOD_STORED:
      return '40100001504010000650'
    case MOOD_ACKNOWLEDGED:
      return '30250001503025000850'
    case MOOD_COMING:
      return '210003100001000'
    case MOOD_RESOLVED:
      return '602000020060200002006020000200'
    case MOOD_TAKEN:
      return '3010000100'
    case MOOD_TESTING:
      return '3010000900'
    case MOOD_TEST_PASSED:
      return '30150001503015000150301500015030150001503015000150'
    case MOOD_TEST_FAILED:
      return '1150000100'
    case MOOD_NOBODY:
      return '1015000100401500010010150001004015000100'
    case MOOD_AGAIN:
      return '203003030000100'
    case MOOD_MAN_DOWN:
      return '301501015000100'
    default:
      return ''
  }
}

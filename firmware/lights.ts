// In: what there is to tell the wearer. Out: the steps of the three lights that tell it. Green stays on for 2 s or more
// in 'coming' and in nothing else, so that a camera, or a test, can read the answer off the pendant.

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

/** One step: red 1 | green 2 | blue 4, and for how long in ms. */
export type LightStep = { colours: number; forMs: number }
export type Pattern = { steps: LightStep[]; isRepeated: boolean }

export const RED = 1
export const GREEN = 2
export const BLUE = 4

const blink = (colours: number, onMs: number, offMs: number): LightStep[] => [
  { colours: colours, forMs: onMs },
  { colours: 0, forMs: offMs },
]

const repeated = (steps: LightStep[], times: number): LightStep[] => {
  let all: LightStep[] = []
  for (let i = 0; i < times; i++) all = all.concat(steps)
  return all
}

/** The pattern of a mood; null for dark. */
export const patternOf = (mood: number): Pattern | null => {
  switch (mood) {
    case MOOD_FAULT:
      return { steps: blink(RED | BLUE, 50, 4950), isRepeated: true }
    case MOOD_BEGUN:
      return { steps: blink(RED, 100, 400), isRepeated: true }
    case MOOD_HEARD:
      return { steps: blink(BLUE, 100, 900), isRepeated: true }
    case MOOD_STORED:
      return { steps: blink(BLUE, 100, 150).concat(blink(BLUE, 100, 650)), isRepeated: true }
    case MOOD_ACKNOWLEDGED:
      return { steps: blink(GREEN, 100, 150).concat(blink(GREEN, 100, 650)), isRepeated: true }
    case MOOD_COMING:
      return { steps: blink(GREEN, 3000, 1000), isRepeated: true }
    case MOOD_RESOLVED:
      return { steps: repeated(blink(GREEN | BLUE, 200, 200), 3), isRepeated: false }
    case MOOD_TAKEN:
      return { steps: blink(RED | GREEN, 100, 100), isRepeated: false }
    case MOOD_TESTING:
      return { steps: blink(RED | GREEN, 100, 900), isRepeated: true }
    case MOOD_TEST_PASSED:
      return { steps: repeated(blink(GREEN, 150, 150), 5), isRepeated: false }
    case MOOD_TEST_FAILED:
      return { steps: blink(RED, 1500, 100), isRepeated: false }
    default:
      return null
  }
}

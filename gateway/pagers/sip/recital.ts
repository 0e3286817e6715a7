// What is being said in one call: phrases in, 20 ms of samples out each time it is asked, again and again without end; words
// before them, where there are some, once.
// Pure but for asking which phrases are ready by now; one that is late is waited for a little, then left to the next round.
import type { Phrase } from '../speech/speech.ts'
import { alertTone } from './media/tone.ts'

export const FRAME_SAMPLES = 160
const FRAME_MS = 20
/** The handset's way to the ear. */
const LEAD_MS = 200
const BETWEEN_PHRASES_MS = 300
const BETWEEN_ROUNDS_MS = 1000
/** How long an unrendered phrase may hold up those after it. */
const LATE_MS = 1500

export type Recital = {
  /** The next 20 ms, silence included; null once everything was said (only where `rounds` is bounded). */
  next(): Int16Array | null
  /** From the first phrase again: who was put on hold missed some. */
  restart(): void
}

export type Recited = {
  /** Before the phrases, until all of them were spoken. */
  words?: readonly string[]
  phrases: readonly string[]
  /** Told once, when the words have been spoken whole, each of them or a tone in its place. */
  onSaid?: () => void
  rounds?: number
}

/** `find` tells what there is of a phrase now. */
export function createRecital(
  { words = [], phrases, onSaid = () => {}, rounds = Number.POSITIVE_INFINITY }: Recited,
  find: (text: string) => Phrase,
): Recital {
  let said = [...words, ...phrases]
  let isSaid = words.length === 0
  let spokenWords = 0
  const silence = new Int16Array(FRAME_SAMPLES)
  let quietFrames = LEAD_MS / FRAME_MS
  let round = 0
  let at = 0
  let lateFrames = 0
  let isAlerted = false
  let spoken: { samples: Int16Array; from: number } | null = null

  const advance = (wasSpoken: boolean): void => {
    spoken = null
    lateFrames = 0
    if (wasSpoken && at < words.length) spokenWords += 1
    at += 1
    if (!isSaid && at === words.length && spokenWords >= words.length) {
      isSaid = true
      onSaid()
    }
    quietFrames = BETWEEN_PHRASES_MS / FRAME_MS
    if (at < said.length) return
    at = 0
    spokenWords = 0
    if (isSaid) said = [...phrases]
    round += 1
    isAlerted = false
    quietFrames = BETWEEN_ROUNDS_MS / FRAME_MS
  }

  const begin = (): void => {
    const phrase = find(said[at] ?? '')
    if (phrase instanceof Int16Array) {
      spoken = { samples: phrase, from: 0 }
    } else if (phrase === 'failed' && !isAlerted) {
      isAlerted = true
      spoken = { samples: alertTone(), from: 0 }
    } else if (phrase === 'failed' || lateFrames >= LATE_MS / FRAME_MS) {
      advance(phrase === 'failed')
    } else {
      lateFrames += 1
    }
  }

  const cut = (of: { samples: Int16Array; from: number }): Int16Array => {
    const frame = new Int16Array(FRAME_SAMPLES)
    frame.set(of.samples.subarray(of.from, of.from + FRAME_SAMPLES))
    of.from += FRAME_SAMPLES
    if (of.from >= of.samples.length) advance(true)
    return frame
  }

  return {
    next() {
      if (said.length === 0 || round >= rounds) return null
      if (quietFrames > 0) {
        quietFrames -= 1
        return silence
      }
      if (!spoken) begin()
      return spoken ? cut(spoken) : silence
    },
    restart() {
      spoken = null
      at = 0
      spokenWords = 0
      lateFrames = 0
      isAlerted = false
      quietFrames = LEAD_MS / FRAME_MS
    },
  }
}

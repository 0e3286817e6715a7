// What is said in a call, frame by frame: phrases, pauses, rounds, and what happens when words are late or missing.
import { describe, expect, test } from 'vitest'
import { createRecital, FRAME_SAMPLES } from '../../../../gateway/pagers/sip/recital.ts'
import type { Phrase } from '../../../../gateway/pagers/speech/speech.ts'

/** Each phrase is a level of its own, so that a frame tells which it is from. */
const phrase = (level: number, frames: number): Int16Array =>
  new Int16Array(frames * FRAME_SAMPLES).fill(level)

/** Runs of the same level: "0x10 1x5" is 200 ms of silence and 100 ms of level 1; t is the alert tone. */
function spell(next: () => Int16Array | null, frames: number): string {
  const runs: [string, number][] = []
  for (let i = 0; i < frames; i += 1) {
    const frame = next()
    const level = frame === null ? 'end' : isTone(frame) ? 't' : String(frame[0])
    const last = runs.at(-1)
    if (last?.[0] === level) last[1] += 1
    else runs.push([level, 1])
  }
  return runs.map(([level, count]) => `${level}x${count}`).join(' ')
}

const isTone = (frame: Int16Array): boolean => frame.some(sample => Math.abs(sample) > 20_000)

test('phrases follow one another with short pauses, and the whole again after a second', () => {
  const sounds: Record<string, Phrase> = { a: phrase(1, 3), b: phrase(2, 2) }
  const recital = createRecital({ phrases: ['a', 'b'] }, text => sounds[text] ?? 'failed')
  expect(spell(recital.next, 93)).toBe('0x10 1x3 0x15 2x2 0x50 1x3 0x10')
})

test('a bounded recital ends', () => {
  const recital = createRecital({ phrases: ['a'], rounds: 1 }, () => phrase(1, 2))
  expect(spell(recital.next, 20)).toBe('0x10 1x2 endx8')
})

test('a phrase that ends within a frame is filled up with silence', () => {
  const recital = createRecital({ phrases: ['a'], rounds: 1 }, () =>
    new Int16Array(FRAME_SAMPLES + 40).fill(1),
  )
  for (let i = 0; i < 11; i += 1) recital.next()
  expect(recital.next()?.filter(sample => sample === 1)).toHaveLength(40)
})

test('a phrase that is late is spoken as soon as it is there', () => {
  let asked = 0
  const recital = createRecital({ phrases: ['a'] }, () => {
    asked += 1
    return asked > 5 ? phrase(1, 2) : 'pending'
  })
  expect(spell(recital.next, 17)).toBe('0x15 1x2')
})

test('a phrase that stays away is left to the next round', () => {
  const recital = createRecital({ phrases: ['a', 'b'] }, text => (text === 'a' ? 'pending' : phrase(2, 2)))
  // 200 ms, 1.5 s of waiting, 300 ms, then b.
  expect(spell(recital.next, 103)).toBe('0x101 2x2')
})

test('a phrase that failed is an alert tone, once a round, and the others are spoken', () => {
  const recital = createRecital({ phrases: ['a', 'b', 'c'] }, text =>
    text === 'b' ? phrase(2, 2) : 'failed',
  )
  const said = spell(recital.next, 10 + 100 + 15 + 2 + 15 + 1 + 50 + 100)
  // A tone crosses zero, so that some of its frames may begin anywhere: only its runs count here.
  expect(said).toBe('0x10 tx100 0x15 2x2 0x66 tx100')
})

test('restarted, it begins with the first phrase', () => {
  const sounds: Record<string, Phrase> = { a: phrase(1, 3), b: phrase(2, 2) }
  const recital = createRecital({ phrases: ['a', 'b'] }, text => sounds[text] ?? 'failed')
  spell(recital.next, 29)
  recital.restart()
  expect(spell(recital.next, 13)).toBe('0x10 1x3')
})

test('nothing to say is an end', () => {
  expect(createRecital({ phrases: [] }, () => 'failed').next()).toBe(null)
})

describe('words before the phrases', () => {
  const recite = (sounds: Record<string, Phrase>, more: { rounds?: number } = {}) => {
    let said = 0
    const onSaid = (): void => {
      said += 1
    }
    const recited = { words: ['x', 'y'], phrases: ['a'], onSaid, ...more }
    const recital = createRecital(recited, text => sounds[text] ?? 'failed')
    return { recital, spell: (frames: number) => spell(recital.next, frames), said: () => said }
  }
  const ALL = { a: phrase(1, 2), x: phrase(3, 2), y: phrase(4, 2) }

  test('are spoken once, told once when all of them were, and the phrases go on', () => {
    const { spell: say, said } = recite(ALL)
    expect(say(10 + 2 + 15 + 1)).toBe('0x10 3x2 0x15 4x1')
    expect(said()).toBe(0)
    expect(say(1)).toBe('4x1')
    expect(said()).toBe(1)
    expect(say(15 + 2 + 50 + 2 + 50 + 2)).toBe('0x15 1x2 0x50 1x2 0x50 1x2')
    expect(said()).toBe(1)
  })

  test('that stay away are not told as spoken, and are begun with again', () => {
    const sounds: Record<string, Phrase> = { ...ALL, y: 'pending' }
    const { spell: say, said } = recite(sounds)
    say(10 + 2 + 15 + 75 + 15 + 2 + 51)
    expect(said()).toBe(0)
    sounds.y = phrase(4, 2)
    expect(say(2 + 15 + 2)).toContain('4x')
    expect(said()).toBe(1)
  })

  test('that cannot be rendered are a tone in their place, and told: the human is there', () => {
    const { spell: say, said } = recite({ a: phrase(1, 2) })
    say(10 + 100 + 15 + 1)
    expect(said()).toBe(1)
  })

  test('cut off by a hold are begun with again', () => {
    const { recital, spell: say, said } = recite(ALL)
    say(10 + 2 + 15 + 1)
    recital.restart()
    expect(say(10 + 2 + 15 + 2)).toBe('0x10 3x2 0x15 4x2')
    expect(said()).toBe(1)
  })
})

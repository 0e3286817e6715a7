// Which alarm a key is about.
import { describe, expect, test } from 'vitest'
import { inFront, nextOf } from '../../../gateway/console/ui/state/front.ts'

const settled = { id: 'a', before: null, sinceMs: 0 }
const NOW = 10_000

describe('the alarm that A acknowledges', () => {
  test.each<[string, string[], string | null, Parameters<typeof inFront>[2], string | null]>([
    ['is the first', ['a', 'b'], null, settled, 'a'],
    ['is the one with the keyboard in it', ['a', 'b'], 'b', settled, 'b'],
    ['is the first where the keyboard is in one that somebody has', ['a', 'b'], 'held', settled, 'a'],
    ['is none where nobody waits', [], 'held', { ...settled, id: null }, null],
    [
      'is the one that was read, when a graver one came just now',
      ['b', 'a'],
      null,
      { id: 'b', before: 'a', sinceMs: NOW - 300 },
      'a',
    ],
    [
      'is the graver one once there was time to read it',
      ['b', 'a'],
      null,
      { id: 'b', before: 'a', sinceMs: NOW - 800 },
      'b',
    ],
    [
      'is the new first where the one before is taken',
      ['b'],
      null,
      { id: 'b', before: 'a', sinceMs: NOW },
      'b',
    ],
  ])('%s', (_what, waiting, focused, front, id) => {
    expect(inFront(waiting, focused, front, NOW)).toBe(id)
  })
})

test('N goes round all that are open, from the one with the keyboard in it', () => {
  const open = ['a', 'b', 'c']
  expect([null, 'a', 'b', 'c', 'gone'].map(focused => nextOf(open, focused))).toEqual([
    'a',
    'b',
    'c',
    'a',
    'a',
  ])
  expect(nextOf([], null)).toBeNull()
  // With the keyboard in none, another one is meant than the one that A would acknowledge.
  expect(['a', 'b', 'c', null].map(front => nextOf(open, null, front))).toEqual(['b', 'c', 'a', 'a'])
  expect(nextOf(open, 'c', 'a')).toBe('a')
})

// What a page says: the room with its doubt, what is new since one, floors and notes; and that all of it is rendered ahead.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isGraver } from '../../../../gateway/core/incident/incident.ts'
import { messageOf, newSince, type Subject, saysOf } from '../../../../gateway/core/incident/message.ts'
import { SURE } from '../../../../gateway/core/incident/place.ts'
import {
  CLOSING,
  type Form,
  NOTE_TOLD_MAX,
  newsParts,
  WRITTEN,
} from '../../../../gateway/core/incident/sentence.ts'
import type { PageSays } from '../../../../gateway/core/plan/change.ts'
import { planOf } from '../../../../gateway/core/plan/plan.ts'
import { allPhrases, sessionNotePhrases } from '../../../../gateway/pagers/sip/words/ahead.ts'
import { SPOKEN } from '../../../../gateway/pagers/sip/words/spoken.ts'
import type { Whereabouts } from '../../../../schemas/api/desk.ts'
import { Site } from '../../../../schemas/site.ts'
import { site as small } from '../building.ts'
import { sentence } from '../spoken.ts'

const NOTE =
  'Door locked from outside: the custody officer on extension 5150 holds the key and brings it up the back stairs'
const site = Site.parse({
  ...small(),
  buildings: [
    {
      id: 'main',
      name: 'Northgate House',
      floors: [
        {
          id: 'ground',
          name: 'Ground floor',
          rooms: [
            { id: 'a12', number: 'A 12', adjacent: ['215'] },
            { id: '215', number: '215', note: NOTE },
          ],
        },
        { id: 'first', name: 'First floor', rooms: [{ id: '216', number: '216' }] },
      ],
    },
    {
      id: 'block-a',
      name: 'A Block',
      floors: [{ id: 'only', name: 'Ground', rooms: [{ id: 'gym', number: '1' }] }],
    },
  ],
  people: [
    { id: 'jane', name: 'A Smith' },
    { id: 'omar', name: 'Omar Haddad' },
  ],
  receivers: [{ id: 'r-1', room: '215', password: 'password-1' }],
})
const plan = planOf(site)

const whereabouts = (
  room: string | null,
  confidence: number,
  runnerUp: string | null = null,
): Whereabouts => ({
  room,
  confidence,
  runnerUp,
  heardAtMs: 1,
  because: [],
})
const incident = (more: Partial<Subject> = {}): Subject => ({
  kind: 'cord',
  wearer: 'omar',
  isVerified: true,
  whereabouts: whereabouts('216', 0.95, '215'),
  ...more,
})
const at = (room: string | null, confidence: number, runnerUp: string | null = null): Subject =>
  incident({ whereabouts: whereabouts(room, confidence, runnerUp) })
/** What is told of this to whoever has a page that told `before`, and nothing where nothing is new. */
function newsOf(before: PageSays | undefined, of: Subject, form: Form): string[] {
  const message = messageOf(plan, of)
  const worse = before !== undefined && isGraver(of.kind, before.kind) ? of.kind : null
  const tells = {
    ...newSince(before, message),
    worse,
    isGivenBack: false,
    isPressedAgain: false,
    state: 'raised',
  } as const
  return newsParts(tells, message, form)
}
const saysAt = (of: Subject): PageSays => saysOf(messageOf(plan, of))
const said = (of: Subject): string => sentence(plan, of).said

describe('the room with its doubt', () => {
  it.each([
    ['a sure room is named alone', at('216', SURE, 'a12'), 'Northgate House, room 216. First floor. Press'],
    [
      'a doubtful one with its runner-up',
      at('a12', SURE - 0.01, '215'),
      'Northgate House, room A 12, or room 215. Ground floor. Room 215:',
    ],
    [
      'two floors are both named',
      at('216', 0.5, 'a12'),
      'room 216, or room A 12. First floor, or Ground floor. Press',
    ],
    [
      'two buildings are both named',
      at('216', 0.5, 'gym'),
      'Northgate House, room 216, or A Block, room 1. First floor. Press',
    ],
    [
      'without a runner-up there is no other to name',
      at('216', 0.5),
      'Northgate House, room 216. First floor.',
    ],
    [
      'a runner-up that is gone from the site is not named',
      at('216', 0.5, 'attic'),
      'Northgate House, room 216. First floor.',
    ],
  ])('%s', (_, of, words) => {
    expect(said(of)).toContain(
      `Personal alarm. Omar Haddad. ${words.startsWith('room') ? 'Northgate House, ' : ''}${words}`,
    )
  })
})

describe('what is new', () => {
  const news = (before: Subject, after: Subject) => {
    const parts = newsOf(saysAt(before), after, WRITTEN)
    return parts.length === 0 ? null : [...parts, CLOSING].join(' ')
  }
  const NEW_216 =
    'Now: Northgate House, room 216. First floor. Press 1 if you have it, 2 if you are on your way.'
  it.each([
    ['another room', at('a12', 0.9, '216'), at('216', 0.9, 'a12'), NEW_216],
    ['a room where none was known', at(null, 0), at('216', 0.9), NEW_216],
    ['the second of two that is sure by now', at('a12', 0.5, '216'), at('216', 0.9, 'a12'), NEW_216],
    [
      'outside',
      at('a12', 0.9),
      incident({ whereabouts: { ...whereabouts(null, 0.9, '216'), isOutside: true } }),
      'Now: Outside the known rooms, nearest to Northgate House, room 216. First floor. Press 1 if you have it, 2 if you are on your way.',
    ],
    [
      'a graver kind',
      incident(),
      incident({ kind: 'duress' }),
      'It has grown worse: duress. Press 1 if you have it, 2 if you are on your way.',
    ],
    [
      'a note',
      incident(),
      incident({ sessionNote: 'client is upset' }),
      'The wearer’s note: client is upset. Press 1 if you have it, 2 if you are on your way.',
    ],
  ])('is %s', (_, before, after, words) => expect(news(before, after)).toBe(words))

  it.each([
    ['the same', incident(), incident()],
    ['a confidence', at('216', 0.9, '215'), at('216', 0.5, '215')],
    ['a runner-up', at('216', 0.5, '215'), at('216', 0.5, 'a12')],
    ['the order of two that were both named', at('216', 0.5, '215'), at('215', 0.5, '216')],
    [
      'a room that was booked and is heard',
      incident({ whereabouts: { ...whereabouts(null, 0), booked: '216' } }),
      at('216', 0.9),
    ],
    ['that the room is lost', incident(), at(null, 0)],
    ['a milder kind', incident({ kind: 'duress' }), incident()],
  ])('is not %s', (_, before, after) => expect(news(before, after)).toBeNull())

  it('stands first in the next page to the same telephone, unless it is graver too', () => {
    const before = saysAt(at('a12', 0.9))
    expect(sentence(plan, at('216', 0.9), before).said).toMatch(
      /^Now: Northgate House, room 216\. Personal alarm\. Omar/,
    )
    expect(sentence(plan, incident({ kind: 'duress' }), before).said).toMatch(
      /^Personal alarm, duress\. Omar Haddad\. North/,
    )
    expect(sentence(plan, at('a12', 0.9), before).said).toMatch(/^Personal alarm\. Omar/)
  })

  it('of a page of old that does not say what it said is nothing', () => {
    expect(newsOf(undefined, incident(), WRITTEN)).toEqual([])
  })
})

describe('a note', () => {
  it('comes after the first sentence, cut at a word, and the key is asked for after it', () => {
    const { said, phrases } = sentence(
      plan,
      incident({ whereabouts: whereabouts('215', 0.9), sessionNote: 'x'.repeat(200) }),
    )
    expect(phrases.slice(2, 5)).toEqual([
      'Northgate House, room 2 1 5.',
      'Ground floor.',
      'Note: Door locked from outside: the custody officer on extension 5 1 5 0 holds the key.',
    ])
    expect(said).toContain('holds the key …')
    expect(phrases.at(-1)).toBe('Press 1 if you have it, 2 if you are on your way.')
    expect(phrases[5]).toHaveLength('The wearer’s note: .'.length + NOTE_TOLD_MAX)
  })
})

it('letters of a room, a name and a building are read as letters', () => {
  const { phrases } = sentence(
    plan,
    incident({ wearer: 'jane', whereabouts: whereabouts('a12', 0.5, 'gym') }),
  )
  expect(phrases.slice(1, 4)).toEqual(['A, Smith.', 'Northgate House, room A, 1 2,', 'or A, Block, room 1.'])
})

it('whatever a page says and whatever is new was rendered ahead', () => {
  const ids = fc.constantFrom(null, ...plan.places.keys())
  const subject = fc.record({
    kind: fc.constantFrom('cord', 'button', 'assist', 'man-down', 'duress'),
    wearer: fc.constantFrom('jane', 'omar'),
    isVerified: fc.boolean(),
    sessionNote: fc.constantFrom(null, 'client is upset'),
    whereabouts: fc.record({
      room: ids,
      confidence: fc.double({ min: 0, max: 0.99, noNaN: true }),
      runnerUp: ids,
      isOutside: fc.boolean(),
      heardAtMs: fc.constant(1),
      because: fc.constant([]),
    }),
  }) as fc.Arbitrary<Subject>
  const known = new Set([...allPhrases(plan), ...sessionNotePhrases('client is upset')])
  fc.assert(
    fc.property(subject, subject, (before, after) => {
      const says = saysAt(before)
      const phrases = [...sentence(plan, after, says).phrases, ...newsOf(says, after, SPOKEN)]
      expect(phrases.filter(phrase => !known.has(phrase))).toEqual([])
    }),
  )
})

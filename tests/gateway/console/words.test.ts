// What the page says, word for word.
import { describe, expect, test } from 'vitest'
import { alarmRound, troubleChime } from '../../../gateway/console/ui/words/pattern.ts'
import {
  ageWords,
  agoWords,
  alarmSentence,
  bookedWords,
  byWords,
  confidenceWords,
  earlierWords,
  heardWords,
  isTwoRooms,
  isUnsure,
  nextPageWords,
  noteWords,
  pageSteps,
  pageWords,
  placeWords,
  roomsWords,
  roomWords,
  runnerUpWords,
  sureWords,
} from '../../../gateway/console/ui/words/words.ts'
import type { PageView } from '../../../schemas/api/desk.ts'
import { incidentOf } from './scripted-desk.ts'

const call = (over: Partial<PageView> = {}): PageView => ({
  id: 'pg-1',
  channel: 'sip',
  target: '5150',
  targetName: 'Security desk',
  said: '',
  step: 0,
  round: 0,
  attempt: 1,
  dueAtMs: 1_000,
  ...over,
})

test('the system stands beside its lines by its name, and one call is one', () => {
  expect([byWords('tocsin'), byWords('Sam Okoro'), byWords('pendant p-07')]).toEqual([
    'Tocsin',
    'Sam Okoro',
    'pendant p-07',
  ])
  expect([earlierWords(1), earlierWords(2)]).toEqual(['1 earlier call', '2 earlier calls'])
})

test('a room that a panel named was not heard, and its note is nobody’s own', () => {
  const { whereabouts } = incidentOf()
  const named = { ...whereabouts, room: 'hall', confidence: 1, heardAtMs: null, because: [] }
  const panel = incidentOf({ source: { of: 'input', id: 'p-3' }, pendant: null, whereabouts: named })
  expect([sureWords(panel), noteWords(panel)]).toEqual(['Named when it was raised, not heard', 'Note:'])
  const heard = incidentOf({ whereabouts: { ...whereabouts, confidence: 0.95 } })
  expect([sureWords(heard), noteWords(heard)]).toEqual(['Almost certain (95 %)', 'Their own note:'])
  expect(sureWords(incidentOf({ whereabouts: { ...named, room: null } }))).toBeNull()
})

describe('who and where', () => {
  test.each([
    ['214', 'Interview room 2', 'Room 214'],
    ['G03', 'Court usher', 'G03'],
    [null, 'Reception', 'Reception'],
    [null, null, 'Room not known'],
  ])('number %j and name %j read as %j', (roomNumber, roomName, words) => {
    expect(roomWords(incidentOf({ roomNumber, roomName }))).toBe(words)
  })

  test('a place that nobody knows is said to be so', () => {
    expect(placeWords(incidentOf({ building: null, floor: null }))).toBe('Building not known')
  })

  test('from outside all rooms the nearest is named, however sure that is', () => {
    const { whereabouts } = incidentOf()
    const outside = incidentOf({
      roomNumber: null,
      roomName: null,
      runnerUpRoom: '214',
      whereabouts: { ...whereabouts, room: null, runnerUp: 'interview', confidence: 0.99, isOutside: true },
    })
    expect(roomWords(outside)).toBe('Outside the known rooms')
    expect(isUnsure(outside)).toBe(true)
    expect(runnerUpWords(outside)).toBe('nearest: 214')
  })

  test('where the room is doubtful both are named, on the card, in the header and to a screen reader', () => {
    const doubtful = incidentOf({ isRoomDoubtful: true })
    expect([isTwoRooms(doubtful), roomsWords(doubtful)]).toEqual([true, 'Room 214 or 215 Interview room 3'])
    expect(alarmSentence(doubtful)).toMatch(/Interview room 2\. Or else 215 Interview room 3\.$/)
    expect(roomsWords(incidentOf())).toBe('Room 214')
    const alone = incidentOf({ isRoomDoubtful: true, runnerUpRoom: null })
    expect([isTwoRooms(alone), roomsWords(alone)]).toEqual([false, 'Room 214'])
  })

  test('a screen reader hears who and where in one sentence', () => {
    expect(alarmSentence(incidentOf())).toBe(
      'Cord pulled. Mira Patel. Ashworth House · First floor, Room 214, Interview room 2.',
    )
  })

  test.each([
    [1, 'Almost certain (100 %)'],
    [0.9, 'Almost certain (90 %)'],
    [0.7, 'Likely (70 %)'],
    [0.4, 'Unsure (40 %)'],
    [0.05, 'Only a guess (5 %)'],
  ])('confidence %d is %j', (confidence, words) => {
    expect(confidenceWords(confidence)).toBe(words)
  })

  test('the runner-up is shown only where it may matter', () => {
    const { whereabouts } = incidentOf()
    expect(isUnsure(incidentOf())).toBe(false)
    expect(isUnsure(incidentOf({ whereabouts: { ...whereabouts, confidence: 0.6 } }))).toBe(true)
    expect(isUnsure(incidentOf({ whereabouts: { ...whereabouts, confidence: 0.6, runnerUp: null } }))).toBe(
      false,
    )
  })

  test('how old the whereabouts are is always said', () => {
    const { whereabouts } = incidentOf()
    expect(heardWords({ ...whereabouts, heardAtMs: 0 }, 1_000)).toBe('located just now by r-2')
    expect(heardWords({ ...whereabouts, heardAtMs: 0, because: [] }, 40_000)).toBe('located 40 s ago')
  })
})

describe('ages', () => {
  test.each([
    [-5, '0:00'],
    [59_999, '0:59'],
    [61_000, '1:01'],
    [3_723_000, '1:02:03'],
  ])('%d ms is %j', (ms, words) => {
    expect(ageWords(ms)).toBe(words)
  })

  test.each([
    [-5, '0 s'],
    [89_000, '89 s'],
    [120_000, '2 min'],
    [7_200_000, '2 h'],
  ])('at a glance %d ms is %j', (ms, words) => {
    expect(agoWords(ms)).toBe(words)
  })
})

describe('calls', () => {
  test.each([
    [{}, 'due in 1 s', 'waiting'],
    [{ dueAtMs: 0 }, 'due now', 'waiting'],
    [{ invitedAtMs: 0 }, 'calling', 'trying'],
    [{ ringingAtMs: 0 }, 'ringing · 0 s', 'trying'],
    [{ answeredAtMs: 0 }, 'answered, not yet confirmed · 0 s', 'talking'],
    [{ answeredAtMs: 0, key: '5', keyAtMs: 0 }, 'pressed 5', 'talking'],
    [{ key: '1', endedAtMs: 0, outcome: 'acknowledged' }, 'acknowledged with key 1', 'good'],
    [{ endedAtMs: 0, outcome: 'busy', detail: '' }, 'busy', 'bad'],
    [{ endedAtMs: 0, outcome: 'unreachable', detail: '503' }, 'not reachable (503)', 'bad'],
    [{ endedAtMs: 0, outcome: 'withdrawn' }, 'ended by Tocsin', 'over'],
  ] as const)('%j reads as %j', (over, text, tone) => {
    expect(pageWords(call(over), 100)).toEqual({ text, tone })
  })

  test('no call that merely rang, was answered or ended otherwise ever looks good', () => {
    const outcomes = [
      'busy',
      'no-answer',
      'declined',
      'unreachable',
      'hung-up',
      'failed',
      'interrupted',
    ] as const
    const tones = [
      call({ answeredAtMs: 1 }),
      call({ ringingAtMs: 1 }),
      ...outcomes.map(outcome => call({ answeredAtMs: 1, endedAtMs: 2, outcome })),
    ].map(page => pageWords(page, 5).tone)
    expect(tones).not.toContain('good')
  })

  test('the steps of a call stand in order, without those that have not happened', () => {
    expect(pageSteps(call({ invitedAtMs: 1, answeredAtMs: 2, key: '1', keyAtMs: 3 }))).toEqual([
      { atMs: 1, text: 'called' },
      { atMs: 2, text: 'answered' },
      { atMs: 3, text: 'key 1' },
    ])
  })

  test('what happens next is said, and that nothing will is no words at all', () => {
    expect(nextPageWords(incidentOf({ nextPageAtMs: 3_000 }), 0)).toBe('Next call in 3 s')
    expect(nextPageWords(incidentOf({ nextPageAtMs: 200 }), 0)).toBe('Next call in 1 s')
    expect(nextPageWords(incidentOf({ nextPageAtMs: 0 }), 0)).toBe('Next call is due now')
    expect(nextPageWords(incidentOf({ nextPageAtMs: null, pages: [call({ ringingAtMs: 1 })] }), 0)).toBe(
      'A call is being made',
    )
    expect(nextPageWords(incidentOf({ nextPageAtMs: null, pages: [call({ endedAtMs: 1 })] }), 0)).toBeNull()
  })
})

describe('sounds', () => {
  /** Bleeps, counted as stretches of sound between silences of 50 ms. */
  const bleeps = (samples: Float32Array, rateHz: number): number => {
    let count = 0
    let silent = Number.POSITIVE_INFINITY
    for (const sample of samples) {
      if (Math.abs(sample) > 0.05) {
        if (silent > rateHz * 0.05) count++
        silent = 0
      } else silent++
    }
    return count
  }

  test.each([
    [1, 1],
    [2, 2],
    [5, 5],
    [9, 5],
  ])('%d waiting alarms bleep %d times a round, then rest', (waiting, heard) => {
    const samples = alarmRound(waiting, 8_000)
    expect(bleeps(samples, 8_000)).toBe(heard)
    expect(Math.max(...samples.slice(-4_000).map(Math.abs))).toBe(0)
  })

  test('every sound is loud and none clips', () => {
    for (const samples of [alarmRound(3, 48_000), troubleChime(48_000)]) {
      const peak = samples.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0)
      expect(peak).toBeGreaterThan(0.7)
      expect(peak).toBeLessThanOrEqual(1)
    }
  })
})

describe('a booked room', () => {
  const { whereabouts } = incidentOf()
  test('is said where the wearer was not heard in it, and only there', () => {
    const booked = { ...whereabouts, booked: 'interview-3' }
    expect(bookedWords(incidentOf({ whereabouts: booked, bookedRoom: '215' }))).toBe(
      'Booked: 215, not heard there',
    )
    const maybe = { ...booked, runnerUp: 'interview-3', confidence: 0.4 }
    expect(bookedWords(incidentOf({ whereabouts: maybe, bookedRoom: '215' }))).toBe('Booked: 215')
    const there = { ...whereabouts, booked: whereabouts.room ?? '' }
    expect(bookedWords(incidentOf({ whereabouts: there, bookedRoom: '214' }))).toBeNull()
    expect(bookedWords(incidentOf())).toBeNull()
  })
})

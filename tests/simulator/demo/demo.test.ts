// The demonstration's last line and its story: each value from where it happened, nothing assumed.
import { expect, test } from 'vitest'
import type { IncidentView, PageView } from '../../../schemas/api/desk.ts'
import { resultOf } from '../../../simulator/demo/result.ts'
import { news } from '../../../simulator/demo/watch.ts'

const whereabouts = { room: 'living', confidence: 0.8, runnerUp: 'annex', heardAtMs: 900, because: [] }
const page: PageView = {
  id: 'i-1-p1',
  channel: 'sip',
  target: '5150',
  targetName: 'Security desk',
  said: 'Personal alarm.',
  step: 1,
  round: 1,
  attempt: 1,
  dueAtMs: 1_060,
  invitedAtMs: 1_100,
}
const incident: IncidentView = {
  id: 'i-1',
  state: 'raised',
  kind: 'cord',
  pendant: 'p-07',
  wearer: 'Grace Okafor',
  verified: true,
  building: 'Northgate House',
  floor: 'Second floor',
  roomNumber: '215',
  roomName: null,
  roomNote: null,
  whereabouts,
  runnerUpRoom: '216',
  raisedAtMs: 1_060,
  presses: 1,
  pages: [page],
  acknowledged: null,
  attended: null,
  resolved: null,
  nextPageAtMs: null,
  lines: [],
}
const call = {
  id: 'x',
  from: 'tocsin',
  state: 'ended' as const,
  invitedAtMs: 1_104.4,
  answeredAtMs: 2_600.6,
  keys: '1',
  heardSeconds: 4,
}
const nothing = {
  pendant: 'p-07',
  firstWhereabouts: null,
  incident: null,
  calls: [],
  truthRoom: 'living',
  pressedAtMs: 1_000,
  wearerToldAtMs: null,
}

test('an answered press has exactly the agreed keys, and every figure adds up', () => {
  const acknowledged = { atMs: 6_000, by: '5150' }
  const result = resultOf({
    ...nothing,
    firstWhereabouts: whereabouts,
    incident: {
      ...incident,
      state: 'acknowledged',
      acknowledged,
      whereabouts: { ...whereabouts, room: 'annex' },
    },
    calls: [call],
    wearerToldAtMs: 6_500.2,
  })
  expect(result).toEqual({
    pendant: 'p-07',
    wearer: 'Grace Okafor',
    kind: 'cord',
    room: { id: 'living', confidence: 0.8, runnerUp: 'annex' },
    truthRoom: 'living',
    incident: 'i-1',
    pages: [
      {
        channel: 'sip',
        target: '5150',
        said: 'Personal alarm.',
        invitedAtMs: 1_100,
        answeredAtMs: 2_601,
        key: '1',
      },
    ],
    acknowledgedAtMs: 6_000,
    wearerToldAtMs: 6_500,
    elapsedMs: {
      pressToJournal: 60,
      pressToInvite: 100,
      pressToAcknowledged: 5_000,
      acknowledgedToWearer: 500,
    },
  })
})

test('what did not happen is null, not left out and not zero', () => {
  const result = resultOf(nothing)
  expect(result).toMatchObject({
    wearer: null,
    kind: null,
    room: null,
    incident: null,
    pages: [],
    wearerToldAtMs: null,
  })
  expect(Object.values(result.elapsedMs)).toEqual([null, null, null, null])
})

test('a call belongs to the page whose INVITE it was, not to its neighbours', () => {
  const { invitedAtMs: _, ...neverInvited } = page
  const pages = [page, { ...neverInvited, id: 'p2' }, { ...page, id: 'p3', invitedAtMs: 9_000 }]
  const calls = [
    { ...call, keys: '', answeredAtMs: 1_500 },
    { ...call, id: 'y', invitedAtMs: 9_010, answeredAtMs: 9_900 },
  ]
  const result = resultOf({ ...nothing, incident: { ...incident, pages }, calls })
  expect(result.pages.map(({ answeredAtMs, key }) => [answeredAtMs, key])).toEqual([
    [1_500, null],
    [null, null],
    [9_900, '1'],
  ])
})

test('each change at the desk is told once', () => {
  const before = { incident: null, firstWhereabouts: null, technical: [] }
  const raised = { ...before, incident }
  const ended: PageView = { ...page, outcome: 'busy', detail: '486 Busy Here' }
  const busy = {
    ...before,
    incident: { ...incident, pages: [ended] },
    technical: [{ key: 'unanswered:i-1', text: 'Nobody has answered', sinceMs: 2_000 }],
  }
  expect(news(before, raised).map(line => line.split(':')[0])).toEqual([
    'incident i-1 is in the journal',
    'page to 5150 (round 1, attempt 1) is due',
    'page to 5150 (round 1, attempt 1)',
  ])
  expect(news(raised, busy)).toEqual([
    'page to 5150 (round 1, attempt 1) ended: busy, 486 Busy Here',
    'TECHNICAL ALARM unanswered:i-1: Nobody has answered',
  ])
  expect(news(busy, busy)).toEqual([])
})

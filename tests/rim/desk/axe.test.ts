// needs: chromium
// The desk and the walk test for whoever sees, hears or points differently: axe finds nothing, at any level, in any state.
import { describe, expect, test } from 'vitest'
import type { IncidentView } from '../../../schemas/api/desk.ts'
import type { WalkReport } from '../../../schemas/api/walk.ts'
import { incidentOf } from '../../gateway/console/scripted-desk.ts'
import { axeComplaints } from './axe.ts'
import { untouched } from './chromium.ts'
import { deskPage } from './page.ts'

const at = deskPage()

const complaints = (rules: object): Promise<string[]> => axeComplaints(at.page, rules)

const by = { atMs: 1, by: '5150 (key 1)' }
const call = { channel: 'sip', target: '5150', targetName: 'Desk', said: '', step: 0, round: 0, attempt: 1 }
const lines = [{ seq: 1, atMs: 1, by: 'tocsin', text: 'Mira Patel: cord pulled' }]
const cord = (over: Partial<IncidentView> = {}): IncidentView =>
  incidentOf({
    raisedAtMs: 1,
    roomNote: 'Officer holds the key',
    sessionNote: 'Second meeting',
    wearerTold: 'stored',
    lines,
    pages: ['ringing', 'answered', 'busy', 'thanked', 'gone'].map((id, i) => ({
      id,
      ...call,
      dueAtMs: i,
      invitedAtMs: 1,
      ringingAtMs: 2,
      ...(id === 'answered' ? { answeredAtMs: 3 } : {}),
      ...(id === 'busy' ? { endedAtMs: 3, outcome: 'busy' as const } : {}),
      ...(id === 'thanked' ? { endedAtMs: 3, outcome: 'acknowledged' as const } : {}),
      ...(id === 'gone' ? { endedAtMs: 3, outcome: 'withdrawn' as const } : {}),
    })),
    ...over,
  })

function troubles(): void {
  const event = { seq: 9, atMs: 1, reason: 'wrong-password', pendant: '', receiver: 'r-9', text: 'r-9' }
  at.desk.tell({ kind: 'security', event })
  const technical = [1, 2, 3, 4, 5, 6].map(n => ({ key: `fault-${n}`, text: `Fault ${n}`, sinceMs: 1 }))
  at.desk.tell({ kind: 'technical', technical })
  at.desk.tell({
    kind: 'receivers',
    receivers: [
      { id: 'r-1', room: 'hall', isOnline: false, sinceMs: 1 },
      ...[2, 3, 4, 5, 6, 7, 8, 9].map(n => ({ id: `r-${n}`, room: 'hall', isOnline: true, sinceMs: 1 })),
    ],
  })
  const session = { pendant: 'p-07', wearer: 'Mira Patel', room: 'interview-2', door: '214', building: null }
  const states = ['heard', 'late', 'silent', 'never-heard'] as const
  at.desk.tell({
    kind: 'sessions',
    sessions: states.map((pendantState, i) => ({
      ...session,
      id: `s-${i}`,
      note: 'second meeting',
      sinceMs: 1,
      untilMs: i === 0 ? 1 : Date.now() + 3_600_000,
      by: 'Sam',
      pendantState,
    })),
  })
}

async function everything(): Promise<void> {
  troubles()
  at.desk.tell({ kind: 'armed', armed: { isArmed: true, reasons: [], uncovered: ['214'], sinceMs: 1 } })
  at.desk.put(cord({ id: 'i-1', kind: 'duress', wearerCancelledAtMs: 1, verified: false, presses: 3 }))
  at.desk.put(cord({ id: 'i-2', isRoomDoubtful: true, suspicion: 'A clone' }))
  at.desk.put(cord({ id: 'i-3', state: 'acknowledged', acknowledged: by, wearerTold: 'acknowledged' }))
  at.desk.put(cord({ id: 'i-4', state: 'attended', acknowledged: by, attended: by, isRoomDoubtful: true }))
  at.desk.put(cord({ id: 'i-5', kind: 'assist', nextPageAtMs: null, pages: [] }))
  at.desk.put(cord({ id: 'i-6', state: 'resolved', resolved: { ...by, outcome: 'test', reason: 'Tried' } }))
  await at.incident('i-5').waitFor()
  await at.page.getByTestId('resolved').getByText('Tried').waitFor()
  await at.incident('i-2').getByText('What happened').click()
}

/** A walk test that goes on, one that was kept, one that was taken back, and all that they can show. */
function walked(isGoingOn: boolean): void {
  const view = at.desk.walks.view()
  const recording = {
    pendant: 'p-07',
    wearer: 'Mira Patel',
    by: 'Sam',
    startedAtMs: 1,
    place: 'room' as const,
    room: 'interview-2',
    sinceMs: 1,
    seconds: [{ room: 'interview-2', seconds: 12 }],
    readings: 40,
    readingsMax: 1000,
    endsAtMs: Date.now() + 3_600_000,
    stopped: 'the pendant was used for an alarm',
    hearing: [{ receiver: 'r-2', rssiDbm: -61, heardAtMs: 1 }],
    wereDown: ['r-1'],
  }
  const kept = { atMs: 1, by: 'Sam', pendant: 'p-07', lengthMs: 90_000, rooms: 2, stays: 3, readings: 40 }
  const heard = {
    receiver: 'r-2',
    readings: 40,
    share: 0.9,
    medianDbm: -61,
    spreadDb: 6,
    lowDbm: -70,
    highDbm: -55,
  }
  const room = { room: 'interview-2', door: '214 Interview room 2', seconds: 12, looks: 12, heard: [heard] }
  const pair = {
    rooms: ['a', 'b'],
    doors: ['1', '2'],
    confused: 0.4,
    areAdjacent: true,
    text: '1 looks like 2.',
  }
  Object.assign(at.desk.walks, {
    view: () => ({
      ...view,
      recordings: isGoingOn
        ? [recording, { ...recording, pendant: 'p-08', room: null, place: 'between' }]
        : [],
      walks: [
        { ...kept, walk: 2, receivers: ['r-2'], withdrawn: null },
        { ...kept, walk: 1, receivers: ['r-2'], withdrawn: { atMs: 2, by: 'Ann' } },
      ],
      drift: [{ key: 'receiver-moved:r-2', text: 'r-2 seems to have been moved.', sinceMs: 1 }],
    }),
    report: () => report,
    recordingReport: () => report,
  })
  const report = {
    rooms: [room],
    unwalked: [{ room: 'hall', door: '210 Hall' }],
    pairs: [pair],
    compared: 1,
    apart: 0,
    coverage: [{ room: 'hall', door: '210 Hall', text: 'Nobody hears 210 Hall well.' }],
    advice: {
      room: 'hall',
      door: '210 Hall',
      confusedNow: 0.3,
      confusedThen: 0.1,
      text: 'Hang one in 210 Hall.',
    },
  } as WalkReport
}

const SCENES: [string, () => Promise<unknown>][] = [
  ['all quiet', () => at.page.getByText('All quiet').waitFor()],
  ['silent, before anybody has clicked', () => untouched(at.page, '[data-testid=sound-off]')],
  [
    'everything in trouble',
    async () => {
      troubles()
      at.desk.tell({ kind: 'armed', armed: { isArmed: false, reasons: ['No desk.'], sinceMs: 1 } })
      await at.page.getByTestId('quiet').getByText('No desk.').waitFor()
    },
  ],
  [
    'partly armed',
    async () => {
      at.desk.tell({ kind: 'armed', armed: { isArmed: true, reasons: [], uncovered: ['214'], sinceMs: 1 } })
      await at.page.getByTestId('quiet').getByText('in 214').waitFor()
    },
  ],
  [
    'one alarm',
    async () => {
      at.desk.put(cord())
      await at.incident('i-1').waitFor()
    },
  ],
  ['alarms of every kind and state, in trouble', everything],
  [
    'who is at the desk',
    async () => {
      await at.page.getByTestId('operator').click()
      await at.page.getByTestId('operator-name').waitFor()
    },
  ],
  [
    'a duress being resolved, another alarm waiting',
    async () => {
      at.desk.put(cord({ id: 'i-1', kind: 'duress', wearerCancelledAtMs: 1 }))
      at.desk.put(cord({ id: 'i-2' }))
      await at.incident('i-1').getByTestId('resolve').click()
      await at.page.getByLabel('False alarm').check()
      await at.page.getByTestId('duress-word').waitFor()
    },
  ],
  [
    'somebody being signed in',
    async () => {
      await at.page.getByTestId('sign-in').click()
      await at.page.getByTestId('session-pendant').selectOption('p-07')
    },
  ],
  [
    'an incident that is over, opened',
    async () => {
      at.desk.put(
        cord({
          state: 'resolved',
          acknowledged: by,
          attended: by,
          wearerCancelledAtMs: 1,
          resolved: { ...by, outcome: 'near-miss', reason: 'Shouting' },
        }),
      )
      await at.page.getByTestId('open-resolved').click()
      await at.page.getByTestId('over-facts').waitFor()
    },
  ],
  [
    'an answer that was not taken',
    async () => {
      at.desk.put(cord())
      at.desk.failWith = new Error('disk full')
      await at.incident('i-1').getByTestId('acknowledge').click()
      await at.sayName()
      await at.incident('i-1').getByTestId('failure').waitFor()
    },
  ],
  [
    'no connection',
    async () => {
      at.desk.put(cord())
      await at.incident('i-1').waitFor()
      await at.console.close()
      await at.page.getByTestId('connection-lost').waitFor()
    },
  ],
  [
    'the walk test, with an alarm',
    async () => {
      at.desk.put(cord())
      await at.page.goto(`${at.console.url}/walk`)
      await at.page.getByTestId('walk-alarm').waitFor()
      await at.page.getByTestId('walk-start').waitFor()
    },
  ],
  ...[true, false].map((isGoingOn): (typeof SCENES)[number] => [
    `the walk test, ${isGoingOn ? 'going on' : 'with walks kept'}`,
    async () => {
      walked(isGoingOn)
      await at.page.goto(`${at.console.url}/walk`)
      await at.page.getByText('1 looks like 2.').waitFor()
      await at.page.locator('.walk-table summary').click()
    },
  ]),
  [
    'the walk test, asking who walks',
    async () => {
      await at.page.goto(`${at.console.url}/walk`)
      await at.page.getByTestId('walk-start').click()
      await at.page.getByTestId('operator-name').waitFor()
    },
  ],
]

describe.each([
  [1280, 800],
  [390, 844],
])('at %d×%d', (width, height) => {
  test.each(SCENES)('nothing is wrong with: %s', async (_what, play) => {
    await at.page.setViewportSize({ width, height })
    await play()
    expect(await complaints({})).toEqual([])
  })
})

// axe reads a text's own colour there, against a ground that is the reader's: contrast is then the reader's matter.
test('nothing is wrong in the colours of the reader, with alarms of every kind and state', async () => {
  await at.page.emulateMedia({ forcedColors: 'active' })
  await everything()
  expect(await complaints({ 'color-contrast': { enabled: false } })).toEqual([])
})

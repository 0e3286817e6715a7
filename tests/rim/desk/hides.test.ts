// needs: chromium
// The desk never hides: an open alarm at every place of the page, a duress and a cancel where one decides, the keyboard, what
// is over, and the green that must be true.
import { beforeEach, describe, expect, test } from 'vitest'
import type { IncidentView } from '../../../schemas/api/desk.ts'
import type { SessionView } from '../../../schemas/api/session.ts'
import { listen } from '../../gateway/console/client.ts'
import { incidentOf } from '../../gateway/console/scripted-desk.ts'
import { PATIENCE } from '../../patience.ts'
import { deskPage } from './page.ts'

const at = deskPage()

const cord = (over: Partial<IncidentView> = {}) => incidentOf({ raisedAtMs: 1, ...over })
/** Runs in the page, as text: the tests know no browser's types. */
const inPage = <Value>(expression: string): Promise<Value> => at.page.evaluate(expression)

const FOCUSED = `(() => {
  const { activeElement } = document
  const card = activeElement.closest('[data-testid=incident]')?.dataset.incident ?? ''
  return (card + ' ' + (activeElement.dataset.testid ?? activeElement.tagName)).trim()
})()`
const focusIs = (what: string) => expect.poll(() => inPage<string>(FOCUSED), PATIENCE).toBe(what)

/** What of an alarm in the header is really to be seen: it is inside the window and nothing lies over it. */
const seen = (id: string): Promise<string> =>
  inPage(`(() => {
    const alarm = document.querySelector('[data-jump="${id}"]')
    const { left, top, width, height } = alarm.getBoundingClientRect()
    const isWhole = top >= 0 && left >= 0 && top + height <= innerHeight && left + width <= innerWidth
    const on = document.elementFromPoint(left + width / 2, top + height / 2)
    return isWhole && alarm.contains(on) ? alarm.innerText : ''
  })()`)

describe.each([
  [1280, 800],
  [390, 844],
])('at %d×%d', (width, height) => {
  beforeEach(() => at.page.setViewportSize({ width, height }))

  test.each([1, 3, 6])(
    '%d open alarms stand in sight by name and room at every place of the page',
    async count => {
      const ids = Array.from({ length: count }, (_, i) => `i-${i}`)
      ids.forEach((id, i) => {
        at.desk.put(cord({ id, wearer: `Wearer ${i}`, roomNumber: `21${i}`, raisedAtMs: i + 1 }))
      })
      await at.incident(`i-${count - 1}`).waitFor()
      const heightOf = await inPage<number>('document.documentElement.scrollHeight')
      for (let top = 0; top <= heightOf; top += height / 2) {
        await inPage(`scrollTo(0, ${top})`)
        for (const [i, id] of ids.entries()) {
          expect(await seen(id), `${id} at ${top}`).toMatch(new RegExp(`Wearer ${i}\\s+Room 21${i}`))
        }
      }
      expect(await at.page.getByTestId('open-count').innerText()).toContain(`${count} open`)
      expect(await inPage<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    },
  )

  test('a click on an alarm in the header brings its card below it, with the keyboard on its button', async () => {
    for (const n of [1, 2, 3]) at.desk.put(cord({ id: `i-${n}`, wearer: `Wearer ${n}`, raisedAtMs: n }))
    await at.page.locator('[data-jump=i-3]').click()
    await focusIs('i-3 acknowledge')
    const head = await inPage<number>('document.querySelector("header").getBoundingClientRect().bottom')
    const wearer = await at.incident('i-3').getByTestId('wearer').boundingBox()
    const name = wearer?.y ?? 0
    expect(name).toBeGreaterThan(head)
    expect(name).toBeLessThan(height)
  })
})

test('the gravest stands first, in the header and below it, and both rooms of a doubtful one are named', async () => {
  at.desk.put(cord({ id: 'i-1', wearer: 'Ann' }))
  at.desk.put(cord({ id: 'i-2', wearer: 'Ben', kind: 'assist', raisedAtMs: 0, isRoomDoubtful: true }))
  at.desk.put(cord({ id: 'i-3', wearer: 'Cara', kind: 'duress', raisedAtMs: 5 }))
  await at.incident('i-3').waitFor()
  expect(await at.page.getByTestId('wearer').allInnerTexts()).toEqual(['Cara', 'Ann', 'Ben'])
  const inHead = await at.page.locator('[data-jump]').allInnerTexts()
  expect(inHead.map(text => text.replace(/\s+/g, ' ').split(' 2')[0])).toEqual([
    expect.stringMatching(/^DURESS Cara Room/),
    expect.stringMatching(/^Ann Room/),
    expect.stringMatching(/^Ben Room/),
  ])
  expect(inHead[2]).toContain('Room 214 or 215 Interview room 3')
  await at.incident('i-2').getByTestId('other-room').getByText('or else 215 Interview room 3').waitFor()
})

test('a fault that all hangs on is in sight before those of single receivers and pendants', async () => {
  const many = [1, 2, 3, 4, 5, 6].map(n => ({
    key: `receiver:r-${n}`,
    text: `Receiver r-${n} is offline`,
    sinceMs: n,
  }))
  const disk = {
    key: 'journal',
    text: 'The journal cannot be written (the disk is full): free the disk',
    sinceMs: 9,
  }
  at.desk.tell({ kind: 'technical', technical: [...many, disk] })
  await at.page.getByTestId('technical').waitFor()
  expect(await at.page.locator('[data-technical]').first().getAttribute('data-technical')).toBe('journal')
  expect(await at.page.locator('[data-technical=journal]').isVisible()).toBe(true)
  // Six receivers are one line.
  const receivers = at.page.locator('[data-technical=receivers]')
  await receivers.getByText('All 6 receivers have a fault').waitFor()
  expect(await receivers.getByText('Receiver r-3 is offline').isVisible()).toBe(false)
  await receivers.getByText('All 6 receivers have a fault').click()
  await receivers.getByText('Receiver r-3 is offline').waitFor()
})

test('a site file that was changed while the gateway ran stands on the desk, with what differs', async () => {
  const before = at.desk.snapshot()
  const siteChanged = { atMs: 1, by: 'SIGHUP', text: 'people: ben changed' }
  expect(await at.page.getByTestId('site-changed').count()).toBe(0)
  at.desk.snapshot = () => ({ ...before, siteChanged })
  await at.page.reload()
  await at.page.getByTestId('site-changed').getByText('people: ben changed').waitFor()
})

describe('what is known of an alarm stands on its card', () => {
  test('floor, both notes, a suspicion, and who has it apart from who comes', async () => {
    const over = {
      roomNote: 'Officer holds the key',
      sessionNote: 'Second meeting',
      suspicion: 'Its counter is far ahead',
      wearerTold: 'stored',
    } as const
    at.desk.put(cord(over))
    const card = at.incident('i-1')
    await card.getByTestId('building').getByText('Ashworth House · First floor').waitFor()
    await card.getByTestId('room-note').getByText('Officer holds the key').waitFor()
    await card.getByTestId('session-note').getByText('Second meeting').waitFor()
    await card.getByTestId('suspicion').getByText('Its counter is far ahead. Go all the same.').waitFor()
    await card.getByTestId('wearer-told').getByText('your alarm is in').waitFor()
    const by = { atMs: 1, by: '5150 (key 1)' }
    at.desk.put(cord({ ...over, state: 'acknowledged', acknowledged: by, wearerTold: 'acknowledged' }))
    await card.getByTestId('held-state').getByText('Somebody has it').waitFor()
    await card.getByTestId('wearer-told').getByText('somebody has it').waitFor()
    expect(await card.innerText()).not.toMatch(/somebody is coming/i)
    at.desk.put(cord({ ...over, state: 'attended', acknowledged: by, attended: by, wearerTold: 'coming' }))
    await card.getByTestId('held-state').getByText('Somebody is coming').waitFor()
    await card.getByTestId('wearer-told').getByText('somebody is coming').waitFor()
  })

  test('nothing is said to be told that the wearer cannot see: dark in a duress, after a cancel, out of every ear', async () => {
    const told = at.incident('i-1').getByTestId('wearer-told')
    const receivers = (isOnline: boolean) =>
      at.desk.tell({
        kind: 'receivers',
        receivers: [{ id: 'r-1', room: '210 Hall', isOnline, sinceMs: 1 }],
      })
    const by = { atMs: 1, by: 'Sam Reed' }
    const coming = { state: 'attended', acknowledged: by, attended: by, wearerTold: 'coming' } as const
    at.desk.put(cord(coming))
    await told.getByText('The wearer is told: somebody is coming.').waitFor()
    receivers(false)
    await told.getByText('cannot be told anything now: no receiver is online').waitFor()
    receivers(true)
    await told.getByText('The wearer is told: somebody is coming.').waitFor()
    at.desk.put(cord({ ...coming, wearerCancelledAtMs: 2 }))
    await told.getByText('their pendant is dark since they cancelled it').waitFor()
    at.desk.put(cord({ ...coming, kind: 'duress' }))
    await told.getByText('the pendant stays dark: do not count on the wearer knowing').waitFor()
  })

  test('a cancel and a duress, also in the dialog, which asks for the word before it is called false', async () => {
    at.desk.put(cord({ kind: 'duress', wearerCancelledAtMs: Date.now(), lines: [] }))
    const card = at.incident('i-1')
    await card.getByTestId('duress').getByText('DURESS').waitFor()
    await card.getByTestId('cancelled').getByText('Cancelled by the wearer').waitFor()
    await card.getByTestId('resolve').click()
    const dialog = at.page.locator('dialog')
    await dialog.getByTestId('duress').waitFor()
    await dialog.getByTestId('cancelled').waitFor()
    expect(await dialog.getByTestId('resolve-whom').innerText()).toMatch(/DURESS: Mira Patel.*Room 214/)
    await dialog.getByTestId('resolve-reason').fill('All well')
    const submit = dialog.getByTestId('resolve-submit')
    for (const outcome of ['False alarm', 'Test']) {
      await dialog.getByLabel(outcome, { exact: true }).check()
      await dialog.getByTestId('duress-word').fill('yes')
      expect(await submit.isDisabled()).toBe(true)
      await dialog.getByTestId('duress-word').press('Enter')
    }
    await dialog.getByLabel('Violent incident').check()
    expect(await dialog.getByTestId('duress-word').count()).toBe(0)
    expect(await submit.isDisabled()).toBe(false)
    await dialog.getByLabel('False alarm').check()
    expect(at.desk.submitted).toEqual([])
    await dialog.getByTestId('duress-word').fill('Duress')
    await submit.click()
    await at.sayName()
    await at.page.getByTestId('resolved').getByText('All well').waitFor()
    expect(at.desk.submitted).toMatchObject([{ kind: 'resolve', outcome: 'false-alarm' }])
  })

  test('an alarm that becomes a duress while the dialog is open asks for the word there', async () => {
    at.desk.put(cord())
    await at.incident('i-1').getByTestId('resolve').click()
    await at.page.getByLabel('False alarm').check()
    await at.page.getByTestId('resolve-reason').fill('Door handle')
    at.desk.put(cord({ kind: 'duress' }))
    await at.page.getByTestId('duress-word').waitFor()
    expect(await at.page.getByTestId('resolve-submit').isDisabled()).toBe(true)
  })
})

describe('the keyboard', () => {
  test('goes on to the next control after each answer, and from the last alarm to the words that it is quiet', async () => {
    at.desk.put(cord({ id: 'i-1' }))
    at.desk.put(cord({ id: 'i-2', wearer: 'Tom Ellis', raisedAtMs: 2 }))
    await at.incident('i-1').getByTestId('acknowledge').focus()
    await at.page.keyboard.press('Enter')
    await at.page.locator('[data-testid=operator-name]:focus').waitFor()
    await at.page.keyboard.type('Sam Reed')
    await at.page.keyboard.press('Enter')
    await focusIs('i-1 attend')
    await at.page.keyboard.press('Enter')
    await focusIs('i-1 resolve')
    await at.page.keyboard.press('Enter')
    await at.page.locator('dialog').waitFor()
    await at.page.keyboard.press('Escape')
    await focusIs('i-1 resolve')
    for (const [id, next] of [
      ['i-1', 'i-2 acknowledge'],
      ['i-2', 'quiet'],
    ] as const) {
      await at.incident(id).getByTestId('resolve').focus()
      await at.page.keyboard.press('Enter')
      await at.page.getByLabel('Near miss').check()
      await at.page.getByTestId('resolve-reason').fill('Seen to')
      await at.page.keyboard.press('Tab')
      await at.page.getByTestId('resolve-submit').press('Enter')
      await focusIs(next)
    }
  })

  test('opens the next dialog though the last was left with Escape in the same moment', async () => {
    at.desk.put(cord())
    const resolve = at.incident('i-1').getByTestId('resolve')
    await resolve.click()
    await at.page.getByLabel('Near miss').waitFor()
    await inPage(`(() => {
      document.querySelector('dialog').requestClose()
      document.querySelector('[data-testid=resolve]').click()
    })()`)
    // Two frames: whatever the browser still had to tell of the first dialog is told.
    await inPage('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))')
    await at.page.getByLabel('Near miss').check()
    await at.page.keyboard.press('Escape')
    await at.page.locator('dialog').waitFor({ state: 'detached' })
    await focusIs('i-1 resolve')
  })

  test('shows its keys: A acknowledges the alarm in front, N goes to the next', async () => {
    at.desk.put(cord({ id: 'i-1' }))
    at.desk.put(cord({ id: 'i-2', wearer: 'Tom Ellis', raisedAtMs: 2 }))
    await at.incident('i-2').waitFor()
    expect(await at.page.getByTestId('jump').locator('kbd').allInnerTexts()).toEqual(['A', 'N'])
    expect(await at.incident('i-1').getByTestId('acknowledge').locator('kbd').innerText()).toBe('A')
    // Whoever wants the next means another one than A would take.
    await at.page.keyboard.press('n')
    await focusIs('i-2 acknowledge')
    await at.page.keyboard.press('n')
    await focusIs('i-1 acknowledge')
    await at.page.keyboard.press('a')
    await at.sayName()
    await at.page.locator('[data-incident=i-1][data-state=acknowledged]').waitFor()
    expect(at.desk.submitted).toEqual([{ kind: 'acknowledge', incident: 'i-1', by: 'Sam Reed' }])
  })

  test('is left alone while somebody types, while a dialog is open, and with Ctrl or Alt', async () => {
    at.desk.put(cord())
    await at.incident('i-1').waitFor()
    await at.page.getByTestId('operator').click()
    await at.page.getByTestId('operator-name').focus()
    await at.page.keyboard.type('Anna')
    expect(await at.page.getByTestId('operator-name').inputValue()).toBe('Anna')
    await at.page.getByTestId('operator-save').focus()
    await at.page.keyboard.press('a')
    await at.page.getByTestId('operator-save').press('Enter')
    await at.page.locator('dialog').waitFor({ state: 'detached' })
    await at.page.keyboard.press('Control+a')
    await at.page.keyboard.press('Alt+a')
    expect(at.desk.submitted).toEqual([])
    await at.page.keyboard.press('a')
    await at.page.locator('[data-incident=i-1][data-state=acknowledged]').waitFor()
  })
})

test('a room that changes when somebody is coming is loud on the card and marked in the header until it is seen, and again when it changes again', async () => {
  const moved = at.incident('i-1').getByTestId('moved')
  const taken = { state: 'attended', attended: { atMs: 2, by: 'Sam' } } as const
  const { whereabouts } = incidentOf()
  const inRoom = (room: string, roomNumber: string, over: Partial<IncidentView> = {}) =>
    at.desk.put(cord({ ...taken, whereabouts: { ...whereabouts, room }, roomNumber, ...over }))
  inRoom('r-214', '214')
  await at.incident('i-1').waitFor()
  expect(await moved.count()).toBe(0)
  const inHeader = (): Promise<string> => at.page.locator('[data-jump="i-1"]').innerText()
  expect(await inHeader()).not.toContain('NOW')
  inRoom('r-216', '216', { movedFrom: '214 Interview room 2' })
  await moved.getByText('Now Room 216').waitFor()
  expect(await moved.innerText()).toContain('It was 214 Interview room 2')
  expect(await inHeader()).toMatch(/NOW\s+Room 216/)
  await moved.getByTestId('moved-seen').click()
  await moved.waitFor({ state: 'detached' })
  expect(await inHeader()).not.toContain('NOW')
  inRoom('r-214', '214')
  await moved.getByText('Now Room 214').waitFor()
  expect(await moved.innerText()).toContain('It was Room 216')
})

test('an incident that is over can be opened and read, and gives the keyboard back', async () => {
  const lines = [{ seq: 1, atMs: 1, by: 'tocsin', text: 'Mira Patel: cord pulled' }]
  const resolved = { atMs: 61_000, by: 'Sam Reed', outcome: 'near-miss', reason: 'Shouting' } as const
  at.desk.put(cord({ state: 'resolved', lines, acknowledged: { atMs: 5_001, by: '5150 (key 1)' }, resolved }))
  await at.page.getByTestId('open-resolved').focus()
  await at.page.keyboard.press('Enter')
  const dialog = at.page.locator('dialog')
  await dialog.getByText('Mira Patel, Room 214').waitFor()
  const facts = await dialog.getByTestId('over-facts').innerText()
  expect(facts).toMatch(
    /after 0:05, by 5150 \(key 1\)[\s\S]*after 1:00, by Sam Reed[\s\S]*Near miss: Shouting/,
  )
  await dialog.getByTestId('over-lines').getByText('cord pulled').waitFor()
  await at.page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await focusIs('open-resolved')
})

describe('the green', () => {
  const session = (over: Partial<SessionView>): SessionView => ({
    id: 's-1',
    pendant: 'p-07',
    wearer: 'Mira Patel',
    room: 'interview-2',
    door: '214 Interview room 2',
    building: null,
    note: null,
    sinceMs: 1,
    untilMs: Date.now() + 3_600_000,
    by: 'Sam',
    ...over,
  })

  test('goes while anything is not armed, only partly, overdue or unheard, and says which', async () => {
    const quiet = at.page.getByTestId('quiet')
    const isQuiet = (is: boolean) => at.page.locator(`[data-testid=quiet][data-quiet=${is}]`).waitFor()
    await isQuiet(true)
    at.desk.tell({
      kind: 'armed',
      armed: { isArmed: true, reasons: [], uncovered: ['214 Interview room 2'], sinceMs: 1 },
    })
    await isQuiet(false)
    await at.page.getByTestId('armed').getByText('Partly armed').waitFor()
    await quiet.getByText('No receiver is known to hear a pendant in 214 Interview room 2.').waitFor()
    at.desk.put(cord())
    await at.page.getByTestId('armed-why').getByText('in 214 Interview room 2').waitFor()
    at.desk.put(
      cord({ state: 'resolved', resolved: { atMs: 2, by: 'Sam', outcome: 'test', reason: 'Tried' } }),
    )
    at.desk.tell({ kind: 'armed', armed: { isArmed: true, reasons: [], sinceMs: 1 } })
    await isQuiet(true)
    at.desk.tell({ kind: 'sessions', sessions: [session({ untilMs: Date.now() - 60_000 })] })
    await quiet.getByText('No open incidents, but somebody is overdue').waitFor()
    at.desk.tell({ kind: 'sessions', sessions: [session({ pendantState: 'silent' })] })
    await isQuiet(false)
    const row = at.page.locator('[data-session=s-1]')
    await row
      .getByTestId('pendant-state')
      .getByText('is not heard: an alarm from it may not arrive')
      .waitFor()
    at.desk.tell({ kind: 'sessions', sessions: [session({ pendantState: 'late' })] })
    await row.getByTestId('pendant-state').getByText('has not been heard for a minute').waitFor()
    const pendantWarning = 'its battery is low: change it'
    at.desk.tell({ kind: 'sessions', sessions: [session({ pendantState: 'heard', pendantWarning })] })
    await row.getByTestId('pendant-state').getByText('its battery is low').waitFor()
    await isQuiet(true)
  })

  test('somebody who becomes overdue while nothing else happens takes it away', async () => {
    at.desk.tell({ kind: 'sessions', sessions: [session({ untilMs: Date.now() + 1_500 })] })
    await at.page.getByText('No open incidents, but somebody is overdue').waitFor()
  })
})

test('who is signed in with a pendant that was not heard is told so at once', async () => {
  const pendantWarning = 'This pendant has not been heard since the gateway started'
  const session = { id: 's-1', pendant: 'p-07', wearer: 'Mira Patel', pendantWarning }
  await at.page.route('**/api/sessions', route => route.fulfill({ json: [session] }))
  await at.page.getByTestId('sign-in').click()
  await at.page.getByTestId('session-pendant').selectOption('p-07')
  await at.page.getByTestId('session-room').selectOption('interview-2')
  await at.page.getByTestId('session-save').click()
  await at.sayName()
  const notice = at.page.getByTestId('notice')
  await notice.getByText('Mira Patel is signed in, but: This pendant has not been heard').waitFor()
  await notice.getByRole('button', { name: 'Read' }).click()
  await expect.poll(() => notice.innerText(), PATIENCE).toBe('')
})

describe('words', () => {
  test('no code of a machine and no key of ours is on the page', async () => {
    const refused = 'connect ECONNREFUSED 127.0.0.1:5060'
    const page = { id: 'pg-1', channel: 'sip', target: '5150', targetName: 'Desk', said: '' }
    const call = { ...page, step: 0, round: 0, attempt: 1, dueAtMs: 1, endedAtMs: 2, detail: refused }
    at.desk.put(
      cord({
        pages: [
          { ...call, outcome: 'unreachable' },
          { ...call, id: 'pg-2', outcome: 'hung-up' },
        ],
        lines: [{ seq: 1, atMs: 1, by: 'tocsin', text: `5150 Desk: could not be reached (${refused})` }],
      }),
    )
    at.desk.tell({ kind: 'technical', technical: [{ key: 'sip', text: refused, sinceMs: 1 }] })
    at.desk.tell({ kind: 'armed', armed: { isArmed: false, reasons: [`5150: ${refused}.`], sinceMs: 1 } })
    const event = { seq: 9, atMs: 1, reason: 'wrong-password', pendant: '', receiver: 'r-9', text: refused }
    at.desk.tell({ kind: 'security', event })
    await at.page.getByText('tried to join as a receiver with a wrong password').waitFor()
    await at.incident('i-1').getByText('hung up without pressing 1').waitFor()
    const text = await inPage<string>('document.body.textContent')
    expect(text).toContain('nothing answers at 127.0.0.1:5060')
    expect(text).not.toMatch(/ECONN|wrong-password|hung-up|not-armed/)
  })

  test('what was carried out and is not on disk yet is said apart from what was not carried out', async () => {
    at.desk.put(cord())
    // The engine's word for it: the answer counts, and the disk has not taken its row.
    const notKept = Object.assign(new Error('SQLITE_FULL'), { name: 'NotKept' })
    const { submit } = at.desk
    at.desk.submit = async event => {
      await submit(event)
      throw notKept
    }
    await at.incident('i-1').getByTestId('acknowledge').click()
    await at.sayName()
    await at.page.locator('[data-incident=i-1][data-state=acknowledged]').waitFor()
    await at.page.getByTestId('notice').getByText('Done, but not written down yet').waitFor()
    at.desk.submit = submit
    at.desk.failWith = new Error('SqliteError: database or disk is full')
    await at.incident('i-1').getByTestId('attend').click()
    await at
      .incident('i-1')
      .getByText('Not carried out: use the telephone. Database or disk is full.')
      .waitFor()
    expect(await at.page.getByTestId('notice').innerText()).toBe('')
  })
})

test('a desk works though one client holds a hundred event streams open', async () => {
  const url = `${at.console.url}/api/live`
  const hoard = await Promise.all(Array.from({ length: 100 }, () => listen(url)))
  await at.page.reload()
  await at.bodyIs('[data-connection=live]')
  await expect.poll(() => at.desk.presences.length, PATIENCE).toBeGreaterThan(0)
  const more = await Promise.all(Array.from({ length: 100 }, () => listen(url)))
  at.desk.put(cord())
  await at.incident('i-1').getByTestId('acknowledge').click()
  await at.sayName()
  await at.page.locator('[data-incident=i-1][data-state=acknowledged]').waitFor()
  await at.bodyIs('[data-connection=live]')
  for (const stream of [...hoard, ...more]) stream.close()
})

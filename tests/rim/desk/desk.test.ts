// needs: chromium
// The desk page in a real browser: an alarm, who was called for it, what is answered, and the state of the system.
import { beforeEach, describe, expect, test } from 'vitest'
import { incidentOf } from '../../gateway/console/scripted-desk.ts'
import { PATIENCE } from '../../patience.ts'
import { untouched } from './chromium.ts'
import { deskPage } from './page.ts'

const at = deskPage()

describe('an alarm', () => {
  test('appears without a reload, with wearer, building and room first', async () => {
    await at.page.getByText('All quiet').waitFor()
    await at.page.getByText('2 receivers online').waitFor()
    at.desk.put(incidentOf({ roomNote: 'Custody officer holds the key' }))
    await at.incident('i-1').waitFor()
    expect(await at.incident('i-1').textContent()).toMatch(
      /^Mira Patel.*Room 214 Interview room 2.*Ashworth House.*Almost certain \(93 %\).*Custody officer holds the key/,
    )
    expect(await at.page.getByTestId('quiet').count()).toBe(0)
  })

  test('an unsure room names the runner-up, and an unverified alarm says so', async () => {
    const { whereabouts } = incidentOf()
    at.desk.put(incidentOf({ verified: false, whereabouts: { ...whereabouts, confidence: 0.5 } }))
    await at.incident('i-1').getByText('Unsure (50 %)').waitFor()
    await at.incident('i-1').getByText('or else 215 Interview room 3').waitFor()
    await at.incident('i-1').getByTestId('unverified').waitFor()
  })

  test('an alarm with no room known is shown all the same', async () => {
    at.desk.put(incidentOf({ roomNumber: null, roomName: null, building: null, floor: null }))
    await at.incident('i-1').getByText('Room not known').waitFor()
    await at.incident('i-1').getByText('Building not known').waitFor()
  })

  test('is silent until a click arms the sound, and says so; then it sounds until somebody has it', async () => {
    await untouched(at.page, 'body[data-sound=off] [data-testid=sound-off]')
    at.desk.put(incidentOf())
    await untouched(at.page, 'body[data-sound=off] [data-testid=incident]')
    await at.page.getByTestId('sound-off').click()
    await at.bodyIs('[data-sound=sounding]')
    expect(await at.page.getByTestId('sound-off').count()).toBe(0)
    at.desk.put(incidentOf({ state: 'acknowledged', acknowledged: { atMs: 1, by: '5150 (key 1)' } }))
    await at.bodyIs('[data-sound=armed]')
    at.desk.put(incidentOf({ id: 'i-2' }))
    await at.bodyIs('[data-sound=sounding]')
  })

  test('takes the very first click, though that click also switches the sound on and the page moves', async () => {
    at.desk.put(incidentOf())
    await untouched(at.page, 'body[data-sound=off] [data-testid=incident]')
    await at.incident('i-1').getByTestId('acknowledge').hover()
    await at.page.mouse.down()
    // The page moves on by a second, whichever it is by now.
    const age = at.incident('i-1').getByTestId('age')
    const before = await age.innerText()
    await expect.poll(() => age.innerText(), PATIENCE).not.toBe(before)
    await at.page.mouse.up()
    await at.sayName()
    await at.page.locator('[data-incident=i-1][data-state=acknowledged]').waitFor()
    await at.bodyIs('[data-sound=armed]')
  })

  test('keeps the click that was begun on it, even when a fault pushes the page down meanwhile', async () => {
    at.desk.put(incidentOf())
    await at.incident('i-1').getByTestId('acknowledge').hover()
    await at.page.mouse.down()
    const faults = [1, 2, 3, 4].map(n => ({ key: `fault-${n}`, text: `Fault ${n}`, sinceMs: 1 }))
    at.desk.tell({ kind: 'technical', technical: faults })
    await at.page.getByTestId('technical').getByText('Fault 4').waitFor()
    await at.page.mouse.up()
    await at.sayName()
    await at.page.locator('[data-incident=i-1][data-state=acknowledged]').waitFor()
  })

  test('flashes in the title of a tab that nobody looks at', async () => {
    at.desk.put(incidentOf())
    await expect
      .poll(() => at.page.title(), { ...PATIENCE, interval: 100 })
      .toBe('ALARM Mira Patel, Room 214')
    await expect
      .poll(() => at.page.title(), { ...PATIENCE, interval: 100 })
      .toBe('Ashworth House · Tocsin desk')
  })

  test('several at once each have their own card and button, and acknowledging one leaves the others', async () => {
    for (const n of [1, 2, 3, 4, 5]) {
      at.desk.put(incidentOf({ id: `i-${n}`, wearer: `Wearer ${n}`, raisedAtMs: n }))
    }
    await at.incident('i-5').waitFor()
    expect(await at.page.getByTestId('wearer').allInnerTexts()).toEqual(
      [1, 2, 3, 4, 5].map(n => `Wearer ${n}`),
    )
    await at.page.getByTestId('jump').getByText('Wearer 5').waitFor()
    await at.incident('i-3').getByTestId('acknowledge').click()
    await at.sayName()
    await at.page.locator('[data-incident=i-3][data-state=acknowledged]').waitFor()
    expect(await at.page.locator('[data-testid=incident][data-state=raised]').count()).toBe(4)
  })
})

describe('who was called', () => {
  const page1 = {
    id: 'pg-1',
    channel: 'sip',
    target: '5150',
    targetName: 'Security desk',
    said: 'Personal alarm.',
    step: 0,
    round: 0,
    attempt: 1,
    dueAtMs: 1,
  }

  test('each call is followed from ringing to key 1, and an answered one is not yet a promise', async () => {
    const call = at.incident('i-1').locator('[data-page=pg-1]')
    const follow = (more: object) =>
      at.desk.put(incidentOf({ nextPageAtMs: null, pages: [{ ...page1, ...more }] }))
    follow({ invitedAtMs: 2, ringingAtMs: 3 })
    await call.getByText(/^ringing/).waitFor()
    await at.incident('i-1').getByText('A call is being made').waitFor()
    follow({ invitedAtMs: 2, ringingAtMs: 3, answeredAtMs: 4 })
    await call.getByText(/^answered, not yet confirmed/).waitFor()
    follow({ invitedAtMs: 2, answeredAtMs: 4, key: '1', keyAtMs: 5, endedAtMs: 6, outcome: 'acknowledged' })
    await call.getByText('acknowledged with key 1').waitFor()
    follow({ invitedAtMs: 2, endedAtMs: 6, outcome: 'busy', detail: '486 Busy Here' })
    await call.getByText('busy (486 Busy Here)').waitFor()
  })

  test('the next call is counted down, and its absence is loud', async () => {
    at.desk.put(incidentOf({ nextPageAtMs: Date.now() + 60_000 }))
    await at
      .incident('i-1')
      .getByText(/^Next call in \d+ s/)
      .waitFor()
    at.desk.put(incidentOf({ nextPageAtMs: null }))
    await at.incident('i-1').getByText('No further call is planned. Telephone now.').waitFor()
  })
})

describe('an answer', () => {
  beforeEach(async () => {
    at.desk.put(incidentOf())
    await at.incident('i-1').waitFor()
  })

  test('is one click, once the name is known; the name is asked once and kept', async () => {
    await at.incident('i-1').getByTestId('acknowledge').click()
    await at.sayName()
    await at.incident('i-1').getByText('Acknowledged by Sam Reed').waitFor()
    expect(at.desk.submitted).toEqual([{ kind: 'acknowledge', incident: 'i-1', by: 'Sam Reed' }])
    await at.incident('i-1').getByTestId('attend').click()
    await at.page.locator('[data-incident=i-1][data-state=attended]').waitFor()
    await at.page.reload()
    at.desk.put(incidentOf({ id: 'i-2' }))
    await at.incident('i-2').getByTestId('acknowledge').click()
    await at.incident('i-2').getByText('Acknowledged by Sam Reed').waitFor()
  })

  test('can be given back: nobody has it then, and it stands with those that wait', async () => {
    await at.incident('i-1').getByTestId('acknowledge').click()
    await at.sayName()
    await at.incident('i-1').getByTestId('release').click()
    await at.page.locator('[data-incident=i-1][data-state=raised]').waitFor()
    await at.incident('i-1').getByTestId('acknowledge').waitFor()
    expect(at.desk.submitted.at(-1)).toEqual({ kind: 'release', incident: 'i-1', by: 'Sam Reed' })
    expect(await at.incident('i-1').getByTestId('release').count()).toBe(0)
  })

  test('without a name nothing is sent, and that is said', async () => {
    await at.incident('i-1').getByTestId('acknowledge').click()
    await at.page.getByTestId('operator-name').press('Escape')
    await at.incident('i-1').getByTestId('failure').waitFor()
    expect(at.desk.submitted).toEqual([])
  })

  test('resolving needs an outcome and a reason, and moves the incident to what is over', async () => {
    await at.incident('i-1').getByTestId('resolve').click()
    const submit = at.page.getByTestId('resolve-submit')
    expect(await submit.isDisabled()).toBe(true)
    await at.page.getByLabel('False alarm').check()
    expect(await submit.isDisabled()).toBe(true)
    await at.page.getByTestId('resolve-reason').fill('Caught on a door handle')
    await submit.click()
    await at.sayName()
    await at.page.getByTestId('resolved').getByText('Caught on a door handle').waitFor()
    await at.page.getByText('All quiet').waitFor()
    expect(at.desk.submitted).toMatchObject([{ kind: 'resolve', outcome: 'false-alarm' }])
  })

  test('that was refused is said on the card, and the alarm stays', async () => {
    at.desk.refuseWith = { expected: 'a raised incident', came: 'a resolved one', isUnknown: false }
    await at.incident('i-1').getByTestId('acknowledge').click()
    await at.sayName()
    await at.incident('i-1').getByText('Expected a raised incident; came a resolved one').waitFor()
    await at.page.locator('[data-incident=i-1][data-state=raised]').waitFor()
  })

  test('works from the keyboard alone', async () => {
    await at.incident('i-1').getByTestId('acknowledge').focus()
    await at.page.keyboard.press('Enter')
    await at.page.locator('[data-testid=operator-name]:focus').waitFor()
    await at.page.keyboard.type('Sam Reed')
    await at.page.keyboard.press('Enter')
    await at.page.locator('[data-incident=i-1][data-state=acknowledged]').waitFor()
  })
})

describe('the state of the system', () => {
  test('the page says that it is here, silent until somebody has clicked, and shows whether it is armed', async () => {
    const heard = async (isAudible: boolean) => {
      while (!at.desk.presences.some(each => each.isAudible === isAudible)) {
        await at.page.waitForResponse(answer => answer.url().endsWith('/api/desk/present'))
      }
    }
    await heard(false)
    await at.page.getByTestId('armed').getByText('Armed', { exact: true }).waitFor()
    await at.page.getByTestId('sound-off').click()
    await heard(true)
    expect(new Set(at.desk.presences.map(each => each.desk)).size, 'one open page').toBe(1)
    at.desk.tell({
      kind: 'armed',
      armed: { isArmed: false, reasons: ['No telephone can be called.'], sinceMs: 1 },
    })
    await at.page.getByTestId('armed').getByText('Not armed').waitFor()
    const quiet = at.page.getByTestId('quiet')
    await quiet.getByText('Not armed: an alarm now might reach nobody').waitFor()
    await quiet.getByText('No telephone can be called.').waitFor()
    expect(await at.page.getByTestId('armed').getAttribute('title')).toBe('No telephone can be called.')
  })

  test('a fault is loud until it is mended, and takes the quiet away', async () => {
    at.desk.tell({
      kind: 'technical',
      technical: [{ key: 'sip', text: '5150 cannot be reached', sinceMs: 1 }],
    })
    await at.page.getByTestId('technical').getByText('5150 cannot be reached').waitFor()
    await at.page.getByText('No open incidents, but not everything works').waitFor()
    at.desk.tell({ kind: 'technical', technical: [] })
    await at.page.getByText('All quiet').waitFor()
    expect(await at.page.getByTestId('technical').count()).toBe(0)
  })

  test('what works again has a line of its own, with since when it did not', async () => {
    await at.page.getByTestId('mended').getByText('Nothing was out of order.').waitFor()
    const atMs = new Date('2026-11-20T14:03:00').getTime()
    const text = 'Receiver r-2 (210 Hall) is heard again'
    const mended = { key: 'receiver:r-2', seq: 1, text, sinceMs: atMs - 120_000, atMs }
    at.desk.tell({ kind: 'mended', mended })
    const line = at.page.locator('[data-mended="receiver:r-2"]')
    await line.waitFor()
    expect(await line.innerText()).toMatch(
      /^14:03(:\d\d)? Receiver r-2 \(210 Hall\) is heard again\.\sOut of order since 14:01/,
    )
  })

  test('a receiver that goes is shown, and a security event is listed', async () => {
    at.desk.tell({
      kind: 'receivers',
      receivers: [
        { id: 'r-1', room: 'hall', isOnline: true, sinceMs: 0 },
        { id: 'r-2', room: 'interview-2', isOnline: false, sinceMs: Date.now() },
      ],
    })
    await at.page.locator('[data-receiver=r-2][data-online=false]').waitFor()
    await at.page.getByText('1 of 2 receivers online').waitFor()
    const event = {
      seq: 2,
      atMs: 1,
      reason: 'replayed',
      pendant: 'p-07',
      receiver: 'r-1',
      text: 'Counter 8 after 9.',
    }
    at.desk.tell({ kind: 'security', event })
    await at.page.getByTestId('security').getByText('Counter 8 after 9.').waitFor()
  })

  test('a gateway whose clock is hours away still shows the right age', async () => {
    const snapshot = at.desk.snapshot
    const hoursMs = 5 * 3_600_000
    at.desk.snapshot = () => ({ ...snapshot(), nowMs: Date.now() + hoursMs })
    await at.page.reload()
    at.desk.put(incidentOf({ raisedAtMs: Date.now() + hoursMs - 61_000 }))
    await at
      .incident('i-1')
      .getByTestId('age')
      .getByText(/^1:0\d$/)
      .waitFor()
  })
})

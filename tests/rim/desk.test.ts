// needs: chromium
// The desk page in a real browser, against the real console with a scripted desk behind it.
import { existsSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Console } from '../../gateway/console/server.ts'
import { startConsole } from '../../gateway/console/server.ts'
import { incidentOf, type ScriptedDesk, scriptDesk } from '../gateway/console/scripted-desk.ts'
import { launchChromium, openPage, untouched } from './chromium.ts'

const UI_DIR = fileURLToPath(new URL('../../dist/ui/desk', import.meta.url))

let browser: Browser
let page: Page
let desk: ScriptedDesk
let console_: Console
let complaints: string[]

async function start(port = 0): Promise<Console> {
  const silent = { info() {}, warn() {}, error() {} }
  return startConsole({
    host: '127.0.0.1',
    port,
    desk,
    renderMetrics: async () => '',
    uiDir: UI_DIR,
    log: silent,
  })
}

beforeAll(async () => {
  if (!existsSync(UI_DIR))
    throw new Error(`expected the built desk page in ${UI_DIR} (npm run build); came none`)
  browser = await launchChromium()
})
afterAll(() => browser?.close())
beforeEach(async () => {
  desk = scriptDesk()
  console_ = await start()
  complaints = []
  page = await openPage(browser, console_.url, complaints)
  await untouched(page, 'body[data-connection=live]')
})
afterEach(async () => {
  await page.close()
  await console_.close()
  expect(complaints).toEqual([])
})

const incident = (id: string) => page.locator(`[data-testid=incident][data-incident=${id}]`)
const bodyIs = (what: string) => page.locator(`body${what}`).waitFor()
async function sayName(name = 'Sam Reed'): Promise<void> {
  await page.getByTestId('operator-name').fill(name)
  await page.getByTestId('operator-save').click()
}

describe('an alarm', () => {
  test('appears without a reload, with wearer, building and room first', async () => {
    await page.getByText('All quiet').waitFor()
    await page.getByText('2 receivers online').waitFor()
    desk.put(incidentOf({ roomNote: 'Custody officer holds the key' }))
    await incident('i-1').waitFor()
    expect(await incident('i-1').textContent()).toMatch(
      /^Mira Patel.*Room 214 Interview room 2.*Ashworth House.*Almost certain \(93 %\).*Custody officer holds the key/,
    )
    expect(await page.getByTestId('quiet').count()).toBe(0)
  })

  test('an unsure room names the runner-up, and an unverified alarm says so', async () => {
    const { whereabouts } = incidentOf()
    desk.put(incidentOf({ verified: false, whereabouts: { ...whereabouts, confidence: 0.5 } }))
    await incident('i-1').getByText('Unsure (50 %)').waitFor()
    await incident('i-1').getByText('or else 215 Interview room 3').waitFor()
    await incident('i-1').getByTestId('unverified').waitFor()
  })

  test('an alarm with no room known is shown all the same', async () => {
    desk.put(incidentOf({ roomNumber: null, roomName: null, building: null, floor: null }))
    await incident('i-1').getByText('Room not known').waitFor()
    await incident('i-1').getByText('Building not known').waitFor()
  })

  test('is silent until a click arms the sound, and says so; then it sounds until somebody has it', async () => {
    await untouched(page, 'body[data-sound=off] [data-testid=sound-off]')
    desk.put(incidentOf())
    await untouched(page, 'body[data-sound=off] [data-testid=incident]')
    await page.getByTestId('sound-off').click()
    await bodyIs('[data-sound=sounding]')
    expect(await page.getByTestId('sound-off').count()).toBe(0)
    desk.put(incidentOf({ state: 'acknowledged', acknowledged: { atMs: 1, by: '5150 (key 1)' } }))
    await bodyIs('[data-sound=armed]')
    desk.put(incidentOf({ id: 'i-2' }))
    await bodyIs('[data-sound=sounding]')
  })

  test('takes the very first click, though that click also switches the sound on and the page moves', async () => {
    desk.put(incidentOf())
    await untouched(page, 'body[data-sound=off] [data-testid=incident]')
    await incident('i-1').getByTestId('acknowledge').hover()
    await page.mouse.down()
    await incident('i-1').getByTestId('age').getByText('0:02').waitFor()
    await page.mouse.up()
    await sayName()
    await page.locator('[data-incident=i-1][data-state=acknowledged]').waitFor()
    await bodyIs('[data-sound=armed]')
  })

  test('keeps the click that was begun on it, even when a fault pushes the page down meanwhile', async () => {
    desk.put(incidentOf())
    await incident('i-1').getByTestId('acknowledge').hover()
    await page.mouse.down()
    const faults = [1, 2, 3, 4].map(n => ({ key: `fault-${n}`, text: `Fault ${n}`, sinceMs: 1 }))
    desk.tell({ kind: 'technical', technical: faults })
    await page.getByTestId('technical').getByText('Fault 4').waitFor()
    await page.mouse.up()
    await sayName()
    await page.locator('[data-incident=i-1][data-state=acknowledged]').waitFor()
  })

  test('flashes in the title of a tab that nobody looks at', async () => {
    desk.put(incidentOf())
    const title = { timeout: 10_000, interval: 100 }
    await expect.poll(() => page.title(), title).toBe('ALARM Mira Patel, Room 214')
    await expect.poll(() => page.title(), title).toBe('Ashworth House · Tocsin desk')
  })

  test('several at once each have their own card and button, and acknowledging one leaves the others', async () => {
    for (const n of [1, 2, 3, 4, 5]) {
      desk.put(incidentOf({ id: `i-${n}`, wearer: `Wearer ${n}`, raisedAtMs: n }))
    }
    await incident('i-5').waitFor()
    expect(await page.getByTestId('wearer').allInnerTexts()).toEqual([1, 2, 3, 4, 5].map(n => `Wearer ${n}`))
    await page.getByTestId('jump').getByText('Wearer 5').waitFor()
    await incident('i-3').getByTestId('acknowledge').click()
    await sayName()
    await page.locator('[data-incident=i-3][data-state=acknowledged]').waitFor()
    expect(await page.locator('[data-testid=incident][data-state=raised]').count()).toBe(4)
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
    const call = incident('i-1').locator('[data-page=pg-1]')
    const follow = (more: object) =>
      desk.put(incidentOf({ nextPageAtMs: null, pages: [{ ...page1, ...more }] }))
    follow({ invitedAtMs: 2, ringingAtMs: 3 })
    await call.getByText(/^ringing/).waitFor()
    await incident('i-1').getByText('A call is being made').waitFor()
    follow({ invitedAtMs: 2, ringingAtMs: 3, answeredAtMs: 4 })
    await call.getByText(/^answered, not yet confirmed/).waitFor()
    follow({ invitedAtMs: 2, answeredAtMs: 4, key: '1', keyAtMs: 5, endedAtMs: 6, outcome: 'acknowledged' })
    await call.getByText('acknowledged with key 1').waitFor()
    follow({ invitedAtMs: 2, endedAtMs: 6, outcome: 'busy', detail: '486 Busy Here' })
    await call.getByText('busy (486 Busy Here)').waitFor()
  })

  test('the next call is counted down, and its absence is loud', async () => {
    desk.put(incidentOf({ nextPageAtMs: Date.now() + 60_000 }))
    await incident('i-1')
      .getByText(/^Next call in \d+ s/)
      .waitFor()
    desk.put(incidentOf({ nextPageAtMs: null }))
    await incident('i-1').getByText('No further call is planned. Telephone now.').waitFor()
  })
})

describe('an answer', () => {
  beforeEach(async () => {
    desk.put(incidentOf())
    await incident('i-1').waitFor()
  })

  test('is one click, once the name is known; the name is asked once and kept', async () => {
    await incident('i-1').getByTestId('acknowledge').click()
    await sayName()
    await incident('i-1').getByText('Acknowledged by Sam Reed').waitFor()
    expect(desk.submitted).toEqual([{ kind: 'acknowledge', incident: 'i-1', by: 'Sam Reed' }])
    await incident('i-1').getByTestId('attend').click()
    await page.locator('[data-incident=i-1][data-state=attended]').waitFor()
    await page.reload()
    desk.put(incidentOf({ id: 'i-2' }))
    await incident('i-2').getByTestId('acknowledge').click()
    await incident('i-2').getByText('Acknowledged by Sam Reed').waitFor()
  })

  test('without a name nothing is sent, and that is said', async () => {
    await incident('i-1').getByTestId('acknowledge').click()
    await page.getByTestId('operator-name').press('Escape')
    await incident('i-1').getByTestId('failure').waitFor()
    expect(desk.submitted).toEqual([])
  })

  test('resolving needs an outcome and a reason, and moves the incident to what is over', async () => {
    await incident('i-1').getByTestId('resolve').click()
    const submit = page.getByTestId('resolve-submit')
    expect(await submit.isDisabled()).toBe(true)
    await page.getByLabel('False alarm').check()
    expect(await submit.isDisabled()).toBe(true)
    await page.getByTestId('resolve-reason').fill('Caught on a door handle')
    await submit.click()
    await sayName()
    await page.getByTestId('resolved').getByText('Caught on a door handle').waitFor()
    await page.getByText('All quiet').waitFor()
    expect(desk.submitted).toMatchObject([{ kind: 'resolve', outcome: 'false-alarm' }])
  })

  test('that was refused is said on the card, and the alarm stays', async () => {
    desk.refuseWith = { expected: 'a raised incident', came: 'a resolved one', isUnknown: false }
    await incident('i-1').getByTestId('acknowledge').click()
    await sayName()
    await incident('i-1').getByText('Expected a raised incident; came a resolved one').waitFor()
    await page.locator('[data-incident=i-1][data-state=raised]').waitFor()
  })

  test('works from the keyboard alone', async () => {
    await incident('i-1').getByTestId('acknowledge').focus()
    await page.keyboard.press('Enter')
    await page.locator('[data-testid=operator-name]:focus').waitFor()
    await page.keyboard.type('Sam Reed')
    await page.keyboard.press('Enter')
    await page.locator('[data-incident=i-1][data-state=acknowledged]').waitFor()
  })
})

describe('a dropped connection', () => {
  test('is loud, and restored with nothing missed: one raised and one acknowledged meanwhile', async () => {
    desk.put(incidentOf({ id: 'i-1' }))
    await incident('i-1').waitFor()
    const port = Number(new URL(console_.url).port)
    await console_.close()
    // Long before the watchdog of a silent line could say the same.
    await page.getByTestId('connection-lost').waitFor({ timeout: 5_000 })
    await bodyIs('[data-connection=lost]')
    desk.put(incidentOf({ id: 'i-2', wearer: 'Tom Ellis' }))
    desk.put(incidentOf({ id: 'i-1', state: 'acknowledged', acknowledged: { atMs: 1, by: '5150 (key 1)' } }))
    desk.put(incidentOf({ id: 'i-3', state: 'resolved', wearer: 'Ana Silva' }))
    console_ = await start(port)
    await bodyIs('[data-connection=live]')
    await page.locator('[data-incident=i-2][data-state=raised]').waitFor()
    await page.locator('[data-incident=i-1][data-state=acknowledged]').waitFor()
    await page.getByTestId('resolved').getByText('Ana Silva').waitFor()
    expect(await page.getByTestId('connection-lost').count()).toBe(0)
  })

  test('an answer that could not be sent says to use the telephone', async () => {
    desk.put(incidentOf())
    await incident('i-1').waitFor()
    await console_.close()
    await incident('i-1').getByTestId('acknowledge').click()
    await sayName()
    await incident('i-1').getByText('use the telephone').waitFor()
    await page.locator('[data-incident=i-1][data-state=raised]').waitFor()
  })
})

describe('a line that dies without a word', () => {
  let line: Server
  let isCut = false
  const sockets = new Set<Socket>()

  beforeEach(async () => {
    // Between page and console stands a wire that can go deaf without closing, as a Wi-Fi out of reach does.
    const { hostname, port } = new URL(console_.url)
    isCut = false
    line = createServer(near => {
      const far = connect(Number(port), hostname)
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(from)
        from.on('data', bytes => isCut || to.write(bytes))
        from.on('close', () => to.destroy())
        from.on('error', () => {})
      }
    })
    await new Promise<void>(resolve => line.listen(0, '127.0.0.1', resolve))
  })
  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => line.close(resolve))
  })

  test('is noticed by its silence, and begun again with nothing missed', async () => {
    const address = line.address()
    if (address === null || typeof address === 'string') throw new Error('expected a TCP port')
    await page.clock.install()
    await page.goto(`http://127.0.0.1:${address.port}`)
    await bodyIs('[data-connection=live]')
    isCut = true
    desk.put(incidentOf())
    await page.clock.fastForward(13_000)
    await page.getByTestId('connection-lost').waitFor()
    isCut = false
    await page.clock.fastForward(13_000)
    await incident('i-1').waitFor()
    await bodyIs('[data-connection=live]')
  })
})

describe('a page that breaks', () => {
  test('says so over everything, because a frozen desk looks like a quiet one', async () => {
    complaints.length = 0
    const { incidents: _, ...broken } = desk.snapshot()
    desk.snapshot = () => broken as ReturnType<ScriptedDesk['snapshot']>
    await page.reload()
    await page.getByText('This page has failed').waitFor()
    // The browser's word of it comes apart from the page's, and more than one: none after the page is closed.
    await vi.waitFor(() => expect(complaints.length).toBeGreaterThan(0), { timeout: 30_000 })
    await page.close()
    complaints.length = 0
  })
})

describe('the state of the system', () => {
  test('the page says that it is here, silent until somebody has clicked, and shows whether it is armed', async () => {
    const heard = async (isAudible: boolean) => {
      while (!desk.presences.some(each => each.isAudible === isAudible)) {
        await page.waitForResponse(answer => answer.url().endsWith('/api/desk/present'))
      }
    }
    await heard(false)
    await page.getByTestId('armed').getByText('Armed', { exact: true }).waitFor()
    await page.getByTestId('sound-off').click()
    await heard(true)
    expect(new Set(desk.presences.map(each => each.desk)).size, 'one open page').toBe(1)
    desk.tell({
      kind: 'armed',
      armed: { isArmed: false, reasons: ['No telephone can be called.'], sinceMs: 1 },
    })
    await page.getByTestId('armed').getByText('Not armed').waitFor()
    const quiet = page.getByTestId('quiet')
    await quiet.getByText('Not armed: an alarm now might reach nobody').waitFor()
    await quiet.getByText('No telephone can be called.').waitFor()
    expect(await page.getByTestId('armed').getAttribute('title')).toBe('No telephone can be called.')
  })

  test('a fault is loud until it is mended, and takes the quiet away', async () => {
    desk.tell({ kind: 'technical', technical: [{ key: 'sip', text: '5150 cannot be reached', sinceMs: 1 }] })
    await page.getByTestId('technical').getByText('5150 cannot be reached').waitFor()
    await page.getByText('No open incidents, but not everything works').waitFor()
    desk.tell({ kind: 'technical', technical: [] })
    await page.getByText('All quiet').waitFor()
    expect(await page.getByTestId('technical').count()).toBe(0)
  })

  test('a receiver that goes is shown, and a security event is listed', async () => {
    desk.tell({
      kind: 'receivers',
      receivers: [
        { id: 'r-1', room: 'hall', isOnline: true, sinceMs: 0 },
        { id: 'r-2', room: 'interview-2', isOnline: false, sinceMs: Date.now() },
      ],
    })
    await page.locator('[data-receiver=r-2][data-online=false]').waitFor()
    await page.getByText('1 of 2 receivers online').waitFor()
    const event = {
      seq: 2,
      atMs: 1,
      reason: 'replayed',
      pendant: 'p-07',
      receiver: 'r-1',
      text: 'Counter 8 after 9.',
    }
    desk.tell({ kind: 'security', event })
    await page.getByTestId('security').getByText('Counter 8 after 9.').waitFor()
  })

  test('a gateway whose clock is hours away still shows the right age', async () => {
    const snapshot = desk.snapshot
    const hoursMs = 5 * 3_600_000
    desk.snapshot = () => ({ ...snapshot(), nowMs: Date.now() + hoursMs })
    await page.reload()
    desk.put(incidentOf({ raisedAtMs: Date.now() + hoursMs - 61_000 }))
    await incident('i-1')
      .getByTestId('age')
      .getByText(/^1:0\d$/)
      .waitFor()
  })
})

describe('who is alone', () => {
  const session = (untilMs: number) => ({
    id: 's-0001',
    pendant: 'p-07',
    wearer: 'Mira Patel',
    room: 'interview-2',
    door: '214 Interview room 2',
    building: 'Ashworth House',
    note: 'second meeting',
    sinceMs: Date.now() - 60_000,
    untilMs,
    by: 'Sam Reed',
  })

  test('is signed in by name, for a room and so many minutes', async () => {
    await page.getByText('Nobody is signed in.').waitFor()
    await page.getByTestId('sign-in').click()
    await page.getByTestId('session-pendant').selectOption('p-07')
    await page.getByTestId('session-room').selectOption('interview-2')
    await page.getByTestId('session-minutes').fill('45')
    await page.getByTestId('session-note').fill('second meeting')
    await page.getByTestId('session-save').click()
    await sayName()
    await page.getByTestId('session-save').waitFor({ state: 'detached' })
    expect(desk.submitted).toEqual([
      {
        kind: 'sign-in',
        by: 'Sam Reed',
        pendant: 'p-07',
        room: 'interview-2',
        forMs: 2_700_000,
        note: 'second meeting',
      },
    ])
  })

  test('stands in the list with where and until when, is overdue in words, and is signed out', async () => {
    desk.tell({ kind: 'sessions', sessions: [session(Date.now() + 25 * 60_000)] })
    const row = page.locator('[data-session=s-0001]')
    await row.waitFor()
    expect(await row.textContent()).toMatch(
      /Mira Patel 214 Interview room 2for another 25 min, signed in by Sam Reed/,
    )
    desk.tell({ kind: 'sessions', sessions: [session(Date.now() - 5 * 60_000)] })
    await page.locator('[data-session=s-0001][data-overdue=true]').getByText('overdue for 5 min').waitFor()
    await row.getByTestId('sign-out').click()
    await sayName()
    await expect.poll(() => desk.submitted).toEqual([{ kind: 'sign-out', session: 's-0001', by: 'Sam Reed' }])
  })

  test('and presses elsewhere is shown where they were heard, and that they booked another room', async () => {
    const { whereabouts } = incidentOf()
    const because = [{ receiver: 'n-1', rssiDbm: -50, isHint: true as const }]
    const booked = { ...whereabouts, booked: 'interview-3', because }
    desk.put(incidentOf({ whereabouts: booked, bookedRoom: '215 Interview room 3' }))
    await incident('i-1').getByText('Booked: 215 Interview room 3, not heard there').waitFor()
    await incident('i-1').getByText('by n-1 (unsealed)').waitFor()
  })
})

// needs: chromium
// The building's page in a real browser, against its real server with a scripted building behind it.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type Page as Served, servePage } from '../../../simulator/page/server.ts'
import type { PhoneCall } from '../../../simulator/ports.ts'
import { PATIENCE } from '../../patience.ts'
import { type ScriptedBuilding, scriptBuilding } from '../../simulator/page/scripted-building.ts'
import { axeComplaints } from './axe.ts'
import { launchChromium, openPage } from './chromium.ts'

const UI_DIR = fileURLToPath(new URL('../../../dist/ui/building', import.meta.url))

let browser: Browser
let page: Page
let building: ScriptedBuilding
let served: Served
let complaints: string[]

beforeAll(async () => {
  if (!existsSync(UI_DIR)) throw new Error(`expected the built page in ${UI_DIR} (npm run build); came none`)
  browser = await launchChromium()
})
afterAll(() => browser?.close())
beforeEach(async () => {
  building = scriptBuilding()
  served = await servePage({ host: '127.0.0.1', port: 0, building, uiDir: UI_DIR })
  complaints = []
  page = await openPage(browser, served.url, complaints)
  await page.locator('body[data-connection=live]').waitFor()
})
afterEach(async () => {
  await page.close()
  await served.close()
  expect(complaints).toEqual([])
})

const done = (what: string | RegExp) => vi.waitFor(() => expect(building.done.at(-1)).toMatch(what), PATIENCE)
const phoneCall = (over: Partial<PhoneCall>): PhoneCall => ({
  id: 'c-1',
  from: 'Personal alarm',
  state: 'ringing',
  invitedAtMs: 990_000,
  keys: '',
  heardSeconds: 0,
  ...over,
})
const call = (over: Partial<PhoneCall>): void =>
  building.change({ phone: { extension: '5150', mode: 'manual', calls: [phoneCall(over)] } })

test('a button that is only clicked says that an alarm is a hold, until there is an alarm or another pendant', async () => {
  const hint = page.getByTestId('press-hint')
  expect(await hint.innerText()).toBe('')
  const pendants = building.view().pendants
  const inAlarm = (alarm: 'button' | null) =>
    building.change({ pendants: pendants.map(each => ({ ...each, alarm })) })
  await page.getByTestId('press').click()
  await hint.getByText('For an alarm hold the button').waitFor()
  inAlarm('button')
  await page.getByTestId('in-alarm').waitFor()
  inAlarm(null)
  await page.getByTestId('in-alarm').waitFor({ state: 'detached' })
  expect(await hint.innerText(), 'an alarm that is over was one').toBe('')
  await page.getByTestId('press').click()
  await hint.getByText('For an alarm hold the button').waitFor()
  await page.getByTestId('pick-pendant').selectOption('p-08')
  await page.locator('[data-testid=pendant][data-pendant=p-08]').waitFor()
  expect(await hint.innerText()).toBe('')
})

test('a picked pendant’s cord is pulled and put back', async () => {
  await page.getByTestId('pick-pendant').selectOption('p-08')
  await page.getByTestId('pull').click()
  await done('pull p-08')
  await page.getByTestId('replace-cord').click()
  await done('replace p-08')
  await page.getByTestId('pull').waitFor()
})

test('a pendant is picked on the plan and carried to a room by clicking it', async () => {
  await page.getByTestId('plan').locator('[data-pendant=p-08]').click()
  await page.getByTestId('plan').locator('[data-room=hall]').click()
  await done('move p-08 hall')
  await page.getByTestId('true-room').getByText('200 Corridor').waitFor()
})

test('the button goes down with the finger and up with it, by mouse and by key', async () => {
  await page.getByTestId('press').hover()
  await page.mouse.down()
  await page.locator('[data-testid=press][data-down=true]').waitFor()
  await page.mouse.up()
  await page.locator('[data-testid=press][data-down=false]').waitFor()
  await page.getByTestId('press').focus()
  await page.keyboard.down('Space')
  await page.keyboard.down('Space')
  await page.locator('[data-testid=press][data-down=true]').waitFor()
  await page.keyboard.up('Space')
  await page.locator('[data-testid=press][data-down=false]').waitFor()
  const once = ['button p-07 true', 'button p-07 false']
  expect(building.done).toEqual([...once, ...once])
})

test('a finger that is quicker than the line is told in its order', async () => {
  await page.getByTestId('press').hover()
  for (let i = 0; i < 4; i++) {
    await page.mouse.down()
    await page.mouse.up()
  }
  await vi.waitFor(() => expect(building.done).toHaveLength(8), PATIENCE)
  expect(new Set(building.done.filter((_, i) => i % 2 === 0))).toEqual(new Set(['button p-07 true']))
})

test('a button that is held when another pendant is picked is let go', async () => {
  await page.getByTestId('press').focus()
  await page.keyboard.down('Enter')
  await done('button p-07 true')
  await page.getByTestId('pick-pendant').selectOption('p-08')
  await done('button p-07 false')
})

test.each(['okay', 'assist', 'hold', 'test', 'cancel', 'duress'])(
  'the gesture %s is played by name, also by key alone',
  async gesture => {
    await page.getByTestId(`gesture-${gesture}`).focus()
    await page.keyboard.press('Enter')
    await done(`gesture p-07 ${gesture}`)
  },
)

test('the pendant’s lights are seen live', async () => {
  const [first, ...others] = building.view().pendants
  if (first === undefined) throw new Error('expected a pendant')
  building.change({ pendants: [{ ...first, lights: { red: false, green: true, blue: false } }, ...others] })
  await page.locator('[data-light=green][data-lit=true]').waitFor()
})

test('the telephone rings, is answered, hears, takes a key, and remembers', async () => {
  call({})
  await page.locator('[data-testid=phone][data-state=ringing]').waitFor()
  await page.locator('body[data-ringing=true]').waitFor()
  await page.getByTestId('answer').click()
  await done('answer c-1')
  call({ state: 'talking', answeredAtMs: 995_000, heardSeconds: 5.2 })
  await page.getByTestId('phone-display').getByText('On the line 5 s, hearing 5 s of sound').waitFor()
  await page.getByTestId('key-1').click()
  await done('key 1')
  call({ state: 'ended', answeredAtMs: 995_000, endedAtMs: 996_000, heardSeconds: 5.2, keys: '1' })
  await page.getByTestId('calls').getByText('answered, heard 5 s, pressed 1').waitFor()
  await page.locator('body[data-ringing=false]').waitFor()
})

test('three calls that ring look like three, and each is answered and hung up by itself', async () => {
  const calls = ['c-1', 'c-2', 'c-3'].map(id => phoneCall({ id }))
  building.change({ phone: { extension: '5150', mode: 'manual', calls } })
  await page.getByTestId('several').getByText('3 calls at once, 3 of them ringing').waitFor()
  expect(await page.locator('[data-testid=live-call][data-state=ringing]').count()).toBe(3)
  await page.locator('[data-call=c-3]').getByTestId('answer').click()
  await done('answer c-3')
  await page.locator('[data-call=c-2]').getByTestId('hang-up').click()
  await done('hang up c-2')
})

test('an answered call is heard aloud while it goes on, is read, and can be played again afterwards', async () => {
  const said = 'Personal alarm. Mira Patel. Ashworth House, room 211.'
  const answered = { id: 'c/1@host', answeredAtMs: 995_000, heardSeconds: 0, said }
  call({})
  await page.getByTestId('answer').click()
  call({ ...answered, state: 'talking' })
  await page.getByTestId('said').getByText(said).waitFor()
  await page.locator('[data-testid=quiet][data-played="1.0"]').waitFor()
  await page.getByTestId('quiet').click()
  await page.locator('[data-testid=quiet][aria-pressed=true]').waitFor()
  call({ ...answered, state: 'ended', endedAtMs: 996_000, heardSeconds: 1 })
  await page.getByTestId('past-call').getByText(said).waitFor()
  // In the browser's own words: this project knows no DOM outside of its pages.
  const seconds = await page.evaluate(`new Promise(told => {
    const audio = document.querySelector('audio')
    audio.addEventListener('loadedmetadata', () => told(audio.duration))
    audio.preload = 'auto'
    audio.load()
  })`)
  expect(seconds).toBe(1)
})

test.each(['cord', 'button', 'assist', 'man-down', 'duress'] as const)(
  'an alarm of the kind %s turns its person red, and says so in words',
  async alarm => {
    const [first, ...others] = building.view().pendants
    if (first === undefined) throw new Error('expected a pendant')
    const person = page.getByTestId('plan').locator('[data-pendant=p-07]')
    const colour = () =>
      page.evaluate(`getComputedStyle(document.querySelector('[data-pendant=p-07] circle')).fill`)
    const calm = await colour()
    building.change({ pendants: [{ ...first, alarm }, ...others] })
    await page.locator(`[data-pendant=p-07][data-alarm=${alarm}]`).waitFor()
    expect(await colour()).toBe('rgb(194, 17, 58)')
    expect(calm).not.toBe('rgb(194, 17, 58)')
    expect(await person.getAttribute('aria-label')).toContain('in alarm')
    await page.getByTestId('in-alarm').waitFor()
  },
)

test('a cord that is out when the alarm is over is no alarm', async () => {
  const [first, ...others] = building.view().pendants
  if (first === undefined) throw new Error('expected a pendant')
  building.change({ pendants: [{ ...first, cordParted: true, alarm: 'cord' }, ...others] })
  await page.getByTestId('in-alarm').waitFor()
  building.change({ pendants: [{ ...first, cordParted: true }, ...others] })
  await page.getByTestId('cord-out').getByText('the cord is still out: put it back').waitFor()
  expect(await page.getByTestId('in-alarm').count()).toBe(0)
  await page.locator('[data-pendant=p-07][data-alarm=none]').waitFor()
})

test('of two calls that are up it is said which one the keys go to, and a call that nobody answered said nothing', async () => {
  const said = 'Personal alarm. Mira Patel.'
  const up = { state: 'talking', answeredAtMs: 995_000, heardSeconds: 1 } as const
  const calls = [
    { ...phoneCall({ id: 'c-0', state: 'ended' }), said },
    { ...phoneCall({ id: 'c-1', ...up }), said },
  ]
  building.change({ phone: { extension: '5150', mode: 'manual', calls } })
  await page.locator('[data-call=c-1]').getByTestId('said').waitFor()
  expect(await page.getByTestId('has-keys').count()).toBe(0)
  expect(await page.getByTestId('past-call').innerText()).not.toContain(said)
  const two = [...calls, phoneCall({ id: 'c-2', ...up })]
  building.change({ phone: { extension: '5150', mode: 'manual', calls: two } })
  await page.locator('[data-call=c-2]').getByTestId('has-keys').waitFor()
  expect(await page.getByTestId('has-keys').count()).toBe(1)
})

test('a pendant is carried to a room by keyboard alone, from the list and on the plan', async () => {
  await page.getByTestId('carry').focus()
  await page.keyboard.press('ArrowDown')
  await done('move p-07 living')
  await page.getByTestId('plan').locator('[data-room=entry]').focus()
  await page.keyboard.press('Enter')
  await done('move p-07 entry')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await done('move p-07 hall')
})

test.each([
  [390, 844],
  [1280, 800],
])('at %i by %i pixels nothing stands beyond the edge', async (width, height) => {
  const calls = ['c-1', 'c-2', 'c-3'].map(id => phoneCall({ id }))
  building.change({ phone: { extension: '5150', mode: 'manual', calls } })
  await page.setViewportSize({ width, height })
  await page.getByTestId('several').waitFor()
  expect(Number(await page.evaluate('document.documentElement.scrollWidth'))).toBeLessThanOrEqual(width)
})

test.each([
  [390, 844],
  [1280, 800],
])(
  'axe finds nothing at %i by %i pixels, calm or with calls, an alarm, a fault and a lost line',
  async (width, height) => {
    await page.setViewportSize({ width, height })
    expect(await axeComplaints(page)).toEqual([])
    const [first, ...others] = building.view().pendants
    if (first === undefined) throw new Error('expected a pendant')
    const said = 'Personal alarm. Mira Patel.'
    building.change({
      armed: { isArmed: false, reasons: ['The desk page is silent.'], sinceMs: 1 },
      pendants: [{ ...first, alarm: 'duress' }, ...others],
      replay: { name: 'walk', pendant: 'p-07', atSeconds: 1, lengthSeconds: 2, isPlaying: true },
      phone: {
        extension: '5150',
        mode: 'manual',
        calls: [
          { ...phoneCall({ id: 'c-1', state: 'talking', answeredAtMs: 995_000, heardSeconds: 1 }), said },
          phoneCall({ id: 'c-2' }),
          { ...phoneCall({ id: 'c-3', state: 'ended', answeredAtMs: 995_000, heardSeconds: 1 }), said },
        ],
      },
    })
    building.refuseWith = 'expected the cord to be in, came parted'
    await page.getByTestId('pull').click()
    await page.getByTestId('failure').waitFor()
    await page.getByTestId('past-call').waitFor()
    await page.locator('summary').first().click()
    await served.close()
    await page.getByTestId('connection-lost').waitFor()
    expect(await axeComplaints(page)).toEqual([])
  },
)

test('the telephone’s mode is chosen', async () => {
  await page.getByTestId('phone-mode').selectOption('busy')
  await done('mode busy')
  await page.locator('[data-testid=phone][data-mode=busy]').waitFor()
})

test('a receiver is switched off', async () => {
  await page.getByLabel('Receiver a1 is on').uncheck()
  await done('receiver a1 false')
})

test('what the building would not do is said', async () => {
  building.refuseWith = 'expected the cord to be in, came parted'
  await page.getByTestId('pull').click()
  await page.getByTestId('failure').getByText('expected the cord to be in, came parted').waitFor()
})

test('what keeps it from being armed is said in plain words, beside the way to mend it, and moves no button', async () => {
  expect(await page.getByTestId('not-armed').count()).toBe(0)
  const before = await page.getByTestId('press').boundingBox()
  const reasons = ['The desk page is silent: click on it once to switch its sound on.']
  building.change({ armed: { isArmed: false, reasons, sinceMs: 1 } })
  const panel = page.getByTestId('not-armed')
  await panel.getByText('The desk page is silent: click on it once').waitFor()
  expect(await panel.getByRole('link', { name: 'the security desk' }).getAttribute('href')).toBe(
    building.view().deskUrl,
  )
  expect(await page.getByTestId('press').boundingBox()).toEqual(before)
  const uncovered = ['211 Interview room 1', '200 Corridor']
  building.change({ armed: { isArmed: true, reasons: [], uncovered, sinceMs: 1 } })
  await page.getByTestId('armed').getByText('Partly armed').waitFor()
  await page.getByTestId('partly-armed').getByText('in 211 Interview room 1, 200 Corridor').waitFor()
  expect(await page.locator('.pill-armed').count()).toBe(0)
  building.change({ armed: null })
  await panel.getByText('The gateway does not answer').waitFor()
})

test('the desk is one click away, and a lost simulator is loud', async () => {
  expect(await page.getByTestId('desk-link').getAttribute('href')).toBe('http://127.0.0.1:8080/')
  await served.close()
  await page.getByTestId('connection-lost').waitFor()
})

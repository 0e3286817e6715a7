// needs: chromium
// Gestures by hand on the building's page, with the mouse and with a key, on a pendant with the real firmware: a duress that
// the desk shows in capitals, and a test that it lists. The pendant's clock is the test's, so no machine is too slow for it.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { RunningBuilding } from '../../../simulator/building/building.ts'
import { steppedClock } from '../../../simulator/clock.ts'
import { untilDesk } from '../../gateways/gateway-process.ts'
import { type Simulated, startSimulated } from '../../gateways/simulated-building.ts'
import { PATIENCE } from '../../patience.ts'
import { launchChromium, openPage } from '../../rim/desk/chromium.ts'

const clock = steppedClock(Date.now())
let simulated: Simulated
let building: RunningBuilding
let browser: Browser
let hands: Page
let desk: Page

beforeAll(async () => {
  simulated = await startSimulated({ clock })
  building = simulated.building
  browser = await launchChromium()
  hands = await openPage(browser, simulated.pageUrl)
  desk = await openPage(browser, simulated.gateway.url)
  for (const page of [hands, desk]) await page.locator('body[data-connection=live]').waitFor()
  clock.advance(5_000)
})
afterAll(async () => {
  await browser?.close()
  await simulated?.stop()
})

/** The pendant in the hand, as the simulator knows it. */
const isDown = (): boolean => building.view().pendants[0]?.buttonDown ?? false
const until = (down: boolean) => vi.waitFor(() => expect(isDown()).toBe(down), { ...PATIENCE, interval: 5 })

type Finger = { down(): Promise<void>; up(): Promise<void> }
const mouse: Finger = { down: () => hands.mouse.down(), up: () => hands.mouse.up() }
const spaceBar: Finger = { down: () => hands.keyboard.down('Space'), up: () => hands.keyboard.up('Space') }

/** Rests and then holds, each for so long of the pendant's time. */
async function hold(finger: Finger, restMs: number, holdMs: number): Promise<void> {
  clock.advance(restMs)
  await finger.down()
  await until(true)
  clock.advance(holdMs)
  await finger.up()
  await until(false)
}

it('four single presses with the space bar are a test, and the desk lists it', async () => {
  await hands.getByTestId('press').focus()
  for (let i = 0; i < 4; i++) await hold(spaceBar, 900, 150)
  // It is known 350 ms after the fourth; the gateway counts receivers for three seconds of its own.
  for (let i = 0; i < 20; i++) clock.advance(100)
  const { tests } = await untilDesk(simulated.gateway.url, snapshot => snapshot.tests.length > 0 && snapshot)
  const [test] = tests
  expect(test?.pendant).toBe(building.view().pendants[0]?.id)
  await desk.getByTestId('tests').getByText(`${test?.pendant} ${test?.wearer} tested`).waitFor()
  // The pendant's own clock has to go on until it is told and idle again.
  clock.advance(30_000)
})

it('two presses and a long hold with the mouse, in an alarm, are a duress: the desk says so in capitals', async () => {
  await hands.getByTestId('pull').click()
  await hands.getByTestId('replace-cord').waitFor()
  clock.advance(3_000)
  const incident = desk.getByTestId('incident')
  await incident.waitFor()
  expect(await incident.getByTestId('duress').count()).toBe(0)
  await hands.getByTestId('press').hover()
  await hold(mouse, 1_000, 150)
  await hold(mouse, 150, 150)
  await hold(mouse, 150, 2_200)
  clock.advance(1_000)
  await incident.getByTestId('duress').getByText('DURESS').waitFor()
  const lights = building.view().pendants[0]?.lights
  expect(lights, 'and the pendant is dark').toEqual({ red: false, green: false, blue: false })
})

it('a gesture by name does the same as the finger: an assist of another wearer', async () => {
  await hands.getByTestId('pick-pendant').selectOption({ index: 1 })
  await hands.getByTestId('gesture-assist').click()
  const other = building.view().pendants[1]?.wearer ?? ''
  await vi.waitFor(async () => {
    clock.advance(100)
    expect(await desk.getByTestId('wearer').getByText(other).count()).toBe(1)
  }, PATIENCE)
})

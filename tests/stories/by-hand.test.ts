// needs: chromium
// Gestures by hand on the building's page, with the mouse and with a key, on a pendant with the real firmware: a duress that
// the desk shows in capitals, and a test that it lists. The pendant's clock is the test's, so no machine is too slow for it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createBuilding, type RunningBuilding } from '../../simulator/building.ts'
import { type SteppedClock, steppedClock } from '../../simulator/clock.ts'
import { type Page as Served, servePage } from '../../simulator/page/server.ts'
import { readBundle } from '../../simulator/pendants.ts'
import { createPhone } from '../../simulator/phones/phone.ts'
import { northgatePlan } from '../../simulator/plan.ts'
import type { Phone } from '../../simulator/ports.ts'
import { writeSiteCopy } from '../../simulator/site.ts'
import { type Folder, type GatewayProcess, startGatewayProcess, untilDesk } from '../gateway-process.ts'
import { launchChromium } from '../rim/chromium.ts'

const SITE_FILE = fileURLToPath(new URL('../../simulator/northgate.yaml', import.meta.url))
const UI_DIR = fileURLToPath(new URL('../../dist/ui/building', import.meta.url))

let folder: Folder
let phone: Phone
let gateway: GatewayProcess
let clock: SteppedClock
let building: RunningBuilding
let served: Served
let browser: Browser
let hands: Page
let desk: Page

beforeAll(async () => {
  const path = mkdtempSync(join(tmpdir(), 'tocsin-hand-'))
  const siteFile = join(path, 'site.yaml')
  folder = {
    path,
    siteFile,
    data: join(path, 'data'),
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
  phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'manual' })
  const site = await writeSiteCopy(SITE_FILE, siteFile, { sip: phone.address })
  gateway = await startGatewayProcess(folder)
  clock = steppedClock(Date.now())
  building = createBuilding({
    site,
    plan: northgatePlan,
    clock,
    bundle: await readBundle(),
    flashDirectory: join(path, 'pendants'),
    broker: gateway.mqtt,
    phone,
    deskUrl: gateway.url,
  })
  served = await servePage({ host: '127.0.0.1', port: 0, building, uiDir: UI_DIR })
  await vi.waitFor(() => expect(building.connectedReceivers()).toBe(site.receivers.length), 20_000)
  browser = await launchChromium()
  hands = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  desk = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  for (const page of [hands, desk]) page.setDefaultTimeout(20_000)
  await hands.goto(served.url)
  await desk.goto(gateway.url)
  await hands.locator('body[data-connection=live]').waitFor()
  await desk.locator('body[data-connection=live]').waitFor()
  clock.advance(5_000)
})
afterAll(async () => {
  await browser?.close()
  await served?.close()
  await building?.stop()
  await gateway?.stop()
  await phone?.close()
  folder?.remove()
})

/** The pendant in the hand, as the simulator knows it. */
const isDown = (): boolean => building.view().pendants[0]?.buttonDown ?? false
const until = (down: boolean) =>
  vi.waitFor(() => expect(isDown()).toBe(down), { timeout: 30_000, interval: 5 })

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
  const { tests } = await untilDesk(gateway.url, snapshot => snapshot.tests.length > 0 && snapshot)
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
  await vi.waitFor(
    async () => {
      clock.advance(100)
      expect(await desk.getByTestId('wearer').getByText(other).count()).toBe(1)
    },
    { timeout: 20_000 },
  )
})

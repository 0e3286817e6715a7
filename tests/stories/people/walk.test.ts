// needs: chromium
// An administrator walks three rooms of the simulated building with the page in hand, sees what that shows, finishes, and
// takes it back. The gateway, the receivers and the pendant's firmware are the real ones.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { WalksView } from '../../../schemas/api/walk.ts'
import { type Simulated, startSimulated } from '../../gateways/simulated-building.ts'
import { PATIENCE } from '../../patience.ts'
import { launchChromium } from '../../rim/desk/chromium.ts'

let simulated: Simulated
let browser: Browser
let page: Page

beforeAll(async () => {
  simulated = await startSimulated({ pendants: ['p-07', 'p-01'] })
  browser = await launchChromium()
  page = await browser.newPage({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
  page.setDefaultTimeout(PATIENCE.timeout)
  await page.goto(new URL('/walk', simulated.gateway.url).href)
  await page.locator('body[data-connection=live]').waitFor()
})

afterAll(async () => {
  await browser?.close()
  await simulated?.stop()
})

const walks = async (): Promise<WalksView> =>
  (await (await fetch(new URL('/api/walks', simulated.gateway.url))).json()) as WalksView
/** Until the wearer has arrived; people walk. */
const arrived = (pendant: string, id: string): Promise<void> =>
  new Promise(done => {
    const look = () => {
      if (simulated.building.view().pendants.some(each => each.id === pendant && each.room === id)) {
        stop()
        done()
      }
    }
    const stop = simulated.building.onChange(look)
    look()
  })
const room = (id: string) => page.locator(`.walk-room[data-room=${id}]`)

it('chooses a pendant and starts, by name', async () => {
  await page.getByTestId('report').getByText('Nobody has walked this building').waitFor()
  await page.getByTestId('walk-pendant').selectOption('p-07')
  await page.getByTestId('walk-start').click()
  await page.getByTestId('operator-name').fill('Ada Byron')
  await page.getByTestId('operator-save').click()
  await page.locator('[data-testid=recording][data-pendant=p-07]').waitFor()
  await page.getByTestId('walk-hearing').locator('li[data-receiver]').first().waitFor()
})

it('walks three rooms and sees how long, who hears it, and what each room’s receivers heard', async () => {
  for (const id of ['hall', 'living', 'annex']) {
    await simulated.building.move('p-07', id)
    await arrived('p-07', id)
    await room(id).click()
    await page.locator(`.walk-room[data-room=${id}][aria-pressed=true]`).waitFor()
    await page
      .getByTestId('walk-seconds')
      .getByText(/^([89]|\d\d) s$/)
      .waitFor()
  }
  await page.getByTestId('walk-between').click()
  await page.locator('.walk-here[data-place=between]').waitFor()
  await page
    .locator('.walk-table[data-room=annex] summary')
    .getByText(/loudest a\d, -\d\d dBm/)
    .waitFor()
  await page.getByTestId('report-coverage').getByText('Not walked yet: 211').waitFor()
})

it('a wrong tap is taken back', async () => {
  await room('entry').click()
  await page.locator('.walk-room[data-room=entry][aria-pressed=true]').waitFor()
  await page.getByTestId('walk-untap').click()
  await page.locator('.walk-room[data-room=entry][aria-pressed=false]').waitFor()
})

it('finishes: it is kept, with a name, and what it shows is the building’s', async () => {
  await page.getByTestId('walk-finish').click()
  await page.locator('[data-walk="1"][data-stands=true]').getByText('Walk 1 by Ada Byron with p-07').waitFor()
  await page
    .getByTestId('report-pairs')
    .getByText(/of 3 pairs of rooms can be told apart/)
    .waitFor()
  const [walk] = (await walks()).walks
  expect(walk).toMatchObject({ walk: 1, by: 'Ada Byron', rooms: 3, stays: 3, withdrawn: null })
  expect(walk?.receivers).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6'])
  expect(walk?.readings).toBeGreaterThan(30)
  await vi.waitFor(() => {
    const learnt = simulated.gateway.lines.find(({ msg }) => msg === 'rooms learnt from the walk tests')
    expect(learnt).toMatchObject({ isCalibrated: true })
  }, PATIENCE)
})

it('undoes it in one step', async () => {
  await page.getByTestId('walk-withdraw').click()
  await page.locator('[data-walk="1"][data-stands=false]').getByText('undone by Ada Byron').waitFor()
  await page.getByTestId('report').getByText('Nobody has walked this building').waitFor()
  expect((await walks()).walks[0]?.withdrawn?.by).toBe('Ada Byron')
})

it('an alarm of the pendant that is walked with is an alarm, on this page too', async () => {
  await page.getByTestId('walk-start').click()
  await page.locator('[data-testid=recording]').waitFor()
  await simulated.building.pull('p-07')
  await page.getByTestId('walk-alarm').getByText('Grace Okafor').waitFor()
  expect((await walks()).recordings).toHaveLength(1)
  await page.getByTestId('walk-discard').click()
  await page.getByTestId('walk-discard').getByText('Tap again').click()
  await page.getByTestId('walk-start').waitFor()
})

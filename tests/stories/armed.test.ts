// needs: chromium
// Whether anybody is listening, from the desk's loudspeaker to the light of a pendant that asks, in the whole simulated
// building: a desk page that is silent, one whose sound is on, and one that is closed. The building's page says why.
import { isDeepStrictEqual } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { HEARTBEAT_MS } from '../../schemas/report.ts'
import { steppedClock } from '../../simulator/clock.ts'
import type { PendantView } from '../../simulator/page/building.ts'
import { deskOf, metric, untilDesk } from '../gateways/gateway-process.ts'
import { pass, passClosely, type Simulated, startSimulated } from '../gateways/simulated-building.ts'
import { launchChromium, openPage, untouched } from '../rim/desk/chromium.ts'

// As the firmware's README says them.
const FIRST_ASK_MS = 10_000
const ASK_AGAIN_MS = 5_000
const ASK_EVERY_MS = 45 * 60_000
/** The ask itself with its answer and the light. */
const ASK_TAKES_MS = 6_000
/** An ask is put off by so much where anything else is being sent. */
const SLACK_MS = 30_000
/** A press, half a second until it is known to be one, and its answer. */
const OKAY_TAKES_MS = 6_500
const NOBODY_IS_LISTENING = 'red blue red blue'
/** Each LED is switched by itself, so that yellow is red first. */
const TAKEN = /^(red )?red\+green( green)?$/

let simulated: Simulated
let browser: Browser
let desk: Page
let hands: Page
const clock = steppedClock(Date.now())
/** Which lights of the pendant went on, in order, since it was looked at last. */
let shown: string[] = []

beforeAll(async () => {
  simulated = await startSimulated({ pendants: ['p-07'], clock })
  let before = ''
  simulated.building.onChange(() => {
    const now = colours(simulated.building.view().pendants[0])
    if (now !== before && now !== '') shown.push(now)
    before = now
  })
  browser = await launchChromium()
  hands = await openPage(browser, simulated.pageUrl)
})
afterAll(async () => {
  await browser?.close()
  await simulated?.stop()
})

const colours = (pendant: PendantView | undefined): string =>
  Object.entries(pendant?.lights ?? {})
    .flatMap(([colour, isLit]) => (isLit ? [colour] : []))
    .join('+')
const look = (): string => {
  const seen = shown.join(' ')
  shown = []
  return seen
}
const asks = () => metric(simulated.gateway.url, 'tocsin_pendant_events_total', '{kind="ask"}')
/** Until the ask that comes so long after the last one is over, with its answer and what it shows. */
async function untilNextAsk(everyMs: number): Promise<void> {
  await pass(simulated, clock, everyMs - SLACK_MS)
  await passClosely(simulated, clock, SLACK_MS + ASK_TAKES_MS)
}
const untilArmed = (isArmed: boolean) =>
  untilDesk(simulated.gateway.url, ({ armed }) => armed.isArmed === isArmed)

it('with a desk page that is open and silent, the pendant’s first two asks show that nobody is listening', async () => {
  await hands.getByTestId('not-armed').getByText('No desk page is open').waitFor()
  desk = await openPage(browser, simulated.gateway.url)
  await untouched(desk, 'body[data-connection=live]')
  await hands.getByTestId('not-armed').getByText('The desk page is silent: click on it once').waitFor()
  await passClosely(simulated, clock, FIRST_ASK_MS + ASK_AGAIN_MS)
  expect(look(), 'one ask alone may have been lost on the air').toBe('')
  await passClosely(simulated, clock, ASK_TAKES_MS)
  expect(look()).toBe(NOBODY_IS_LISTENING)
})

it('an okay shows that nobody would come, and never that it was taken', async () => {
  simulated.building.gesture('p-07', 'okay')
  await passClosely(simulated, clock, OKAY_TAKES_MS)
  expect(look()).toBe(NOBODY_IS_LISTENING)
})

it('a click switches the desk’s sound on: armed, and an okay is seen to be taken within seconds', async () => {
  // Heartbeats: however long the browser took, the receivers are there.
  await pass(simulated, clock, HEARTBEAT_MS)
  await desk.getByTestId('sound-off').click()
  await untilArmed(true)
  await hands.getByTestId('not-armed').waitFor({ state: 'detached' })
  look()
  simulated.building.gesture('p-07', 'okay')
  await passClosely(simulated, clock, OKAY_TAKES_MS)
  expect(look()).toMatch(TAKEN)
})

it('out of reach an okay shows that nobody has it; in reach it is taken, and nothing of either is written down', async () => {
  const receivers = simulated.building.view().receivers.map(({ id }) => id)
  const before = (await deskOf(simulated.gateway.url)).tests
  for (const id of receivers) simulated.building.setReceiver(id, false)
  simulated.building.gesture('p-07', 'okay')
  await passClosely(simulated, clock, OKAY_TAKES_MS)
  expect(look()).toBe(NOBODY_IS_LISTENING)
  for (const id of receivers) simulated.building.setReceiver(id, true)
  await untilDesk(simulated.gateway.url, ({ receivers }) => receivers.every(({ isOnline }) => isOnline))
  await passClosely(simulated, clock, 60_000)
  look()
  simulated.building.gesture('p-07', 'okay')
  await passClosely(simulated, clock, OKAY_TAKES_MS)
  expect(look()).toMatch(TAKEN)
  expect((await deskOf(simulated.gateway.url)).tests).toEqual(before)
  expect((await deskOf(simulated.gateway.url)).incidents).toEqual([])
})

it('while it stays armed the next ask shows nothing', async () => {
  const before = await asks()
  await untilNextAsk(ASK_EVERY_MS)
  expect([(await asks()) - before, look()]).toEqual([1, ''])
})

it('the desk is closed: known at once, and shown by the pendant within the time between two asks', async () => {
  await desk.close()
  // A receiver may have lost its connection on a busy machine: it comes back by itself, a desk page does not.
  await untilDesk(simulated.gateway.url, ({ armed }) =>
    isDeepStrictEqual([armed.isArmed, armed.reasons], [false, ['No desk page is open.']]),
  )
  await hands.getByTestId('not-armed').getByText('No desk page is open').waitFor()
  await untilNextAsk(ASK_EVERY_MS)
  await passClosely(simulated, clock, ASK_AGAIN_MS)
  expect(look()).toBe(NOBODY_IS_LISTENING)
})

// needs: chromium
// The desk page in a real browser on a whole gateway: an alarm appears and sounds, the line is cut and the gateway killed
// while more happens, and when it is back nothing was missed.
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { KIND_BUTTON, KIND_CORD } from '../../../schemas/frame.ts'
import { ADDRESS, PLAIN_ADDRESS, plainFrame, sealedFrame } from '../../gateway/core/building.ts'
import { atDesk, type ReceiverClient, untilIncident } from '../../gateways/gateway-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../../gateways/small-building.ts'
import { launchChromium, openPage, untouched } from '../../rim/desk/chromium.ts'

/** The cable between the desk and the gateway: it can be cut and mended. */
type Cable = { url: string; cut(): Promise<void>; mend(): Promise<void>; close(): Promise<void> }

let small: SmallBuilding
let receiver: ReceiverClient
let cable: Cable
let browser: Browser
let page: Page

beforeAll(async () => {
  small = await startSmallBuilding({ phone: 'manual' })
  receiver = await small.receiver('r-interview')
  cable = await layCable(Number(new URL(small.gateway.url).port))
  browser = await launchChromium()
  page = await openPage(browser, cable.url)
  await untouched(page, 'body[data-connection=live]')
})

afterAll(async () => {
  await browser?.close()
  await cable?.close()
  await small?.stop()
})

const shown = (id: string, state: string) =>
  page.locator(`[data-testid=incident][data-incident=${id}][data-state=${state}]`).waitFor()
const body = (what: string) => page.locator(`body${what}`).waitFor()

it('an alarm appears without a reload, sounds, and one click acknowledges it for everybody', async () => {
  await receiver.report(ADDRESS, sealedFrame({ counter: 10, kind: KIND_CORD, alarmNumber: 1 }))
  await untouched(page, '[data-testid=incident][data-incident=i-0001][data-state=raised]')
  expect(await page.locator('[data-incident=i-0001]').textContent()).toMatch(
    /Jane Smith.*214.*Northgate House/,
  )
  await page.getByTestId('sound-off').click()
  await body('[data-sound=sounding]')
  await page.locator('[data-incident=i-0001]').getByTestId('acknowledge').click()
  await page.getByTestId('operator-name').fill('Sam Reed')
  await page.getByTestId('operator-save').click()
  await shown('i-0001', 'acknowledged')
  await body('[data-sound=armed]')
  const incident = await untilIncident(small.gateway.url, ({ state }) => state === 'acknowledged')
  expect(incident.acknowledged?.by).toBe('Sam Reed')
})

it('while the line is cut one incident is raised and another resolved; mended, both are shown and it sounds', async () => {
  await cable.cut()
  await body('[data-connection=lost]')
  await receiver.report(PLAIN_ADDRESS, plainFrame({ counter: 1, kind: KIND_BUTTON, alarmNumber: 1 }))
  const resolved = { by: 'Ann', outcome: 'false-alarm', reason: 'caught on the door' }
  expect(await atDesk(small.gateway.url, 'i-0001', 'resolve', resolved)).toBe(200)
  await cable.mend()
  await body('[data-connection=live]')
  await shown('i-0002', 'raised')
  await page.locator('[data-incident=i-0001][data-state=acknowledged]').waitFor({ state: 'detached' })
  await body('[data-sound=sounding]')
})

it('the gateway is killed and started again; the page finds it, with everything', async () => {
  await small.gateway.kill()
  await body('[data-connection=lost]')
  await small.startAgain()
  await body('[data-connection=live]')
  await shown('i-0002', 'raised')
  await page.locator('[data-incident=i-0002]').getByTestId('acknowledge').click()
  await shown('i-0002', 'acknowledged')
  const incident = await untilIncident(
    small.gateway.url,
    ({ id, state }) => id === 'i-0002' && state === 'acknowledged',
  )
  expect(incident.acknowledged?.by).toBe('Sam Reed')
})

async function layCable(to: number): Promise<Cable> {
  const ends = new Set<Socket>()
  const server: Server = createServer(near => {
    const far = connect(to, '127.0.0.1')
    for (const end of [near, far]) {
      ends.add(end)
      end.on('error', () => end.destroy())
      end.once('close', () => ends.delete(end))
    }
    near.pipe(far)
    far.pipe(near)
    near.once('close', () => far.destroy())
    far.once('close', () => near.destroy())
  })
  const listen = (port: number): Promise<number> =>
    new Promise(resolve =>
      server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
    )
  const cut = async (): Promise<void> => {
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    for (const end of ends) end.destroy()
    await closed
  }
  const port = await listen(0)
  return { url: `http://127.0.0.1:${port}/`, cut, mend: async () => void (await listen(port)), close: cut }
}

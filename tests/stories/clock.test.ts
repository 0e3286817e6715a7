// The machine's clock goes back an hour while the telephone is busy, and is behind again when the gateway starts anew: the
// telephone is called as if nothing had been, until a human presses 1, and health says what happened.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { KIND_CORD } from '../../schemas/frame.ts'
import { ADDRESS, sealedFrame, site } from '../gateway/core/building.ts'
import { deskOf, untilDesk, untilIncident } from '../gateways/gateway-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../gateways/small-building.ts'

const HOUR_MS = 3_600_000
const YEAR_MS = 365 * 24 * HOUR_MS

let small: SmallBuilding
const folder = mkdtempSync(join(tmpdir(), 'tocsin-clock-'))
const clockFile = join(folder, 'off-ms')
const setClock = (offMs: number) => writeFileSync(clockFile, String(offMs))
const before = { ...process.env }

beforeAll(async () => {
  setClock(0)
  const preload = pathToFileURL(fileURLToPath(new URL('../set-clock.mjs', import.meta.url))).href
  Object.assign(process.env, { NODE_OPTIONS: `--import ${preload}`, TOCSIN_TEST_CLOCK: clockFile })
  const base = site()
  const policies = base.policies.map(policy => ({ ...policy, onwardSeconds: 5 }))
  small = await startSmallBuilding({ site: { ...base, policies }, phone: 'busy' })
})
afterAll(async () => {
  process.env = before
  await small?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Waits until the telephone has been called so often. */
const called = (times: number): Promise<void> =>
  new Promise(resolve => {
    const look = () => {
      if (small.phone.calls().length >= times) resolve()
    }
    small.phone.onChange(look)
    look()
  })

async function health(): Promise<{ status: number; text: string }> {
  const response = await fetch(new URL('/healthz', small.gateway.url))
  return { status: response.status, text: await response.text() }
}

it('calls a busy telephone again and again, whoever sets the clock, and names what was done to it', async () => {
  const receiver = await small.receiver('r-interview')
  await receiver.report(ADDRESS, sealedFrame({ counter: 10, kind: KIND_CORD, alarmNumber: 1 }))
  await called(1)
  const raisedAtMs = (await deskOf(small.gateway.url)).incidents[0]?.raisedAtMs ?? 0

  setClock(-HOUR_MS)
  const desk = await untilDesk(small.gateway.url, ({ technical, ...rest }) =>
    technical.some(({ key }) => key === 'clock') ? { technical, ...rest } : undefined,
  )
  expect(desk.technical.find(({ key }) => key === 'clock')?.text).toContain('put back by 1 h')
  expect(await health()).toMatchObject({ status: 503, text: expect.stringContaining('put back by 1 h') })
  const shownAtMs = (await deskOf(small.gateway.url)).incidents[0]?.raisedAtMs ?? 0
  expect(Math.abs(raisedAtMs - HOUR_MS - shownAtMs)).toBeLessThan(5_000)
  const calls = small.phone.calls().length
  await called(calls + 2)

  await small.gateway.kill()
  setClock(-2.7 * YEAR_MS)
  const callsBefore = small.phone.calls().length
  await small.phone.setMode('answer')
  await small.startAgain()
  await called(callsBefore + 1)
  expect(await health()).toMatchObject({
    status: 503,
    text: expect.stringContaining('before the newest row'),
  })
  await untilIncident(small.gateway.url, ({ pages }) => pages.at(-1)?.answeredAtMs !== undefined)
  small.phone.press('1')
  const incident = await untilIncident(small.gateway.url, ({ state }) => state === 'acknowledged')
  expect(incident).toMatchObject({ id: 'i-0001', presses: 1 })
  // Where the machine is slow, the ladder has gone on from 5150 to 5151 before the key is pressed.
  const answered = incident.pages.filter(({ answeredAtMs }) => answeredAtMs !== undefined)
  expect(answered.map(({ target, targetName }) => `${target} ${targetName} (key 1)`)).toContain(
    incident.acknowledged?.by,
  )
  expect(incident.pages.length).toBeGreaterThan(3)
})

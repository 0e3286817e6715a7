// An alarm that somebody was coming to is given back at the desk ("Call again"): the wearer's pendant, with the real firmware,
// shows green no more, and shows it again once somebody else is on the way.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { steppedClock } from '../../../simulator/clock.ts'
import { atDesk, untilIncident } from '../../gateways/gateway-process.ts'
import { passClosely, type Simulated, startSimulated } from '../../gateways/simulated-building.ts'

const clock = steppedClock(Date.now())
/** Longer than a pendant in an alarm goes without listening. */
const HEARD_MS = 10_000
const PATTERN_MS = 3_000
let simulated: Simulated
beforeAll(async () => {
  simulated = await startSimulated({ clock, pendants: ['p-07'] })
})
afterAll(async () => {
  await simulated?.stop()
})

/** Whether green came on within one round of a pattern, once what was told by now is heard. */
async function isComingShown(): Promise<boolean> {
  await passClosely(simulated, clock, HEARD_MS)
  let isGreen = false
  for (let ms = 0; ms < PATTERN_MS; ms += 250) {
    await passClosely(simulated, clock, 250)
    const lights = simulated.building.view().pendants[0]?.lights
    isGreen ||= lights?.green === true && !lights.blue
  }
  return isGreen
}

it('who was coming and gave it back is shown as coming no more, and who comes then is', async () => {
  const { building, gateway } = simulated
  await passClosely(simulated, clock, 2_000)
  building.pull('p-07')
  await passClosely(simulated, clock, 2_000)
  const { id } = await untilIncident(gateway.url, ({ state }) => state === 'raised')
  expect(await isComingShown()).toBe(false)
  expect(await atDesk(gateway.url, id, 'attend', { by: 'Ann' })).toBe(200)
  expect(await isComingShown()).toBe(true)
  expect(await atDesk(gateway.url, id, 'release', { by: 'Ann' })).toBe(200)
  expect(await isComingShown()).toBe(false)
  await untilIncident(gateway.url, ({ wearerTold }) => wearerTold === 'stored')
  expect(await atDesk(gateway.url, id, 'attend', { by: 'Ben' })).toBe(200)
  expect(await isComingShown()).toBe(true)
})

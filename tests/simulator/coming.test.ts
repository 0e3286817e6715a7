// Reading *somebody is coming* off the lights: green alone for 2 s, and nothing shorter or more colourful.
import { expect, test } from 'vitest'
import { steppedClock } from '../../simulator/clock.ts'
import { seeComing } from '../../simulator/coming.ts'
import { createPendantHost } from '../../simulator/espruino/host.ts'

async function seen(firmware: string): Promise<number | null> {
  const clock = steppedClock()
  const host = createPendantHost({ bundle: firmware, address: 'c7:f9:36:dd:b0:ca', clock })
  let atMs: number | null = null
  const watching = seeComing(host, clock).then(found => {
    atMs = found
  })
  host.powerOn()
  clock.advance(20_000)
  await Promise.race([watching, Promise.resolve()])
  await Promise.resolve()
  return atMs
}
const green = (onMs: number, also = '') =>
  `setTimeout(() => { LED2.set(); ${also}; setTimeout(() => LED2.reset(), ${onMs}) }, 1000)`

test('green that stays for 3 s is seen, at the instant it came on', async () => {
  expect(await seen(green(3_000))).toBe(1_000)
})

test('a short green, a long green with blue, and darkness are not', async () => {
  expect(await seen(green(1_900))).toBeNull()
  expect(await seen(green(5_000, 'LED3.set()'))).toBeNull()
  expect(await seen('')).toBeNull()
})

test('short blinks do not add up', async () => {
  expect(await seen('var on = 0; setInterval(() => { on = 1 - on; digitalWrite(LED2, on) }, 900)')).toBeNull()
})

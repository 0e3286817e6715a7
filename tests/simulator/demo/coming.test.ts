// Reading *somebody is coming* off the lights: green alone for a second and then red with it, and nothing else.
import { expect, test } from 'vitest'
import { steppedClock } from '../../../simulator/clock.ts'
import { seeComing } from '../../../simulator/demo/coming.ts'
import { createPendantHost } from '../../../simulator/espruino/host.ts'

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
/** Green from 1 s on; `then` comes so long after it. */
const green = (onMs: number, then = '', also = '') =>
  `setTimeout(() => { LED2.set(); ${also}; setTimeout(() => { ${then} }, ${onMs}) }, 1000)`

test('green that red joins after a second is seen, at the instant it came on', async () => {
  expect(await seen(green(1_000, 'LED1.set()'))).toBe(1_000)
})

test('a steady green, as the bootloader shows, one with blue, one that red joins soon, and darkness are not', async () => {
  expect(await seen(green(5_000))).toBeNull()
  expect(await seen(green(1_000, 'LED1.set()', 'LED3.set()'))).toBeNull()
  expect(await seen(green(300, 'LED1.set()'))).toBeNull()
  expect(await seen('')).toBeNull()
})

test('what goes dark in between does not add up', async () => {
  const blinks = 'var on = 0; setInterval(() => { on = 1 - on; digitalWrite(LED2, on) }, 800);'
  expect(await seen(`${blinks} setTimeout(() => LED1.set(), 9000)`)).toBeNull()
  expect(await seen(green(1_000, 'LED2.reset(); LED1.set(); LED2.set()'))).toBeNull()
})

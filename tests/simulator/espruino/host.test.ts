import { beforeAll, expect, test } from 'vitest'
import { bundleFirmware } from '../../../firmware/build.ts'
import { steppedClock } from '../../../simulator/clock.ts'
import { createPendantHost } from '../../../simulator/espruino/host.ts'
import { memoryStorage } from '../../../simulator/espruino/storage.ts'
import type { Advertisement } from '../../../simulator/ports.ts'

let bundle = ''
beforeAll(async () => {
  bundle = await bundleFirmware()
})

const pendant = () => {
  const clock = steppedClock(1_000_000)
  const storage = memoryStorage({
    'tocsin.json': JSON.stringify({ id: 'p-07', key: '231d39c1d7cc1ab1aee224cd096db932' }),
  })
  const host = createPendantHost({ bundle, address: 'c7:f9:36:dd:b0:ca', clock, storage })
  const sent: Advertisement[] = []
  host.onAdvertisement(advertisement => sent.push(advertisement))
  return { clock, storage, host, sent }
}

test('a pulled cord is on the air within 200 ms, every 100 ms for ten seconds', () => {
  const { clock, host, sent } = pendant()
  host.powerOn()
  clock.advance(5000)
  expect(host.console()).toEqual([])
  const idle = sent.length
  expect(idle).toBeGreaterThanOrEqual(4)
  host.setPin('D1', 1)
  clock.advance(10_000)
  expect(sent.length - idle).toBeGreaterThan(90)
})

// needs: socat
// A radio of the gateway's own machine, named in the site file, with the virtual controller at its end: heard, told of and broadcast
// through without a broker, and found wanting at the desk.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { KIND_CORD } from '../../../schemas/frame.ts'
import { realClock } from '../../../simulator/clock.ts'
import { createController } from '../../../simulator/controller/controller.ts'
import { ADDRESS, sealedFrame, site } from '../../gateway/core/building.ts'
import { untilDesk, untilIncident } from '../../gateways/gateway-process.ts'
import { startSmallBuilding } from '../../gateways/small-building.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

test('a cord that is pulled near it is an incident in its room; the wearer is told through it; one that is pulled out is said', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-own-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  const controller = await createController({ path: join(folder, 'radio'), clock: realClock() })
  ends.push(controller.close)
  const told = new Promise<Uint8Array>(resolve => controller.onBroadcast(resolve))
  const base = site()
  const receivers = base.receivers.map(each =>
    each.id === 'r-hall' ? { id: each.id, room: each.room, radio: controller.path } : each,
  )
  const small = await startSmallBuilding({ site: { ...base, receivers } })
  ends.push(small.stop)
  const { url } = small.gateway
  await untilDesk(url, desk => desk.receivers.some(({ id, isOnline }) => id === 'r-hall' && isOnline))
  const data = Buffer.from(sealedFrame({ counter: 100, kind: KIND_CORD, alarmNumber: 1 }), 'hex')
  // Until its scan is on nothing is heard: a pendant repeats what it says.
  const again = setInterval(() => controller.hear({ address: ADDRESS, data, rssiDbm: -60 }), 100)
  ends.push(() => clearInterval(again))
  expect(await untilIncident(url, each => each.pendant === 'p-07')).toMatchObject({ roomNumber: '1' })
  expect((await told).length).toBeGreaterThan(0)
  await controller.unplug()
  await untilDesk(url, desk => desk.technical.some(({ key }) => key === 'receiver-deaf:r-hall'))
})

// A gateway of another system on a whole gateway in its own process, as it is built: an alarm that it passes on is called, and what
// it goes on saying after the gateway was killed and started again is no other one.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectReceiver, deskOf, untilIncident } from '../../../gateways/gateway-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../../../gateways/small-building.ts'
import { type Case, cases, PASSWORD, payloadOf, siteOf } from '../../../vectors/foreign-cases.ts'

const hub = cases.filter(({ system }) => system === 'espruinohub')
const sealed = hub.find(({ pendant, raises }) => pendant === 'sealed' && raises.length > 0) as Case
const cord = cases.find(({ system, says }) => system === 'zigbee2mqtt' && says === 'an emergency') as Case

let small: SmallBuilding
beforeAll(async () => {
  const { buttons, receivers } = siteOf(cord)
  const [, z1] = receivers
  const site = siteOf(sealed)
  const z = { ...(z1 as (typeof receivers)[number]), id: 'z-1', password: 'password-z-1' }
  small = await startSmallBuilding({
    site: {
      ...site,
      receivers: [...site.receivers, z],
      buttons: buttons.map(button => ({ ...button, knownTo: [{ receiver: 'z-1', as: 'WC 214' }] })),
    },
    phone: 'silent',
  })
})
afterAll(() => small?.stop())

async function sayAll(): Promise<void> {
  for (const [id, password, { messages }] of [
    ['x-1', PASSWORD, sealed],
    ['z-1', 'password-z-1', cord],
  ] as const) {
    const { client, close } = await connectReceiver(small.gateway.mqtt, id, password)
    for (const { topic, payload } of messages)
      await client.publishAsync(topic, payloadOf(payload), { qos: 1 })
    await close()
  }
}

it('its alarms are incidents that are called, and the same ones after a restart', async () => {
  await sayAll()
  const { url } = small.gateway
  await untilIncident(url, ({ pendant, verified }) => pendant === 'p-07' && verified)
  const pulled = await untilIncident(url, ({ source }) => source?.id === 'cord-214')
  expect(pulled).toMatchObject({ verified: false, roomNumber: '214', wearer: 'Pull cord, toilet 214' })
  expect(pulled.pages[0]?.said).toContain('Unverified')
  await small.gateway.kill()
  const again = await small.startAgain()
  await sayAll()
  expect((await deskOf(again.url)).incidents.map(({ id }) => id)).toEqual(['i-0001', 'i-0002'])
})

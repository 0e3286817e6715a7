// The broker's thread of a whole gateway goes round in circles: the desk says so by the question that is asked each second, another thread
// takes its place, receivers come back, and an alarm that was sent meanwhile is carried out once.
import { afterEach, beforeEach, expect, it } from 'vitest'
import { KIND_CORD } from '../../../../schemas/frame.ts'
import { ADDRESS, sealedFrame, site } from '../../../gateway/core/building.ts'
import { type ForwardedGateway, keysOf, startForwarded, untilHealth } from '../../../gateways/forwarded.ts'
import {
  connectReceiver,
  deskOf,
  type Folder,
  type ReceiverClient,
  siteFolder,
  untilDesk,
  untilIncident,
} from '../../../gateways/gateway-process.ts'

let folder: Folder
let gateway: ForwardedGateway
let receiver: ReceiverClient

beforeEach(async () => {
  folder = siteFolder(site())
  gateway = await startForwarded(folder)
  receiver = await connectReceiver(gateway.mqtt, 'r-hall', 'password-hall')
  await receiver.beat()
})
afterEach(async () => {
  await receiver?.close()
  await gateway?.stop()
  folder?.remove()
})

it('is said, replaced, and costs no alarm', async () => {
  const { url } = gateway
  await untilHealth(url, health => !keysOf(health).includes('broker'))
  await gateway.hang('receivers/')
  const alarm = sealedFrame({ counter: 1, alarmNumber: 1, kind: KIND_CORD })
  const acknowledged = receiver.report(ADDRESS, alarm)
  const said = await untilDesk(url, ({ technical }) => technical.find(({ key }) => key === 'broker'))
  expect(said.text).toMatch(/hangs \(its thread has said nothing for 3 s\)/)
  await untilDesk(url, ({ technical }) => technical.some(({ key }) => key === 'receiver:r-hall'))
  await acknowledged
  await untilIncident(url, ({ state }) => state !== 'resolved')
  await receiver.beat()
  const health = await untilHealth(url, each => !keysOf(each).includes('broker'))
  expect(keysOf(health)).not.toContain('receiver:r-hall')
  expect((await deskOf(url)).incidents).toHaveLength(1)
})

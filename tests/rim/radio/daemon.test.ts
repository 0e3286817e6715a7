// needs: socat, openssl
// The receiver daemon as it is installed, on a pty with the virtual controller, and a whole gateway: a press on the air is an incident,
// whatever is killed in between, and what is wrong with the receiver stands on the desk.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { KIND_CORD } from '../../../schemas/frame.ts'
import { ADDRESS, sealedFrame } from '../../gateway/core/building.ts'
import {
  deskOf,
  portsToKeep,
  siteFolder,
  startGatewayProcess,
  untilDesk,
  untilIncident,
} from '../../gateways/gateway-process.ts'
import { addressOf, manyPendants, pressesIn, pressOf } from '../../gateways/many-pendants.ts'
import { type ReceiverBox, startReceiverBox } from '../../gateways/receiver-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../../gateways/small-building.ts'
import { PATIENCE } from '../../patience.ts'
import { type TlsFront, tlsInFrontOf } from '../tls-front.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function smallBuilding(): Promise<SmallBuilding> {
  const small = await startSmallBuilding()
  ends.push(small.stop)
  return small
}
async function hallBox(broker: string, more: readonly string[] = []): Promise<ReceiverBox> {
  const box = await startReceiverBox({ id: 'r-hall', password: 'password-hall', broker, more })
  ends.push(box.close)
  return box
}
const cord = (counter: number): string => sealedFrame({ counter, kind: KIND_CORD, alarmNumber: 1 })
const until = (isSo: () => void) => vi.waitFor(isSo, PATIENCE)
const isOnline = (url: string, isSo = true) =>
  untilDesk(url, ({ receivers }) => receivers.some(each => each.id === 'r-hall' && each.isOnline === isSo))

test('a cord that is pulled in reach of the box is an incident in its room, and the box tells the wearer so', async () => {
  const { gateway } = await smallBuilding()
  const box = await hallBox(`mqtt://127.0.0.1:${gateway.mqtt.port}`)
  const told = new Promise<Uint8Array>(resolve => box.controller.onBroadcast(resolve))
  await isOnline(gateway.url)
  box.hear(ADDRESS, cord(100))
  const incident = await untilIncident(gateway.url, each => each.pendant === 'p-07')
  expect(incident).toMatchObject({ wearer: 'Jane Smith', roomNumber: '1', verified: true })
  expect((await told).length).toBeGreaterThan(0)
  box.hear(ADDRESS, cord(101))
  expect(await box.stop()).toBe(0)
  await isOnline(gateway.url, false)
})

test('with the broker away and the box killed meanwhile every alarm arrives, once', async () => {
  const presses = 20
  const folder = siteFolder(manyPendants(presses, 1))
  const ports = await portsToKeep()
  let gateway = await startGatewayProcess(folder, ports)
  const box = await startReceiverBox({
    ...{ id: 'r-0', password: 'password-0', broker: `mqtt://127.0.0.1:${ports.mqtt}` },
  })
  ends.push(box.close)
  await box.said('connected to the broker')
  await gateway.kill()
  await box.said('no link to the broker')
  for (let i = 0; i < presses; i++) box.hear(addressOf(i), pressOf(i))
  await until(() => expect(box.spooled()).toBe(presses))
  await box.kill()
  await box.start()
  gateway = await startGatewayProcess(folder, ports)
  const desk = await untilDesk(gateway.url, so => so.incidents.length >= presses && so)
  expect(desk.incidents).toHaveLength(presses)
  await until(() => expect(box.spooled()).toBe(0))
  await gateway.stop()
  expect([...(await pressesIn(folder)).values()]).toEqual(Array(presses).fill(1))
  folder.remove()
})

test('a radio that is pulled out stands on the desk with its room, and is over when it is back and hears', async () => {
  const { gateway } = await smallBuilding()
  const box = await hallBox(`mqtt://127.0.0.1:${gateway.mqtt.port}`)
  await isOnline(gateway.url)
  await box.controller.unplug()
  const fault = await untilDesk(gateway.url, ({ technical }) =>
    technical.find(({ key }) => key === 'receiver-deaf:r-hall'),
  )
  expect(fault.text).toMatch(/^Receiver r-hall \(1\) .*no alarm is heard through it/)
  await box.controller.replug()
  await untilDesk(
    gateway.url,
    ({ technical }) => !technical.some(({ key }) => key === 'receiver-deaf:r-hall'),
  )
  box.hear(ADDRESS, cord(100))
  await untilIncident(gateway.url, each => each.pendant === 'p-07')
})

test('a spool that it cannot read stands on the desk until somebody has taken it away', async () => {
  const { gateway } = await smallBuilding()
  const box = await hallBox(`mqtt://127.0.0.1:${gateway.mqtt.port}`)
  expect(await box.stop()).toBe(0)
  const file = join(box.spool, 'r-hall.spool')
  writeFileSync(file, 'what no version writes\n')
  await box.start()
  const fault = await untilDesk(gateway.url, ({ technical }) =>
    technical.find(({ key }) => key === 'receiver-unread:r-hall'),
  )
  expect(fault.text).toBe(
    `Receiver r-hall (1) could not read all that it had kept before it was started: an alarm may be among it (it lies there in …${file}.unread, and this is said until somebody takes it away)`,
  )
  rmSync(`${file}.unread`)
  await untilDesk(
    gateway.url,
    ({ technical }) => !technical.some(({ key }) => key === 'receiver-unread:r-hall'),
  )
})

test('over TLS it comes in where the certificate is signed by --ca, and says why where it is not', async () => {
  const { gateway } = await smallBuilding()
  const tls = await inFrontOf(gateway.mqtt.port)
  const stranger = await inFrontOf(gateway.mqtt.port)
  const box = await hallBox(`mqtts://127.0.0.1:${tls.port}`, ['--ca', tls.certFile])
  await isOnline(gateway.url)
  expect(await box.stop()).toBe(0)
  const refused = await hallBox(`mqtts://127.0.0.1:${stranger.port}`, ['--ca', tls.certFile])
  expect((await refused.said('no link to the broker')).why).toContain('certificate')
  expect((await deskOf(gateway.url)).receivers.find(({ id }) => id === 'r-hall')?.isOnline).toBe(false)
})

test('a wrong password is said in words, as the gateway refuses it', async () => {
  const { gateway } = await smallBuilding()
  const broker = `mqtt://127.0.0.1:${gateway.mqtt.port}`
  const box = await startReceiverBox({ id: 'r-hall', password: 'password-wrong', broker })
  ends.push(box.close)
  expect((await box.said('no link to the broker')).why).toBe(
    'it refuses the user name or password of this receiver, or lets it do nothing',
  )
})

async function inFrontOf(port: number): Promise<TlsFront> {
  const front = await tlsInFrontOf(port, 'broker')
  ends.push(front.close)
  return front
}

// needs: mosquitto, socat
// mosquitto outside ended by SIGKILL in the middle of an alarm: what a real receiver's daemon heard meanwhile waits on its disk and comes
// once. What mosquitto had taken for a gateway that was away and had not written down may be gone: its pendant goes on, and that comes.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { IncidentView } from '../../../../schemas/api/desk.ts'
import { KIND_CORD } from '../../../../schemas/frame.ts'
import { ADDRESS, sealedFrame, site } from '../../../gateway/core/building.ts'
import {
  deskOf,
  type Folder,
  type GatewayProcess,
  siteFolder,
  startGatewayProcess,
  untilDesk,
} from '../../../gateways/gateway-process.ts'
import { type ReceiverBox, startReceiverBox } from '../../../gateways/receiver-process.ts'
import { PATIENCE } from '../../../patience.ts'
import { HOST, type Mosquitto, PASSWORDS, startMosquitto } from './mosquitto.ts'

const ID = 'r-interview'
let mosquitto: Mosquitto
let folder: Folder
let gateway: GatewayProcess
let box: ReceiverBox

beforeEach(async () => {
  mosquitto = await startMosquitto()
  const url = `mqtt://${HOST}:${mosquitto.port}`
  const broker = { url, username: 'gateway', password: PASSWORDS.gateway, clientId: 'tocsin-gateway' }
  folder = siteFolder({ ...site(), broker })
  gateway = await startGatewayProcess(folder)
  await mosquitto.said('online')
  box = await startReceiverBox({ id: ID, password: PASSWORDS[ID], broker: url })
  await untilDesk(gateway.url, ({ receivers }) => receivers.find(({ id }) => id === ID)?.isOnline)
})
/** It writes down what it keeps when it is stopped: from here on the gateway's sessions outlive a kill. */
async function writtenDown(): Promise<void> {
  await mosquitto.stop()
  await isAway(true)
  await mosquitto.start()
  await isAway(false)
}
afterEach(async () => {
  await box?.close()
  await gateway?.stop()
  await mosquitto.remove()
  folder?.remove()
})

/** The pendant raises one alarm after the other: each is a press of the incident that is open. */
const press = (number: number, counter = 10 + number): void =>
  box.hear(ADDRESS, sealedFrame({ counter, kind: KIND_CORD, alarmNumber: number }))
const pressed = (presses: number): Promise<IncidentView> =>
  untilDesk(gateway.url, ({ incidents }) => incidents.find(each => each.presses >= presses))
const onlyOne = async (): Promise<number[]> =>
  (await deskOf(gateway.url)).incidents.map(({ presses }) => presses)
const spooled = (is: (count: number) => boolean) =>
  vi.waitFor(() => {
    if (!is(box.spooled()))
      throw new Error(`expected another number of frames in the spool, came ${box.spooled()}`)
  }, PATIENCE)
const isAway = (away: boolean) =>
  untilDesk(gateway.url, ({ technical }) => technical.some(({ key }) => key === 'broker') === away)

it('killed while the gateway is there: what was heard meanwhile is on the receiver’s disk, and comes once', async () => {
  await writtenDown()
  press(1)
  await pressed(1)
  await mosquitto.kill()
  await isAway(true)
  for (const number of [2, 3, 4]) press(number)
  await spooled(count => count === 3)
  await mosquitto.start()
  await isAway(false)
  await pressed(4)
  // What comes after all of them: nothing of them comes behind it.
  press(5)
  await pressed(5)
  await spooled(count => count === 0)
  expect(await onlyOne()).toEqual([5])
})

it('killed again and again in one alarm: each press is one', async () => {
  await writtenDown()
  for (let turn = 1; turn <= 5; turn++) {
    press(turn)
    await mosquitto.kill()
    await mosquitto.start()
    await pressed(turn)
  }
  press(6)
  await pressed(6)
  await spooled(count => count === 0)
  expect(await onlyOne()).toEqual([6])
})

it('killed with presses in its memory for a gateway that is away: none is doubled, and the alarm that goes on is heard', async () => {
  await writtenDown()
  press(1)
  await pressed(1)
  await gateway.kill()
  press(2)
  press(3)
  await spooled(count => count === 0)
  await mosquitto.kill()
  await mosquitto.start()
  gateway = await startGatewayProcess(folder)
  // A pendant sends its alarm until it is told that it was heard.
  press(3, 20)
  const { presses } = await pressed(2)
  expect(presses, 'the second may be gone: mosquitto had it, and nobody else').toBeLessThanOrEqual(3)
  press(4)
  await pressed(presses + 1)
  expect(await onlyOne()).toEqual([presses + 1])
})

it('killed before it has written anything down: that something may be lost is said, and the alarm that goes on is heard', async () => {
  await mosquitto.kill()
  mosquitto.forget()
  press(1)
  await mosquitto.start()
  const forgot = await untilDesk(gateway.url, ({ technical }) =>
    technical.find(({ key }) => key === 'broker-forgot'),
  )
  expect(forgot.text).toMatch(
    /has forgotten what it kept for the gateway: what receivers sent while it was away may be lost/,
  )
  let counter = 11
  await vi.waitFor(async () => {
    press(1, ++counter)
    expect(await onlyOne()).toHaveLength(1)
  }, PATIENCE)
})

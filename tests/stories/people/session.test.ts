// Somebody signs in, is alone, and presses: the page names the room they booked where the radio is of two minds. A gateway
// that is killed in between knows the session still.
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SessionView } from '../../../schemas/api/session.ts'
import { KIND_CORD } from '../../../schemas/frame.ts'
import { ADDRESS, sealedFrame, site } from '../../gateway/core/building.ts'
import {
  connectReceiver,
  deskOf,
  type Folder,
  type GatewayProcess,
  type ReceiverClient,
  siteFolder,
  startGatewayProcess,
  untilIncident,
} from '../../gateways/gateway-process.ts'

let folder: Folder
let gateway: GatewayProcess
const receivers: ReceiverClient[] = []

beforeAll(async () => {
  folder = siteFolder(site())
  gateway = await startGatewayProcess(folder)
})
afterAll(async () => {
  for (const receiver of receivers) await receiver.close()
  await gateway?.stop()
  folder?.remove()
})

async function post(path: string, body: object): Promise<{ status: number; sessions: SessionView[] }> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(new URL(path, gateway.url), {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  return { status: response.status, sessions: (await response.json()) as SessionView[] }
}

it('signs in, is killed, starts again, and a press between two rooms names the booked one', async () => {
  const said = { by: 'Sam Reed', pendant: 'p-07', room: 'interview', minutes: 60, note: 'second meeting' }
  const begun = await post('/api/sessions', said)
  expect(begun).toMatchObject({
    status: 200,
    sessions: [{ id: 's-0001', wearer: 'Jane Smith', door: '214 Interview room', by: 'Sam Reed' }],
  })
  expect((await post('/api/sessions', said)).status).toBe(409)
  await gateway.kill()
  gateway = await startGatewayProcess(folder)
  expect((await deskOf(gateway.url)).sessions).toEqual(begun.sessions)

  for (const room of ['hall', 'interview'])
    receivers.push(await connectReceiver(gateway.mqtt, `r-${room}`, `password-${room}`))
  const [hall, interview] = receivers as [ReceiverClient, ReceiverClient]
  for (let counter = 1_001; counter < 1_004; counter++) {
    const data = sealedFrame({ counter })
    await hall.report(ADDRESS, data, -62)
    await interview.report(ADDRESS, data, -63)
  }
  await hall.report(ADDRESS, sealedFrame({ counter: 1_004, kind: KIND_CORD, alarmNumber: 1 }), -62)
  const incident = await untilIncident(gateway.url, each => each.state === 'raised')
  expect(incident).toMatchObject({ roomNumber: '214', bookedRoom: '214 Interview room' })
  expect(incident.pages[0]?.said).toContain(
    'Northgate House, room 214, or room 1. The wearer’s note: second meeting. Press 1',
  )

  const over = await post('/api/sessions/s-0001/sign-out', { by: 'Jane Smith' })
  expect(over).toEqual({ status: 200, sessions: [] })
})

// An alarm without a pendant, the whole way: over HTTP in, a telephone rings, key 1 acknowledges it, a restart loses nothing of it,
// and nothing goes on the air. What it names wrongly is told, and never refused.
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { IncidentView } from '../../../schemas/api/desk.ts'
import { topicOf } from '../../../schemas/report.ts'
import { createPhone } from '../../../simulator/phones/phone.ts'
import type { Phone } from '../../../simulator/ports.ts'
import { site } from '../../gateway/core/building.ts'
import {
  atDesk,
  connectReceiver,
  deskOf,
  type Folder,
  type GatewayProcess,
  type ReceiverClient,
  siteFolder,
  startGatewayProcess,
  untilIncident,
} from '../../gateways/gateway-process.ts'
import { PATIENCE } from '../../patience.ts'

let phone: Phone
let folder: Folder
let gateway: GatewayProcess
let receiver: ReceiverClient
const onTheAir: string[] = []

beforeAll(async () => {
  phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'manual' })
  const base = site()
  const [policy] = base.policies
  const [step] = policy?.steps ?? []
  if (policy === undefined || step === undefined) throw new Error('expected a policy with a step')
  // One number, called again at once: what is waited for here is never a pause.
  const steps = [{ ...step, attempts: 9, ringSeconds: 60, talkSeconds: 60, pauseSeconds: 1 }]
  const sip = { ...base.sip, port: phone.address.port }
  folder = siteFolder({ ...base, sip, policies: [{ ...policy, steps }] })
  gateway = await startGatewayProcess(folder)
  receiver = await connectReceiver(gateway.mqtt, 'r-hall', 'password-hall')
  receiver.client.on('message', (_topic, payload) => {
    const { beacons } = JSON.parse(payload.toString()) as { beacons: { data: string }[] }
    onTheAir.push(...beacons.map(({ data }) => data))
  })
  await receiver.client.subscribeAsync(topicOf('r-hall', 'beacon'))
})
afterAll(async () => {
  await receiver?.close()
  await gateway?.stop()
  await phone?.close()
  folder?.remove()
})

async function raise(body: object): Promise<{ status: number; incident: IncidentView }> {
  const headers = { 'content-type': 'application/json' }
  const url = new URL('/api/incidents', gateway.url)
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, incident: (await response.json()) as IncidentView }
}
const ringing = (calls: number) =>
  vi.waitFor(
    () => {
      const live = phone.calls().filter(({ state }) => state === 'ringing')
      expect([phone.calls().length, live.length]).toEqual([calls, 1])
    },
    { ...PATIENCE, interval: 20 },
  )
const PANEL = { of: 'input', id: 'panel-3' } as const

it('raised for a person of the site: they are named, with room and note, and whoever presses 1 has it', async () => {
  const note = 'He shouts.'
  const raised = await raise({ by: 'Ann', kind: 'assist', person: 'jane', room: 'interview', note })
  expect(raised).toMatchObject({
    status: 200,
    incident: {
      id: 'i-0001',
      state: 'raised',
      wearer: 'Jane Smith',
      pendant: null,
      source: { of: 'desk', id: 'interview jane' },
      roomNumber: '214',
      verified: true,
      wearerTold: 'no-pendant',
    },
  })
  await ringing(1)
  phone.answer()
  await untilIncident(gateway.url, ({ pages }) => pages[0]?.answeredAtMs !== undefined)
  phone.press('1')
  const { pages, lines } = await untilIncident(gateway.url, ({ state }) => state === 'acknowledged')
  expect(pages.map(({ said }) => said)).toEqual([
    'Assistance needed. Jane Smith. Northgate House, room 214. Note with the alarm: He shouts. Press 1 if you have it, 2 if you are on your way.',
  ])
  expect(lines[0]).toMatchObject({
    by: 'Ann',
    text: 'Jane Smith: assistance asked for, Northgate House, room 214. Raised at the desk, not by a pendant',
  })
  const resolved = { by: 'Ann', outcome: 'assistance-given', reason: 'He was shown out.' }
  expect(await atDesk(gateway.url, 'i-0001', 'resolve', resolved)).toBe(200)
})

it('killed while the telephone rings, it is there after the start and is called again; the same input joins it', async () => {
  const body = { by: 'panel', kind: 'button', name: 'Panel at the counter', room: 'hall', source: PANEL }
  expect((await raise(body)).incident.id).toBe('i-0002')
  await ringing(2)
  await gateway.kill()
  gateway = await startGatewayProcess(folder)
  await ringing(3)
  const again = await raise({ ...body, kind: 'duress' })
  expect(again.incident).toMatchObject({ id: 'i-0002', kind: 'duress', presses: 2, source: PANEL })
  const said = again.incident.pages.at(-1)?.said
  expect(said).toMatch(/^Personal alarm, duress\. Panel at the counter\. Northgate House, room 1\. /)
  expect(await atDesk(gateway.url, 'i-0002', 'acknowledge', { by: 'Ann' })).toBe(200)
})

it('one program that raises for two people raises two alarms, and each is answered with its own', async () => {
  const source = { of: 'system', id: 'booking' } as const
  const raised = await Promise.all(
    ['jane', 'omar'].map(person => raise({ by: 'booking', kind: 'cord', person, room: 'hall', source })),
  )
  expect(raised.map(({ incident }) => incident.wearer)).toEqual(['Jane Smith', 'Omar Haddad'])
  expect(new Set(raised.map(({ incident }) => incident.id)).size).toBe(2)
  for (const { incident } of raised)
    expect(await atDesk(gateway.url, incident.id, 'acknowledge', { by: 'Ann' })).toBe(200)
  const endless = { of: 'input', id: 'x'.repeat(121) }
  const refused = await raise({ by: 'Ann', kind: 'cord', name: 'A cleaner', source: endless })
  expect(refused.status).toBe(400)
})

it('a room that is on no plan is told as it came, and people are called', async () => {
  const { status, incident } = await raise({ by: 'Ann', kind: 'cord', name: 'A cleaner', room: 'cellar' })
  expect([status, incident.roomNumber, incident.sessionNote]).toEqual([
    200,
    null,
    'The room was given as cellar.',
  ])
  expect(incident.pages[0]?.said).toContain('A cleaner. Room not known.')
  expect(await atDesk(gateway.url, incident.id, 'acknowledge', { by: 'Ann' })).toBe(200)
})

it('a body that is none is refused field by field, and makes no incident', async () => {
  const { status, incident } = await raise({ by: 'Ann', kind: 'fire', room: 'hall' })
  expect([status, incident]).toMatchObject([400, { error: 'malformed' }])
  expect((await deskOf(gateway.url)).incidents).toHaveLength(5)
})

it('nobody is told anything by a pendant', () => {
  expect(onTheAir).toEqual([])
})

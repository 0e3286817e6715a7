// What other systems are told by MQTT, through the gateway's own broker: an alarm from press to resolve, over a kill in the middle; the
// same health as the desk's; and of whoever has not asked for help neither name nor room.
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { COST_OF_MADE, hashOf } from '../../../gateway/site/accounts/phc.ts'
import type { Health } from '../../../schemas/api/desk.ts'
import {
  OutHealth,
  OutIncident,
  OutIncidents,
  OutPendant,
  OutReceiver,
  outTopics,
} from '../../../schemas/api/out.ts'
import { FLAG_FAULT, KIND_CORD } from '../../../schemas/frame.ts'
import { Out } from '../../../schemas/site/out.ts'
import type { Site } from '../../../schemas/site.ts'
import { ADDRESS, sealedFrame, site } from '../../gateway/core/building.ts'
import { atDesk, deskOf, type ReceiverClient, untilDesk } from '../../gateways/gateway-process.ts'
import { type Reader, startReader } from '../../gateways/reader.ts'
import { type SmallBuilding, startSmallBuilding } from '../../gateways/small-building.ts'
import { PATIENCE } from '../../patience.ts'

const topics = outTopics('gateway')
const ACCOUNT = { username: 'ha', password: 'password-of-ha' }
const told = (out: object = {}): Site => ({
  ...site(),
  out: Out.parse(out),
})

let small: SmallBuilding
let reader: Reader
let [interview, hall] = [] as unknown as [ReceiverClient, ReceiverClient]
let counter = 100
beforeAll(async () => {
  const hash = await hashOf(ACCOUNT.password, COST_OF_MADE)
  const accounts = [{ id: ACCOUNT.username, role: 'subscriber' as const, addedAtMs: 0, hash }]
  small = await startSmallBuilding({ site: told(), phone: 'manual', accounts })
  interview = await small.receiver('r-interview', { beats: true })
  hall = await small.receiver('r-hall', { beats: true })
  reader = await startReader(small.gateway.mqtt, ACCOUNT)
})
afterAll(async () => {
  await reader?.close()
  await small?.stop()
})

const incident = (id = 'i-0001') => reader.on<OutIncident>(topics.incident(id))
const online = (of = reader) => of.until(() => of.standing().get(topics.status) === 'online')
/** Heard loudly by one receiver and faintly by the other, a few times. */
async function heardIn(near: ReceiverClient, far: ReceiverClient, of: object = {}): Promise<void> {
  for (let i = 0; i < 5; i++) {
    counter += 1
    const data = sealedFrame({ counter, ...of })
    await near.report(ADDRESS, data, -60)
    await far.report(ADDRESS, data, -80)
  }
}

it('everything that stands there is as it is promised to be, once it is said to be true', async () => {
  await online()
  // What is retained comes in no order.
  await reader.until(() => reader.standing().has(topics.health) && reader.standing().has(topics.incidents))
  expect(OutHealth.parse(reader.on(topics.health))).toMatchObject({ isArmed: false })
  expect(OutIncidents.parse(reader.on(topics.incidents))).toMatchObject({ open: [], count: 0 })
  await heardIn(interview, hall)
  await reader.until(() => reader.on<OutPendant>(topics.pendant('p-07'))?.reach === 'heard')
  expect(OutPendant.parse(reader.on(topics.pendant('p-07')))).toMatchObject({ batteryPercent: 97 })
  expect(OutPendant.parse(reader.on(topics.pendant('p-08')))).toMatchObject({ reach: 'never-heard' })
  const receiver = await reader.until(() => {
    const found = reader.on<OutReceiver>(topics.receiver('r-interview'))
    return found?.isOnline && found
  })
  expect(OutReceiver.parse(receiver)).toMatchObject({ room: '214 Interview room', isDeaf: false })
})

it('whoever reads hears nothing but this, and says nothing', async () => {
  // While two receivers say what they hear.
  const heard = () => new Set(reader.said.map(({ topic }) => topic.split('/').slice(0, 3).join('/')))
  await reader.until(() => heard().size === 2)
  expect([...heard()].sort()).toEqual(['homeassistant/device/tocsin_gateway', 'tocsin/v1/out'])
  // As Home Assistant says that it is there.
  await reader.client.publishAsync('homeassistant/status', 'online', { qos: 1, retain: true })
  expect(reader.client.connected).toBe(true)
  const other = await startReader(small.gateway.mqtt, ACCOUNT, [])
  const forged = JSON.stringify({ v: 1, open: ['i-0666'], count: 1, unacknowledged: 1, silent: 0 })
  const closed = new Promise<void>(resolve => other.client.once('close', () => resolve()))
  other.client.publish(topics.incidents, forged, { qos: 1, retain: true })
  await closed
  await other.close()
  const noted = await untilDesk(small.gateway.url, ({ security }) =>
    security.find(({ text }) => text.includes(topics.incidents)),
  )
  expect(noted).toMatchObject({ reason: 'wrong-topic', text: expect.stringContaining('subscriber ha') })
  for (const filter of ['#', 'tocsin/v1/+/reports', 'tocsin/v1/r-hall/reports'])
    await expect(reader.client.subscribeAsync(filter), filter).rejects.toThrow()
  // As Home Assistant does of what is announced by others.
  await reader.client.subscribeAsync('tasmota/discovery/#').catch(() => undefined)
  expect(reader.said.some(({ text, topic }) => text === forged || topic === 'homeassistant/status')).toBe(
    false,
  )
  expect((await deskOf(small.gateway.url)).incidents).toEqual([])
})

it('a press stands there with its wearer and room, is acknowledged, outlives a kill, and is gone once it is resolved', async () => {
  await heardIn(interview, hall, { kind: KIND_CORD, alarmNumber: 1 })
  const raised = await reader.until(() => incident()?.room && incident())
  expect(OutIncident.parse(raised)).toMatchObject({
    ...{ id: 'i-0001', state: 'raised', kind: 'cord', isSilent: false, isVerified: true },
    ...{ wearer: 'Jane Smith', pendant: 'p-07' },
    ...{ building: 'Northgate House', floor: 'Ground floor', room: '214 Interview room' },
    ...{ acknowledged: null, resolved: null },
  })
  await reader.until(() => reader.on<OutIncidents>(topics.incidents)?.unacknowledged === 1)
  await atDesk(small.gateway.url, 'i-0001', 'acknowledge', { by: 'Ann' })
  await reader.until(() => incident()?.state === 'acknowledged')
  expect(incident()).toMatchObject({ acknowledged: { by: 'Ann' }, attended: null })
  await reader.until(() => reader.on<OutIncidents>(topics.incidents)?.unacknowledged === 0)
  expect(reader.on(topics.incidents)).toMatchObject({ open: ['i-0001'], count: 1 })

  await small.gateway.kill()
  const before = reader.said.length
  await small.startAgain()
  await reader.until(() =>
    reader.said.slice(before).some(({ topic, text }) => topic === topics.status && text === 'online'),
  )
  // Whoever comes now is given what is open, and nothing else.
  const late = await startReader(small.gateway.mqtt, ACCOUNT, [`${topics.incidents}/#`])
  await late.until(() => late.on<OutIncidents>(topics.incidents)?.open.join() === 'i-0001')
  expect(late.on(topics.incident('i-0001'))).toMatchObject({
    state: 'acknowledged',
    room: '214 Interview room',
  })
  await late.close()

  const body = { by: 'Ann', outcome: 'assistance-given', reason: 'a word for whoever reads the journal' }
  await atDesk(small.gateway.url, 'i-0001', 'resolve', body)
  await reader.until(() => incident() === undefined && reader.on<OutIncidents>(topics.incidents)?.count === 0)
  const [last, gone] = reader.said.filter(({ topic }) => topic === topics.incident('i-0001')).slice(-2)
  expect(OutIncident.parse(JSON.parse(last?.text ?? ''))).toMatchObject({
    state: 'resolved',
    resolved: { by: 'Ann', outcome: 'assistance-given' },
  })
  expect(gone?.text).toBe('')
  const after = await startReader(small.gateway.mqtt, ACCOUNT)
  await online(after)
  expect([...after.standing().keys()].filter(topic => topic.startsWith(`${topics.incidents}/`))).toEqual([])
  expect(reader.said.some(({ text }) => text.includes(body.reason))).toBe(false)
  await after.close()
})

it('health is what the desk and /healthz say: armed when that is proven, and not armed when it is over', async () => {
  const healthz = async () => (await (await fetch(new URL('/healthz', small.gateway.url))).json()) as Health
  const health = () => reader.on<OutHealth>(topics.health)
  await reader.until(() => health()?.isArmed === false)
  expect(health()?.reasons).toContain('No desk page is open.')
  const present = (isLeaving: boolean) =>
    fetch(new URL('/api/desk/present', small.gateway.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ desk: 'd-1', by: null, isAudible: true, ...(isLeaving && { isLeaving }) }),
    })
  const staying = setInterval(() => void present(false).catch(() => undefined), 1_000)
  const before = reader.said.length
  await untilDesk(small.gateway.url, ({ armed }) => armed.isArmed)
  await reader.until(() => health()?.isArmed)
  await vi.waitFor(async () => {
    const { armed, isOk, technical, unproven } = await healthz()
    expect(health()).toMatchObject({ isArmed: armed.isArmed, isOk, reasons: armed.reasons, unproven })
    expect(health()?.technical.map(({ key }) => key)).toEqual(technical.map(({ key }) => key))
  }, PATIENCE)
  clearInterval(staying)
  await present(true)
  await reader.until(() => health()?.isArmed === false)
  expect(reader.said.slice(before).filter(({ topic }) => topic === topics.health).length).toBeGreaterThan(1)
})

/** All that is told but of what hangs on the walls: receivers, and how they are announced. */
const ofPeople = (said: Reader['said']): string =>
  said
    .filter(({ topic }) => !topic.startsWith(topics.receiver('')) && !topic.includes('/receiver_'))
    .map(({ topic, text }) => `${topic} ${text}`)
    .join('\n')

it('of whoever has not asked for help neither name nor room is told, wherever they go', async () => {
  const before = reader.said.length
  const places = [
    [interview, hall, 61],
    [hall, interview, 60],
    [interview, hall, 59],
  ] as const
  for (const [near, far, battery] of places) {
    await heardIn(near, far, { battery })
    await reader.until(() => reader.on<OutPendant>(topics.pendant('p-07'))?.batteryPercent === battery)
  }
  // A fault of a pendant names its wearer at the desk, and not here.
  await heardIn(interview, hall, { battery: 59, flags: FLAG_FAULT })
  const complains = () =>
    reader.on<OutHealth>(topics.health)?.technical.find(({ key }) => key === 'pendant:p-07')
  expect((await reader.until(complains)).text).toMatch(/^Pendant p-07: it reports a fault/)
  const said = ofPeople(reader.said.slice(before))
  expect(said).toContain('"batteryPercent":59')
  expect(said).not.toMatch(/214|Interview|Jane|Smith|jane/)
  const stands = ofPeople([...reader.standing()].map(([topic, text]) => ({ topic, text, isRetained: true })))
  expect(stands).not.toMatch(/214|Interview|Jane|Smith|Omar|Haddad/)
  // What a receiver hears is not to be read off it either: but for the minute of its own last word it says what it said.
  const receivers = reader.said.slice(before).filter(({ topic }) => topic.startsWith(topics.receiver('')))
  const shown = receivers.map(({ text }) => JSON.stringify({ ...JSON.parse(text), heardAtMs: 0 }))
  expect(new Set(shown).size).toBeLessThanOrEqual(2)
})

it('with positions and names the same walk is told, until that is taken back', async () => {
  const write = (out: object) => {
    const sip = { ...told().sip, port: small.phone.address.port }
    writeFileSync(small.folder.siteFile, JSON.stringify({ ...told(out), sip }))
    process.kill(small.gateway.pid, 'SIGHUP')
  }
  write({ positions: true, names: true })
  const pendant = () => reader.on<OutPendant>(topics.pendant('p-07'))
  const walked = (near: ReceiverClient, far: ReceiverClient, room: string) =>
    vi.waitFor(async () => {
      await heardIn(near, far)
      expect(pendant()?.room).toBe(room)
    }, PATIENCE)
  await walked(interview, hall, '214 Interview room')
  expect(OutPendant.parse(pendant())).toMatchObject({ wearer: 'Jane Smith' })
  await walked(hall, interview, '1')
  const announced = 'homeassistant/device/tocsin_gateway/pendant_p-07/config'
  type Announced = { device: { name: string }; components: Record<string, object> }
  await reader.until(() => reader.on<Announced>(announced)?.device.name === 'Pendant p-07 (Jane Smith)')
  expect(reader.on<Announced>(announced)?.components.room).toMatchObject({ name: 'Room' })

  write({})
  await reader.until(() => pendant()?.room === undefined)
  await reader.until(() => reader.on<Announced>(announced)?.device.name === 'Pendant p-07')
  // What was announced is taken back by its platform alone.
  expect(reader.on<Announced>(announced)?.components.room).toEqual({ platform: 'sensor' })
  const stands = ofPeople([...reader.standing()].map(([topic, text]) => ({ topic, text, isRetained: true })))
  expect(stands).not.toMatch(/214|Interview|Jane|Smith/)
})

it('a pendant that goes from the site goes from here, and without `out` all of it', async () => {
  const write = (next: Partial<Site>) => {
    const sip = { ...site().sip, port: small.phone.address.port }
    writeFileSync(small.folder.siteFile, JSON.stringify({ ...told(), sip, ...next }))
    process.kill(small.gateway.pid, 'SIGHUP')
  }
  write({ pendants: site().pendants.slice(0, 1) })
  await reader.until(() => {
    const stands = [...reader.standing().keys()]
    return stands.length > 0 && !stands.some(topic => topic.includes('p-08'))
  })
  expect(reader.standing().has(topics.pendant('p-07'))).toBe(true)
  write({ out: undefined } as Partial<Site>)
  await reader.until(() => reader.standing().size === 0)
})

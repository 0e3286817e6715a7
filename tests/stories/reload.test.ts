// SIGHUP: a changed site file is taken up by a running gateway, with an incident open and a telephone ringing; a wrong one
// is refused whole and said on the desk.
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { KIND_CORD } from '../../schemas/frame.ts'
import type { Site } from '../../schemas/site.ts'
import { createPhone } from '../../simulator/phones/phone.ts'
import type { Phone, PhoneCall } from '../../simulator/ports.ts'
import { ADDRESS, KEY, sealedFrame, site as smallSite } from '../gateway/core/building.ts'
import { atDesk, connectReceiver, deskOf, untilDesk, untilIncident } from '../gateways/gateway-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../gateways/small-building.ts'
import { PATIENCE } from '../patience.ts'

const NEW_KEY = KEY.replace('23', '32')
const NEW_ADDRESS = 'c7:f9:36:dd:b0:cc'
const cord = sealedFrame({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
const cordOfNew = sealedFrame({
  counter: 9,
  kind: KIND_CORD,
  alarmNumber: 1,
  key: NEW_KEY,
  address: NEW_ADDRESS,
})

let small: SmallBuilding
let other: Phone
let site: Site
beforeAll(async () => {
  small = await startSmallBuilding({ phone: 'manual' })
  other = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'manual' })
  site = { ...smallSite(), sip: { ...smallSite().sip, port: small.phone.address.port } }
})
afterAll(async () => {
  await small?.stop()
  await other?.close()
})

const write = (text: string): void => writeFileSync(small.folder.siteFile, text)
const hangUpSignal = (): void => void process.kill(small.gateway.pid, 'SIGHUP')
const untilStates = (phone: Phone, ...expected: PhoneCall['state'][]): Promise<void> =>
  vi.waitFor(() => expect(phone.calls().map(({ state }) => state)).toEqual(expected), {
    timeout: PATIENCE.timeout,
    interval: 10,
  })

it('a file that is wrong is refused whole: said on the desk and on /healthz, and the one before counts', async () => {
  write('site: [')
  hangUpSignal()
  const fault = await untilDesk(small.gateway.url, ({ technical }) =>
    technical.find(({ key }) => key === 'site'),
  )
  expect(fault.text).toContain(
    'The changed site file was refused, and the one before it counts: site.yaml:1:8',
  )
  const health = await fetch(new URL('/healthz', small.gateway.url))
  expect(health.status).toBe(503)
  expect(await health.text()).toContain('site file was refused')
})

it('a file that is right is taken up while a telephone rings: the incident and its call go on', async () => {
  const receiver = await small.receiver('r-interview')
  await receiver.report(ADDRESS, cord)
  await untilStates(small.phone, 'ringing')
  site.pendants.push({ id: 'p-09', address: NEW_ADDRESS, key: NEW_KEY, wearer: 'omar' })
  site.receivers[0] = { ...(site.receivers[0] as Site['receivers'][number]), password: 'another-password' }
  site.sip.port = other.address.port
  write(JSON.stringify(site))
  hangUpSignal()
  const desk = await untilDesk(small.gateway.url, desk => desk.siteChanged !== undefined && desk)
  expect(desk.siteChanged).toMatchObject({
    by: 'SIGHUP',
    text: 'receivers: r-hall changed; pendants: p-09 added; settings: sip changed',
  })
  expect(desk.technical.map(({ key }) => key)).not.toContain('site')
  expect(desk.incidents).toMatchObject([{ id: 'i-0001', state: 'raised', presses: 1 }])
  expect(small.phone.calls().map(({ state }) => state)).toEqual(['ringing'])
  small.phone.answer()
  await untilIncident(small.gateway.url, ({ pages }) => pages.at(-1)?.answeredAtMs !== undefined)
  small.phone.press('1')
  await untilIncident(small.gateway.url, ({ state }) => state === 'acknowledged')
  await atDesk(small.gateway.url, 'i-0001', 'resolve', { by: 'Ann', outcome: 'test', reason: 'over' })
})

it('from then on the new pendant is heard through the receiver with its new password, and the new exchange is called', async () => {
  const receiver = await connectReceiver(small.gateway.mqtt, 'r-hall', 'another-password')
  await receiver.report(NEW_ADDRESS, cordOfNew)
  await untilStates(other, 'ringing')
  expect((await deskOf(small.gateway.url)).incidents.at(-1)).toMatchObject({
    wearer: 'Omar Haddad',
    state: 'raised',
  })
  expect(small.phone.calls()).toHaveLength(1)
  await receiver.close()
})

it('the same file again is nothing new', async () => {
  const before = (await deskOf(small.gateway.url)).siteChanged
  hangUpSignal()
  await vi.waitFor(
    () => expect(small.gateway.lines.some(({ msg }) => msg === 'the site file is as it was')).toBe(true),
    PATIENCE,
  )
  expect((await deskOf(small.gateway.url)).siteChanged).toEqual(before)
})

it('a pendant that is given to somebody else is theirs: their alarm is called, by their name, though one of before is still open', async () => {
  const { url } = small.gateway
  const receiver = await connectReceiver(small.gateway.mqtt, 'r-hall', 'another-password')
  await atDesk(url, 'i-0002', 'acknowledge', { by: 'Ann' })
  const called = other.calls().length
  site.pendants[2] = { ...(site.pendants[2] as Site['pendants'][number]), wearer: 'jane' }
  write(JSON.stringify(site))
  hangUpSignal()
  await untilDesk(url, ({ siteChanged }) => siteChanged?.text === 'pendants: p-09 changed')
  await receiver.report(
    NEW_ADDRESS,
    sealedFrame({ counter: 20, kind: KIND_CORD, alarmNumber: 2, key: NEW_KEY, address: NEW_ADDRESS }),
  )
  await vi.waitFor(() => expect(other.calls().length).toBe(called + 1), PATIENCE)
  const { incidents } = await deskOf(url)
  expect(incidents.find(({ id }) => id === 'i-0003')).toMatchObject({
    wearer: 'Jane Smith',
    state: 'raised',
    wearerTold: 'stored',
    pages: [{ said: expect.stringContaining('Jane Smith') }],
  })
  expect(incidents.find(({ id }) => id === 'i-0002')).toMatchObject({
    wearer: 'Omar Haddad',
    state: 'acknowledged',
    presses: 1,
    wearerTold: 'nothing',
  })
  await receiver.close()
})

it('who is taken out of the file in an alarm is called by their name all the same, over a restart too', async () => {
  const { url } = small.gateway
  for (const { id, state } of (await deskOf(url)).incidents)
    if (state !== 'resolved') await atDesk(url, id, 'resolve', { by: 'Ann', outcome: 'test', reason: 'over' })
  const receiver = await connectReceiver(small.gateway.mqtt, 'r-hall', 'another-password')
  const again = { counter: 900, kind: KIND_CORD, alarmNumber: 90 }
  await receiver.report(NEW_ADDRESS, sealedFrame({ ...again, key: NEW_KEY, address: NEW_ADDRESS }))
  const { id, wearer } = await untilIncident(url, ({ state }) => state === 'raised')
  await receiver.close()
  site.pendants = site.pendants.filter(each => each.id !== 'p-09')
  site.people = site.people.filter(person => person.name !== wearer)
  site.pendants = site.pendants.filter(each => site.people.some(person => person.id === each.wearer))
  write(JSON.stringify(site))
  hangUpSignal()
  await untilDesk(url, ({ siteChanged }) => siteChanged?.text.includes('people') === true)
  await small.gateway.kill()
  const gateway = await small.startAgain()
  const incident = await untilIncident(
    gateway.url,
    each => each.id === id && each.pages.length > 1 && each.pages.at(-1)?.invitedAtMs !== undefined,
  )
  expect([incident.wearer, incident.pages.at(-1)?.said]).toEqual([wearer, expect.stringContaining(wearer)])
})

it('a room that is taken out of the file in an alarm is where people are sent all the same, over a restart too', async () => {
  const { url } = small.gateway
  for (const { id, state } of (await deskOf(url)).incidents)
    if (state !== 'resolved') await atDesk(url, id, 'resolve', { by: 'Ann', outcome: 'test', reason: 'over' })
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ by: 'Ann', kind: 'cord', name: 'A cleaner', room: 'interview' })
  await fetch(new URL('/api/incidents', url), { method: 'POST', headers, body })
  const { id, roomNumber } = await untilIncident(url, ({ wearer }) => wearer === 'A cleaner')
  for (const building of site.buildings)
    for (const floor of building.floors) {
      floor.rooms = floor.rooms.filter(room => room.id !== 'interview')
      for (const room of floor.rooms) room.adjacent = room.adjacent.filter(each => each !== 'interview')
    }
  site.receivers = site.receivers.filter(({ room }) => room !== 'interview')
  write(JSON.stringify(site))
  hangUpSignal()
  await untilDesk(url, ({ siteChanged }) => siteChanged?.text.includes('interview removed') === true)
  const before = (await deskOf(url)).incidents.find(each => each.id === id)?.pages.length ?? 0
  const called = await untilIncident(url, each => each.id === id && each.pages.length > before)
  await small.gateway.kill()
  const gateway = await small.startAgain()
  const again = await untilIncident(
    gateway.url,
    each => each.id === id && each.pages.length > called.pages.length,
  )
  expect(again.roomNumber).toBe(roomNumber)
  for (const { pages } of [called, again])
    expect(pages.at(-1)?.said).toContain(`Northgate House, room ${roomNumber}.`)
})

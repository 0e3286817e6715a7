// The gateway is asked to stop while the telephone rings, and again while somebody listens. It lets go of the call, says
// nothing that would frighten whoever reads the log, and the next start calls again for the same incident: once.
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { KIND_CORD } from '../../schemas/frame.ts'
import type { Phone, PhoneCall } from '../../simulator/ports.ts'
import { ADDRESS, sealedFrame } from '../gateway/core/building.ts'
import { untilIncident } from '../gateways/gateway-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../gateways/small-building.ts'
import { PATIENCE } from '../patience.ts'

let small: SmallBuilding
let phone: Phone

beforeAll(async () => {
  small = await startSmallBuilding({ phone: 'manual' })
  phone = small.phone
})
afterAll(() => small?.stop())

/** The telephone's calls as states, oldest first. */
const states = (): string[] => phone.calls().map(({ state }) => state)
const untilCalls = (...expected: PhoneCall['state'][]): Promise<void> =>
  vi.waitFor(() => expect(states()).toEqual(expected), { ...PATIENCE, interval: 10 })

/**
 * Once it has logged `last`: SIGINT and then SIGTERM, as it gets them from one Ctrl-C of `npm start`. It has ended as it
 * should, and nothing that it logged from then on is a complaint.
 */
async function stopQuietly(last: string): Promise<void> {
  const { gateway } = small
  // A row is logged when it is stored, which may be after the desk has shown it.
  await vi.waitFor(() => expect(gateway.lines.map(({ msg }) => msg)).toContain(last), PATIENCE)
  process.kill(gateway.pid, 'SIGINT')
  expect(await gateway.stop()).toBe(0)
  expect(gateway.complaint()).toBe('')
  const said = gateway.lines.slice(gateway.lines.findIndex(({ msg }) => msg === 'stopping'))
  expect(said.filter(({ level }) => level !== 'info')).toEqual([])
  expect(said.map(({ msg }) => msg).filter(msg => /page|call|journal cannot/.test(msg))).toEqual([])
}

it('asked to stop while the telephone rings, it ends quietly and the telephone stops ringing', async () => {
  const receiver = await small.receiver('r-interview')
  await receiver.report(ADDRESS, sealedFrame({ counter: 10, kind: KIND_CORD, alarmNumber: 1 }))
  await untilCalls('ringing')
  await untilIncident(small.gateway.url, ({ pages }) => pages[0]?.ringingAtMs !== undefined)
  await receiver.close()
  await stopQuietly('page-ringing')
  await untilCalls('ended')
})

it('started again it calls for the same incident, once, and a call that is listened to is hung up by the next stop', async () => {
  await small.startAgain()
  await untilCalls('ended', 'ringing')
  phone.answer()
  const incident = await untilIncident(
    small.gateway.url,
    ({ pages }) => pages.at(-1)?.answeredAtMs !== undefined,
  )
  expect(incident).toMatchObject({ id: 'i-0001', state: 'raised', presses: 1 })
  expect(incident.pages.map(({ attempt, round, outcome }) => ({ attempt, round, outcome }))).toEqual([
    { attempt: 1, round: 1, outcome: 'interrupted' },
    { attempt: 1, round: 1, outcome: undefined },
  ])
  await stopQuietly('page-answered')
  // Without a BYE it would go on: this telephone keeps a call as long as its sound may come.
  await untilCalls('ended', 'ended')
})

it('the third start calls again, and key 1 ends it', async () => {
  await small.startAgain()
  await untilCalls('ended', 'ended', 'ringing')
  phone.answer()
  await untilIncident(small.gateway.url, ({ pages }) => pages.at(-1)?.answeredAtMs !== undefined)
  phone.press('1')
  const incident = await untilIncident(small.gateway.url, ({ state }) => state === 'acknowledged')
  expect(incident).toMatchObject({ id: 'i-0001', presses: 1 })
  expect(incident.pages.map(({ outcome }) => outcome)).toEqual(['interrupted', 'interrupted', 'acknowledged'])
  // It has been thanked, and hung up.
  await untilCalls('ended', 'ended', 'ended')
  await stopQuietly('page ended')
  expect(phone.calls()).toHaveLength(3)
})

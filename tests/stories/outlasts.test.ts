// An alarm that somebody has and nobody resolves for days, while fifty others come and go: when it is resolved at last, that is
// answered and told as any, and what its pendant still sends after a restart is no new one.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { KIND_CORD } from '../../schemas/frame.ts'
import { ADDRESS, PLAIN_ADDRESS, plainFrame, sealedFrame } from '../gateway/core/building.ts'
import { atDesk, deskOf, untilIncident } from '../gateways/gateway-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../gateways/small-building.ts'

/** More than are remembered of those that are over. */
const OTHERS = 51
const RESOLVED = { by: 'Ann', outcome: 'false-alarm', reason: 'over' }
const cord = (counter: number) => sealedFrame({ counter, kind: KIND_CORD, alarmNumber: 1 })

let small: SmallBuilding
beforeAll(async () => {
  small = await startSmallBuilding()
})
afterAll(() => small?.stop())

it('is resolved as any: the answer and the desk show it, and it is not raised again after a restart', async () => {
  const { url } = small.gateway
  const receiver = await small.receiver('r-interview')
  await receiver.report(ADDRESS, cord(10))
  expect(await atDesk(url, 'i-0001', 'acknowledge', { by: 'Ann' })).toBe(200)
  for (let alarmNumber = 1; alarmNumber <= OTHERS; alarmNumber++) {
    await receiver.report(PLAIN_ADDRESS, plainFrame({ counter: 0, kind: KIND_CORD, alarmNumber }))
    const id = `i-${String(alarmNumber + 1).padStart(4, '0')}`
    expect(await atDesk(url, id, 'resolve', RESOLVED)).toBe(200)
  }
  expect(await atDesk(url, 'i-0001', 'resolve', RESOLVED)).toBe(200)
  const shown = await untilIncident(url, ({ id }) => id === 'i-0001')
  expect(shown.resolved).toMatchObject(RESOLVED)
  await receiver.close()
  await small.gateway.stop()

  await small.startAgain()
  const after = await small.receiver('r-interview')
  await after.report(ADDRESS, cord(12))
  const { incidents } = await deskOf(small.gateway.url)
  expect(incidents.filter(({ state }) => state !== 'resolved')).toEqual([])
  expect(incidents.map(({ id }) => id)).toContain('i-0001')
})

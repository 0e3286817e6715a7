// The disk does not answer, or another program holds the journal, as a backup may. SQLite waits for either; nobody else does: the
// telephone rings, the wearer is told no more than is so, the receiver keeps its report, and it is written down as soon as it can be.
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { KIND_CORD } from '../../../schemas/frame.ts'
import { createPhone } from '../../../simulator/phones/phone.ts'
import { ADDRESS, sealedFrame, site } from '../../gateway/core/building.ts'
import { keysOf, startForwarded, untilHealth } from '../../gateways/forwarded.ts'
import {
  connectReceiver,
  deskOf,
  siteFolder,
  untilDesk,
  untilIncident,
} from '../../gateways/gateway-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../../gateways/small-building.ts'
import { PATIENCE } from '../../patience.ts'

let small: SmallBuilding
let holder: Sqlite.Database
beforeAll(async () => {
  small = await startSmallBuilding({ phone: 'manual' })
})
afterAll(async () => {
  holder?.close()
  await small?.stop()
})

it('while another program holds the journal, people are called, and told what is so', async () => {
  const receiver = await small.receiver('r-interview')
  holder = new Sqlite(join(small.folder.data, 'journal.sqlite'))
  holder.exec('BEGIN IMMEDIATE')
  let isKept = false
  const data = sealedFrame({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
  const kept = receiver.report(ADDRESS, data).then(() => {
    isKept = true
  })
  await vi.waitFor(() => expect(small.phone.calls()).toHaveLength(1), { ...PATIENCE, interval: 10 })
  expect(isKept).toBe(false)
  const incident = await untilIncident(small.gateway.url, ({ id }) => id === 'i-0001')
  expect(incident).toMatchObject({ state: 'raised', wearerTold: 'heard' })
  const fault = await untilDesk(small.gateway.url, ({ technical }) =>
    technical.find(({ key }) => key === 'journal'),
  )
  expect(fault.text).toMatch(/does not answer|cannot be written/)
  expect((await fetch(new URL('/healthz', small.gateway.url))).status).toBe(503)

  holder.exec('ROLLBACK')
  await kept
  const after = await untilIncident(small.gateway.url, ({ wearerTold }) => wearerTold === 'stored')
  expect(after).toMatchObject({ id: 'i-0001', presses: 1 })
  await untilDesk(small.gateway.url, ({ technical }) => technical.every(({ key }) => key !== 'journal'))
})

it('what was called meanwhile is in the journal: after a restart the incident is there, once', async () => {
  await small.gateway.kill()
  await small.startAgain()
  expect((await deskOf(small.gateway.url)).incidents).toMatchObject([
    { id: 'i-0001', state: 'raised', presses: 1 },
  ])
})

it('where the disk never answers again, people are called all the same, it is said, and the gateway can still be stopped', async () => {
  const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'manual' })
  const folder = siteFolder({ ...site(), sip: { ...site().sip, port: phone.address.port } })
  const gateway = await startForwarded(folder)
  const receiver = await connectReceiver(gateway.mqtt, 'r-interview', 'password-interview')
  await gateway.hang('store/')
  let isKept = false
  void receiver.report(ADDRESS, sealedFrame({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })).then(
    () => {
      isKept = true
    },
    () => undefined,
  )
  await vi.waitFor(() => expect(phone.calls()).toHaveLength(1), { ...PATIENCE, interval: 10 })
  const incident = await untilIncident(gateway.url, ({ id }) => id === 'i-0001')
  expect(incident).toMatchObject({ state: 'raised', wearerTold: 'heard' })
  const health = await untilHealth(gateway.url, each => keysOf(each).includes('journal'))
  expect(health.technical.find(({ key }) => key === 'journal')?.text).toContain('does not answer')
  expect(keysOf(await deskOf(gateway.url))).toContain('journal')
  await gateway.forward(40_000)
  await untilHealth(gateway.url, each => keysOf(each).includes('disk'))
  expect(isKept).toBe(false)
  await receiver.close()
  await gateway.stop()
  await phone.close()
  folder.remove()
})

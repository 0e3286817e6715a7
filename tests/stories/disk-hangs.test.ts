// Another program holds the journal, as a backup may: SQLite waits seconds for it. Nobody else waits: the telephone rings, the
// wearer is told no more than is so, the receiver keeps its report, and all is written down once the file is let go.
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { KIND_CORD } from '../../schemas/frame.ts'
import { ADDRESS, sealedFrame } from '../gateway/core/building.ts'
import { deskOf, untilDesk, untilIncident } from '../gateway-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../small-building.ts'

const NEVER_MS = 60_000

let small: SmallBuilding
let holder: Sqlite.Database
beforeAll(async () => {
  small = await startSmallBuilding({ phone: 'manual' })
})
afterAll(async () => {
  holder?.close()
  await small?.stop()
})

it('while another program holds the journal, people are called before SQLite has given up waiting', async () => {
  const receiver = await small.receiver('r-interview')
  holder = new Sqlite(join(small.folder.data, 'journal.sqlite'))
  holder.exec('BEGIN IMMEDIATE')
  let isKept = false
  const data = sealedFrame({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
  const kept = receiver.report(ADDRESS, data).then(() => {
    isKept = true
  })
  await vi.waitFor(() => expect(small.phone.calls()).toHaveLength(1), { timeout: NEVER_MS, interval: 10 })
  const said = small.gateway.lines.map(({ msg }) => msg)
  expect(said).toContain('the journal does not answer')
  expect(said).not.toContain('journal cannot be written')
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

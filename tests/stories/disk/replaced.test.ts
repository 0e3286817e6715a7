// The data folder of a gateway that runs is put aside and a copy of it put in its place: what is written then would be missing after
// a restart, and that is said.
import { cpSync, renameSync, rmSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import { deskOf, untilDesk } from '../../gateways/gateway-process.ts'
import { startSmallBuilding } from '../../gateways/small-building.ts'

const small = await startSmallBuilding({ phone: 'answer' })
const { data } = small.folder
afterAll(() => small.stop())

it('is said at the desk and on /healthz, and is over once the folder is back', async () => {
  const { url } = small.gateway
  expect((await deskOf(url)).technical.map(({ key }) => key)).not.toContain('disk')
  cpSync(data, `${data}-copy`, { recursive: true })
  renameSync(data, `${data}-before`)
  renameSync(`${data}-copy`, data)
  const { text } = await untilDesk(url, ({ technical }) => technical.find(({ key }) => key === 'disk'))
  expect(text).toContain('another file was put in the place of the journal')
  expect((await fetch(new URL('/healthz', url))).status).toBe(503)

  rmSync(data, { recursive: true })
  renameSync(`${data}-before`, data)
  await untilDesk(url, ({ technical }) => !technical.some(({ key }) => key === 'disk'))
})

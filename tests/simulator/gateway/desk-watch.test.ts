// What a desk's live events say of being armed, followed from outside: as it comes, in pieces, and gone with the gateway.
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { steppedClock } from '../../../simulator/clock.ts'
import { type DeskWatch, watchDesk } from '../../../simulator/gateway/desk-watch.ts'
import type { PhoneCall } from '../../../simulator/ports.ts'
import { PATIENCE } from '../../patience.ts'

let server: Server
let clock: ReturnType<typeof steppedClock>
let watch: DeskWatch
let changes: number

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  clock = steppedClock()
  changes = 0
  watch = watchDesk(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, clock, () => changes++)
})
afterEach(async () => {
  watch.stop()
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const connected = async (): Promise<ServerResponse> => {
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse]
  return response
}
const event = (body: object): string => `id: 1\ndata: ${JSON.stringify(body)}\n\n`
const armedView = (isArmed: boolean) => ({ isArmed, reasons: isArmed ? [] : ['No desk.'], sinceMs: 1 })
const until = (isArmed: boolean | undefined) =>
  vi.waitFor(() => expect(watch.armed()?.isArmed).toBe(isArmed), { ...PATIENCE, interval: 5 })

test('nothing is known before the gateway has said, and a snapshot that comes in pieces is one', async () => {
  const stream = await connected()
  expect(watch.armed()).toBeNull()
  const text = event({ kind: 'snapshot', seq: 1, snapshot: { site: 'House', armed: armedView(false) } })
  stream.write(`retry: 1000\n\n${text.slice(0, 40)}`)
  stream.write(text.slice(40))
  await until(false)
  expect(watch.armed()?.reasons).toEqual(['No desk.'])
})

test('each change is told once, and events about anything else are none', async () => {
  const stream = await connected()
  stream.write(
    `${event({ kind: 'receivers', seq: 1, receivers: [] })}event: heartbeat\ndata: {"nowMs":1}\n\n`,
  )
  stream.write(event({ kind: 'armed', seq: 1, armed: armedView(true) }))
  await until(true)
  expect(changes).toBe(1)
})

test('a gateway that is gone says nothing, and is followed again when it is back', async () => {
  const first = await connected()
  first.write(event({ kind: 'armed', seq: 1, armed: armedView(true) }))
  await until(true)
  first.destroy()
  await until(undefined)
  const again = connected()
  clock.advance(1_000)
  ;(await again).write(event({ kind: 'armed', seq: 1, armed: armedView(false) }))
  await until(false)
})

test('two calls of one instant have each the words of their own page, in the order in which the pages were sent', async () => {
  const stream = await connected()
  const page = (id: string, invitedAtMs: number) => ({ id, said: `Page ${id}.`, invitedAtMs })
  const incidents = [
    { id: 'i-2', pages: [page('late', 60_000), page('second', 1_016)] },
    { id: 'i-1', pages: [page('first', 1_000), { id: 'due', said: 'Nobody was called yet.' }] },
  ]
  stream.write(event({ kind: 'snapshot', seq: 1, snapshot: { armed: armedView(true), incidents } }))
  await until(true)
  const call = (id: string, invitedAtMs: number): PhoneCall => ({
    id,
    from: 'Personal alarm',
    state: 'talking',
    invitedAtMs,
    keys: '',
    heardSeconds: 0,
  })
  // Each call is nearest to the second page.
  const said = watch.withSaid([call('a', 1_009), call('b', 1_032), call('c', 5_000)]).map(each => each.said)
  expect(said).toEqual(['Page first.', 'Page second.', undefined])
})

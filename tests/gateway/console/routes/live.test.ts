// The live stream: nothing missed, nothing stale, nobody left to grow without bound.
import { connect } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { STREAMS_A_CLIENT_MAX, STREAMS_MAX } from '../../../../gateway/console/routes/places.ts'
import { PATIENCE } from '../../../patience.ts'
import { ask, listen, post, type Stream } from '../client.ts'
import { type Running, runConsole } from '../running.ts'
import { incidentOf } from '../scripted-desk.ts'

let it: Running
let streams: Stream[] = []
beforeEach(async () => {
  it = await runConsole({ heartbeatMs: 20 })
})
afterEach(async () => {
  for (const stream of streams) stream.close()
  streams = []
  await it.close()
})

async function open(headers: Record<string, string> = {}, query = ''): Promise<Stream> {
  const stream = await listen(`${it.url}/api/live${query}`, headers)
  streams.push(stream)
  return stream
}
const kinds = (stream: Stream): string[] => stream.events().map(({ kind }) => kind)
const hasSnapshot = (stream: Stream): boolean => kinds(stream).includes('snapshot')

test('a first visit begins with the whole desk', async () => {
  it.desk.put(incidentOf())
  const stream = await open()
  await stream.until(hasSnapshot)
  expect(stream.events()[0]).toMatchObject({ kind: 'snapshot', seq: 1, snapshot: { seq: 1 } })
})

test('each event comes as it happens, under the number of its row', async () => {
  const stream = await open()
  await stream.until(hasSnapshot)
  it.desk.put(incidentOf())
  it.desk.tell({ kind: 'technical', technical: [] })
  await stream.until(() => stream.events().length === 3)
  expect(kinds(stream)).toEqual(['snapshot', 'incident', 'technical'])
  expect(stream.heard.filter(({ event }) => event === 'message').map(({ id }) => id)).toEqual(['0', '1', '2'])
})

test.each([
  ['Last-Event-ID', { 'last-event-id': '1' }, ''],
  ['?since=', {}, '?since=1'],
])(
  'a client that comes back with %s hears every event since, and then how it is',
  async (_how, headers, query) => {
    it.desk.put(incidentOf({ id: 'i-1' }))
    it.desk.put(incidentOf({ id: 'i-2' }))
    it.desk.put(incidentOf({ id: 'i-3' }))
    const stream = await open(headers, query)
    await stream.until(hasSnapshot)
    expect(kinds(stream)).toEqual(['incident', 'incident', 'snapshot'])
    expect(stream.events().map(({ seq }) => seq)).toEqual([2, 3, 3])
  },
)

test.each([
  ['too long ago', '1', 2],
  ['from another journal, newer than ours', '999', 0],
  ['no number', 'abc', 0],
  ['negative', '-1', 0],
])('a row that is %s is answered with the whole desk alone', async (_what, id, forgetBefore) => {
  it.desk.put(incidentOf({ id: 'i-1' }))
  it.desk.put(incidentOf({ id: 'i-2' }))
  it.desk.forgetBefore = forgetBefore
  const stream = await open({ 'last-event-id': id })
  await stream.until(hasSnapshot)
  expect(kinds(stream)).toEqual(['snapshot'])
})

test('a quiet line beats, with the gateway’s clock and without a row of its own', async () => {
  const stream = await open()
  await stream.until(({ heard }) => heard.some(({ event }) => event === 'heartbeat'))
  const beat = stream.heard.find(({ event }) => event === 'heartbeat')
  expect(beat?.id).toBeNull()
  expect(JSON.parse(beat?.data ?? '')).toEqual({ nowMs: expect.any(Number) })
})

test('the stream carries the same guards as every other answer', async () => {
  const refused = await ask(`${it.url}/api/live`, { headers: { host: 'evil.example' } })
  expect(refused.status).toBe(421)
  await expect(listen(`${it.url}/api/live`, { origin: 'http://evil.example' })).rejects.toThrow('403')
})

test('a client that goes away is forgotten', async () => {
  const stream = await open()
  await stream.until(hasSnapshot)
  expect(it.desk.listeners).toBe(1)
  stream.close()
  await vi.waitFor(() => expect(it.desk.listeners).toBe(0), PATIENCE)
})

test('a client that does not read is cut off before it fills the memory', async () => {
  const { hostname, port } = new URL(it.url)
  const deaf = connect(Number(port), hostname)
  try {
    deaf.pause()
    deaf.write(`GET /api/live HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`)
    await vi.waitFor(() => expect(it.desk.listeners).toBe(1), PATIENCE)
    const heavy = incidentOf({ roomNote: 'x'.repeat(1_000_000) })
    for (let sent = 0; sent < 40 && it.desk.listeners === 1; sent++) {
      it.desk.put(heavy)
      await new Promise(resolve => setImmediate(resolve))
    }
    await vi.waitFor(() => expect(it.desk.listeners).toBe(0), PATIENCE)
    expect(it.said).toContainEqual({ level: 'warn', text: expect.stringContaining('cut off') })
  } finally {
    deaf.destroy()
  }
})

test('one client that holds streams open without end keeps nobody out: its own oldest makes room', async () => {
  const hoard = await Promise.all(Array.from({ length: STREAMS_MAX + 36 }, () => open()))
  const desk = await open({ 'user-agent': 'a browser' })
  await desk.until(hasSnapshot)
  expect(it.desk.listeners).toBeLessThanOrEqual(STREAMS_A_CLIENT_MAX + 1)
  await hoard[0]?.ended
  it.desk.put(incidentOf())
  await desk.until(() => kinds(desk).includes('incident'))
  expect(it.said).toContainEqual({ level: 'warn', text: 'a live client made room for another' })
})

test('a desk that said it is here keeps its stream, however many come under other names after it', async () => {
  expect((await post(`${it.url}/api/desk/present`, { desk: 'd-1', by: null, isAudible: true })).status).toBe(
    204,
  )
  const desk = await open({}, '?desk=d-1')
  const others = []
  for (let i = 0; i < 2 * STREAMS_MAX; i++)
    others.push(await open({ 'user-agent': `program ${i}` }, `?desk=x-${i}`))
  await others[0]?.ended
  expect(it.desk.listeners).toBeLessThanOrEqual(STREAMS_MAX)
  it.desk.put(incidentOf())
  await desk.until(() => kinds(desk).includes('incident'))
})

test('a client that made room and does not read is cut off', async () => {
  const { hostname, port } = new URL(it.url)
  const deaf = connect(Number(port), hostname)
  try {
    deaf.pause()
    deaf.write(`GET /api/live HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`)
    await vi.waitFor(() => expect(it.desk.listeners).toBe(1), PATIENCE)
    it.desk.put(incidentOf({ roomNote: 'x'.repeat(3_000_000) }))
    for (let i = 0; i < STREAMS_A_CLIENT_MAX; i++) await open()
    await vi.waitFor(() => expect(it.desk.listeners).toBe(STREAMS_A_CLIENT_MAX), PATIENCE)
  } finally {
    deaf.destroy()
  }
})

test('closing the console ends every stream', async () => {
  const console_ = await runConsole()
  const stream = await listen(`${console_.url}/api/live`)
  await console_.close()
  await stream.ended
  expect(console_.desk.listeners).toBe(0)
})

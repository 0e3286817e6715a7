// The walk test by words, against the real engine behind the real console: what is typed is taken or refused in words,
// and what comes out as files is read back by `walk evaluate`'s own reader.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { GatewayRefused, walkClient } from '../../../../gateway/commands/walk/client.ts'
import { exportWalk } from '../../../../gateway/commands/walk/export.ts'
import { readLayout, readWalk } from '../../../../gateway/commands/walk/files.ts'
import { recordWalk } from '../../../../gateway/commands/walk/record.ts'
import { type Console, startConsole } from '../../../../gateway/console/server.ts'
import { planOf } from '../../../../gateway/core/plan/plan.ts'
import { type Engine, startEngine } from '../../../../gateway/engine/engine.ts'
import { createLog } from '../../../../gateway/log.ts'
import { createMetrics } from '../../../../gateway/metrics.ts'
import type { Clock } from '../../../../gateway/ports.ts'
import { memoryJournal } from '../../../../gateway/store/memory.ts'
import { LiveEvent } from '../../../../schemas/api/desk.ts'
import { ADDRESS, sealedFrame, site } from '../../core/building.ts'

let engine: Engine
let served: Console
let nowMs: number
let counter: number
beforeEach(async () => {
  nowMs = 1_790_000_000_000
  counter = 1
  const clock: Clock = { nowMs: () => nowMs, after: () => () => undefined }
  const log = createLog({ level: 'silent', pretty: false })
  const effects = { place() {}, withdraw() {}, reply() {}, tell() {} }
  engine = await startEngine({
    plan: planOf(site()),
    journal: memoryJournal(),
    clock,
    effects,
    metrics: createMetrics(),
    log,
  })
  served = await startConsole({
    host: '127.0.0.1',
    port: 0,
    desk: engine.desk,
    renderMetrics: async () => '',
    uiDir: '/nowhere',
    log: { info() {}, warn() {}, error() {} },
  })
})
afterEach(async () => {
  await served.close()
  await engine.close()
})

/** Ten seconds go by, with a beacon in each. */
async function tenSeconds(levels: Record<string, number>): Promise<void> {
  for (let second = 0; second < 10; second++) {
    counter += 1
    for (const [receiver, rssiDbm] of Object.entries(levels)) {
      const data = sealedFrame({ counter })
      await engine.submit({
        kind: 'reports',
        receiver,
        wasRedelivered: false,
        reports: [{ address: ADDRESS, rssiDbm, data, ageMs: 0 }],
      })
    }
    nowMs += 1_000
    for (const receiver of ['r-hall', 'r-interview']) await online(receiver)
    await engine.submit({ kind: 'tick' })
  }
}
const online = (receiver: string) =>
  engine.submit({
    kind: 'receiver-status',
    receiver,
    status: { v: 1, status: 'online', uptimeMs: 0, heard: 0, published: 0, dropped: 0 },
  })

type Step = string | Record<string, number>
/** Types lines and lets time go by; answers what was said. */
async function type(steps: readonly Step[], pendant = 'p-07') {
  const said: string[] = []
  async function* lines() {
    for (const step of steps) {
      if (typeof step === 'string') yield step
      else await tenSeconds(step)
    }
  }
  const client = walkClient(new URL(served.url), 'Ada')
  const ended = await recordWalk({ client, pendant, lines: lines(), say: text => said.push(text) })
  return { ...ended, said, client }
}
const HALL = { 'r-hall': -50, 'r-interview': -75 }
const INTERVIEW = { 'r-hall': -78, 'r-interview': -52 }

beforeEach(async () => {
  for (const receiver of ['r-hall', 'r-interview']) await online(receiver)
})

describe('recording from the command line', () => {
  test('rooms are entered by number or id, and the walk is kept and reported on', async () => {
    const { isKept, complaints, said, client } = await type(['1', HALL, '-', 'INTERVIEW', INTERVIEW, 'done'])
    expect({ isKept, complaints }).toEqual({ isKept: true, complaints: 0 })
    expect(said).toContain('Between rooms')
    expect(said.find(text => text.startsWith('In 214'))).toMatch(/heard now by r-hall -50, r-interview -75/)
    expect(said).toContain('Kept as walk 1: 40 readings in 2 rooms')
    expect(said).toContain('1 of 1 pairs of rooms can be told apart')
    expect((await client.walks()).walks[0]).toMatchObject({ walk: 1, by: 'Ada', withdrawn: null })
  })

  test('a word that is no room is said, and the walk goes on', async () => {
    const { isKept, complaints, said } = await type(['attic', '214', INTERVIEW, 'done'])
    expect({ isKept, complaints }).toEqual({ isKept: true, complaints: 1 })
    expect(said).toContainEqual(
      expect.stringMatching(/^Not taken: expected a room’s number or id.*came attic$/),
    )
  })

  test('undo takes back the last tap while walking, and the whole walk after done', async () => {
    const { isKept, said, client } = await type(['1', HALL, '214', INTERVIEW, 'undo', 'done', 'undo'])
    expect(isKept).toBe(false)
    expect(said).toContain('The last tap is taken back')
    expect(said).toContain('Kept as walk 1: 40 readings in 1 rooms')
    expect(said).toContain('Walk 1 is taken back')
    expect((await client.walks()).walks[0]?.withdrawn?.by).toBe('Ada')
  })

  test('lines that end without done leave nothing behind', async () => {
    const { isKept, client } = await type(['1', HALL])
    expect(isKept).toBe(false)
    expect(await client.walks()).toMatchObject({ recordings: [], walks: [] })
  })

  test('a walk that cannot be finished yet goes on', async () => {
    const { isKept, said } = await type(['done', '1', HALL, 'done'])
    expect(isKept).toBe(true)
    expect(said).toContainEqual(expect.stringMatching(/^Not taken: expected at least one room/))
  })

  test('a pendant that is not there is refused at once', async () => {
    await expect(type(['done'], 'p-99')).rejects.toThrow(/expected a pendant of this site; came p-99/)
  })

  test('a gateway that does not answer is said', async () => {
    const client = walkClient(new URL('http://127.0.0.1:9/'), 'Ada')
    await expect(client.walks()).rejects.toThrow(GatewayRefused)
    await expect(client.walks()).rejects.toThrow(/expected a gateway at http:\/\/127\.0\.0\.1:9\//)
  })
})

describe('whoever watches', () => {
  test('is told of each tap at once, of a walk that goes on each second, and of what was stored, by the contract', async () => {
    const events: LiveEvent[] = []
    engine.desk.subscribe(event => events.push(LiveEvent.parse(event)))
    const walksTold = () => events.flatMap(event => (event.kind === 'walks' ? [event.walks] : []))
    await type(['1', HALL, 'done'])
    const rooms = walksTold().map(({ recordings }) => recordings[0]?.room)
    expect(rooms).toContain('hall')
    // A start, a tap, ten seconds, the end of it as a row and as an answer.
    expect(walksTold().length).toBeGreaterThanOrEqual(12)
    expect(walksTold().length).toBeLessThanOrEqual(16)
    expect(walksTold().at(-1)?.walks[0]).toMatchObject({ walk: 1, by: 'Ada' })
  })
})

describe('a walk as files', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tocsin-walk-'))
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  test('is read back as it was', async () => {
    const { client } = await type(['1', HALL, '?', INTERVIEW, '214', INTERVIEW, 'done'])
    const walk = await client.walk(1)
    await exportWalk(walk, await client.layout(), dir)
    const layout = readLayout(join(dir, 'layout.json'))
    expect(layout).toMatchObject({
      rooms: ['hall', 'interview'],
      doors: [
        ['hall', 'interview'],
        ['interview', 'hall'],
      ],
    })
    const { pendant: _, ...read } = readWalk(dir, layout)
    const { pendant: __, ...stored } = walk
    expect(read).toEqual(stored)
    expect(stored.stays.map(({ room }) => room)).toEqual(['hall', null, 'interview'])
  })

  test('that was taken back is refused', async () => {
    const { client } = await type(['1', HALL, 'done', 'undo'])
    await expect(client.walk(1)).rejects.toThrow(/the number of a walk test that stands; came 1/)
  })
})

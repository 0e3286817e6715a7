// Nobody is tracked until they ask for help: after an hour of three people walking about, heard all the while by receivers
// and by ESPresense nodes, neither the database nor the log holds a room or an address; a press of one shows that one's
// room and nobody else's, and a session the room that was booked for it and no other.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { planOf } from '../../gateway/core/plan/plan.ts'
import { type Engine, startEngine } from '../../gateway/engine/engine.ts'
import { createLog } from '../../gateway/log.ts'
import { createMetrics } from '../../gateway/metrics.ts'
import { openJournal } from '../../gateway/store/journal.ts'
import { KIND_CORD } from '../../schemas/frame.ts'
import { Site } from '../../schemas/site.ts'
import { type SteppedClock, steppedClock } from '../../simulator/clock.ts'
import { sealedFrame, site } from './core/building.ts'

const ROOMS = ['aster', 'briony', 'clover', 'dahlia', 'erica', 'fern']
const WALKERS = ['p-21', 'p-22', 'p-23'].map((id, i) => ({
  id,
  address: `c7:f9:36:dd:b1:0${i + 1}`,
  key: `231d39c1d7cc1ab1aee224cd096db93${i + 1}`,
  wearer: i === 0 ? 'jane' : 'omar',
  espresense: `known:c7f936ddb10${i + 1}`,
}))
const HOUR_S = 3_600
const BEACON_S = 2
const HEARTBEAT_S = 10
const ROOM_M = 6

const place = () =>
  Site.parse({
    ...site(),
    buildings: [
      {
        id: 'main',
        name: 'Northgate House',
        floors: [
          {
            id: 'ground',
            name: 'Ground floor',
            rooms: ROOMS.map((id, i) => ({ id, number: `Z${70 + i}`, adjacent: ROOMS.slice(i + 1, i + 2) })),
          },
        ],
      },
    ],
    receivers: ROOMS.flatMap((room, i) => {
      const hung = { room, password: `password-${i}`, at: [ROOM_M * i, 0, 2] }
      return [
        { ...hung, id: `r${i}` },
        { ...hung, id: `n${i}`, espresense: {} },
      ]
    }),
    pendants: WALKERS,
  })

let folder: string
let engine: Engine
let clock: SteppedClock
const lines: string[] = []
const counters = new Map<string, number>()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-privacy-'))
  clock = steppedClock(1_790_000_000_000)
  const log = createLog({
    level: 'trace',
    pretty: false,
    to: { write: (line: string) => void lines.push(line) },
  })
  const effects = {
    place: () => undefined,
    withdraw: () => undefined,
    reply: () => undefined,
    tell: () => undefined,
  }
  const journal = openJournal(join(folder, 'journal.sqlite'))
  engine = await startEngine({
    plan: planOf(place()),
    journal,
    clock,
    effects,
    metrics: createMetrics(),
    log,
  })
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Where a walker is: each goes up and down the row of rooms at a pace of their own. */
const positionOf = (walker: number, atS: number): number => {
  const length = ROOM_M * (ROOMS.length - 1)
  const way = (0.13 + 0.05 * walker) * atS + 10 * walker
  return length - Math.abs((way % (2 * length)) - length)
}

/** All receivers hear one beacon of a walker at metre `x`. */
async function beacon(walker: (typeof WALKERS)[number], x: number, kind?: number): Promise<void> {
  const counter = (counters.get(walker.id) ?? 0) + 1
  counters.set(walker.id, counter)
  const { address, key } = walker
  const data = sealedFrame({ counter, address, key, ...(kind === undefined ? {} : { kind, alarmNumber: 1 }) })
  for (let r = 0; r < ROOMS.length; r++) {
    const rssiDbm = Math.round(-50 - 20 * Math.log10(Math.max(1, Math.abs(x - ROOM_M * r))))
    await engine.submit({
      kind: 'reports',
      receiver: `r${r}`,
      wasRedelivered: false,
      reports: [{ address, rssiDbm, data, ageMs: 0 }],
    })
    await engine.submit({ kind: 'hint', receiver: `n${r}`, device: walker.espresense, heard: { rssiDbm } })
  }
}

async function heartbeats(): Promise<void> {
  for (let r = 0; r < ROOMS.length; r++) {
    const counts = { uptimeMs: 1, heard: 1, published: 1, dropped: 0 }
    await engine.submit({
      kind: 'receiver-status',
      receiver: `r${r}`,
      status: { v: 1, status: 'online', ...counts },
    })
    await engine.submit({ kind: 'receiver-status', receiver: `n${r}`, status: { status: 'online' } })
  }
}

/** All bytes of the database's files, and all rows of all its tables, and the log. */
function everythingKept(): string {
  const bytes = readdirSync(folder).map(file => readFileSync(join(folder, file)).toString('latin1'))
  const db = new Sqlite(join(folder, 'journal.sqlite'), { readonly: true })
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[]
  const rows = tables
    .flatMap(({ name }) => db.prepare(`SELECT * FROM "${name}"`).all())
    .map(row => JSON.stringify(row))
  db.close()
  return [...bytes, ...rows, ...lines].join('\n').toLowerCase()
}

/** A room by its id or its number. */
const roomsIn = (kept: string): string[] =>
  ROOMS.filter((id, i) => kept.includes(id) || kept.includes(`z${70 + i}`))

/** An address in any of the ways in which one is written: with colons, without, as bytes in either order. */
const addressesIn = (kept: string): string[] =>
  WALKERS.flatMap(({ address }) => {
    const bytes = Buffer.from(address.replaceAll(':', ''), 'hex')
    const forms = [
      address,
      address.replaceAll(':', ''),
      bytes.toString('latin1').toLowerCase(),
      Buffer.from(bytes).reverse().toString('latin1').toLowerCase(),
    ]
    return forms.some(form => kept.includes(form)) ? [address] : []
  })

it('an hour of walking leaves no room and no address behind, and a press only the room of who pressed', async () => {
  for (let atS = 0; atS < HOUR_S; atS += BEACON_S) {
    if (atS % HEARTBEAT_S === 0) await heartbeats()
    for (const [i, walker] of WALKERS.entries()) await beacon(walker, positionOf(i, atS))
    await clock.advance(BEACON_S * 1_000)
  }
  const idle = everythingKept()
  expect(idle).toContain('p-21')
  expect(roomsIn(idle)).toEqual([])
  expect(addressesIn(idle)).toEqual([])

  // Somebody books a room, and walks elsewhere.
  const [, , booking] = WALKERS
  const booked = { pendant: booking?.id ?? '', room: 'fern', forMs: HOUR_S * 1_000, note: 'a visit' }
  await engine.submit({ kind: 'sign-in', by: 'Ada', ...booked })
  for (let i = 0; i < 10; i++) {
    for (const walker of WALKERS) await beacon(walker, ROOM_M)
    await clock.advance(BEACON_S * 1_000)
  }
  expect(roomsIn(everythingKept())).toEqual(['fern'])
  expect(lines.join().toLowerCase()).not.toMatch(/fern|a visit/)

  // The first in the first room, the others at the far end: none of theirs can be a runner-up.
  for (let i = 0; i < 10; i++) {
    for (const [w, walker] of WALKERS.entries()) await beacon(walker, w === 0 ? 0.5 : ROOM_M * (3 + w) - 0.5)
    await clock.advance(BEACON_S * 1_000)
  }
  await beacon(WALKERS[0] as (typeof WALKERS)[number], 0.5, KIND_CORD)
  const pressed = everythingKept()
  expect(roomsIn(pressed)).toEqual(['aster', 'briony', 'fern'])
  expect(addressesIn(pressed)).toEqual([])
  expect(pressed).toContain('"room":"aster"')
})

// A changed site file that is taken up by a running engine: what counts from then on, and what goes on as it was.
import { afterEach, expect, it } from 'vitest'
import { planOf } from '../../../gateway/core/plan/plan.ts'
import { partsOf, siteWords } from '../../../gateway/core/plan/site-difference.ts'
import { type Engine, startEngine } from '../../../gateway/engine/engine.ts'
import { createLog } from '../../../gateway/log.ts'
import { createMetrics } from '../../../gateway/metrics.ts'
import type { PageOrder, ToldOrder } from '../../../gateway/ports.ts'
import { memoryJournal } from '../../../gateway/store/memory.ts'
import type { LiveEvent } from '../../../schemas/api/desk.ts'
import { KIND_CANCEL, KIND_CORD, KIND_IDLE } from '../../../schemas/frame.ts'
import type { Site } from '../../../schemas/site.ts'
import { steppedClock } from '../../../simulator/clock.ts'
import { ADDRESS, KEY, sealedFrame, site } from '../core/building.ts'
import { spoken } from '../core/spoken.ts'

const NEW = { id: 'p-09', address: 'c7:f9:36:dd:b0:cc', key: KEY.replace('23', '32'), wearer: 'omar' }

const engines: Engine[] = []
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close()
})

async function start(journal = memoryJournal()) {
  const placed: PageOrder[] = []
  const told: ToldOrder[] = []
  const effects = {
    place: (order: PageOrder) => placed.push(order),
    withdraw: () => {},
    tell: (orders: readonly ToldOrder[]) => told.push(...orders),
  }
  const clock = steppedClock(1_790_000_000_000)
  const engine = await startEngine({
    plan: planOf(site()),
    journal,
    clock,
    effects: effects as never,
    metrics: createMetrics(),
    log: createLog({ level: 'silent', pretty: false }),
  })
  engines.push(engine)
  const live: LiveEvent[] = []
  engine.desk.subscribe(event => live.push(event))
  return { engine, placed, told, live, journal, clock }
}

const press = (engine: Engine, address = ADDRESS, key = KEY, alarmNumber = 1) =>
  engine.submit({
    kind: 'reports',
    receiver: 'r-interview',
    wasRedelivered: false,
    reports: [
      {
        address,
        rssiDbm: -60,
        ageMs: 0,
        data: sealedFrame({ counter: 10 * alarmNumber, kind: KIND_CORD, alarmNumber, address, key }),
      },
    ],
  })

const changed = (change: (site: Site) => void): Site => {
  const next = site()
  change(next)
  return next
}
const takeUp = (engine: Engine, next: Site) =>
  engine.submit({ kind: 'site', plan: planOf(next), by: 'SIGHUP' })

it('a pendant that was added is heard, and its wearer named, without a restart', async () => {
  const { engine, placed } = await start()
  await press(engine, NEW.address, NEW.key)
  expect(placed).toEqual([])
  await takeUp(
    engine,
    changed(({ pendants }) => pendants.push(NEW)),
  )
  await press(engine, NEW.address, NEW.key)
  expect(engine.desk.snapshot().incidents).toMatchObject([{ pendant: 'p-09', wearer: 'Omar Haddad' }])
  expect(placed).toHaveLength(1)
})

it('an open incident and its call go on, though its pendant, its room and its policy are gone from the file', async () => {
  const { engine, placed, live } = await start()
  await press(engine)
  const before = engine.desk.snapshot().incidents[0]
  await takeUp(
    engine,
    changed(next => {
      next.pendants = next.pendants.slice(1)
      next.policies[0] = { ...(next.policies[0] as Site['policies'][number]), id: 'night' }
      next.policy = 'night'
    }),
  )
  const after = engine.desk.snapshot().incidents[0]
  expect(after).toMatchObject({ id: before?.id, state: 'raised', pages: before?.pages ?? [] })
  expect(live.at(-1)).toMatchObject({ kind: 'snapshot', snapshot: { siteChanged: { by: 'SIGHUP' } } })
  const page = placed[0]?.page ?? ''
  await engine.submit({
    kind: 'page',
    page,
    atMs: 1_790_000_000_000,
    progress: { step: 'ended', outcome: 'busy', detail: '' },
  })
  expect(engine.desk.snapshot().incidents[0]?.nextPageAtMs).not.toBeNull()
})

it('nothing is said any more of a receiver that is gone', async () => {
  const { engine } = await start()
  const offline = { v: 1, status: 'offline' } as const
  await engine.submit({ kind: 'receiver-status', receiver: 'r-hall', status: offline })
  const keys = () => engine.desk.snapshot().technical.map(({ key }) => key)
  expect(keys()).toContain('receiver:r-hall')
  await takeUp(
    engine,
    changed(next => next.receivers.shift()),
  )
  expect(keys()).not.toContain('receiver:r-hall')
  expect(engine.desk.snapshot().receivers.map(({ id }) => id)).toEqual(['r-interview'])
})

it('nor of any of a hundred that are gone at once', async () => {
  const { engine } = await start()
  const ids = Array.from({ length: 100 }, (_, i) => `r-${i}`)
  const receiver = (id: string): Site['receivers'][number] => ({
    ...(site().receivers[0] as Site['receivers'][number]),
    id,
    password: `password-${id}`,
  })
  await takeUp(
    engine,
    changed(next => next.receivers.push(...ids.map(receiver))),
  )
  for (const id of ids)
    await engine.submit({ kind: 'receiver-status', receiver: id, status: { v: 1, status: 'offline' } })
  expect(engine.desk.snapshot().technical.length).toBeGreaterThanOrEqual(ids.length)
  await takeUp(engine, site())
  expect(engine.desk.snapshot().technical.filter(({ key }) => key.startsWith('receiver:'))).toEqual([])
})

it('a receiver that is gone says its last word to nobody', async () => {
  const { engine } = await start()
  await takeUp(
    engine,
    changed(next => next.receivers.shift()),
  )
  // Its connection is ended after the change, and its last will comes then.
  const offline = { v: 1, status: 'offline' } as const
  await engine.submit({ kind: 'receiver-status', receiver: 'r-hall', status: offline })
  expect(engine.desk.snapshot().technical.map(({ key }) => key)).not.toContain('receiver:r-hall')
})

it('an open alarm goes on under its name and room, though a changed file has neither, until it is over', async () => {
  const { engine, placed } = await start()
  await press(engine)
  const next = changed(of => {
    of.people = of.people.filter(({ id }) => id !== 'jane')
    of.pendants = of.pendants.filter(({ wearer }) => wearer !== 'jane')
    of.receivers = of.receivers.filter(({ room }) => room !== 'interview')
    for (const { floors } of of.buildings)
      for (const floor of floors) floor.rooms = floor.rooms.filter(({ id }) => id !== 'interview')
  })
  for (let i = 0; i < 2; i++) await takeUp(engine, next)
  expect(engine.desk.snapshot().incidents[0]).toMatchObject({ wearer: 'Jane Smith', roomNumber: '214' })
  const { page = '' } = placed[0] ?? {}
  await engine.submit({
    kind: 'page',
    page,
    atMs: 1_790_000_000_000,
    progress: { step: 'ended', outcome: 'busy', detail: '' },
  })
  await engine.submit({ kind: 'desk', desk: 'd', by: null, isAudible: true, isLeaving: false })
  const said = engine.desk.snapshot().incidents[0]?.pages.map(({ said }) => said)
  for (const each of said ?? []) expect(each).toMatch(/Jane Smith\. Northgate House, room 214/)
})

it('what whoever has the pendant now does says nothing of the alarm of the one before', async () => {
  const { engine } = await start()
  await press(engine)
  const before = engine.desk.snapshot().incidents[0]
  await takeUp(
    engine,
    changed(next => {
      next.pendants[0] = { ...(next.pendants[0] as Site['pendants'][number]), wearer: 'omar' }
    }),
  )
  const hear = (counter: number, kind: number) =>
    engine.submit({
      kind: 'reports',
      receiver: 'r-hall',
      wasRedelivered: false,
      reports: [
        { address: ADDRESS, rssiDbm: -40, ageMs: 0, data: sealedFrame({ counter, kind, alarmNumber: 1 }) },
      ],
    })
  for (let i = 0; i < 30; i++) await hear(20 + i, KIND_IDLE)
  await hear(60, KIND_CANCEL)
  await hear(61, KIND_IDLE)
  const after = engine.desk.snapshot().incidents[0]
  expect(after).toEqual({ ...before, wearerTold: 'nothing' })
})

it('a session is not said to be heard by the pendant that somebody else has now', async () => {
  const { engine } = await start()
  await engine.submit({
    kind: 'sign-in',
    by: 'Jane',
    pendant: 'p-07',
    room: 'hall',
    forMs: 3_600_000,
    note: null,
  })
  await press(engine)
  expect(engine.desk.snapshot().sessions).toMatchObject([{ pendantState: 'heard' }])
  await takeUp(
    engine,
    changed(next => {
      next.pendants[0] = { ...(next.pendants[0] as Site['pendants'][number]), wearer: 'omar' }
    }),
  )
  expect(engine.desk.snapshot().sessions).toMatchObject([
    {
      wearer: 'Jane Smith',
      pendantState: 'given-away',
      pendantWarning: expect.stringContaining('Somebody else has this pendant now'),
    },
  ])
})

it('that a later alarm is over is not taken off the air by what is told of one before', async () => {
  const { engine, told } = await start()
  await press(engine)
  await engine.submit({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
  await takeUp(
    engine,
    changed(next => {
      next.pendants[0] = { ...(next.pendants[0] as Site['pendants'][number]), wearer: 'omar' }
    }),
  )
  await press(engine, ADDRESS, KEY, 2)
  await engine.submit({
    kind: 'resolve',
    incident: 'i-0002',
    by: 'Ann',
    outcome: 'false-alarm',
    reason: 'slipped',
  })
  const before = told.length
  await engine.submit({ kind: 'attend', incident: 'i-0001', by: 'Ann' })
  expect(told.slice(before)).toEqual([])
})

it('an alarm of whoever has the pendant now is called though one of before is held, and what is told there is about theirs', async () => {
  const { engine, placed, told } = await start()
  await press(engine)
  await engine.submit({ kind: 'acknowledge', incident: 'i-0001', by: 'Ann' })
  await takeUp(
    engine,
    changed(next => {
      next.pendants[0] = { ...(next.pendants[0] as Site['pendants'][number]), wearer: 'omar' }
    }),
  )
  await press(engine, ADDRESS, KEY, 2)
  expect(placed.map(({ incident }) => incident)).toEqual(['i-0001', 'i-0002'])
  const before = told.length
  await engine.submit({ kind: 'attend', incident: 'i-0001', by: 'Ann' })
  expect(told.slice(before), 'who wore it before wears it no more').toEqual([])
  await engine.submit({ kind: 'attend', incident: 'i-0002', by: 'Ann' })
  expect(told.slice(before)).toMatchObject([{ pendant: 'p-07' }])
  expect(engine.desk.snapshot().incidents).toMatchObject([
    { id: 'i-0001', wearer: 'Jane Smith', presses: 1, wearerTold: 'nothing' },
    { id: 'i-0002', wearer: 'Omar Haddad', presses: 1, wearerTold: 'coming' },
  ])
})

it('whoever has the pendant now is not said to be where the one before is signed in, nor with their note', async () => {
  const { engine, placed } = await start()
  const minutes = 60_000
  await engine.submit({
    kind: 'sign-in',
    by: 'Jane Smith',
    pendant: 'p-07',
    room: 'hall',
    forMs: 60 * minutes,
    note: 'second meeting',
  })
  await takeUp(
    engine,
    changed(next => {
      next.pendants[0] = { ...(next.pendants[0] as Site['pendants'][number]), wearer: 'omar' }
    }),
  )
  await press(engine)
  const [incident] = engine.desk.snapshot().incidents
  expect(incident).toMatchObject({ wearer: 'Omar Haddad', sessionNote: null, bookedRoom: null })
  expect(spoken(placed[0]).join(' ')).toContain('Omar Haddad')
  expect(spoken(placed[0]).join(' ')).not.toContain('second meeting')
})

it('a fault whose words change is there since it was first', async () => {
  const { engine, clock } = await start()
  await engine.submit({ kind: 'fault', key: 'sip', text: 'the exchange cannot be reached: refused' })
  const { sinceMs } = engine.desk.snapshot().technical.find(({ key }) => key === 'sip') ?? {}
  clock.advance(30_000)
  await engine.submit({ kind: 'fault', key: 'sip', text: 'the exchange cannot be reached: closed' })
  expect(engine.desk.snapshot().technical).toContainEqual({
    key: 'sip',
    text: 'the exchange cannot be reached: closed',
    sinceMs,
  })
})

it('what was changed, and who asked for it, is in the journal and said after a restart; keys and passwords are not', async () => {
  const { engine, journal } = await start()
  await takeUp(
    engine,
    changed(next => {
      next.pendants.push(NEW)
      next.receivers[0] = { ...(next.receivers[0] as Site['receivers'][number]), password: 'a-new-password' }
    }),
  )
  const again = await start(journal)
  expect(again.engine.desk.snapshot().siteChanged).toMatchObject({
    by: 'SIGHUP',
    text: 'receivers: r-hall changed; pendants: p-09 added',
  })
  expect(JSON.stringify(journal.entries)).not.toMatch(new RegExp(`${NEW.key}|a-new-password`))
})

it('two plans that are alike differ in nothing, and one that is another altogether is told by its parts', () => {
  expect(partsOf(planOf(site()), planOf(site()))).toEqual([])
  expect(siteWords([])).toBe('nothing differs')
  const other = changed(next => {
    next.site = 'Elsewhere'
    next.people = [{ id: 'ann', name: 'Ann Lee' }]
    next.sip = { ...next.sip, port: 5062 }
  })
  expect(siteWords(partsOf(planOf(site()), planOf(other)))).toBe(
    'people: ann added, jane, omar removed; settings: site, sip changed',
  )
})

// Whatever happens to a gateway, as moves that a property draws: presses, frames, keys, answers, clocks set, disks and
// journals that fail or hang, restarts. Each receiver resends what had no PUBACK, as receivers do. What must always hold is
// checked after every move, and what must hold in the end, once all is well again.
import { expect } from 'vitest'
import type { Effects, Engine } from '../../gateway/engine/engine.ts'
import { startEngine } from '../../gateway/engine/engine.ts'
import { createLog } from '../../gateway/log.ts'
import { createMetrics, type Metrics } from '../../gateway/metrics.ts'
import type { EngineEvent, Journal, ReportsEvent } from '../../gateway/ports.ts'
import type { IncidentView } from '../../schemas/api/desk.ts'
import { TOLD_COMING, TOLD_STORED } from '../../schemas/frame.ts'
import { steppedClock } from '../../simulator/clock.ts'
import { openBeacon } from './core/beacons.ts'
import { ADDRESS, plan, sealedFrame } from './core/building.ts'
import { heldJournal, T0 } from './engine/engine-bench.ts'

/** The longest that the policy of the small building waits before a next page. */
const LONGEST_WAIT_MS = 30_000
const log = createLog({ level: 'silent', pretty: false })
const thePlan = plan()
const none = () => {}
/** Counts nothing: a registry for each of thousands of gateways would be most of the work. */
const metrics = Object.fromEntries(
  Object.keys(createMetrics()).map(name => [name, none]),
) as unknown as Metrics

/** One gateway after another over one journal, and the receivers around them. */
export async function holdTogether() {
  const journal = heldJournal()
  /** True time: what receivers' ages are by, whatever the machine's clock says. */
  let trueMs = 0
  let counter = 10
  const pressed = new Set<number>()
  const acknowledged = new Set<number>()
  /** Reports without a PUBACK, in their order. */
  let outbox: { event: ReportsEvent; atMs: number; alarm: number | null }[] = []
  let process = await start(T0)

  async function start(atMs: number) {
    const clock = steppedClock(atMs)
    let isDead = false
    let offMs = 0
    const pages: string[] = []
    const own: Journal = {
      ...journal,
      load: journal.load,
      close: async () => {},
      commit: batch =>
        isDead
          ? new Promise(() => {})
          : journal.commit(batch).then(seq => (isDead ? new Promise(() => {}) : seq)),
    }
    let engine: Engine | null = null
    const incidentOf = (page: string): IncidentView | undefined =>
      engine?.desk.snapshot().incidents.find(({ id }) => id === page.slice(0, page.lastIndexOf('-p')))
    const effects: Effects = {
      place: order => pages.push(order.page),
      withdraw: none,
      reply: ({ page, is }) => {
        if (is === 'thank' || is === 'coming')
          expect(incidentOf(page)?.acknowledged, `${is} in ${page} without an acknowledgement`).not.toBeNull()
      },
      tell: orders => {
        for (const { data } of orders) checkTold(openBeacon(data))
      },
    }
    const checkTold = ({ told, alarmNumber }: { told: number; alarmNumber: number }): void => {
      if (told === TOLD_STORED)
        expect(isStored(alarmNumber), `stored, though ${alarmNumber} is not`).toBe(true)
      if (told === TOLD_COMING && engine !== null)
        expect(engine.desk.snapshot().incidents.some(({ attended }) => attended !== null)).toBe(true)
    }
    const wallMs = () => clock.nowMs() + offMs
    engine = await within(
      clock,
      startEngine({ plan: thePlan, journal: own, clock: { ...clock, wallMs }, effects, metrics, log }),
    )
    return {
      clock,
      engine,
      pages,
      setClock: (ms: number) => {
        offMs = ms
      },
      kill: () => {
        isDead = true
      },
    }
  }

  const isStored = (alarm: number): boolean =>
    journal.entries.some(
      ({ change }) =>
        (change.is === 'raised' || change.is === 'pressed-again') && change.alarmNumber === alarm,
    )

  const submit = (event: EngineEvent): Promise<boolean> =>
    within(
      process.clock,
      process.engine.submit(event).then(
        () => true,
        () => false,
      ),
    )

  /** Sends what had no PUBACK, oldest first, until one has none again. */
  async function send(): Promise<void> {
    while (outbox[0] !== undefined) {
      const [{ event, atMs, alarm }] = outbox as [(typeof outbox)[number]]
      const reports = event.reports.map(report => ({ ...report, ageMs: trueMs - atMs }))
      if (!(await submit({ ...event, reports }))) return
      if (alarm !== null) {
        acknowledged.add(alarm)
        expect(isStored(alarm), `a PUBACK for alarm ${alarm}, which is in no row`).toBe(true)
      }
      outbox = outbox.slice(1)
    }
  }

  const hear = async (kind: number, alarm: number | null, receiver: string): Promise<void> => {
    counter += 1
    const data = sealedFrame({ counter, kind, alarmNumber: alarm ?? Math.max(0, ...pressed) })
    const reports = [{ address: ADDRESS, rssiDbm: -60, data, ageMs: 0 }]
    outbox.push({ event: { kind: 'reports', receiver, reports, wasRedelivered: false }, atMs: trueMs, alarm })
    await send()
  }

  const tick = async (ms: number): Promise<void> => {
    for (let leftMs = ms; leftMs > 0; leftMs -= 250) {
      const stepMs = Math.min(250, leftMs)
      trueMs += stepMs
      process.clock.advance(stepMs)
      await submit({ kind: 'tick' })
    }
  }

  const incidents = () => process.engine.desk.snapshot().incidents

  /** Every raised incident has a live call, or its next page within the time its policy allows. */
  function checkNext(): void {
    const { nowMs, incidents: all } = process.engine.desk.snapshot()
    for (const { id, state, pages, nextPageAtMs } of all) {
      if (state !== 'raised') continue
      const isCalled = pages.some(({ endedAtMs }) => endedAtMs === undefined)
      const isDue = nextPageAtMs !== null && nextPageAtMs - nowMs <= LONGEST_WAIT_MS
      expect(isCalled || isDue, `${id} is raised, and nobody is called or will be`).toBe(true)
    }
  }

  return {
    incidents,
    submit,
    tick,
    checkNext,
    hear,
    journal,
    press: (kind: number, receiver: string) => {
      const alarm = pressed.size + 1
      pressed.add(alarm)
      return hear(kind, alarm, receiver)
    },
    page: async (
      nth: number,
      progress: Extract<EngineEvent, { kind: 'page' }>['progress'],
    ): Promise<void> => {
      const page = process.pages[process.pages.length - 1 - (nth % Math.max(1, process.pages.length))]
      if (page !== undefined) await submit({ kind: 'page', page, atMs: process.clock.nowMs(), progress })
    },
    setClock: (offMs: number) => process.setClock(offMs),
    send,
    async restart(clockMs: number): Promise<void> {
      process.kill()
      const open = openIn(journal.entries)
      journal.letGo()
      process = await start(process.clock.nowMs() + clockMs)
      const shown = incidents()
      for (const id of open) {
        const incident = shown.find(each => each.id === id)
        expect(incident?.state, `${id} is open in the journal`).not.toBe('resolved')
        expect(incident, `${id} is open in the journal`).toBeDefined()
      }
      checkNext()
      await send()
    },
    /** All is well again: every press is an incident's, also after one more start. */
    async end(): Promise<void> {
      journal.failWith(null)
      journal.letGo()
      await tick(1_000)
      await send()
      expect(outbox, 'all that was sent has its PUBACK').toEqual([])
      for (const alarm of pressed) expect(isStored(alarm), `alarm ${alarm} is lost`).toBe(true)
      checkNext()
      process.kill()
      await process.engine.close()
    },
  }
}

export type Held = Awaited<ReturnType<typeof holdTogether>>

function openIn(entries: Held['journal']['entries']): Set<string> {
  const open = new Set<string>()
  for (const { change } of entries) {
    if (change.is === 'raised' || change.is === 'raised-by') open.add(change.incident)
    if (change.is === 'resolved') open.delete(change.incident)
  }
  return open
}

async function within<Answer>(
  clock: ReturnType<typeof steppedClock>,
  asked: Promise<Answer>,
): Promise<Answer> {
  let isOver = false
  const over = () => {
    isOver = true
  }
  asked.then(over, over)
  for (let turn = 0; !isOver; turn++) {
    await new Promise<void>(resolve => setImmediate(resolve))
    if (turn > 1 && !isOver) clock.advance(250)
  }
  return asked
}

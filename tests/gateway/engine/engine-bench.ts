// An engine without its rim: a clock that the test moves and a machine's clock that it can set, a journal that can refuse or
// hang, and every effect noted. Restarting keeps the journal, as a restart does.
import type { Plan } from '../../../gateway/core/plan/plan.ts'
import { planOf } from '../../../gateway/core/plan/plan.ts'
import { type Effects, type Engine, startEngine } from '../../../gateway/engine/engine.ts'
import { createLog, type Log } from '../../../gateway/log.ts'
import { createMetrics } from '../../../gateway/metrics.ts'
import type { EngineEvent, Journal, JournalBatch, PageOrder, ReportsEvent } from '../../../gateway/ports.ts'
import { type MemoryJournal, memoryJournal } from '../../../gateway/store/memory.ts'
import type { LiveEvent } from '../../../schemas/api/desk.ts'
import { KIND_CORD } from '../../../schemas/frame.ts'
import { type SteppedClock, steppedClock } from '../../../simulator/clock.ts'
import { ADDRESS, type FrameOf, sealedFrame, site } from '../core/building.ts'

export const T0 = 1_790_000_000_000
export const HOUR_MS = 3_600_000
export const YEAR_MS = 365 * 24 * HOUR_MS

/** A journal in memory whose commits can be held back: they stand still, as on a disk that does not answer, until let go. */
export type HeldJournal = MemoryJournal & { hold(): void; letGo(): void }

export function heldJournal(): HeldJournal {
  const journal = memoryJournal()
  let held: Promise<void> | null = null
  let open = () => {}
  const commit = async (batch: JournalBatch): Promise<number> => {
    await held
    return journal.commit(batch)
  }
  return Object.assign(Object.create(journal) as MemoryJournal, {
    commit,
    hold: () => {
      held ??= new Promise(resolve => {
        open = resolve
      })
    },
    letGo: () => {
      held = null
      open()
    },
  })
}

export type EngineBench = {
  engine: Engine
  clock: SteppedClock
  journal: Journal
  metrics: ReturnType<typeof createMetrics>
  live: LiveEvent[]
  placed: PageOrder[]
  withdrawn: string[]
  /** What is answered in a call, as "thank i-0001-p1". */
  replied: string[]
  told: string[]
  /** Sets the machine's clock so much off from the gateway's own time. */
  setClock(offMs: number): void
  submit(event: EngineEvent): Promise<unknown>
  /** Moves the clock on tick by tick; each tick is carried out before the next. */
  wait(ms: number): Promise<void>
  /** What comes of it, while the clock moves on as far as that takes. */
  within<Answer>(asked: Promise<Answer>): Promise<Answer>
  /** Every call that rings now is busy. */
  busy(): Promise<void>
  keys(): string[]
}

async function settled<Answer>(clock: SteppedClock, asked: Promise<Answer>): Promise<Answer> {
  let isOver = false
  const over = () => {
    isOver = true
  }
  asked.then(over, over)
  for (let turn = 0; !isOver; turn++) {
    await new Promise<void>(resolve => setImmediate(resolve))
    // What takes no time has happened by now.
    if (turn > 2 && !isOver) clock.advance(50)
  }
  return asked
}

type Start = { journal?: Journal; atMs?: number; plan?: Plan; log?: Log }

export async function startBench({
  journal = memoryJournal(),
  atMs = T0,
  plan = planOf(site()),
  log = createLog({ level: 'silent', pretty: false }),
}: Start = {}): Promise<EngineBench> {
  const clock = steppedClock(atMs)
  let offMs = 0
  const placed: PageOrder[] = []
  const withdrawn: string[] = []
  const replied: string[] = []
  const told: string[] = []
  const effects: Effects = {
    place: order => placed.push(order),
    withdraw: page => withdrawn.push(page),
    reply: ({ page, is }) => replied.push(`${is} ${page}`),
    tell: orders => told.push(...orders.map(({ data }) => data)),
  }
  const metrics = createMetrics()
  const wallMs = () => clock.nowMs() + offMs
  const engine = await startEngine({ plan, journal, clock: { ...clock, wallMs }, effects, metrics, log })
  const live: LiveEvent[] = []
  engine.desk.subscribe(event => live.push(event))
  const ended = new Set<string>()
  /** As a pager does, which goes on whatever becomes of it. */
  const tell = (event: EngineEvent) => engine.submit(event).catch(() => undefined)
  const bench: EngineBench = {
    engine,
    clock,
    journal,
    metrics,
    live,
    placed,
    withdrawn,
    replied,
    told,
    setClock: nextMs => {
      offMs = nextMs
    },
    submit: engine.submit,
    async wait(ms) {
      const untilMs = clock.nowMs() + ms
      while (clock.nowMs() < untilMs) {
        clock.advance(Math.min(250, untilMs - clock.nowMs()))
        await settled(
          clock,
          engine.submit({ kind: 'tick' }).catch(() => undefined),
        )
      }
    },
    within: asked => settled(clock, asked),
    async busy() {
      for (const { page } of placed.filter(order => !ended.has(order.page))) {
        ended.add(page)
        const about = { kind: 'page', page, atMs: clock.nowMs() } as const
        await tell({ ...about, progress: { step: 'sent' } })
        await tell({ ...about, progress: { step: 'ended', outcome: 'busy', detail: '486' } })
      }
    },
    keys: () => engine.desk.health().technical.map(({ key }) => key),
  }
  return bench
}

export const report = (of: FrameOf, receiver = 'r-interview'): ReportsEvent => ({
  kind: 'reports',
  receiver,
  wasRedelivered: false,
  reports: [{ address: ADDRESS, rssiDbm: -60, data: sealedFrame(of), ageMs: 0 }],
})
export const cord = (counter = 10, alarmNumber = 1): ReportsEvent =>
  report({ counter, kind: KIND_CORD, alarmNumber })

// The engine's loop without its rim, for core tests: decide and apply, on a clock that the test moves.
import { apply, keepCounter, rebuild } from '../../../gateway/core/applying/apply.ts'
import { observe } from '../../../gateway/core/applying/observe.ts'
import { decide } from '../../../gateway/core/decide.ts'
import type { CoreEvent, Decision } from '../../../gateway/core/deciding/decision/decision.ts'
import type { Incident } from '../../../gateway/core/incident/incident.ts'
import type { Plan } from '../../../gateway/core/plan/plan.ts'
import { newState, type State } from '../../../gateway/core/state/state.ts'
import type { JournalEntry } from '../../../gateway/ports.ts'
import { ADDRESS, type FrameOf, plan, sealedFrame } from './building.ts'

export const T0 = 1_790_000_000_000

export function createBench(
  start: { entries?: JournalEntry[]; counters?: Map<string, number>; atMs?: number; plan?: Plan } = {},
) {
  const bench = {
    nowMs: start.atMs ?? T0,
    state: newState(start.plan ?? plan(), start.atMs ?? T0) as State,
    entries: [...(start.entries ?? [])],
    counters: new Map(start.counters ?? []),
    /** Decides and applies, as the engine does around its commit. */
    hear(event: CoreEvent): Decision {
      const decision = decide(bench.state, event, bench.nowMs)
      for (const seen of decision.observations) observe(bench.state, seen)
      for (const change of decision.changes) {
        const entry = { seq: bench.state.seq + 1, atMs: bench.nowMs, actor: decision.by, change }
        apply(bench.state, entry)
        bench.entries.push(entry)
      }
      for (const [pendant, counter] of decision.counters) {
        keepCounter(bench.state, pendant, counter)
        bench.counters.set(pendant, counter)
      }
      return decision
    },
    report(
      of: FrameOf,
      by: {
        receiver?: string
        rssiDbm?: number | null
        ageMs?: number | null
        wasRedelivered?: boolean
      } = {},
    ) {
      return bench.data(sealedFrame(of), { ...by, address: of.address ?? ADDRESS })
    },
    data(
      data: string,
      by: {
        address?: string
        receiver?: string
        rssiDbm?: number | null
        ageMs?: number | null
        wasRedelivered?: boolean
      } = {},
    ) {
      const {
        address = ADDRESS,
        receiver = 'r-interview',
        rssiDbm = -60,
        ageMs = 0,
        wasRedelivered = false,
      } = by
      return bench.hear({
        kind: 'report',
        receiver,
        wasRedelivered,
        report: { address, rssiDbm, data, ageMs },
      })
    },
    page(page: string, progress: Extract<CoreEvent, { kind: 'page' }>['progress']) {
      return bench.hear({ kind: 'page', page, atMs: bench.nowMs, progress })
    },
    wait(ms: number): Decision {
      bench.nowMs += ms
      return bench.hear({ kind: 'tick' })
    },
    /** The state after a crash: nothing but the journal. */
    restart() {
      const { entries, counters, nowMs, state } = bench
      return createBench({ entries, counters, atMs: nowMs, plan: state.plan })
    },
    incidents: (): Incident[] => [...bench.state.incidents.values()],
    /** The only incident there is. */
    incident(): Incident {
      const [only, ...others] = bench.incidents()
      if (only === undefined || others.length > 0)
        throw new Error(`expected one incident, came ${bench.incidents().length}`)
      return only
    },
  }
  rebuild(bench.state, start.entries ?? [], start.counters ?? new Map())
  return bench
}

export type Bench = ReturnType<typeof createBench>

/** Each receiver of the site says that it is there, and has heard more than the last time. */
export function heardByAll(bench: Bench, but: readonly string[] = []): void {
  for (const { id: receiver } of bench.state.plan.receivers.values()) {
    if (but.includes(receiver)) continue
    // A first count proves nothing, so there are two.
    for (const more of [1, 2]) {
      const heard = (bench.state.ears.get(receiver)?.count ?? 0) + more
      const counts = { uptimeMs: 1, heard, published: heard, dropped: 0 }
      bench.hear({ kind: 'receiver-status', receiver, status: { v: 1, status: 'online', ...counts } })
    }
  }
}

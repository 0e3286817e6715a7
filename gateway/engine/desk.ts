// The engine's window: snapshots and live events for whoever looks, with a bounded past for those who lost the line.
import type { LiveEvent, Mended, TechnicalAlarm } from '../../schemas/api/desk.ts'
import { moved } from '../core/plan/instants.ts'
import { mendedWords, withMended } from '../core/plan/mended.ts'
import { STEP_MS } from '../core/state/clock.ts'
import type { State } from '../core/state/state.ts'
import { liveEvents, receiversView, snapshotView } from '../core/view/desk-view.ts'
import { armedView, healthView, technicalView } from '../core/view/health-view.ts'
import { outHealth, outPendant, outReceivers, type Telling } from '../core/view/out-view.ts'
import { sessionsView } from '../core/view/session-view.ts'
import { layoutView, recordingReport, storedReport, storedWalk, walksView } from '../core/view/walk-view.ts'
import type { Clock, Desk, JournalEntry, Submit } from '../ports.ts'

/** Live events kept for replay: at one a second, more than half an hour of lost line. */
const PAST_MAX = 2_000

const WALKS_EACH_MS = 1_000

export type LiveDesk = {
  /** Tells every listener what these rows changed. */
  publish(entries: readonly JournalEntry[], hasReceiverNews: boolean): void
  /** While walk tests are recorded, how they go: at once after a tap, else each second. */
  publishWalks(wasTapped: boolean): void
  /** The machine's clock stands off by so much from the gateway's own time: what is shown is by the machine's. */
  followClock(offsetMs: number): void
  /** How many there are now. */
  technicalAlarms(): number
  /** A fault that cannot itself be written down: the journal's. */
  setFault(fault: { key: string; text: string } | null): void
  port(submit: Submit): Desk
  /** What other systems are told. */
  readonly out: ReturnType<typeof outDesk>
}

export function createDesk(state: State, clock: Clock, wayIn?: () => string): LiveDesk {
  // Rows before this process began are in no live event.
  const past = createPast(state.seq)
  const listeners = new Set<(event: LiveEvent) => void>()
  const unwritten = createUnwritten(state, clock)
  const hasOtherReceivers = receiversSeen(state)
  let { armed, duty } = state
  let isDiskProven = false
  let walksToldAtMs = 0
  let offsetMs = 0

  const way = () => (wayIn === undefined ? {} : { wayIn: wayIn() })
  const now = () => ({ technical: unwritten.technical(), mended: unwritten.mended(), ...way() })
  const withFault = (event: LiveEvent): LiveEvent => {
    if (event.kind === 'technical') return { ...event, technical: unwritten.technical() }
    if (event.kind !== 'snapshot') return event
    return { ...event, snapshot: { ...event.snapshot, ...now() } }
  }
  const current = (): LiveEvent[] => [
    { kind: 'technical', seq: state.seq, technical: unwritten.technical() },
    ...unwritten.isOver(),
    { kind: 'receivers', seq: state.seq, receivers: receiversView(state) },
  ]
  const shown = <View>(view: View): View => moved(view, offsetMs)
  const tell = (event: LiveEvent): void => {
    for (const listener of listeners) listener(shown(event))
  }
  const provenNow = () => (isDiskProven ? new Set([...state.proven, 'journal']) : state.proven)
  const snapshot = () => ({ ...snapshotView(state, clock.nowMs()), ...now() })

  return {
    publish(entries, hasReceiverNews) {
      for (const event of liveEvents(state, entries, clock.nowMs()).map(withFault)) {
        past.keep(event)
        tell(event)
      }
      if (armed !== state.armed) {
        armed = state.armed
        tell({ kind: 'armed', seq: state.seq, armed: armedView(state.plan, armed) })
      }
      if (duty !== state.duty) {
        duty = state.duty
        tell({ kind: 'sessions', seq: state.seq, sessions: sessionsView(state, clock.nowMs()) })
      }
      if (hasReceiverNews && listeners.size > 0 && hasOtherReceivers())
        tell({ kind: 'receivers', seq: state.seq, receivers: receiversView(state) })
    },
    publishWalks(wasTapped) {
      const nowMs = clock.nowMs()
      const isDue = state.recordings.size > 0 && nowMs - walksToldAtMs >= WALKS_EACH_MS
      if (listeners.size === 0 || !(wasTapped || isDue)) return
      walksToldAtMs = nowMs
      tell({ kind: 'walks', seq: state.seq, walks: walksView(state, nowMs) })
    },
    followClock(nextMs) {
      if (Math.abs(nextMs - offsetMs) < STEP_MS) return
      offsetMs = nextMs
      tell({ kind: 'snapshot', seq: state.seq, snapshot: snapshot() })
    },
    technicalAlarms: () => state.technical.size + (unwritten.fault() === null ? 0 : 1),
    setFault(next) {
      isDiskProven = true
      for (const event of unwritten.set(next)) tell(event)
    },
    port: submit => ({
      submit,
      present: said => submit({ kind: 'desk', ...said }).then(() => undefined),
      snapshot: () => shown(snapshot()),
      since: seq => {
        const missed = seq > state.seq ? null : past.since(seq)
        return missed === null ? null : shown([...missed, ...current()])
      },
      subscribe(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      walks: {
        view: () => shown(walksView(state, clock.nowMs())),
        layout: () => layoutView(state.plan),
        walk: walk => storedWalk(state, walk),
        report: walk => storedReport(state, walk),
        recordingReport: pendant => recordingReport(state, pendant, clock.nowMs()),
      },
      health: () => ({ ...healthView(state, shown(unwritten.technical()), provenNow()), ...way() }),
    }),
    out: outDesk(state, clock, { shown, fault: unwritten.fault, proven: provenNow }),
  }
}

type Around = {
  shown<View>(view: View): View
  fault(): TechnicalAlarm | null
  proven(): ReadonlySet<string>
}

const outDesk = (state: State, clock: Clock, { shown, fault, proven }: Around) => ({
  health: (telling: Pick<Telling, 'names'>) =>
    shown(outHealth(state, fault(), proven(), telling, clock.nowMs())),
  receivers: () => shown(outReceivers(state)),
  pendants: (ids: readonly string[], telling: Telling) =>
    shown(ids.flatMap(id => outPendant(state, id, telling, clock.nowMs()) ?? [])),
})

/** A fault that cannot itself be written down, and that it is over: of neither there is a row. */
function createUnwritten(state: State, clock: Clock) {
  let fault: TechnicalAlarm | null = null
  let over: Mended | null = null
  const technical = (): TechnicalAlarm[] => [...technicalView(state), ...(fault === null ? [] : [fault])]
  const isOver = (): LiveEvent[] => (over === null ? [] : [{ kind: 'mended', seq: state.seq, mended: over }])
  return {
    fault: () => fault,
    technical,
    isOver,
    mended: (): Mended[] => (over === null ? state.mended : withMended(state.mended, over)),
    /** The live events that it brings. */
    set(next: { key: string; text: string } | null): LiveEvent[] {
      if (fault?.text === next?.text) return []
      const atMs = clock.nowMs()
      const isMended = fault !== null && next === null
      if (fault !== null && next === null)
        over = { ...fault, seq: state.seq, atMs, text: mendedWords(state.plan, fault) }
      fault = next === null ? null : { ...next, sinceMs: atMs }
      const told: LiveEvent = { kind: 'technical', seq: state.seq, technical: technical() }
      return isMended ? [told, ...isOver()] : [told]
    },
  }
}

/** Whether anything that is shown of a receiver is another since this was asked last: a heartbeat mostly changes nothing. */
function receiversSeen(state: State): () => boolean {
  const seen = new Map<string, { isOnline: boolean; sinceMs: number }>()
  return () => {
    let isOther = false
    for (const [id, { isOnline, sinceMs }] of state.receivers) {
      const before = seen.get(id)
      if (before?.isOnline === isOnline && before.sinceMs === sinceMs) continue
      seen.set(id, { isOnline, sinceMs })
      isOther = true
    }
    return isOther
  }
}

/** The newest live events, for whoever lost the line: null for one who was away for longer than they reach. */
function createPast(beganSeq: number) {
  const past: LiveEvent[] = []
  let forgottenSeq = beganSeq
  return {
    keep(event: LiveEvent): void {
      past.push(event)
      if (past.length > PAST_MAX) forgottenSeq = past.shift()?.seq ?? forgottenSeq
    },
    since: (seq: number): LiveEvent[] | null =>
      seq < forgottenSeq ? null : past.filter(event => event.seq > seq),
  }
}

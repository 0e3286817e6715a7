// A desk in memory that a test drives: incidents are raised and answered by hand, every event is kept for replay.
import type { Decided, Desk, EngineEvent, WalkDesk } from '../../../gateway/ports.ts'
import type { DeskSnapshot, IncidentView, LiveEvent } from '../../../schemas/api/desk.ts'

export type ScriptedDesk = Desk & {
  submitted: EngineEvent[]
  /** What desk pages said of themselves. */
  presences: Parameters<Desk['present']>[0][]
  /** Appends a row with an incident as it now is. */
  put(incident: IncidentView): void
  /** Appends a row for any other event. */
  tell(event: Unnumbered): void
  /** What the next answers get instead of being carried out; null carries them out. */
  refuseWith: Decided['refused']
  failWith: Error | null
  /** Forgets the replay before this row, as a journal that is too long would. */
  forgetBefore: number
  isOk: boolean
  listeners: number
}

type Unnumbered = LiveEvent extends infer Event
  ? Event extends { seq: number }
    ? Omit<Event, 'seq'>
    : never
  : never

/** An open incident, raised now, as an engine would show it; `over` changes any part. */
export function incidentOf(over: Partial<IncidentView> = {}): IncidentView {
  return {
    id: 'i-1',
    state: 'raised',
    kind: 'cord',
    pendant: 'p-07',
    wearer: 'Mira Patel',
    verified: true,
    building: 'Ashworth House',
    floor: 'First floor',
    roomNumber: '214',
    roomName: 'Interview room 2',
    roomNote: null,
    whereabouts: {
      room: 'interview-2',
      confidence: 0.93,
      runnerUp: 'interview-3',
      heardAtMs: Date.now(),
      because: [{ receiver: 'r-2', rssiDbm: -61 }],
    },
    runnerUpRoom: '215 Interview room 3',
    raisedAtMs: Date.now(),
    presses: 1,
    pages: [],
    acknowledged: null,
    attended: null,
    resolved: null,
    nextPageAtMs: Date.now(),
    lines: [],
    ...over,
  }
}

export function scriptDesk(): ScriptedDesk {
  const log: LiveEvent[] = []
  const listeners = new Set<(event: LiveEvent) => void>()
  const state: Omit<DeskSnapshot, 'seq' | 'nowMs'> = {
    site: 'Ashworth House',
    incidents: [],
    technical: [],
    armed: { isArmed: true, reasons: [], sinceMs: 0 },
    tests: [],
    mended: [],
    sessions: [],
    security: [],
    receivers: [
      { id: 'r-1', room: '210 Hall', isOnline: true, sinceMs: 0 },
      { id: 'r-2', room: '214 Interview room 2', isOnline: true, sinceMs: 0 },
    ],
  }
  const append = (event: LiveEvent): void => {
    log.push(event)
    for (const listener of listeners) listener(event)
  }
  const tell: ScriptedDesk['tell'] = event => {
    const seq = log.length + 1
    if (event.kind === 'technical') state.technical = event.technical
    if (event.kind === 'armed') state.armed = event.armed
    if (event.kind === 'receivers') state.receivers = event.receivers
    if (event.kind === 'sessions') state.sessions = event.sessions
    if (event.kind === 'security') state.security = [event.event, ...state.security]
    append({ ...event, seq } as LiveEvent)
  }
  const put = (incident: IncidentView): void => {
    state.incidents = [...state.incidents.filter(({ id }) => id !== incident.id), incident]
    append({ kind: 'incident', seq: log.length + 1, incident })
  }
  const desk: ScriptedDesk = {
    submitted: [],
    presences: [],
    refuseWith: null,
    failWith: null,
    forgetBefore: 0,
    isOk: true,
    put,
    tell,
    get listeners() {
      return listeners.size
    },
    snapshot: () => structuredClone({ ...state, seq: log.length, nowMs: Date.now() }),
    since: seq => (seq < desk.forgetBefore ? null : log.filter(event => event.seq > seq)),
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    submit: async event => {
      desk.submitted.push(event)
      if (desk.failWith !== null) throw desk.failWith
      if (desk.refuseWith !== null) return { refused: desk.refuseWith }
      if (event.kind === 'sign-in' || event.kind === 'sign-out') return { refused: null }
      const incident = state.incidents.find(({ id }) => 'incident' in event && id === event.incident)
      if (incident === undefined) {
        return {
          refused: { expected: 'an incident that exists', came: JSON.stringify(event), isUnknown: true },
        }
      }
      put(answered(incident, event))
      return { refused: null }
    },
    present: async said => {
      desk.presences.push(said)
    },
    walks: { ...noWalks },
    health: () => ({
      isOk: desk.isOk,
      technical: state.technical,
      armed: state.armed,
      unproven: [],
    }),
  }
  return desk
}

/** A desk of a building that nobody has walked. */
const noWalks: WalkDesk = {
  view: () => ({
    nowMs: 0,
    rooms: [
      {
        id: 'interview-2',
        door: '214 Interview room 2',
        floor: 'First floor',
        building: 'Ashworth House',
        hasReceiver: true,
      },
    ],
    pendants: [{ id: 'p-07', wearer: 'Mira Patel' }],
    recordings: [],
    walks: [],
    drift: [],
  }),
  layout: () => ({ rooms: [], receivers: {}, receiver_xyz: {}, adjacency: [], room_floor: {} }),
  walk: () => null,
  report: () => null,
  recordingReport: () => null,
}

function answered(incident: IncidentView, event: EngineEvent): IncidentView {
  const atMs = Date.now()
  switch (event.kind) {
    case 'acknowledge':
      return { ...incident, state: 'acknowledged', acknowledged: { atMs, by: event.by }, nextPageAtMs: null }
    case 'attend':
      return { ...incident, state: 'attended', attended: { atMs, by: event.by } }
    case 'release':
      return { ...incident, state: 'raised', acknowledged: null, attended: null }
    case 'resolve': {
      const { by, outcome, reason } = event
      return { ...incident, state: 'resolved', resolved: { atMs, by, outcome, reason } }
    }
    default:
      return incident
  }
}

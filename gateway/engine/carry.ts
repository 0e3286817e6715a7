// One event carried out: decided, its rows committed in one transaction, and only then its effects. Where the disk fails or
// hangs people are called all the same, and nothing is told that only a row on disk makes true.
import { TOLD_STORED } from '../../schemas/frame.ts'
import { apart } from '../core/deciding/decision/batch.ts'
import type { CoreEvent, Decision } from '../core/deciding/decision/decision.ts'
import { isAlarm } from '../core/hearing/sighting.ts'
import type { Told } from '../core/incident/consequence.ts'
import { beginsIncident } from '../core/incident/incident.ts'
import type { Change } from '../core/plan/change.ts'
import type { State } from '../core/state/state.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type {
  Clock,
  Decided,
  EngineEvent,
  JournalEntry,
  NotKeptAbout,
  PageOrder,
  ReplyOrder,
  ToldOrder,
} from '../ports.ts'
import type { LiveDesk } from './desk.ts'
import { decideRound, NotCarriedOut, type Round } from './round.ts'
import { isAlarmRow, NotKept, type Writer } from './writer.ts'

/** Where effects go. None of these throws; what becomes of a page comes back through `submit`. */
export type Effects = {
  place(order: PageOrder): void
  withdraw(page: string): void
  /** What the core answers in a page that is under way. */
  reply(order: ReplyOrder): void
  tell(orders: readonly ToldOrder[]): void
}

export type Carrying = {
  state: State
  desk: LiveDesk
  writer: Writer
  clock: Clock
  effects: Effects
  metrics: Metrics
  log: Log
}

/** Carries out one event, and before it what came up beside it. Throws NotKept or NotCarriedOut, having done what could be. */
export async function carryOut(
  parts: Carrying,
  event: EngineEvent,
  arrivedAtMs: number,
  beside: readonly CoreEvent[] = [],
): Promise<Decided> {
  const { state, desk, writer, metrics, clock } = parts
  const round = decideRound(
    parts,
    state,
    [...beside, ...apart(event, clock.nowMs() - arrivedAtMs)],
    arrivedAtMs,
  )
  if (event.kind === 'reports') metrics.countReports(event.receiver, event.reports.length)
  if (event.kind === 'hint' || event.kind === 'press') metrics.countReports(event.receiver, 1)
  metrics.countUnread(event)
  const wasBehind = writer.isBehind()
  const isWritten = await writer.write(round, () => pendantsIn(round.decisions))
  const isKept = isWritten && !(event.kind === 'flush' && writer.isBehind())
  finish(parts, round, event.kind === 'receiver-status')
  if (writer.isBehind()) correct(parts, round)
  else if (wasBehind) await catchUp(parts)
  desk.publishWalks(event.kind.startsWith('walk-'))
  metrics.setArmed(state.armed.isArmed)
  metrics.setTechnicalAlarms(desk.technicalAlarms())
  metrics.observeEvent(clock.nowMs() - arrivedAtMs)
  // One report of a batch that can't be decided would come again for ever: it is said, and the others count.
  if (round.failure !== null && event.kind !== 'reports')
    throw new NotCarriedOut(`a fault of the program in ${event.kind}`, { cause: round.failure })
  const answer = round.decisions.at(-1)?.answer ?? { refused: null }
  if (!isKept) throw new NotKept(answer, aboutOf(event, round))
  return answer
}

function finish(parts: Carrying, { decisions, entries }: Round, hasReceiverNews = false): void {
  const { effects, writer, state, metrics, log, clock, desk } = parts
  for (const { pages, withdrawn, replies, told } of decisions) {
    for (const order of pages) effects.place(order)
    for (const page of withdrawn) effects.withdraw(page)
    for (const reply of replies) effects.reply(reply)
    tell(effects, writer.mayLeave(state, told, clock.nowMs()))
  }
  count(metrics, entries)
  if (entries.length > 0) countOpen(parts)
  for (const { seq, actor, change } of entries) log.info({ seq, by: actor, ...briefly(change) }, change.is)
  desk.publish(entries, hasReceiverNews)
}

/** The disk did not take it: whoever was to be told *stored* is told *heard*. Its rows wait with the others. */
function correct(parts: Carrying, { entries }: Round): void {
  const incidents = entries.flatMap(({ change }) =>
    change.is === 'told' && change.told === TOLD_STORED ? [change.incident] : [],
  )
  if (incidents.length === 0) return
  const round = decideRound(parts, parts.state, [{ kind: 'unkept', incidents }])
  parts.writer.wait(round)
  finish(parts, round)
}

/** All that waited is on disk: tests that were kept back pass, who was only *heard* is *stored*, and what was let go is said. */
async function catchUp(parts: Carrying): Promise<void> {
  const { state, writer, effects, clock } = parts
  tell(effects, writer.keptBack(state, clock.nowMs()))
  const round = decideRound(parts, state, [{ kind: 'kept', rowsLetGo: writer.letGo() }])
  await writer.write(round, () => [])
  finish(parts, round)
  if (writer.isBehind()) correct(parts, round)
}

const tell = (effects: Effects, told: readonly Told[]): void => {
  if (told.length > 0) effects.tell(told.map(({ beaconCounter: _, vouchesFor: __, ...order }) => order))
}

/** A walk's readings are a megabyte, and where people were, or said they would be, is for the journal alone. */
function briefly(change: Change): object {
  if (change.is === 'session-began') {
    const { room: _, note: __, ...brief } = change
    return brief
  }
  if (change.is === 'page-due' || change.is === 'page-news') {
    // What is told may be somebody's note, and says where they are.
    const { said: _, message: __, ...brief } = change
    return 'words' in brief ? { ...brief, words: undefined } : brief
  }
  if (change.is !== 'walk-stored') return change
  const { is, walk, pendant, count, lengthMs } = change
  return { is, walk, pendant, count, lengthMs }
}

/** Only rows open or end one. */
export function countOpen({ metrics, state }: Pick<Carrying, 'metrics' | 'state'>): void {
  metrics.setOpenIncidents([...state.incidents.values()].filter(each => each.state !== 'resolved').length)
}

function count(metrics: Metrics, entries: readonly JournalEntry[]): void {
  for (const { change } of entries) {
    if (beginsIncident(change)) metrics.countIncident(change.alarm)
    if (change.is === 'page-ended') metrics.countPage(change.outcome)
  }
}

const pendantsIn = (decisions: readonly Decision[]): string[] =>
  decisions.flatMap(({ observations }) =>
    observations.flatMap(seen => (seen.is === 'sighting' ? [seen.sighting.pendant] : [])),
  )

/** All frames of one kind of a pendant have one name, and so has each action of a button: what is sent again may come as new. */
function aboutOf(event: EngineEvent, { decisions, entries }: Round): NotKeptAbout {
  const heard = decisions.flatMap(({ observations }) =>
    observations.flatMap(seen => (seen.is === 'sighting' ? [seen.sighting] : [])),
  )
  const names = new Set(heard.map(({ pendant, alarm }) => `${pendant} ${alarm.kind}`))
  if (event.kind === 'press') names.add(`${event.of.address ?? event.of.name} ${event.action}`)
  return {
    isAlarm: heard.some(isAlarm) || entries.some(({ change }) => isAlarmRow(change)),
    names: names.size > 0 ? [...names] : [event.kind],
  }
}

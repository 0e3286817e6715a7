// In: the state. Out: what is wrong and what is not proven, in words: technical alarms, and whether all is well.
import type { ArmedView, Health, TechnicalAlarm } from '../../../schemas/api/desk.ts'
import { type BookedRoom, faultWords, missingWords } from '../plan/fault-words.ts'
import { doorWords, type Plan } from '../plan/plan.ts'
import type { Armed } from '../state/armed.ts'
import { sessionOf } from '../state/session.ts'
import type { State } from '../state/state.ts'

/** Technical alarms in words, with the room that a silent pendant is signed in for. */
export function technicalView({ plan, technical, sessions }: State): TechnicalAlarm[] {
  const roomOf: BookedRoom = pendant =>
    sessionOf(sessions, pendant, plan.pendants.get(pendant)?.wearer)?.room ?? null
  return [...technical.values()].map(({ key, text, sinceMs, facts }) => {
    const words = facts === undefined ? null : faultWords(plan, facts, roomOf)
    return { key, text: words ?? text, sinceMs }
  })
}

/** What has neither worked nor failed since the start, by the key of its fault. */
const PROOFS: Readonly<Record<string, string>> = {
  journal: 'The disk has not been proven yet.',
  speech: 'The voice for telephone calls has not been proven yet.',
  broker: 'The way in for receivers has not been proven yet.',
}

/** Whether all is well and proven. `technical` are the alarms of the state, and those that cannot be written down. */
export function healthView(state: State, technical: TechnicalAlarm[], proven: ReadonlySet<string>): Health {
  const armed = armedView(state.plan, state.armed)
  const unproven = Object.entries(PROOFS).flatMap(([key, words]) => (proven.has(key) ? [] : [words]))
  const isWhole = armed.isArmed && armed.uncovered === undefined
  const isOk = isWhole && technical.length === 0 && unproven.length === 0
  return { isOk, armed, technical, unproven, site: state.plan.site.site }
}

/** The same in words, rooms as on their doors. */
export function armedView(plan: Plan, { isArmed, missing: all, uncovered, sinceMs }: Armed): ArmedView {
  const rooms = uncovered.map(room => doorWords(plan, room) ?? room)
  const shown = { isArmed, reasons: all.map(each => missingWords(plan, each)), sinceMs }
  return rooms.length === 0 ? shown : { ...shown, uncovered: rooms }
}

// In: the state. Out: what other systems are told of it: health, receivers and pendants, in the shapes of schemas/api/out. Of people who
// have not asked for help neither name nor room, unless that is asked for.
import type { TechnicalAlarm } from '../../../schemas/api/desk.ts'
import type { OutHealth, OutPendant, OutReceiver } from '../../../schemas/api/out.ts'
import { pendantState } from '../deciding/watching/duty.ts'
import { pendantKey } from '../deciding/watching/supervision.ts'
import { deafKey, receiverKey, saysKey } from '../hearing/receivers/receiver.ts'
import type { Track } from '../hearing/track.ts'
import { guarded, isSoundAnswer } from '../locating/belief/soundness.ts'
import { NOWHERE, whereabouts } from '../locating/belief/whereabouts.ts'
import type { Complaint, Facts } from '../plan/facts.ts'
import { faultWords } from '../plan/fault-words.ts'
import { doorWords, wearerName } from '../plan/plan.ts'
import { bookedOdds, sessionOf } from '../state/session.ts'
import type { State } from '../state/state.ts'
import { movedKey } from '../walk/drift.ts'
import { healthView } from './health-view.ts'

const MINUTE_MS = 60_000

/** Whether all is well and proven: the same as `healthView`, in words that name nobody. `fault` is not among the state's alarms. */
export function outHealth(
  state: State,
  fault: TechnicalAlarm | null,
  proven: ReadonlySet<string>,
  { names }: { names: boolean },
  nowMs: number,
): OutHealth {
  const technical: (TechnicalAlarm & { facts?: Facts })[] = [
    ...state.technical.values(),
    ...(fault === null ? [] : [fault]),
  ]
  const { isOk, armed, unproven } = healthView(state, technical, proven)
  const discreet = names ? (text: string) => text : withoutNames(state)
  return {
    v: 1,
    atMs: nowMs,
    isOk,
    isArmed: armed.isArmed,
    reasons: armed.reasons.map(discreet),
    uncovered: armed.uncovered ?? [],
    sinceMs: armed.sinceMs,
    technical: technical.map(({ key, sinceMs, text, facts }) => {
      const words = facts === undefined ? null : faultWords(state.plan, facts, () => null)
      return { key, text: discreet(words ?? text), sinceMs }
    }),
    unproven,
  }
}

/** Takes the names of people out of a sentence, but of those whose alarm is open: who else wears what is nobody's business. */
function withoutNames({ plan, incidents }: State): (text: string) => string {
  const open = new Set(
    [...incidents.values()].flatMap(each => (each.state === 'resolved' ? [] : [each.wearer])),
  )
  const people = [...plan.people.values(), ...plan.gone.people.values()].filter(({ id }) => !open.has(id))
  // The longest first: one name may be part of another.
  const names = people.map(({ name }) => name).sort((a, b) => b.length - a.length)
  return text =>
    names
      .filter(name => text.includes(name))
      .reduce((left, name) => {
        const named = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        const aside = new RegExp(` \\(${named}\\)`, 'gu')
        return left
          .replace(aside, '')
          .replace(new RegExp(`(?<![\\p{L}\\p{N}])${named}(?![\\p{L}\\p{N}])`, 'gu'), 'its wearer')
      }, text)
}

export function outReceivers({ plan, receivers, technical }: State): OutReceiver[] {
  return [...plan.receivers.values()].map(({ id, room }) => {
    const known = receivers.get(id)
    const keys = [
      receiverKey(id),
      deafKey(id),
      saysKey('mute', id),
      saysKey('spool', id),
      saysKey('unread', id),
      movedKey(id),
    ]
    const isGone = technical.has(receiverKey(id))
    return {
      v: 1,
      id,
      room: doorWords(plan, room) ?? room,
      isOnline: (known?.isOnline ?? false) && !isGone,
      isDeaf: technical.has(deafKey(id)),
      faults: keys.flatMap(key => technical.get(key)?.text ?? []),
      heardAtMs: known === undefined ? null : known.statusAtMs - (known.statusAtMs % MINUTE_MS),
    }
  })
}

export type Telling = { names: boolean; positions: boolean }

/** Null for one that the site does not have. */
export function outPendant(state: State, id: string, telling: Telling, nowMs: number): OutPendant | null {
  const { plan } = state
  const pendant = plan.pendants.get(id)
  if (pendant === undefined) return null
  const track = state.tracks.get(id)
  const reach = pendantState(state, { pendant: id, wearer: pendant.wearer }, nowMs)
  if (reach === 'given-away') return null
  const isHeard = reach === 'heard'
  return {
    v: 1,
    id,
    batteryPercent: track?.batteryPercent ?? null,
    reach,
    complaints: complaintsOf(state, id),
    heardAtMs: isHeard ? null : (track?.life?.heardAtMs ?? null),
    ...(telling.names && { wearer: wearerName(plan, pendant.wearer) }),
    ...(telling.positions && placeNow(state, id, isHeard || reach === 'late' ? track : undefined, nowMs)),
  }
}

/** A row of old says what it complained of in words alone. */
function complaintsOf({ technical }: State, pendant: string): Complaint[] {
  const alarm = technical.get(pendantKey(pendant))
  if (alarm === undefined) return []
  return alarm.facts?.of === 'pendant-complains' ? alarm.facts.complaints : ['fault']
}

function placeNow(
  { model, deafness, sessions, plan }: State,
  pendant: string,
  track: Track | undefined,
  nowMs: number,
): { room: string | null; confidence: number } {
  const belief = track?.belief
  if (belief === undefined || belief?.model !== model) return { room: null, confidence: 0 }
  const prior = bookedOdds(sessionOf(sessions, pendant, plan.pendants.get(pendant)?.wearer), nowMs)
  const so = { down: deafness.toFrames.ids, ...(prior !== null && { prior }) }
  const { answer } = guarded(model, () => whereabouts(belief, nowMs, so), isSoundAnswer)
  const { room, confidence } = answer ?? NOWHERE
  // A tenth is as much as a reader needs, and each step is a message.
  return { room: doorWords(plan, room), confidence: Math.round(confidence * 10) / 10 }
}

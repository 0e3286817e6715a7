// Two senders under one identity. In: a pendant's frames, whose seals fit; some go on with its counter, others do not. Out: once it
// is plain that there are two, a technical alarm and a security event; mended when the other has been silent for long.
import { rivalAfter } from '../../hearing/rival.ts'
import { isAlarm, type Sighting } from '../../hearing/sighting.ts'
import type { Track } from '../../hearing/track.ts'
import type { Change } from '../../plan/change.ts'
import { type Plan, wearerName } from '../../plan/plan.ts'
import type { State } from '../../state/state.ts'
import { type Decision, merge, nothing } from '../decision/decision.ts'
import { noted } from '../watching/security.ts'

/** Once may be a receiver whose clock jumped; the third turn is not. */
const TURNS_MIN = 3
/** After so long without the other it is taken to have gone. */
const GONE_MS = 3_600_000

const PREFIX = 'clone:'
export const cloneKey = (pendant: string): string => `${PREFIX}${pendant}`

/** What comes of a frame of the other sender: mostly memory, and once it is plain that there are two, an alarm at the desk. */
export function decideRival(
  state: State,
  track: Track,
  {
    pendant,
    receiver,
    counter,
    heardAtMs,
    alarm,
  }: Pick<Sighting, 'pendant' | 'receiver' | 'heardAtMs' | 'alarm'> & { counter: number },
  nowMs: number,
): Decision {
  const rival = rivalAfter(track, { counter, heardAtMs, isAlarm: isAlarm({ alarm }) })
  if (rival === null) return nothing()
  const seen: Decision = { ...nothing(), observations: [{ is: 'rival', pendant, rival }] }
  const key = cloneKey(pendant)
  if (rival.turns < TURNS_MIN || state.technical.has(key)) return seen
  const text = cloneWords(state.plan, pendant, track.counter ?? 0, counter)
  const note = noted(state, { reason: 'two-senders', pendant, receiver, text }, nowMs)
  const raised: Decision = { ...nothing(), changes: [{ is: 'technical-raised', key, text }] }
  return merge([seen, raised, { ...nothing(), ...note }])
}

function cloneWords(plan: Plan, pendant: string, ours: number, theirs: number): string {
  const wearer = wearerName(plan, plan.pendants.get(pendant)?.wearer ?? pendant)
  return (
    `Two senders use the identity of pendant ${pendant} (${wearer}), with counters about ${ours} and about ${theirs}: ` +
    'it was copied, or what it sent is played again. Its alarms are called, marked as suspect: enrol it anew with a new key'
  )
}

/** Pendants whose other sender has been silent for long. */
export function rivalsGone({ technical, tracks, startedAtMs }: State, nowMs: number): Change[] {
  const gone = [...technical.keys()].filter(key => {
    if (!key.startsWith(PREFIX)) return false
    const atMs = tracks.get(key.slice(PREFIX.length))?.rival?.atMs ?? startedAtMs
    return nowMs - atMs > GONE_MS
  })
  return gone.map(key => ({ is: 'technical-mended', key }))
}

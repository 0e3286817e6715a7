// In: what is believed of a pendant, what was heard just now, and what is known apart from the radio. Out: whereabouts.
// Never blocks and changes nothing: what was heard is remembered only once it is decided. Called through `whereIs`, which
// makes of a fault in here an unknown room.
import type { Whereabouts } from '../../../schemas/api/desk.ts'
import { type Belief, copyOf, newBelief } from '../locating/belief/belief.ts'
import { chancesAt, type Named, whereabouts } from '../locating/belief/whereabouts.ts'
import type { Model } from '../locating/building/model.ts'
import type { Deaf, Deafness } from './receivers/deaf.ts'
import { believedAtMs, take } from './remember.ts'
import type { Sighting } from './sighting.ts'
import type { Track } from './track.ts'

/** A receiver heard a sealed frame of it, or an ESPresense node an identity that anybody can send. */
export type Heard = Pick<Sighting, 'receiver' | 'rssiDbm' | 'heardAtMs'> & {
  counter?: number | null
  isHint?: boolean
}

export type Situation = {
  model: Model
  /** Whose silence says nothing, and who is not believed. */
  deafness: Deafness
  /** What is known apart from the radio, as odds against any other room: a booked room. */
  prior?: ReadonlyMap<string, number>
  /** What people were told already. */
  named?: Named | undefined
}

/**
 * How much of the answer hints may make up. Whatever they say, 5/9 of it is what the frames alone say: where those are
 * more than 0.9 sure of a room, no hint has another one named (5/9 p > 5/9 (1 - p) + 4/9), and a forged one shows as a
 * confidence that fell. A bound on odds instead would have frames heard by one receiver, which are surer than they ought
 * to be, outvote nodes in every room.
 */
export const HINTS_WORTH = 4 / 9
/** Nodes tell each 5 s at least (ESPresense, `skip_ms`); what is older than a few of these says nothing about now. */
const HINTS_MS = 20_000

/** Decides where the pendant is, from all that was heard of it and this. */
export function locate(track: Track, heard: Heard, so: Situation, nowMs: number): Whereabouts {
  const { model, prior, named } = so
  const { toFrames, toHints, moved } = so.deafness
  const isHint = heard.isHint === true
  const heardAtMs = isHint ? heard.heardAtMs : believedAtMs(track, heard)
  const now = { ...heard, heardAtMs }
  const frames = beliefWith(track.belief, isHint ? null : now, model, toFrames, moved)
  // Of whom no frame was heard, hints tell nothing: they bear upon a room, they do not find one.
  if (Number.isNaN(frames.heardAtMs)) return whereabouts(frames, nowMs)
  const hints = beliefWith(track.hints?.belief ?? null, isHint ? now : null, model, toHints, moved)
  const down = toFrames.ids
  if (!(nowMs - hints.heardAtMs <= HINTS_MS))
    return whereabouts(frames, nowMs, prior === undefined ? { down, named } : { down, prior, named })
  const odds = oddsWith(frames, hints, so, nowMs)
  return withHints(whereabouts(frames, nowMs, { down, prior: odds, named }), whereabouts(hints, nowMs))
}

function beliefWith(
  known: Belief | null,
  heard: Heard | null,
  model: Model,
  deaf: Deaf,
  moved: ReadonlySet<string>,
): Belief {
  const belief = known?.model === model ? copyOf(known) : newBelief(model)
  if (heard === null) return belief
  take(belief, heard, heard.heardAtMs, deaf, moved)
  return belief
}

/** The odds by which what frames say becomes a mixture of that, and of what frames and hints say together. */
function oddsWith(
  frames: Belief,
  hints: Belief,
  { deafness: { toFrames, toHints }, prior }: Situation,
  nowMs: number,
): Map<string, number> {
  const { rooms, tempo } = frames.model
  const told = [...chancesAt(frames, nowMs, toFrames.ids, prior)]
  const hinted = [...chancesAt(hints, nowMs, toHints.ids)]
  const both = told.map((chance, room) => chance * (hinted[room] as number))
  const sum = both.reduce((a, b) => a + b, 0)
  if (!(sum > 0)) return new Map(prior)
  // The outside stands last and has no name.
  return new Map(
    told.map((chance, room) => {
      const mixed = (1 - HINTS_WORTH) * chance + (HINTS_WORTH * (both[room] as number)) / sum
      const id = rooms[room] ?? ''
      return [id, (prior?.get(id) ?? 1) * (mixed / chance) ** (1 / tempo.candour)]
    }),
  )
}

/** Named as reasons too, and as what they are. */
function withHints(found: Whereabouts, { heardAtMs, because }: Whereabouts): Whereabouts {
  const hinted = because.map(each => ({ ...each, isHint: true as const }))
  return {
    ...found,
    heardAtMs: Math.max(found.heardAtMs ?? 0, heardAtMs ?? 0),
    because: [...found.because, ...hinted].sort((a, b) => b.rssiDbm - a.rssiDbm),
  }
}

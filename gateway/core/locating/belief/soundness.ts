// In: a step of locating, a model, a belief. Out: the step's answer, or that it failed and why: a fault in here costs a room
// and never an alarm. What is unsound is never carried on with.
import type { Whereabouts } from '../../../../schemas/api/desk.ts'
import { type Model, modelFrom, OFFSETS_DB, SILENCES_MAX, SLOTS } from '../building/model.ts'
import { type Belief, tidy } from './belief.ts'

export type Guarded<T> = { failed: null; answer: T } | { failed: string; answer: null }

/** Carries out a step on this model. One that throws, or whose answer is not sound, has failed; the next begins afresh. */
export function guarded<T>(
  model: Model,
  step: () => T,
  isSound: (answer: T) => boolean = () => true,
): Guarded<T> {
  try {
    const answer = step()
    if (isSound(answer)) return { failed: null, answer }
    clean(model)
    return { failed: 'an answer that is no number', answer: null }
  } catch (error) {
    clean(model)
    return { failed: error instanceof Error ? error.message : String(error), answer: null }
  }
}

/** Leaves nothing of a step that was broken off. */
function clean(model: Model): void {
  try {
    const { scratch } = model
    tidy(scratch)
    for (const each of [scratch.chance, scratch.moved, scratch.isSeen, scratch.room]) each.fill(0)
  } catch {
    // A model that cannot even be cleaned fails again at the next step, and is counted there.
  }
}

export const isSoundAnswer = ({ confidence }: Whereabouts): boolean => confidence >= 0 && confidence <= 1

export function isSoundBelief({
  rest,
  count,
  chance,
  offsetDb,
  offsetVariance,
  receiver,
  level,
  variance,
}: Belief): boolean {
  if (!Number.isFinite(rest + offsetDb + offsetVariance)) return false
  for (let i = 0; i < count; i++) if (!Number.isFinite(chance[i])) return false
  for (let slot = 0; slot < SLOTS; slot++) {
    if ((receiver[slot] as number) < 0) break
    if (!Number.isFinite((level[slot] as number) + (variance[slot] as number))) return false
  }
  return true
}

/** What is wrong with a model that was learnt; null where nothing is. */
export function unsoundIn(model: Model): string | null {
  const numbers = {
    levels: [model.rowLevel, model.rowVariance],
    chances: [model.cellPrior, ...model.cellSilence, ...model.rowHeard, ...model.rowSilence],
    moves: [model.moveShare, model.cellLeaving],
    settings: [[model.offsetSdDb, model.fadingSdDb, ...Object.values(model.tempo)]],
  }
  for (const [name, arrays] of Object.entries(numbers)) {
    if (arrays.some(array => !array.every(each => Number.isFinite(each))))
      return `${name} that are no numbers`
  }
  const isWhole =
    model.rowHeard.length === OFFSETS_DB.length &&
    model.rowSilence.length === SILENCES_MAX * OFFSETS_DB.length &&
    model.rowStart.length === model.receivers.length + 1
  if (!isWhole) return 'parts that are missing'
  return model.cellRoom.length === 0 ? 'no room at all' : null
}

/** Knows no room and hears nobody: what is left where not even physics can be worked out. */
export const blankModel = (rooms: readonly string[]): Model =>
  modelFrom({
    rooms,
    receivers: [],
    cells: [],
    hearing: [],
    moves: [],
    tempo: { driftPerS: 1, candour: 1 },
    isCalibrated: false,
    offsetSdDb: 1,
    fadingSdDb: 1,
  })

// What the state holds of walk tests: the stored ones by their rows, those that are being walked by what is seen of them.
// Rows and observations in, the state changed in place.
import type { JournalEntry } from '../../ports.ts'
import { receiverIn } from '../hearing/receivers/receiver.ts'
import type { Change } from '../plan/change.ts'
import type { WalkSeen } from '../state/observation.ts'
import type { State } from '../state/state.ts'
import { addResiduals, newDrift } from '../walk/drift.ts'
import { addReading, lookAtTime, newRecording, noteOutage, tap, untap } from '../walk/recording.ts'
import { keepWalk, withdrawWalk } from '../walk/stored-walk.ts'

export type WalkChange = Extract<
  Change,
  { is: 'walk-began' | 'walk-stored' | 'walk-ended' | 'walk-withdrawn' }
>

export const isWalkChange = (change: Change): change is WalkChange => change.is.startsWith('walk-')

/** Applies a row about a walk test. */
export function applyWalk(state: State, { atMs, actor }: JournalEntry, change: WalkChange): void {
  switch (change.is) {
    case 'walk-began':
      state.begunWalks.set(change.pendant, { by: actor, atMs })
      return
    case 'walk-ended':
      state.begunWalks.delete(change.pendant)
      return
    case 'walk-stored':
      state.begunWalks.delete(change.pendant)
      state.walkCount = Math.max(state.walkCount, change.walk)
      state.walks = keepWalk(state.walks, change, atMs, actor)
      return
    case 'walk-withdrawn':
      state.walks = withdrawWalk(state.walks, change.walk, atMs, actor)
      return
    default:
      change satisfies never
  }
}

/** Takes in what was seen of a walk. */
export function observeWalk(state: State, seen: WalkSeen): void {
  switch (seen.is) {
    case 'walk-started':
      state.recordings.set(seen.pendant, newRecording(seen.pendant, seen.by, seen.receivers, seen.atMs))
      return
    case 'walk-time':
      for (const recording of state.recordings.values()) lookAtTime(recording, seen.atMs)
      return
    case 'walk-over':
      state.recordings.delete(seen.pendant)
      return
    case 'drift-seen':
      addResiduals(state.drift, seen.residuals)
      state.drift.nextPendant = seen.nextPendant
      state.drift.lookedAtMs = seen.atMs
      return
    case 'drift-forgotten':
      state.drift = newDrift()
      return
    case 'walk-tapped':
    case 'walk-untapped':
    case 'walk-heard': {
      const recording = state.recordings.get(seen.pendant)
      if (recording === undefined) return
      if (seen.is === 'walk-tapped') tap(recording, seen.to, seen.atMs)
      else if (seen.is === 'walk-untapped') untap(recording, seen.atMs)
      else addReading(recording, seen.receiver, seen.rssiDbm, seen.heardAtMs)
      return
    }
    default:
      seen satisfies never
  }
}

/** Walks that go on note the outage: a receiver's technical alarm says that it is down, by its own word or by its silence. */
export function noteReceiver(state: State, key: string, isDown: boolean, atMs: number): void {
  if (state.recordings.size === 0) return
  const receiver = receiverIn(key)
  if (receiver === null) return
  // It has been gone since it was last heard, which is before anybody noticed.
  const sinceMs = isDown ? (state.receivers.get(receiver)?.statusAtMs ?? atMs) : atMs
  for (const recording of state.recordings.values()) noteOutage(recording, receiver, isDown, sinceMs)
}

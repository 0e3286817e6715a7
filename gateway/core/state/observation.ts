// An observation: what the radio, the targets and the desk pages teach that no disk needs to know. A restart loses all
// of it, and hears it again.

import type { PendantState } from '../../../schemas/api/session.ts'
import type { Rival } from '../hearing/rival.ts'
import type { Sighting } from '../hearing/sighting.ts'
import type { Asked } from '../hearing/track.ts'
import type { LocatingHealth } from '../locating/belief/health.ts'
import type { Model } from '../locating/building/model.ts'
import type { RadioFault } from '../plan/facts.ts'
import type { Plan } from '../plan/plan.ts'
import type { Residual } from '../walk/drift.ts'
import type { Armed } from './armed.ts'
import type { SecurityMinute } from './security.ts'

export type Observation =
  | { is: 'sighting'; sighting: Sighting; dataHex: string }
  | { is: 'hint'; pendant: string; receiver: string; rssiDbm: number; atMs: number }
  /** A room could not be worked out: what was believed of this pendant is begun anew. */
  | { is: 'locating-failed'; pendant: string | null; why: string }
  | { is: 'locating-looked'; looked: LocatingHealth['looked'] }
  /** `heard` is the count of its heartbeat; null where it has none, or says that it goes. */
  | {
      is: 'receiver'
      receiver: string
      isOnline: boolean
      heard: number | null
      /** What it says of its radio: null where that hears. */
      radio?: RadioFault | null
      atMs: number
    }
  | { is: 'edition'; edition: number }
  | { is: 'security-noted'; minute: SecurityMinute }
  | { is: 'rival'; pendant: string; rival: Rival }
  | { is: 'garbled'; receiver: string; atMs: number }
  | { is: 'beacons-renewed'; atMs: number }
  /** The clock had stood still while no gateway ran: what was before this start is so much older than it seemed. */
  | { is: 'older-by'; byMs: number }
  | { is: 'beacons-asked'; pendant: string; upTo: number }
  | { is: 'asked'; pendant: string; asked: Asked }
  | { is: 'target'; channel: string; target: string; fault: string | null; atMs: number }
  | { is: 'desk'; desk: string; by: string | null; isAudible: boolean; atMs: number }
  | { is: 'desk-left'; desk: string }
  | { is: 'armed'; armed: Armed }
  | { is: 'duty'; duty: ReadonlyMap<string, PendantState> }
  | { is: 'proven'; key: string }
  | { is: 'model'; model: Model }
  | { is: 'plan'; plan: Plan }
  | WalkSeen

/** What is seen of the walks that go on, and of how well the rooms learnt still fit. */
export type WalkSeen =
  | {
      is: 'walk-started'
      pendant: string
      by: string
      receivers: { id: string; isUp: boolean }[]
      atMs: number
    }
  | { is: 'walk-tapped'; pendant: string; to: { room: string | null } | null; atMs: number }
  | { is: 'walk-untapped'; pendant: string; atMs: number }
  | { is: 'walk-heard'; pendant: string; receiver: string; rssiDbm: number; heardAtMs: number }
  | { is: 'walk-time'; atMs: number }
  | { is: 'walk-over'; pendant: string }
  | { is: 'drift-seen'; residuals: Residual[]; nextPendant: number; atMs: number }
  | { is: 'drift-forgotten' }

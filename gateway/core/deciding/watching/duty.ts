// Pendants on duty: those that somebody is signed in with. In: when each was heard to be alive, and the time. Out: how well
// it is heard, and the technical alarm where it is not (EN 50131-5-3, grade 3). Of nobody else's silence anything is said.
import type { PendantState } from '../../../../schemas/api/session.ts'
import type { Life } from '../../hearing/track.ts'
import type { Change } from '../../plan/change.ts'
import { technicalRaised } from '../../plan/fault-words.ts'
import type { Session } from '../../state/session.ts'
import type { State } from '../../state/state.ts'

/** Nothing was heard of it for so long. */
const LATE_MS = 60_000
/** A pendant without AES seals a new frame each minute (firmware/README): its old one is not late before it missed one. */
const LATE_RENEWAL_MS = 80_000
/** Nothing new was heard of it for so long: an old frame that is heard again and again is no sign of life. */
const SILENT_MS = 100_000
/** Of more than so many at once it is said in one alarm: a switch that died, not so many batteries. */
const EACH_MAX = 5
/** Fewer that are silent together than before are said anew no oftener than this. */
const AGAIN_MS = 60_000

const SILENT_PREFIX = 'pendant-silent:'
export const SILENT_TOGETHER = 'pendants-silent'
export const silentKey = (pendant: string): string => `${SILENT_PREFIX}${pendant}`
/** The pendant that a technical alarm says is silent; null where it is about something else. */
export const silentIn = (key: string): string | null =>
  key.startsWith(SILENT_PREFIX) ? key.slice(SILENT_PREFIX.length) : null

/** How well whoever is signed in is heard by their pendant. A button that is not ours has no heartbeat. */
export function pendantState(
  { plan, tracks }: Pick<State, 'plan' | 'tracks'>,
  { pendant, wearer }: Pick<Session, 'pendant' | 'wearer'>,
  nowMs: number,
): PendantState {
  const worn = plan.pendants.get(pendant)
  if (worn?.wearer !== wearer) return 'given-away'
  if (worn.bthome !== undefined) return 'unsupervised'
  return heardAs(tracks.get(pendant)?.life ?? null, nowMs)
}

function heardAs(life: Life | null, nowMs: number): PendantState {
  if (life === null) return 'never-heard'
  const sinceNewMs = nowMs - life.renewedAtMs
  if (sinceNewMs >= SILENT_MS) return 'silent'
  return nowMs - life.heardAtMs >= LATE_MS || sinceNewMs >= (life.isQuick ? LATE_MS : LATE_RENEWAL_MS)
    ? 'late'
    : 'heard'
}

/** How well each session's pendant is heard, by session. */
export const dutyNow = (state: State, nowMs: number): ReadonlyMap<string, PendantState> =>
  new Map([...state.sessions.values()].map(each => [each.id, pendantState(state, each, nowMs)]))

/** The technical alarms of pendants on duty: raised at 100 s of silence, mended when heard again or signed out. */
export function dutyChanges(state: State, nowMs: number): Change[] {
  const onDuty = [...state.sessions.values()].filter(
    ({ pendant }) => state.plan.pendants.get(pendant)?.bthome === undefined,
  )
  const { ears } = state.armed
  const isNobodyHearing = !ears.isAny
  const isDeafLong = isNobodyHearing && nowMs - ears.sinceMs >= SILENT_MS
  const silent = isDeafLong
    ? onDuty
    : isNobodyHearing
      ? []
      : onDuty.filter(each => isSilent(state, each, nowMs))
  const isTogether =
    silent.length > EACH_MAX ||
    isDeafLong ||
    (state.technical.has(SILENT_TOGETHER) && (silent.length > 0 || isNobodyHearing))
  if (isTogether && silent.length === 0) return []
  return isTogether
    ? [...together(state, silent, isNobodyHearing, nowMs), ...eachMended(state, silent, nowMs)]
    : [...mendTogether(state, silent), ...raiseEach(state, silent, nowMs), ...eachMended(state, [], nowMs)]
}

/** Silence counts from when it could be heard: from the start on, and from when receivers hear again. */
function isSilent(state: State, { pendant }: Session, nowMs: number): boolean {
  const renewedAtMs = state.tracks.get(pendant)?.life?.renewedAtMs ?? state.startedAtMs
  return nowMs - Math.max(renewedAtMs, state.armed.ears.sinceMs) >= SILENT_MS
}

function raiseEach(state: State, silent: readonly Session[], nowMs: number): Change[] {
  return silent.flatMap(({ pendant }) => {
    const key = silentKey(pendant)
    if (state.technical.has(key)) return []
    const life = state.tracks.get(pendant)?.life ?? null
    const forMs = nowMs - (life?.renewedAtMs ?? state.startedAtMs)
    const facts = { of: 'pendant-silent', pendant, forMs, isEver: life !== null } as const
    return [technicalRaised(state.plan, key, facts)]
  })
}

/** Those that are heard again or signed out, and those that are said with others now. */
function eachMended(state: State, saidTogether: readonly Session[], nowMs: number): Change[] {
  const onDuty = new Set([...state.sessions.values()].map(({ pendant }) => pendant))
  const together = new Set(saidTogether.map(({ pendant }) => pendant))
  return [...state.technical.keys()].flatMap((key): Change[] => {
    const pendant = silentIn(key)
    if (pendant === null) return []
    const life = state.tracks.get(pendant)?.life ?? null
    const isAlive = life !== null && nowMs - life.renewedAtMs < SILENT_MS
    if (isAlive) return [{ is: 'technical-mended', key }]
    const isLetGo = !onDuty.has(pendant) || together.has(pendant)
    return isLetGo ? [{ is: 'technical-mended', key, isLetGo }] : []
  })
}

function together(
  state: State,
  silent: readonly Session[],
  isNobodyHearing: boolean,
  nowMs: number,
): Change[] {
  const known = state.technical.get(SILENT_TOGETHER)
  const before = known?.facts?.of === 'pendants-silent' ? known.facts : null
  const pendants = silent.map(({ pendant }) => pendant).sort()
  const isSame = before?.isNobodyHearing === isNobodyHearing && before.pendants.join() === pendants.join()
  if (known !== undefined && isSame) return []
  const isMore = pendants.some(pendant => before?.pendants.includes(pendant) !== true)
  if (known !== undefined && !isMore && nowMs - known.saidAtMs < AGAIN_MS) return []
  return [technicalRaised(state.plan, SILENT_TOGETHER, { of: 'pendants-silent', pendants, isNobodyHearing })]
}

/** Those that are still silent are said each from here on: then it is not over. */
function mendTogether({ technical }: State, silent: readonly Session[]): Change[] {
  if (!technical.has(SILENT_TOGETHER)) return []
  return [{ is: 'technical-mended', key: SILENT_TOGETHER, ...(silent.length > 0 && { isLetGo: true }) }]
}

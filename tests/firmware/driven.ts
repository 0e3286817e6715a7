// The machine driven over time: each input at its instant, and every timer it asked for in between.
import type { Beacon } from '../../firmware/air/beacon.ts'
import { textOf } from '../../firmware/air/frame.ts'
import { MOTION_HUNG, MOTION_NONE } from '../../firmware/board.ts'
import type { State } from '../../firmware/fields.ts'
import {
  boot as bootPendant,
  button,
  cord,
  follow,
  hear,
  loose,
  measured,
  stored,
  take,
} from '../../firmware/pendant.ts'
import { asleep, othersDueAtMs } from '../../firmware/state.ts'
import { readSettings, type Settings } from '../../firmware/storage/settings.ts'
import { sampled } from '../../firmware/wearer/fall.ts'

export const KEY = '231d39c1d7cc1ab1aee224cd096db932'
/** A frame each 2 s, repeated each second, which is rounder than the defaults; and no asks between. */
const PACE = { heartbeatMs: 2000, idleMs: 1000, askEveryMs: 0 }

/** When the next turn is due, at the latest: what main.ts works out at the end of each turn. */
export const wakeAtMs = (s: State): number => Math.min(s.sealAtMs, othersDueAtMs(s))

/** The numbers of a settings file and what else it says. */
export const settingsIn = (text: string | undefined): State & Settings => {
  const s = asleep()
  const settings = readSettings(text, s, undefined)
  return { ...s, ...settings }
}
export const settingsWith = (more: Readonly<Record<string, unknown>> = {}): State & Settings =>
  settingsIn(JSON.stringify({ id: 'p-07', key: KEY, ...PACE, ...more }))

export type Boot = {
  isCordParted: boolean
  isButtonDown: boolean
  battery: number
  counter: number
  number: number
  /** Of the alarm that was on when the power went. */
  alarmKind: number
  isMarkLost: boolean
  /** MOTION_HUNG where manDown is on. */
  motionKind: number
}
export type Input =
  | { kind: 'cord'; isParted: boolean }
  | { kind: 'button'; isDown: boolean }
  | { kind: 'beacon'; beacon: Beacon }
  | { kind: 'battery'; percent: number }
  | { kind: 'storage'; isWell: boolean }
  | { kind: 'motion'; x: number; y: number; z: number }
  | { kind: 'loose' }
  | { kind: 'error' }
  | { kind: 'timer' }
export type Frame = {
  packetId: number
  battery: number
  button: number
  kind: number
  number: number
  flags: number
}
/** In the order main does them. */
export type Effect =
  | { kind: 'reserve'; counter: number; number: number }
  | { kind: 'note'; number: number }
  | { kind: 'advertise'; counter: number; frame: Frame; intervalMs: number }
  | { kind: 'measure' }
  | { kind: 'scan'; isOn: boolean }
  | { kind: 'lights'; colours: number }
  /** What a screen or a motor is told. */
  | { kind: 'show'; mood: number }
  | { kind: 'tidy' }

/** A machine that asks for more timers than this in one instant would never sleep. */
const TURNS_MAX = 3

export type Done = { atMs: number; effect: Effect }

const frameOf = (s: State): Frame => {
  const [, packetId = 0, , battery = 0, , button = 0, , , kind = 0, number = 0, flags = 0] = textOf(s)
  return { packetId, battery, button, kind: kind & 15, number, flags }
}

/** What main does before the pendant goes on with its turn: flash before the radio. Asked once. */
const askedFirst = (s: State): Effect[] => {
  const effects: Effect[] = []
  if (s.isMarkDue && !s.isMarkLost) effects.push({ kind: 'reserve', counter: s.mark, number: s.number })
  if (s.isNoteDue && !s.isMarkLost) effects.push({ kind: 'note', number: s.number })
  if (s.isFrameDue)
    effects.push({ kind: 'advertise', counter: s.frameCounter, frame: frameOf(s), intervalMs: s.intervalMs })
  s.isMarkDue = 0
  s.isNoteDue = 0
  s.isFrameDue = 0
  return effects
}

/** And what after it. `before`: what a change of is an effect, and no more, for speed. */
const askedThen = (s: State, before: Pick<State, 'isScanning' | 'colours' | 'mood'>): Effect[] => {
  const effects: Effect[] = []
  if (s.isMeasureDue) effects.push({ kind: 'measure' })
  if (s.isScanning !== before.isScanning) effects.push({ kind: 'scan', isOn: s.isScanning === 1 })
  if (s.colours !== before.colours) effects.push({ kind: 'lights', colours: s.colours })
  if (s.mood !== before.mood) effects.push({ kind: 'show', mood: s.mood })
  if (s.isTidyDue) effects.push({ kind: 'tidy' })
  s.isMeasureDue = 0
  s.isTidyDue = 0
  return effects
}

/** Gives the pendant its input; false where none of it is a turn. */
const taken = (s: State, input: Input, nowMs: number): boolean => {
  switch (input.kind) {
    case 'cord':
      take(s, nowMs, cord, input.isParted ? 1 : 0)
      return true
    case 'button':
      take(s, nowMs, button, input.isDown ? 1 : 0)
      return true
    case 'beacon':
      take(s, nowMs, hear, input.beacon)
      return true
    case 'battery':
      take(s, nowMs, measured, input.percent)
      return true
    case 'storage':
      take(s, nowMs, stored, input.isWell)
      return true
    case 'motion':
      if (!sampled(s, nowMs, input.x, input.y, input.z)) return false
      take(s, nowMs, null, 0)
      return true
    case 'loose':
      take(s, nowMs, loose, 0)
      return true
    case 'error':
      s.hasErred = 1
      take(s, nowMs, null, 0)
      return true
    case 'timer':
      take(s, nowMs, null, 0)
      return true
  }
}

/** A machine booted at 0 ms. `at` moves on to an instant, running timers on the way, and gives it an input there. */
export const drive = (boot: Partial<Boot> = {}, settings: State & Settings = settingsWith()) => {
  const done: Done[] = []
  const { id: _id, key, iBeacon: _iBeacon, fault, ...numbers } = settings
  const s: State = { ...numbers }
  let nowMs = 0
  /** A turn in the order of main's: the input, flash and radio, then all that follows. */
  const give = (input: Input): void => {
    const before = { isScanning: s.isScanning, colours: s.colours, mood: s.mood }
    const note = (effects: readonly Effect[]): void => {
      for (const effect of effects) done.push({ atMs: nowMs, effect })
    }
    if (!taken(s, input, nowMs)) return
    note(askedFirst(s))
    follow(s)
    note(askedThen(s, before))
  }
  const to = (atMs: number): void => {
    let turns = 0
    while (wakeAtMs(s) <= atMs) {
      turns = wakeAtMs(s) > nowMs ? 1 : turns + 1
      if (turns > TURNS_MAX)
        throw new Error(`expected the machine to wait, came turn ${turns} at ${nowMs} ms`)
      nowMs = Math.max(nowMs, wakeAtMs(s))
      give({ kind: 'timer' })
    }
    nowMs = atMs
  }
  s.hasKey = key === null ? 0 : 1
  s.isUnset = fault === null ? 0 : 1
  s.isMarkLost = boot.isMarkLost ? 1 : 0
  s.counter = Math.max(s.counter, boot.counter ?? 0)
  s.number = boot.number ?? 0
  s.alarmKind = boot.alarmKind ?? 0
  s.battery = boot.battery ?? 97
  s.isCordParted = boot.isCordParted ? 1 : 0
  s.isButtonDown = boot.isButtonDown ? 1 : 0
  s.motionKind = boot.motionKind ?? (s.manDown > 0 ? MOTION_HUNG : MOTION_NONE)
  bootPendant(s, 0)
  give({ kind: 'timer' })
  return {
    to,
    /** The chip's clock is set, between two turns. */
    jump: (byMs: number): void => {
      nowMs += byMs
      give({ kind: 'timer' })
    },
    at: (atMs: number, input: Input): void => {
      to(atMs)
      give(input)
    },
    /** The machine itself, which moves on. */
    state: () => s,
    /** As it is now, to compare with later. */
    seen: (): State => ({ ...s }),
    nowMs: () => nowMs,
    done,
    advertised: () =>
      done.flatMap(({ atMs, effect }) => (effect.kind === 'advertise' ? [{ atMs, ...effect }] : [])),
    last: () => done.findLast(({ effect }) => effect.kind === 'advertise')?.effect,
    lit: () => done.flatMap(({ atMs, effect }) => (effect.kind === 'lights' ? [{ atMs, ...effect }] : [])),
  }
}

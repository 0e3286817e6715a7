// The pure machine driven over time: each input at its instant, and every timer it asked for in between.
import { step } from '../../firmware/pendant.ts'
import { readSettings, type Settings } from '../../firmware/settings.ts'
import { asleep, type Boot, type Effect, type Input, type State, wakeAtMs } from '../../firmware/state.ts'

export const KEY = '231d39c1d7cc1ab1aee224cd096db932'
export const settingsWith = (more: Readonly<Record<string, unknown>> = {}): Settings =>
  readSettings(JSON.stringify({ id: 'p-07', key: KEY, ...more }))

export const BOOT: Boot = {
  kind: 'boot',
  isCordParted: false,
  isButtonDown: false,
  battery: 97,
  counter: 0,
  number: 0,
  isMarkLost: false,
}

/** A machine that asks for more timers than this in one instant would never sleep. */
const TURNS_MAX = 3

export type Done = { atMs: number; effect: Effect }

/** A machine booted at 0 ms. `at` moves on to an instant, running timers on the way, and gives it an input there. */
export const drive = (boot: Partial<Boot> = {}, settings: Settings = settingsWith()) => {
  const done: Done[] = []
  let state: State = asleep(settings)
  let nowMs = 0
  const give = (input: Input): void => {
    const after = step(settings, state, input, nowMs)
    state = after.state
    for (const effect of after.effects) done.push({ atMs: nowMs, effect })
  }
  const to = (atMs: number): void => {
    let turns = 0
    while (wakeAtMs(state) <= atMs) {
      turns = wakeAtMs(state) > nowMs ? 1 : turns + 1
      if (turns > TURNS_MAX)
        throw new Error(`expected the machine to wait, came turn ${turns} at ${nowMs} ms`)
      nowMs = Math.max(nowMs, wakeAtMs(state))
      give({ kind: 'timer' })
    }
    nowMs = atMs
  }
  give({ ...BOOT, ...boot })
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
    state: () => state,
    nowMs: () => nowMs,
    done,
    advertised: () =>
      done.flatMap(({ atMs, effect }) => (effect.kind === 'advertise' ? [{ atMs, ...effect }] : [])),
    last: () => done.findLast(({ effect }) => effect.kind === 'advertise')?.effect,
    lit: () => done.flatMap(({ atMs, effect }) => (effect.kind === 'lights' ? [{ atMs, ...effect }] : [])),
  }
}

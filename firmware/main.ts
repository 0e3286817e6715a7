// Wires the machine to a board: inputs in, effects out, one timer. Whatever is thrown, the pendant goes on advertising.
import { readBeacon } from './beacon.ts'
import type { Board } from './board.ts'
import { advertisement } from './frame.ts'
import { BLUE, GREEN, RED } from './lights.ts'
import { readMarks, writeMark } from './mark.ts'
import { step } from './pendant.ts'
import { readSettings, SETTINGS_FILE } from './settings.ts'
import { asleep, type Effect, type Input, type State, wakeAtMs } from './state.ts'

/** The chip resets itself when its idle loop is not reached for this long; the longest turn takes tens of ms. */
const WATCHDOG_SECONDS = 15
/** After a turn that threw, the next one comes this soon. */
const RETRY_MS = 1000
/** Never asleep longer than this, so that a lost deadline costs seconds and not the pendant. */
const WAKE_MS_MAX = 10000

/** What a pendant says of itself to whoever holds its console: never its key. */
export type Said = {
  id: string
  counter: number
  number: number
  battery: number
  inAlarm: boolean
  /** What is wrong with the settings, in words. */
  fault: string | null
  /** Names of all that is true of its state. */
  flags: string[]
}

/**
 * Starts the pendant on a board; returns once it advertises, and all the rest happens on its timer and watches. The
 * answer tells how it is, each time it is asked.
 */
export const run = (board: Board): (() => Said) => {
  const settings = readSettings(board.readFile(SETTINGS_FILE))
  const address = board.address()
  let marks = readMarks(board)
  let state = asleep(settings)
  let waiting: Input[] = []
  let isBusy = false
  let shown = state.mood

  const reserve = (counter: number, number: number): void => {
    const written = writeMark(board, marks, counter, number)
    if (written !== null) marks = written
    if (written === null || state.isStorageFaulty) waiting.push({ kind: 'storage', isWell: written !== null })
  }

  const hear = (data: Uint8Array): void => {
    if (settings.key === null) return
    const beacon = readBeacon(board.aes, settings.key, address, state.beaconCounter, data)
    if (beacon !== null) turn({ kind: 'beacon', beacon: beacon })
  }

  const advertise = (effect: Extract<Effect, { kind: 'advertise' }>): void => {
    const key = state.hasKey ? settings.key : null
    board.advertise(advertisement(board.aes, key, address, effect.counter, effect.frame), effect.intervalMs)
  }

  const perform = (effect: Effect): void => {
    switch (effect.kind) {
      case 'reserve':
        reserve(effect.counter, effect.number)
        break
      case 'advertise':
        advertise(effect)
        break
      case 'scan':
        board.scan(effect.isOn ? hear : null)
        break
      case 'lights':
        board.lights(
          (effect.colours & RED) !== 0,
          (effect.colours & GREEN) !== 0,
          (effect.colours & BLUE) !== 0,
        )
        break
      case 'measure':
        waiting.push({ kind: 'battery', percent: board.batteryPercent() })
        break
      case 'tidy':
        board.tidyFiles()
        break
    }
  }

  const takeTurns = (): void => {
    while (waiting.length > 0) {
      const after = step(settings, state, waiting.shift() as Input, board.nowMs())
      state = after.state
      for (const effect of after.effects) perform(effect)
      if (state.mood !== shown && board.show !== undefined) {
        shown = state.mood
        board.show(shown)
      }
    }
  }

  const turn = (input: Input): void => {
    waiting.push(input)
    // An effect may bring the next input; it waits until every effect before it is done.
    if (isBusy) return
    isBusy = true
    let delayMs = RETRY_MS
    try {
      takeTurns()
      delayMs = Math.max(1, Math.min(WAKE_MS_MAX, Math.ceil(wakeAtMs(state) - board.nowMs())))
    } catch (error) {
      waiting = [{ kind: 'error' }]
      board.log(`turn failed: ${error}`)
    }
    isBusy = false
    board.wake(delayMs, () => turn({ kind: 'timer' }))
  }

  board.onUncaught(what => {
    board.log(`uncaught: ${what}`)
    turn({ kind: 'error' })
  })
  board.watchdog(WATCHDOG_SECONDS)
  board.setTxPower(settings.txPowerDbm)
  if (settings.fault !== null) board.log(settings.fault)
  const mark = marks.mark
  turn({
    kind: 'boot',
    isCordParted: board.watchCord(settings.cordDebounceMs, isParted =>
      turn({ kind: 'cord', isParted: isParted }),
    ),
    isButtonDown: board.watchButton(settings.buttonDebounceMs, isDown =>
      turn({ kind: 'button', isDown: isDown }),
    ),
    battery: board.batteryPercent(),
    counter: mark === null ? 0 : mark.counter,
    number: mark === null ? 0 : mark.number,
    isMarkLost: marks.isLost,
  })
  return () => ({
    id: settings.id,
    counter: state.counter,
    number: state.number,
    battery: state.battery,
    inAlarm: state.alarm !== null,
    fault: settings.fault,
    flags: Object.keys(state).filter(name => state[name as keyof State] === true),
  })
}

// Wires the machine to a board: inputs in, what it asks for out, one timer. Whatever is thrown, the pendant goes on
// advertising.
import { readBeacon } from './air/beacon.ts'
import { plainFrame, sealerOn } from './air/frame.ts'
import { beside, besideMs } from './air/ibeacon.ts'
import { benchOf } from './air/seal.ts'
import { canRepeat, isIdling, repeat } from './air/sending.ts'
import { type Board, MOTION_NONE, SOUND_LOOSE, SOUND_WELL } from './board.ts'
import type { State } from './fields.ts'
import { boot, button, cord, follow, hear, loose, measured, stored, take } from './pendant.ts'
import { asleep, NEVER, NONE, othersDueAtMs } from './state.ts'
import { note, readMarks, writeMark } from './storage/mark.ts'
import { readSettings, SETTINGS_FILE } from './storage/settings.ts'
import type { sampled } from './wearer/fall.ts'

/** The chip resets itself when its idle loop is not reached for this long; the longest turn takes tens of ms. */
const WATCHDOG_SECONDS = 15
/** After a turn that threw, the next one comes this soon. */
const RETRY_MS = 1000
/** Never asleep longer than this, so that a lost deadline costs seconds and not the pendant. */
const WAKE_MS_MAX = 10000

/** Brings a whole number of ms up to where it was not less. */
const ALMOST_MS = 0.999

/** What a pendant says of itself to whoever holds its console: never its key. */
export type Said = {
  id: string
  counter: number
  number: number
  battery: number
  inAlarm: boolean
  /** What is wrong with the settings, in words. */
  fault: string | null
  /** Names of all that is wrong or out of the ordinary. */
  flags: string[]
}

type Input<Value> = (s: State, value: Value) => void

const flagsOf = (s: State): string[] =>
  [
    s.isCordParted ? 'isCordParted' : '',
    s.isCordFaulty ? 'isCordFaulty' : '',
    s.isPullFaulty ? 'isPullFaulty' : '',
    s.isButtonDown ? 'isButtonDown' : '',
    s.isButtonFaulty ? 'isButtonFaulty' : '',
    s.isStorageFaulty ? 'isStorageFaulty' : '',
    s.isMotionFaulty ? 'isMotionFaulty' : '',
    s.isMarkLost ? 'isMarkLost' : '',
    s.isUnset ? 'isUnset' : '',
    s.hasErred ? 'hasErred' : '',
    s.hasKey ? 'hasKey' : '',
  ].filter(name => name !== '')

/**
 * Starts the pendant on a board; returns once it advertises, and all the rest happens on its timer and watches. The
 * answer tells how it is, each time it is asked. `feel` is what reads an accelerometer: given by the boards that have one,
 * so that the bundles of the others are without it.
 */
export const run = (board: Board, feel?: typeof sampled): (() => Said) => {
  const s = asleep()
  const settings = readSettings(board.readFile(SETTINGS_FILE), s, board.defaults)
  const key = settings.key
  // Where there is no key nothing is sealed, and every frame is a plain one.
  const bench = benchOf(board.aes, key === null ? new Uint8Array(0) : key, board.address())
  const frameOf = sealerOn(bench)
  const prepare = bench.ahead
  const marks = readMarks(board)
  let beat: (frame: Uint8Array, intervalMs: number) => void = board.advertise
  let isListening = 0
  let colours = 0
  let shown = s.mood
  /** When anything but the next heartbeat is due. */
  let othersAtMs = 0
  /** Since when the pad reads parted and no edge has said so. */
  let suspectAtMs = NEVER

  const write = (): void => {
    s.isMarkDue = 0
    // A mark written where they are lost would look whole at the next power-on, and its counters were used before.
    if (s.isMarkLost === 0) stored(s, writeMark(board, marks, s.mark, s.number, s.alarmKind))
  }

  const noteDown = (): void => {
    s.isNoteDue = 0
    if (s.isMarkLost === 0 && !note(board, marks, s.number, s.alarmKind)) write()
  }

  const advertise = (): void => {
    s.isFrameDue = 0
    board.advertise(s.hasKey ? frameOf(s) : plainFrame(s), s.intervalMs)
    if (prepare !== null && s.hasKey) prepare()
  }
  const ear = (data: Uint8Array): void => {
    // A beacon that comes when nobody listens any more would unlay the bench between two heartbeats.
    if (s.hasKey === 0 || isListening === 0) return
    const beacon = readBeacon(bench, s.beaconCounter, data)
    if (beacon !== null) turn(hear, beacon)
  }

  /** What the machine asked for, in the order that counts: flash before the radio, the radio before all else. */
  const perform = (): void => {
    const isNoted = s.isNoteDue
    // A mark says all that a note would.
    if (s.isMarkDue) {
      write()
      s.isNoteDue = s.isStorageFaulty
    }
    if (s.isNoteDue) noteDown()
    if (s.isFrameDue) advertise()
    follow(s)
    if (s.isMeasureDue) {
      s.isMeasureDue = 0
      measured(s, board.batteryPercent())
    }
    if (isListening !== s.isScanning) {
      isListening = s.isScanning
      board.scan(isListening ? ear : null)
    }
    if (colours !== s.colours) {
      colours = s.colours
      if (s.telling > 0) board.lights(colours)
    }
    if (shown !== s.mood) {
      shown = s.mood
      if (board.show !== undefined && s.telling > 0) board.show(shown, s.telling)
    }
    // With the alarm on the air there is time to make room for the next one.
    if (isNoted && marks.noteAt >= marks.endAt) write()
    if (s.isTidyDue) {
      s.isTidyDue = 0
      board.tidyFiles()
    }
  }

  const whole = <Value>(nowMs: number, input?: Input<Value>, value?: Value): void => {
    // Where heartbeats are far apart main wakes in between, and nothing is due.
    if (input === undefined && isIdling(s, nowMs, othersAtMs)) {
      s.atMs = nowMs
      return
    }
    take(s, nowMs, input, value)
    perform()
    othersAtMs = othersDueAtMs(s)
  }

  /**
   * What the pad itself says, in case an edge was lost or the pad floats: twice parted, a debounce apart, is parted. Answers
   * when to look again.
   */
  const suspect = (nowMs: number, found: number): number => {
    if (found === SOUND_LOOSE) {
      board.pullCord(true)
      whole(nowMs, loose, 0)
    }
    if (suspectAtMs === NEVER) suspectAtMs = nowMs
    if (nowMs < suspectAtMs + s.cordDebounceMs) return suspectAtMs + s.cordDebounceMs
    suspectAtMs = NEVER
    whole(nowMs, cord, 1)
    return NEVER
  }

  const failed = (error: unknown): void => {
    s.hasErred = 1
    s.repeatsLeft = 0
    // Its frame may be lost, and the next one far away.
    s.sealAtMs = s.atMs
    board.log(`turn failed: ${error}`)
  }

  /** Without an input it is only time that has passed. */
  const turn = <Value>(input?: Input<Value>, value?: Value): void => {
    let delayMs = RETRY_MS
    try {
      const nowMs = board.nowMs()
      if (input === undefined && canRepeat(s, nowMs, othersAtMs)) {
        repeat(s, nowMs)
        beat(bench.again(s.packetId, s.frameCounter % 256), s.intervalMs)
        if (prepare !== null) prepare()
      } else whole(nowMs, input, value)
      let soundAtMs = NEVER
      const found = s.isCordParted ? SOUND_WELL : board.soundCord()
      if (found === SOUND_WELL) suspectAtMs = NEVER
      else soundAtMs = suspect(nowMs, found)
      // By hand, because the chip looks for `Math` behind all of the firmware's own names.
      const dueAtMs = s.sealAtMs < othersAtMs ? s.sealAtMs : othersAtMs
      // From when the turn began: what it takes itself, some ms, makes the next one late and never early.
      delayMs = ((soundAtMs < dueAtMs ? soundAtMs : dueAtMs) - nowMs + ALMOST_MS) | 0
      if (delayMs < 1) delayMs = 1
      if (delayMs > WAKE_MS_MAX) delayMs = WAKE_MS_MAX
    } catch (error) {
      failed(error)
    }
    board.wake(delayMs, turn)
  }

  board.onUncaught(what => {
    board.log(`uncaught: ${what}`)
    s.hasErred = 1
    s.repeatsLeft = 0
    turn()
  })
  board.watchdog(WATCHDOG_SECONDS)
  board.setTxPower(s.txPowerDbm)
  if (settings.fault !== null) board.log(settings.fault)
  if (settings.iBeacon !== null) {
    s.idleMs = besideMs(s)
    beat = beside(board, settings)
  }
  s.hasKey = key === null ? 0 : 1
  s.isUnset = settings.fault === null ? 0 : 1
  s.isMarkLost = marks.isLost ? 1 : 0
  s.counter = Math.max(s.counter, marks.counter)
  s.number = marks.number
  s.alarmKind = marks.kind
  s.battery = board.batteryPercent()
  if (board.extraUa !== undefined) s.extraUa = board.extraUa
  s.isCordParted = board.watchCord(s.cordDebounceMs, isParted => turn(cord, isParted))
  board.pullCord(s.cordPull > 0)
  s.isButtonDown = board.watchButton(s.buttonDebounceMs, isDown => turn(button, isDown))
  if (s.manDown > 0) {
    if (board.watchMotion !== undefined && feel !== undefined)
      s.motionKind = board.watchMotion((x, y, z) => {
        if (feel(s, board.nowMs(), x, y, z)) turn()
      })
    if (s.motionKind === MOTION_NONE) {
      s.isMotionFaulty = 1
      board.log('expected an accelerometer for "manDown", found none')
    }
  }
  boot(s, board.nowMs())
  turn()
  return () => ({
    id: settings.id,
    counter: s.counter,
    number: s.number,
    battery: s.battery,
    inAlarm: s.alarmKind !== NONE,
    fault: settings.fault,
    flags: flagsOf(s),
  })
}

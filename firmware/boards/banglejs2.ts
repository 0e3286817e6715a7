// Bangle.js 2, and the entry of its bundle: one button, a screen, a motor, no lamps and no pad for a cord.
import { type Board, MOTION_WORN, SOUND_WELL, TELL_FEEL } from '../board.ts'
import { run } from '../main.ts'
import { sampled } from '../wearer/fall.ts'
import { BANGLEJS2_DEFAULTS } from './defaults.ts'
import { chipAes, espruino } from './espruino.ts'
import { buzzMs, wordsOf } from './words.ts'

const HALF = 88
/** Eleven letters of this height still fit on 176 pixels. */
const LETTERS = 28
const LETTERS_BIG = 44
const SHORT = 7
/** And fourteen of this one. */
const LETTERS_SMALL = 22
const LONG = 11

const show = (mood: number, telling: number): void => {
  const words = wordsOf(mood)
  g.clear()
  g.setFontAlign(0, 0)
  g.setFont('Vector', words.length > LONG ? LETTERS_SMALL : words.length > SHORT ? LETTERS : LETTERS_BIG)
  g.drawString(words, HALF, HALF)
  g.flip()
  if (telling >= TELL_FEEL && buzzMs(mood) > 0) Bangle.buzz(buzzMs(mood))
}

/** The watch tells 12 times a second by itself; so many seconds from one that is taken to the next. */
const SAMPLE_S = 0.5

const watchMotion = (run: (x: number, y: number, z: number) => void): number => {
  let takenAtS = 0
  Bangle.on('accel', a => {
    const nowS = getTime()
    // Also where the clock was set back.
    if (nowS >= takenAtS && nowS < takenAtS + SAMPLE_S) return
    takenAtS = nowS
    run(a.x * 1000, a.y * 1000, a.z * 1000)
  })
  return MOTION_WORN
}

const banglejs2: Pick<
  Board,
  'aes' | 'defaults' | 'watchCord' | 'pullCord' | 'soundCord' | 'lights' | 'show' | 'watchMotion'
> = {
  aes: chipAes(),
  defaults: BANGLEJS2_DEFAULTS,
  watchCord: () => 0,
  pullCord: () => {},
  soundCord: () => SOUND_WELL,
  lights: () => {},
  show: show,
  watchMotion: watchMotion,
}

// A held button is ours: the watch would leave for its clock.
Bangle.setOptions({ btnLoadTimeout: 0 })
global.tocsin = run(Object.assign(espruino, banglejs2), sampled)

// Bangle.js 2, and the entry of its bundle: one button, a screen, a motor, no lamps and no pad for a cord.
import { type Board, SOUND_WELL, TELL_FEEL } from '../board.ts'
import { run } from '../main.ts'
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

const banglejs2: Pick<Board, 'aes' | 'watchCord' | 'pullCord' | 'soundCord' | 'lights' | 'show'> = {
  aes: chipAes(),
  watchCord: () => 0,
  pullCord: () => {},
  soundCord: () => SOUND_WELL,
  lights: () => {},
  show: show,
}

// A held button is ours: the watch would leave for its clock.
Bangle.setOptions({ btnLoadTimeout: 0 })
global.tocsin = run(Object.assign(espruino, banglejs2))

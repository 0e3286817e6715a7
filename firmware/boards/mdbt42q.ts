// MDBT42Q, a bare module without AES, and the entry of its bundle. Cord on D3, button from D0 to 3 V; LED1 (D1) is red,
// LED2 (D2) green, and blue is both, so that green alone stays what it is.
import { softAes } from '../aes.ts'
import type { Board } from '../board.ts'
import { run } from '../main.ts'
import { espruino, watchCordAt } from './espruino.ts'

const mdbt42q: Pick<Board, 'aes' | 'watchCord' | 'lights'> = {
  aes: softAes((then, delayMs) => setTimeout(then, delayMs)),
  watchCord: (debounceMs, run) => watchCordAt(D3, debounceMs, run),
  lights: (red, green, blue) => {
    digitalWrite(LED1, red || blue)
    digitalWrite(LED2, green || blue)
  },
}

global.tocsin = run(Object.assign(espruino, mdbt42q))

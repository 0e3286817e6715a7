// Puck.js v1 and v2, and the entry of their bundle. Cord on D1; BTN reads high while pressed; LED1 is red, LED2 green,
// LED3 blue. The two differ in sensors only, and the firmware asks for none.
import type { Board } from '../board.ts'
import { run } from '../main.ts'
import { chipAes, espruino, watchCordAt } from './espruino.ts'

const puckjs: Pick<Board, 'aes' | 'watchCord' | 'lights'> = {
  aes: chipAes(),
  watchCord: (debounceMs, run) => watchCordAt(D1, debounceMs, run),
  lights: (red, green, blue) => {
    digitalWrite(LED1, red)
    digitalWrite(LED2, green)
    digitalWrite(LED3, blue)
  },
}

// Asked for by its name on the console, when it is flashed or looked after.
global.tocsin = run(Object.assign(espruino, puckjs))

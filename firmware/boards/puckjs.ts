// Puck.js v1 and v2, and the entry of their bundle. Cord on D1; BTN reads high while pressed; LED1 is red, LED2 green,
// LED3 blue. The two differ in sensors only, and the firmware asks for none.
import type { Board } from '../board.ts'
import { BLUE, GREEN, RED } from '../lights.ts'
import { run } from '../main.ts'
import { chipAes, cordAt, espruino } from './espruino.ts'

const puckjs: Pick<Board, 'aes' | 'lights'> = {
  aes: chipAes(),
  lights: colours => {
    digitalWrite(LED1, (colours & RED) > 0)
    digitalWrite(LED2, (colours & GREEN) > 0)
    digitalWrite(LED3, (colours & BLUE) > 0)
  },
}

// Asked for by its name on the console, when it is flashed or looked after.
global.tocsin = run(Object.assign(espruino, cordAt(D1), puckjs))

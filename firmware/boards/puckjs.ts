// Puck.js v1 and v2, and the entry of their bundle. Cord on D1; BTN reads high while pressed; LED1 is red, LED2 green,
// LED3 blue. The two differ in sensors only: v2 alone has an accelerometer.
import { type Board, MOTION_HUNG, MOTION_NONE } from '../board.ts'
import { run } from '../main.ts'
import { sampled } from '../wearer/fall.ts'
import { BLUE, GREEN, RED } from '../wearer/lights.ts'
import { chipAes, cordAt, espruino } from './espruino.ts'

/** Its slowest rate, the only one without the gyroscope: 40 uA [Espruino, libs/puckjs]. */
const ACCEL_HZ = 1.6
/** At its +-4 g. */
const COUNTS_PER_MG = 8.192

const puckjs: Pick<Board, 'aes' | 'lights' | 'watchMotion'> = {
  aes: chipAes(),
  lights: colours => {
    digitalWrite(LED1, (colours & RED) > 0)
    digitalWrite(LED2, (colours & GREEN) > 0)
    digitalWrite(LED3, (colours & BLUE) > 0)
  },
  watchMotion: run => {
    try {
      // A Puck.js v1 throws.
      Puck.accelOn(ACCEL_HZ)
      Puck.on('accel', a => run(a.acc.x / COUNTS_PER_MG, a.acc.y / COUNTS_PER_MG, a.acc.z / COUNTS_PER_MG))
      return MOTION_HUNG
    } catch (_error) {
      return MOTION_NONE
    }
  },
}

// Asked for by its name on the console, when it is flashed or looked after.
global.tocsin = run(Object.assign(espruino, cordAt(D1), puckjs), sampled)

// MDBT42Q, a bare module without AES, and the entry of its bundle. Cord on D3, button from D0 to 3 V; LED1 (D1) is red,
// LED2 (D2) green, and blue is both, so that green alone stays what it is.
import { softAes } from '../aes.ts'
import { run } from '../main.ts'
import { espruino } from './espruino.ts'

global.tocsin = run(
  espruino(
    softAes((then, delayMs) => setTimeout(then, delayMs)),
    D3,
    BTN,
    (red, green, blue) => {
      digitalWrite(LED1, red || blue)
      digitalWrite(LED2, green || blue)
    },
  ),
)

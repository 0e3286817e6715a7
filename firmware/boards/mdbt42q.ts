// MDBT42Q, a bare module without AES, and the entry of its bundle. Cord on D3, button from D0 to 3 V; LED1 (D1) is red,
// LED2 (D2) green, and blue is both, so that green alone stays what it is.

import { softAes } from '../air/ready.ts'
import type { Board } from '../board.ts'
import { run } from '../main.ts'
import { BLUE, GREEN, RED } from '../wearer/lights.ts'
import { MDBT42Q_DEFAULTS, MDBT42Q_EXTRA_UA } from './defaults.ts'
import { cordAt, espruino } from './espruino.ts'

const CORD = D3

const mdbt42q: Pick<Board, 'aes' | 'defaults' | 'extraUa' | 'lights'> = {
  aes: softAes({
    look: E.mapInPlace,
    named: btoa,
    later: setTimeout,
    hands: () => digitalRead([CORD, BTN]),
  }),
  defaults: MDBT42Q_DEFAULTS,
  // What power.ts has for it at these defaults, beyond what current.ts says.
  extraUa: MDBT42Q_EXTRA_UA,
  lights: colours => {
    digitalWrite(LED1, (colours & (RED | BLUE)) > 0)
    digitalWrite(LED2, (colours & (GREEN | BLUE)) > 0)
  },
}

global.tocsin = run(Object.assign(espruino, cordAt(CORD), mdbt42q))

// Loaded before a gateway's own code (node --import): its machine's clock, which the test sets by writing so many
// milliseconds into a file. Only what the machine says is moved (Date), never the time that passes (timers, performance).
import { readFileSync } from 'node:fs'

const FILE = process.env.TOCSIN_TEST_CLOCK
const LOOK_EACH_MS = 50
const RealDate = Date
let offMs = 0
let lookedAtMs = Number.NEGATIVE_INFINITY

function nowMs() {
  if (FILE !== undefined && performance.now() - lookedAtMs >= LOOK_EACH_MS) {
    lookedAtMs = performance.now()
    offMs = Number(readFileSync(FILE, 'utf8')) || 0
  }
  return RealDate.now() + offMs
}

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length > 0) super(...given)
    else super(nowMs())
  }
  static now() {
    return nowMs()
  }
}

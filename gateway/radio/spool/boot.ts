// The clock of a receiver, and which start of its machine it counts from. Promises that an age reckoned on it is true whoever sets
// the machine's time meanwhile, over a restart of the program, and over a sleep of the machine; a new start of the machine shows.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import type { Clock } from '../../ports.ts'

/** `bootId`: the same for every program of one start of the machine, and for no other. */
export type BootClock = Clock & { readonly bootId: string }

/** Linux (random(4)): made anew at each start of the machine. */
const BOOT_ID = '/proc/sys/kernel/random/boot_id'
/** Only a machine that has slept is found to be so far ahead of this process's own clock, which stands still meanwhile. */
const SLEPT_MS = 1_000
const LOOK_EACH_MS = 1_000

/** Milliseconds since the machine was started (CLOCK_BOOTTIME). */
const sinceBootMs = (): number => uptime() * 1_000

/** The timers are the process's own. */
export function bootClock({ after }: Pick<Clock, 'after'>): BootClock {
  let zeroMs = sinceBootMs() - performance.now()
  let lookedAtMs = performance.now()
  const nowMs = () => {
    const ownMs = performance.now()
    if (ownMs - lookedAtMs >= LOOK_EACH_MS) {
      lookedAtMs = ownMs
      const sleptMs = sinceBootMs() - ownMs - zeroMs
      if (sleptMs >= SLEPT_MS) zeroMs += sleptMs
    }
    return Math.floor(zeroMs + ownMs)
  }
  return { bootId: thisBoot(), nowMs, wallMs: () => Date.now(), after }
}

/** Where the machine does not say, each process is a start of its own: an age over a restart is then not known. */
function thisBoot(): string {
  try {
    return readFileSync(BOOT_ID, 'utf8').trim()
  } catch {
    return randomUUID()
  }
}

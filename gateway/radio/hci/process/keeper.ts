// A radio in a process of its own, kept: begun, watched by answering, and replaced when it dies, hangs or says that it is over. In:
// which device. Out: the port of `radio.ts`.
import type { Clock } from '../../../ports.ts'
import type { Radio, RadioCounters, RadioOptions } from '../../radio.ts'
import { ADVERTISING_BYTES_MAX } from '../codec/commands.ts'
import { monotonicMs } from './batch.ts'
import { type Hired, hire } from './child.ts'
import { type Counted, type FromProcess, NEVER_DEAF, type ToProcess } from './messages.ts'
import { createSteady } from './steady.ts'
import { createTold } from './told.ts'

/** In a building something always sends: telephones, headsets, lamps, the pendants themselves. */
const DEAF_AFTER_MS = 10_000
const RESTARTS_MS = [1000, 2000, 5000]
/** Where nothing was heard after all was tried, the next try is longer: the place may be as quiet as that. */
const DEAF_LONGER_MAX = 16

const NONE: Counted = { malformed: 0, mended: 0, dropped: 0 }

export function openRadio(options: RadioOptions): Radio {
  const { device, clock, log } = options
  let report: Parameters<Radio['onReport']>[0] = () => {}
  let state: Parameters<Radio['onState']>[0] = () => {}
  const told = createTold(now => state(now))
  const steady = createSteady(clock, told)
  let packets: string[] = []
  let heard = 0
  let restarts = 0
  /** Of the processes before this one, and of this one. */
  let before = NONE
  let now = NONE
  let hired: Hired | null = null
  let isClosing = false
  let deafLonger = 1
  let delays = 0
  let cancelRestart = (): void => {}

  const begin = (): void => {
    try {
      hired = hire({
        take(one) {
          heard += 1
          report(one)
        },
        toClock: toClockOf(clock),
        said: message => {
          if (message.is === 'tell') said(message.tell)
          else now = message.counted
        },
        ended,
      })
    } catch (error) {
      ended(error instanceof Error ? error.message : String(error), '')
      return
    }
    hired.post(startOf(options, deafLonger))
    if (packets.length > 0) hired.post({ is: 'broadcast', packets })
  }

  const said = (tell: Extract<FromProcess, { is: 'tell' }>['tell']): void => {
    if (isClosing) return
    if (tell.is === 'listening') delays = 0
    if (tell.is === 'hearing') deafLonger = 1
    steady.said(tell)
  }

  function ended(why: string, words: string): void {
    hired = null
    before = sum(before, now)
    now = NONE
    if (isClosing) return
    if (words !== '') log.error({ device, words }, "the radio's process crashed")
    steady.lost(why)
    if (told.isDeaf()) deafLonger = Math.min(deafLonger * 2, DEAF_LONGER_MAX)
    const delayMs = RESTARTS_MS[Math.min(delays, RESTARTS_MS.length - 1)] ?? 0
    delays += 1
    cancelRestart = clock.after(delayMs, () => {
      restarts += 1
      begin()
    })
  }

  setImmediate(() => isClosing || begin())
  return {
    onReport(listener) {
      report = listener
    },
    onState(listener) {
      state = listener
    },
    broadcast(list) {
      packets = list.map(hexOf)
      hired?.post({ is: 'broadcast', packets })
    },
    counters: (): RadioCounters => ({ heard, restarts, ...sum(before, now) }),
    async close() {
      isClosing = true
      cancelRestart()
      steady.close()
      await hired?.close()
    },
  }
}

/** How long ago it was is what two clocks have in common. */
const toClockOf =
  (clock: Clock) =>
  (atMs: number): number =>
    Math.round(clock.nowMs() - Math.max(0, monotonicMs() - atMs))

function startOf({ device, baudRate, deafAfterMs = DEAF_AFTER_MS }: RadioOptions, longer: number): ToProcess {
  const afterMs = Number.isFinite(deafAfterMs) ? deafAfterMs * longer : NEVER_DEAF
  return { is: 'start', device, baudRate: baudRate ?? null, deafAfterMs: afterMs }
}

const sum = (one: Counted, other: Counted): Counted => ({
  malformed: one.malformed + other.malformed,
  mended: one.mended + other.mended,
  dropped: one.dropped + other.dropped,
})

/** A mistake of the caller's is told to the caller, not to a process that can only crash of it. */
function hexOf(packet: Uint8Array): string {
  if (packet.length > ADVERTISING_BYTES_MAX)
    throw new Error(`expected at most ${ADVERTISING_BYTES_MAX} bytes to broadcast, came ${packet.length}`)
  return Buffer.from(packet).toString('hex')
}

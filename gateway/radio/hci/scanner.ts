// A controller at the end of a line, made to listen and watched. In: the line. Out: every report, whether it listens and hears, and
// at last why it is over: whoever holds the scanner begins it anew in a fresh process.
import type { Clock } from '../../ports.ts'
import { CommandUnanswered, createAsking } from './asking.ts'
import { bringUp, type Controller } from './bring-up.ts'
import { createBroadcasting } from './broadcasting.ts'
import { reset } from './codec/commands.ts'
import type { ControllerEvent } from './codec/events.ts'
import type { TakeReport } from './codec/reports.ts'
import type { Line } from './line/line.ts'
import { createReading } from './reading.ts'
import { createWatch } from './watch.ts'

/** A Reset is asked for twice: junk that stood before the first one may have swallowed it. */
const TRIES = 2
const CLOSE_MS_MAX = 500

export type ScannerTell =
  /** The controller says that its scan is on. */
  | { is: 'listening'; why: string }
  /** A report came, the first since `deaf` or since the start. */
  | { is: 'hearing' }
  | { is: 'deaf'; why: string }
  /** Whether it can broadcast: null, or why it cannot. */
  | { is: 'mute'; why: string | null }
  /** The last thing that it says. */
  | { is: 'over'; kind: 'deaf' | 'gone' | 'refused'; why: string }

export type Scanner = {
  broadcast(packets: readonly Uint8Array[]): void
  counted(): { malformed: number; mended: number }
  /** Nothing is broadcast or heard from then on. */
  close(): Promise<void>
}

export type ScannerOptions = {
  line: Line
  clock: Clock
  deafAfterMs: number
  report: TakeReport
  /** Reports came, and all that came at once have been told. */
  flush(): void
  tell(tell: ScannerTell): void
}

/** Resolves with the controller, or with why there is none. */
async function tryBringUp(parts: Parts): Promise<Controller | Extract<ScannerTell, { is: 'over' }>> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await bringUp(parts.asking)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      if (!(error instanceof CommandUnanswered)) return { is: 'over', kind: 'refused', why }
      if (tried === TRIES) return { is: 'over', kind: 'deaf', why }
    }
  }
}

type Parts = ReturnType<typeof partsOf>
type Wiring = {
  deaf(why: string): void
  fail(why: string): void
  giveUp(why: string): void
  flush(): void
}

function partsOf({ line, clock, deafAfterMs, report, tell }: ScannerOptions, wiring: Wiring) {
  const event = (heard: ControllerEvent): boolean => {
    if (heard.is === 'answer') return asking.heard(heard)
    if (heard.is === 'hardware-error')
      wiring.fail(`the controller reports a fault of its hardware (code ${heard.code})`)
    return true
  }
  const asking = createAsking({ send: line.write, clock, onUnanswered: wiring.fail })
  const reading = createReading({ clock, report, flush: wiring.flush, event })
  const broadcasting = createBroadcasting({ asking, clock, onFault: why => tell({ is: 'mute', why }) })
  const { deaf, fail, giveUp } = wiring
  const watch = createWatch({ clock, asking, deafAfterMs, heard: reading.heard, deaf, reset: fail, giveUp })
  return { asking, reading, broadcasting, watch }
}

export function createScanner(options: ScannerOptions): Scanner {
  const { line, clock, tell } = options
  let mended = 0
  let controller: Controller | null = null
  let isHearing = false
  let isOver = false
  const parts = partsOf(options, {
    deaf(why) {
      mended += 1
      deaf(why)
    },
    fail,
    giveUp: why => over({ is: 'over', kind: 'deaf', why }),
    flush() {
      if (!isHearing) tell({ is: 'hearing' })
      isHearing = true
      options.flush()
    },
  })
  const { asking, reading, broadcasting, watch } = parts

  const deaf = (why: string): void => {
    isHearing = false
    tell({ is: 'deaf', why })
  }
  const stop = (): void => {
    isOver = true
    controller = null
    watch.pause(false)
    reading.stop()
    broadcasting.stop()
  }
  const over = (end: Extract<ScannerTell, { is: 'over' }>): void => {
    if (isOver) return
    stop()
    asking.close(end.why)
    tell(end)
  }
  const begin = async (): Promise<void> => {
    const found = await tryBringUp(parts)
    if (isOver) return
    if ('kind' in found) {
      over(found)
      return
    }
    controller = found
    tell({ is: 'listening', why: wordsOf(controller) })
    broadcasting.begin(controller)
    watch.begin(controller)
  }
  /** Of a controller that was listening. While it is brought up, its silence ends that by itself. */
  function fail(why: string): void {
    if (controller === null) return
    controller = null
    mended += 1
    watch.pause(true)
    broadcasting.stop()
    deaf(`${why}; it is reset`)
    void begin()
  }

  line.onBytes(reading.feed)
  line.onEnd(why => over({ is: 'over', kind: 'gone', why }))
  void begin()
  return {
    broadcast: broadcasting.send,
    counted: () => ({ malformed: reading.malformed(), mended }),
    async close() {
      if (isOver) return
      stop()
      // A controller left to itself would go on broadcasting. What it answers is not waited for long.
      let cancelLate = (): void => {}
      const late = new Promise<void>(resolve => {
        cancelLate = clock.after(CLOSE_MS_MAX, resolve)
      })
      await Promise.race([asking.askFirst(reset()).catch(() => {}), late])
      cancelLate()
      asking.close('closed')
    },
  }
}

const wordsOf = ({ isExtended, sets }: Controller): string =>
  isExtended
    ? `it listens by the commands of Bluetooth 5, and can broadcast ${sets} packets at once`
    : 'it listens by the commands of Bluetooth 4, and broadcasts one packet at a time'

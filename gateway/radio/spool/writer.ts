// Writes a spool's lines to its file, one thing at a time, as many lines at once as wait. In: lines, and what is live of them. Out:
// whether the disk takes them. A disk that fails or hangs costs nobody any time, and is tried again.
import { faultWords } from '../../../schemas/fault-words.ts'
import type { Clock } from '../../ports.ts'
import type { SpoolFile } from './file.ts'

/** Settled lines are swept out when they make up more than half, and so much at least. */
const SWEEP_BYTES_MIN = 1_000_000
/** A disk that fails is tried again so often. */
const RETRY_MS = 10_000
/** A disk that says nothing for so long is said to hang. */
const HANG_MS = 5_000
/** How long closing waits for a disk. */
const CLOSE_MS = 2_000
/** Lines that wait for a disk that hangs: beyond it all is written anew when it answers. */
const LINES_MAX = 50_000

export type Writer = {
  append(line: string): void
  /** Nothing is live: what waits need not be written, and what stands there may go. */
  empty(): void
  /** Forces onto the disk what was appended. */
  sync(): void
  state(): { fault: string | null; isHanging: boolean }
  close(): Promise<void>
}

export type WriterOptions = {
  file: SpoolFile
  clock: Pick<Clock, 'nowMs' | 'after'>
  head: string
  /** All lines that are live now, and their length. */
  live: () => { lines: Iterable<string>; bytes: number }
  /** Said once when it fails, and with null when it works again. */
  onFault: (why: string | null) => void
}

export function createWriter({ file, clock, head, live, onFault }: WriterOptions): Writer {
  const wanted = { lines: [] as string[], isSync: false, isAnew: true, isEmpty: false }
  let fault: string | null = null
  let running = Promise.resolve()
  let isRunning = false
  let askedAtMs = clock.nowMs()
  let cancelRetry = () => {}
  let isClosed = false

  const say = (why: string | null) => {
    if (why !== fault) onFault(why)
    fault = why
  }
  const run = async () => {
    try {
      for (let step = nextStep(); step !== null; step = nextStep()) {
        askedAtMs = clock.nowMs()
        await step()
        say(null)
      }
    } catch (error) {
      say(faultWords(error))
      wanted.isAnew = true
      if (!isClosed) cancelRetry = clock.after(RETRY_MS, kick)
    }
    isRunning = false
  }
  const kick = () => {
    cancelRetry()
    if (isRunning) return
    isRunning = true
    running = run()
  }
  /** While a disk fails it is tried again in its time, and not for each line. */
  const work = () => (fault !== null && !isRunning ? undefined : kick())
  const writeAnew = () => {
    Object.assign(wanted, { lines: [], isAnew: false, isSync: false, isEmpty: false })
    return file.writeAnew(head + [...live().lines].join(''))
  }
  const append = () => file.append(wanted.lines.splice(0).join(''))
  const cut = () => {
    wanted.isEmpty = false
    return file.cut(head.length)
  }
  function nextStep(): (() => Promise<void>) | null {
    const isSweepDue = file.bytes() > 2 * live().bytes + SWEEP_BYTES_MIN
    if (wanted.isAnew || !file.isOpen() || isSweepDue) return writeAnew
    if (wanted.isEmpty) return cut
    if (wanted.lines.length > 0) return append
    const isSyncDue = wanted.isSync && file.isDirty()
    wanted.isSync = false
    return isSyncDue ? file.sync : null
  }
  kick()

  return {
    append(line) {
      if (wanted.lines.length < LINES_MAX) wanted.lines.push(line)
      else Object.assign(wanted, { lines: [], isAnew: true })
      work()
    },
    empty() {
      Object.assign(wanted, { lines: [], isEmpty: true })
      work()
    },
    sync() {
      wanted.isSync = true
      work()
    },
    state: () => ({ fault, isHanging: isRunning && clock.nowMs() - askedAtMs > HANG_MS }),
    async close() {
      isClosed = true
      cancelRetry()
      wanted.isSync = true
      work()
      const slow = new Promise<void>(resolve => setTimeout(resolve, CLOSE_MS).unref())
      await Promise.race([running.then(file.letGo), slow])
    },
  }
}

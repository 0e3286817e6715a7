// Where log lines leave the process. In: finished lines; out: bytes on a file descriptor, in order, never by waiting for it.
// Promises that nothing it writes to (a full disk, a reader who reads no more, a terminal that is stopped or gone) blocks or
// ends the process: so many lines wait, what is more is dropped and counted, and a fault says so while it lasts.
import { writeSync } from 'node:fs'
import { reasonOf, type Sink, sinkOf } from './log-sink.ts'

export type LogOutlet = {
  write(line: string): void
  /** Lines that were dropped since the start. */
  dropped(): number
  watch(watcher: OutletWatcher): void
  /** For a process that is to end: resolves when all is written, or after `withinMs`; what is not written by then never is. */
  end(withinMs: number): Promise<void>
  /** For a process that ends at once: writes what it can without waiting longer than `withinMs`. */
  flushSync(withinMs: number): void
  /** Whether a write hangs in the operating system: an ordinary exit would wait for it, perhaps for ever. */
  isHanging(): boolean
}
export type OutletWatcher = {
  /** A line was dropped. */
  onDropped?(): void
  /** Lines flow again, after so many were dropped. */
  onFlowing?(lines: number): void
  /** Writing has failed for a while, in words, and again when the words change; null when it works again. */
  onFault?(why: string | null): void
}

/** Lines that wait: minutes of an ordinary day, seconds of a flood. */
const WAITING_BYTES_MAX = 1024 * 1024
/** One write: what a pipe takes at once. */
const CHUNK_BYTES = 64 * 1024
/** A reader that was slow is back in a moment, a full disk in minutes: the one wait is between the two. */
const RETRY_MS = 100
/** A collector may be restarted; what takes longer is a fault. */
const FAULT_AFTER_MS = 5_000
const FLUSH_STEP_MS = 10
/** A write that failed long since may only wait for a busy machine; one that takes longer than this hangs. */
const HANGS_AFTER_MS = 2_000
const STDOUT = 1

type Stuck = { sinceMs: number; why: string }

/** An outlet to this descriptor, standard output unless said otherwise. `faultAfterMs` is for tests. */
export function createLogOutlet(fd = STDOUT, faultAfterMs = FAULT_AFTER_MS): LogOutlet {
  let opened: Sink | null = null
  const watchers: OutletWatcher[] = []
  const waiting = createWaiting()
  const trouble = createTrouble(watchers, faultAfterMs)
  let dropped = 0
  let droppedUntold = 0
  let isWriting = false
  let retry: NodeJS.Timeout | null = null
  let hasEnded = false
  let wake: () => void = () => {}

  const sink = (): Sink => {
    opened ??= sinkOf(fd)
    return opened
  }
  const flows = (): void => {
    trouble.over()
    if (droppedUntold === 0 || waiting.bytes() >= CHUNK_BYTES) return
    const lines = droppedUntold
    droppedUntold = 0
    for (const { onFlowing } of watchers) onFlowing?.(lines)
  }
  const went = (error: NodeJS.ErrnoException | null, chunk: Buffer, written: number): void => {
    waiting.giveBack(chunk.subarray(error === null ? written : 0))
    if (error === null && written > 0) flows()
    else {
      retry = setTimeout(begin, RETRY_MS)
      retry.unref()
      trouble.since(performance.now(), reasonOf(error))
    }
  }
  function begin(): void {
    retry = null
    if (isWriting || waiting.bytes() === 0 || hasEnded) return
    isWriting = true
    const chunk = waiting.take()
    // Not from when it began: a process that stood still meanwhile has not come to the answer yet.
    const watchdog = setInterval(
      () => trouble.goesOn(performance.now() - RETRY_MS, sink().whenHanging),
      RETRY_MS,
    )
    watchdog.unref()
    sink().write(chunk, (error, written) => {
      clearInterval(watchdog)
      isWriting = false
      went(error, chunk, written)
      if (retry === null) begin()
      wake()
    })
  }
  const whileIs = async (is: () => boolean, withinMs: number): Promise<void> => {
    const untilMs = performance.now() + withinMs
    while (is() && performance.now() < untilMs)
      await new Promise<void>(resolve => {
        wake = resolve
        setTimeout(resolve, FLUSH_STEP_MS)
      })
  }
  return {
    write(line) {
      if (waiting.add(Buffer.from(line))) {
        if (retry === null) begin()
        return
      }
      dropped += 1
      droppedUntold += 1
      for (const { onDropped } of watchers) onDropped?.()
    },
    dropped: () => dropped,
    watch: watcher => watchers.push(watcher),
    async end(withinMs) {
      await whileIs(() => isWriting || waiting.bytes() > 0, withinMs)
      hasEnded = true
      await whileIs(() => isWriting, HANGS_AFTER_MS)
    },
    flushSync: withinMs => flushSync(sink(), waiting, isWriting, withinMs),
    isHanging: () => isWriting && opened?.canHang === true,
  }
}

/** The lines that wait, oldest first, within their bound. */
function createWaiting() {
  let waiting: Buffer[] = []
  let bytes = 0
  return {
    bytes: (): number => bytes,
    /** False where there is no room for it. */
    add(line: Buffer): boolean {
      if (bytes + line.length > WAITING_BYTES_MAX) return false
      waiting.push(line)
      bytes += line.length
      return true
    },
    take(): Buffer {
      const chunk = chunkOf(waiting)
      waiting = rest(waiting, chunk.length)
      bytes -= chunk.length
      return chunk
    },
    giveBack(chunk: Buffer): void {
      if (chunk.length === 0) return
      waiting.unshift(chunk)
      bytes += chunk.length
    },
  }
}

/** Since when writing fails, and whether it was said. */
function createTrouble(watchers: readonly OutletWatcher[], faultAfterMs: number) {
  let stuck: Stuck | null = null
  let told: string | null = null
  const tell = (why: string | null): void => {
    if (why === told) return
    told = why
    for (const { onFault } of watchers) onFault?.(why)
  }
  const lament = ({ sinceMs, why }: Stuck): void => {
    stuck = { sinceMs: stuck?.sinceMs ?? sinceMs, why }
    if (performance.now() - stuck.sinceMs >= faultAfterMs) tell(why)
  }
  return {
    /** A write failed; its reason is the newest. */
    since(sinceMs: number, why: string): void {
      lament({ sinceMs, why })
    },
    /** A write has not come back; why the one before it failed, if it did, is known better. */
    goesOn(sinceMs: number, why: string): void {
      lament({ sinceMs, why: stuck?.why ?? why })
    },
    over(): void {
      stuck = null
      tell(null)
    },
  }
}

function flushSync(
  sink: Sink,
  waiting: ReturnType<typeof createWaiting>,
  isWriting: boolean,
  withinMs: number,
) {
  const untilMs = performance.now() + withinMs
  // The line before may be half written, by a write whose end nobody waits for.
  if (isWriting && waiting.bytes() > 0) waiting.giveBack(Buffer.from('\n'))
  while (!sink.canHang && waiting.bytes() > 0 && performance.now() < untilMs) {
    const chunk = waiting.take()
    const written = triedSync(sink.fd, chunk)
    waiting.giveBack(chunk.subarray(written))
    if (written === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FLUSH_STEP_MS)
  }
}

function triedSync(fd: number, chunk: Buffer): number {
  try {
    return writeSync(fd, chunk)
  } catch {
    return 0
  }
}

/** The oldest lines, as many as go in one write; never none where something waits. */
function chunkOf(waiting: readonly Buffer[]): Buffer {
  const lines: Buffer[] = []
  let bytes = 0
  for (const line of waiting) {
    if (bytes > 0 && bytes + line.length > CHUNK_BYTES) break
    lines.push(line)
    bytes += line.length
  }
  return lines.length === 1 ? (lines[0] as Buffer) : Buffer.concat(lines)
}

function rest(waiting: readonly Buffer[], bytes: number): Buffer[] {
  let left = bytes
  let lines = 0
  for (const line of waiting) {
    if (left === 0) break
    left -= line.length
    lines += 1
  }
  return waiting.slice(lines)
}

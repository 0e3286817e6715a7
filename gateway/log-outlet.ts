// Where log lines leave the process. In: finished lines; out: bytes on a file descriptor, in order, never by waiting for it.
// Promises that nothing it writes to (a full disk, a reader who reads no more, a terminal that is stopped or gone) blocks or
// ends the process: so many lines wait, what is more is dropped and counted, and a fault says so while it lasts.
import { constants, fstatSync, openSync, type Stats, write, writeSync } from 'node:fs'
import { Socket } from 'node:net'

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
  /** Writing has failed for a while, in words; null when it works again. */
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
      trouble.since(performance.now(), error)
    }
  }
  function begin(): void {
    retry = null
    if (isWriting || waiting.bytes() === 0 || hasEnded) return
    isWriting = true
    const chunk = waiting.take()
    const watchdog = setInterval(() => trouble.goesOn(performance.now() - RETRY_MS), RETRY_MS)
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
  let isTold = false
  const lament = (): void => {
    if (stuck === null || isTold || performance.now() - stuck.sinceMs < faultAfterMs) return
    isTold = true
    for (const { onFault } of watchers) onFault?.(stuck.why)
  }
  return {
    /** A write failed; its reason is the newest. */
    since(atMs: number, error: NodeJS.ErrnoException | null): void {
      stuck = { sinceMs: stuck?.sinceMs ?? atMs, why: reasonOf(error) }
      lament()
    },
    /** A write has not come back. */
    goesOn(sinceMs: number): void {
      stuck ??= { sinceMs, why: reasonOf(null) }
      lament()
    },
    over(): void {
      stuck = null
      if (isTold) for (const { onFault } of watchers) onFault?.(null)
      isTold = false
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

/** Where bytes go. `canHang`: a write may wait in the operating system, on one of libuv's threads. */
type Sink = {
  fd: number
  canHang: boolean
  write(chunk: Buffer, done: (error: NodeJS.ErrnoException | null, written: number) => void): void
}

function sinkOf(fd: number): Sink {
  const kind = kindOf(fd)
  if (kind?.isSocket()) return socketSink(fd)
  // A file has one place for all who share it, such as the script that started us: whoever writes moves it for the others.
  const isFile = kind?.isFile() === true
  const own = isFile ? fd : withoutBlocking(fd)
  return {
    fd: own,
    canHang: own === fd && !isFile,
    write: (chunk, done) => write(own, chunk, 0, chunk.length, null, done),
  }
}

function socketSink(fd: number): Sink {
  const socket = new Socket({ fd, readable: false })
  // Each write is told of its error; without a listener the first would end the process.
  socket.on('error', () => undefined)
  socket.unref()
  return {
    fd,
    canHang: false,
    write: (chunk, done) => {
      socket.write(chunk, error => done(error ?? null, error ? 0 : chunk.length))
    },
  }
}

function kindOf(fd: number): Stats | null {
  try {
    return fstatSync(fd)
  } catch {
    return null
  }
}

/**
 * The same pipe or terminal under a descriptor of our own that answers "not now" instead of waiting, and changes nothing
 * for whoever shares the given one; the given one where the system doesn't allow that (a pipe of another user's).
 */
function withoutBlocking(fd: number): number {
  const { O_WRONLY, O_NONBLOCK, O_APPEND, O_NOCTTY } = constants
  try {
    return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_APPEND | O_NOCTTY)
  } catch {
    return fd
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

const REASONS: Readonly<Record<string, string>> = {
  EAGAIN: 'nobody reads it',
  ENOSPC: 'its disk is full',
  EDQUOT: 'its disk quota is used up',
  EFBIG: 'its file may not grow any more',
  EPIPE: 'whoever read it has gone',
  ECONNRESET: 'whoever read it has gone',
  ERR_STREAM_DESTROYED: 'whoever read it has gone',
  EIO: 'its terminal or its disk has gone',
  EROFS: 'its disk is read-only',
}
const reasonOf = (error: NodeJS.ErrnoException | null): string =>
  error === null ? 'nobody reads it' : (REASONS[error.code ?? ''] ?? error.message)

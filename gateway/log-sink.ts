// What a log's bytes are written to: a file, a pipe, a terminal, a socket; and why a write to it failed, in words.
// Promises that a write waits for no reader where the operating system allows that, and that whoever shares the descriptor keeps it as it was.
import { constants, fstatSync, openSync, type Stats, write } from 'node:fs'
import { Socket } from 'node:net'

/** Where bytes go. */
export type Sink = {
  fd: number
  /** A write may wait in the operating system, on one of libuv's threads, for a reader. */
  canHang: boolean
  /** What a write that does not come back means, in words. */
  whenHanging: string
  write(chunk: Buffer, done: (error: NodeJS.ErrnoException | null, written: number) => void): void
}

/** What stands behind a descriptor. */
export function sinkOf(fd: number): Sink {
  const kind = kindOf(fd)
  if (kind?.isSocket()) return socketSink(fd)
  // A file has one place for all who share it, such as the script that started us: whoever writes moves it for the others.
  const isFile = kind?.isFile() === true
  const own = isFile ? fd : withoutBlocking(fd)
  return {
    fd: own,
    canHang: own === fd && !isFile,
    whenHanging: whenHanging(own === fd, isFile),
    write: (chunk, done) => write(own, chunk, 0, chunk.length, null, done),
  }
}

/** A descriptor that answers "not now" waits for no reader: what takes long there is the machine. */
function whenHanging(isGiven: boolean, isFile: boolean): string {
  if (isFile) return 'its disk does not answer'
  return isGiven ? NOBODY_READS : 'this machine has not come to it for seconds'
}

function socketSink(fd: number): Sink {
  const socket = new Socket({ fd, readable: false })
  // Each write is told of its error; without a listener the first would end the process.
  socket.on('error', () => undefined)
  socket.unref()
  return {
    fd,
    canHang: false,
    whenHanging: NOBODY_READS,
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

const NOBODY_READS = 'nobody reads it'
const REASONS: Readonly<Record<string, string>> = {
  EAGAIN: NOBODY_READS,
  ENOSPC: 'its disk is full',
  EDQUOT: 'its disk quota is used up',
  EFBIG: 'its file may not grow any more',
  EPIPE: 'whoever read it has gone',
  ECONNRESET: 'whoever read it has gone',
  ERR_STREAM_DESTROYED: 'whoever read it has gone',
  EIO: 'its terminal or its disk has gone',
  EROFS: 'its disk is read-only',
}
/** Why a write failed, in words; without an error, nothing was taken. */
export const reasonOf = (error: NodeJS.ErrnoException | null): string =>
  error === null ? NOBODY_READS : (REASONS[error.code ?? ''] ?? error.message)

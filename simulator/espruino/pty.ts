// A serial port that is none: a pseudo terminal made by socat, whose other end is in this process. What a program
// writes to `path` comes to `receive`, what is given to `send` comes out there.
import { spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { access, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

export type Pty = {
  path: string
  send(bytes: Uint8Array): void
  /** Resolves once the line has taken what was sent so far. */
  sent(): Promise<void>
  /** Takes the port away, as a pulled cable does, and waits until it is gone. */
  close(): Promise<void>
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Resolves when socat has put the link there. */
const appears = async (path: string, ended: Promise<never>): Promise<void> => {
  const watcher = watch(dirname(path))
  const named = new Promise<void>(resolve => {
    watcher.on('change', (_kind, name) => {
      if (String(name) === basename(path)) isThere(path).then(is => is && resolve())
    })
  })
  try {
    if (!(await isThere(path))) await Promise.race([named, ended])
  } finally {
    watcher.close()
  }
}

/** Makes a port at `path`, which must not be there yet. Throws where socat is not installed or ends. */
export const openPty = async (path: string, receive: (bytes: Buffer) => void): Promise<Pty> => {
  const child = spawn('socat', ['-b65536', '-', `PTY,link=${path},rawer`], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const closed = new Promise<void>(resolve => child.once('close', () => resolve()))
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('close', code => reject(new Error(`expected socat to stay, and it ended with ${code}`)))
  })
  ended.catch(() => {})
  child.stdin.on('error', () => {})
  child.stdout.on('data', receive)
  await appears(path, ended)
  return {
    path,
    send: bytes => {
      child.stdin.write(bytes)
    },
    sent: () =>
      new Promise(resolve => {
        child.stdin.write('', () => resolve())
      }),
    close: async () => {
      // socat 1.7.4.4 does not hear a SIGTERM that comes just before it waits for bytes, and then waits for ever.
      child.kill('SIGKILL')
      await closed
      await rm(path, { force: true })
    },
  }
}

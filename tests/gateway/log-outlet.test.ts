// Where log lines leave: a pipe that nobody reads, a reader who is gone, a full disk. None blocks, none throws, all is counted.
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  read,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createLogOutlet } from '../../gateway/log-outlet.ts'
import { PATIENCE } from '../patience.ts'

/** Longer lines fill a pipe (64 kB) and the outlet (1 MB) sooner. */
const line = (i: number) => `${String(i).padStart(6, '0')} ${'x'.repeat(1000)}\n`
const LINES = 3000
const AT_ONCE_MS = 1
/** https://docs.libuv.org/en/v1.x/threadpool.html, unless UV_THREADPOOL_SIZE says otherwise. */
const LIBUV_THREADS = Number(process.env.UV_THREADPOOL_SIZE ?? 4)

let folder: string
let open: number[]
let releases: (() => void)[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outlet-'))
  open = []
  releases = []
})
afterEach(() => {
  for (const release of releases) release()
  for (const fd of open) closeSync(fd)
  rmSync(folder, { recursive: true })
})

function opened(path: string, flags: number): number {
  const fd = openSync(path, flags)
  open.push(fd)
  return fd
}

/** A named pipe: a reader that reads only when it is asked to, and the end to write to, which blocks as standard output does. */
function pipe() {
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  const reader = opened(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = opened(path, constants.O_WRONLY)
  const readOn = (): string => {
    const chunk = Buffer.alloc(1 << 16)
    try {
      return chunk.toString('utf8', 0, readSync(reader, chunk))
    } catch {
      return ''
    }
  }
  return { reader, writer, readOn }
}

/** Holds every thread that Node writes on, until it is asked to let them go. */
function holdThreads(): () => void {
  const path = join(folder, 'held')
  execFileSync('mkfifo', [path])
  const held = opened(path, constants.O_RDWR)
  const each = Buffer.alloc(1)
  for (let i = 0; i < LIBUV_THREADS; i++) read(held, each, 0, 1, null, () => undefined)
  const release = (): void => void writeSync(held, 'x'.repeat(LIBUV_THREADS))
  releases.push(release)
  return release
}

function watched(fd: number, faultAfterMs = AT_ONCE_MS) {
  const said: string[] = []
  const outlet = createLogOutlet(fd, faultAfterMs)
  outlet.watch({
    onFault: why => said.push(why === null ? 'mended' : `fault: ${why}`),
    onFlowing: lines => said.push(`flows again: ${lines}`),
  })
  return { outlet, said }
}

it('a write that the machine has not come to is not laid at the door of a reader, and the true cause is said when it is known', async () => {
  const release = holdThreads()
  const { outlet, said } = watched(opened('/dev/full', constants.O_WRONLY))
  outlet.write(line(0))
  await vi.waitFor(
    () => expect(said).toEqual(['fault: this machine has not come to it for seconds']),
    PATIENCE,
  )
  release()
  await vi.waitFor(() => expect(said.at(-1)).toBe('fault: its disk is full'), PATIENCE)
})

it('a process that stood still while it wrote has not heard yet that all was written: that is no fault', async () => {
  holdThreads()
  const now = vi.spyOn(performance, 'now').mockReturnValue(0)
  onTestFinished(() => now.mockRestore())
  const { outlet, said } = watched(opened('/dev/null', constants.O_WRONLY), 5_000)
  outlet.write(line(0))
  now.mockReturnValue(60_000)
  const looked = now.mock.calls.length
  await vi.waitFor(() => expect(now.mock.calls.length).toBeGreaterThan(looked), PATIENCE)
  expect(said).toEqual([])
})

describe('a log that nobody reads', () => {
  it('blocks nobody, says so, and goes on in order when it is read again', async () => {
    const { writer, readOn } = pipe()
    const { outlet, said } = watched(writer)
    for (let i = 0; i < LINES; i++) outlet.write(line(i))
    expect(outlet.dropped()).toBeGreaterThan(LINES / 2)
    // On a busy machine a first write may be late, and go through before nobody reads.
    await vi.waitFor(() => expect(said.at(-1)).toBe('fault: nobody reads it'), PATIENCE)
    let text = ''
    await vi.waitFor(
      () => {
        text += readOn()
        expect(said).toContain(`flows again: ${outlet.dropped()}`)
      },
      { ...PATIENCE, interval: 1 },
    )
    await outlet.end(60_000)
    text += readOn()
    const numbers = text.split('\n').flatMap(each => (each === '' ? [] : [Number(each.slice(0, 6))]))
    expect(numbers).toEqual(Array.from({ length: LINES - outlet.dropped() }, (_, i) => i))
    expect(said).toContain('mended')
  })

  it('holds up neither an end that is asked for nor one that is a bug', async () => {
    const { writer } = pipe()
    const { outlet } = watched(writer)
    for (let i = 0; i < LINES; i++) outlet.write(line(i))
    await outlet.end(50)
    outlet.flushSync(50)
    expect(outlet.isHanging()).toBe(false)
  })

  it('is not taken to hang where a busy machine only has not come to it yet', async () => {
    const { reader, writer } = pipe()
    closeSync(reader)
    open.splice(open.indexOf(reader), 1)
    const { outlet } = watched(writer)
    const release = holdThreads()
    outlet.write('nobody is there\n')
    setTimeout(release, 50)
    await outlet.end(1)
    expect(outlet.isHanging()).toBe(false)
  })

  it('gives the last words of a process that ends at once to a reader that reads', () => {
    const { writer, readOn } = pipe()
    const { outlet } = watched(writer)
    outlet.write('first\n')
    outlet.write('last words\n')
    outlet.flushSync(60_000)
    expect(readOn()).toContain('last words\n')
  })
})

it('in a file that others write to by the same descriptor takes nobody’s place, and loses none of its own', async () => {
  const file = join(folder, 'log')
  const fd = opened(file, constants.O_WRONLY | constants.O_CREAT)
  const { outlet } = watched(fd)
  writeSync(fd, 'the script starts it\n')
  outlet.write('a line of the gateway\n')
  outlet.flushSync(60_000)
  outlet.write('its last\n')
  await outlet.end(60_000)
  writeSync(fd, 'the script goes on\n')
  expect(readFileSync(file, 'utf8')).toBe(
    'the script starts it\na line of the gateway\nits last\nthe script goes on\n',
  )
})

it.each([
  ['on a full disk', () => opened('/dev/full', constants.O_WRONLY), 'its disk is full'],
  [
    'whose reader has gone',
    () => {
      const { reader, writer } = pipe()
      closeSync(reader)
      open.splice(open.indexOf(reader), 1)
      return writer
    },
    'whoever read it has gone',
  ],
])('a log %s is a fault in words, and lines are dropped and counted', async (_where, make, why) => {
  const { outlet, said } = watched(make())
  for (let i = 0; i < LINES; i++) outlet.write(line(i))
  // Where the machine is slow, that is said first.
  await vi.waitFor(() => expect(said.at(-1)).toBe(`fault: ${why}`), PATIENCE)
  expect(said).not.toContain('fault: nobody reads it')
  expect(outlet.dropped()).toBeGreaterThan(0)
})

// Frames that a receiver has heard and the gateway has not confirmed, on its disk: in, frames and what became of them; out, what an
// earlier process left. Promises that it never delays a report, that it is bounded, and that without a disk it goes on and says so.
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { access, copyFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../ports.ts'
import type { Waiting } from '../queue.ts'
import { spoolFile } from './file.ts'
import { headLine, heardLine, type Left, readSpool, settledLine } from './lines.ts'
import { createWriter } from './writer.ts'

/**
 * A frame is handed to the operating system at once, which keeps it if this process is killed; it is forced onto the disk
 * where no PUBACK came in so long, and at once while there is no link. So a card wears by outages and not by heartbeats.
 */
export const SYNC_AFTER_MS = 250
/** Frames that nobody took. With what is settled between them, and while it is written anew, three times that on the disk. */
const LIVE_BYTES_MAX = 16_000_000

export type Spool = {
  /** What an earlier process heard and never had confirmed, in its order. */
  readonly left: readonly Waiting[]
  /** No frame of before has so high an id. */
  readonly firstId: number
  /** Lines of an earlier process that were torn or altered. */
  readonly unreadable: number
  /** Where what was there lies now, as not all of it could be read here: a file that is damaged, of a newer version, or of another user. */
  readonly aside: string | null
  /** Keeps a frame; onto the disk at once where it is urgent. */
  add(one: Waiting, isUrgent: boolean): void
  /** These are confirmed, or given up: they need no disk any more. */
  settle(those: readonly Waiting[]): void
  /** Forces onto the disk what is not there yet. */
  sync(): void
  /** `fault`: why nothing is kept; `unread`: where what could not be read lies, as long as it does. In plain words. */
  state(): { bytes: number; fault?: string; unread?: string }
  close(): Promise<void>
}

export type SpoolOptions = {
  folder: string
  /** Of the receiver: each has a file of its own. */
  id: string
  clock: Pick<Clock, 'nowMs' | 'after'> & { bootId: string }
  /** Said once when it fails, and with null when it works again. */
  onFault?: (why: string | null) => void
}

/** Opens it. A folder that cannot be used is a fault like any other, and no reason to hear nothing. */
export function openSpool({ folder, id, clock, onFault = () => {} }: SpoolOptions): Spool {
  const path = join(folder, `${id}.spool`)
  const { frames: left, unreadable, aside, owed } = readLeft(folder, path, clock)
  const live = new Map(left.map(one => [one.id, keptOf(one, 0)]))
  let liveBytes = sum([...live.values()])
  let isFull = false
  let cancelSync: (() => void) | null = null
  const file = spoolFile(path, owed)
  const unread = unreadAt(asideOf(path), owed !== null)
  const head = headLine(clock.bootId)
  const allLive = () => ({ lines: linesOf(live.values()), bytes: liveBytes })
  const writer = createWriter({ file, clock, head, live: allLive, onFault })

  const syncLate = () => {
    cancelSync = null
    const [oldest] = live.values()
    if (oldest === undefined) return
    const leftMs = SYNC_AFTER_MS - (clock.nowMs() - oldest.atMs)
    if (leftMs > 0) cancelSync = clock.after(leftMs, syncLate)
    else writer.sync()
  }
  return {
    left,
    firstId: (left.at(-1)?.id ?? 0) + 1,
    unreadable,
    aside,
    add(one, isUrgent) {
      const kept = keptOf(one, clock.nowMs())
      isFull = liveBytes + kept.bytes > LIVE_BYTES_MAX
      if (isFull) return
      live.set(one.id, kept)
      liveBytes += kept.bytes
      writer.append(kept.line)
      if (isUrgent) writer.sync()
      else cancelSync ??= clock.after(SYNC_AFTER_MS, syncLate)
    },
    settle(those) {
      const known = those.flatMap(({ id: each }) => live.get(each) ?? [])
      if (known.length === 0) return
      for (const kept of known) live.delete(kept.id)
      liveBytes -= sum(known)
      if (live.size === 0) writer.empty()
      else writer.append(settledLine(known.map(kept => kept.id)))
    },
    sync: writer.sync,
    state() {
      const { fault, isHanging } = writer.state()
      const why = isHanging ? HANGS : (fault ?? (isFull ? FULL : null))
      return {
        bytes: file.bytes(),
        ...(why !== null && { fault: why.slice(0, FAULT_LENGTH_MAX) }),
        ...(unread() && { unread: UNREAD(asideOf(path)) }),
      }
    },
    async close() {
      cancelSync?.()
      await writer.close()
    },
  }
}

const FAULT_LENGTH_MAX = 200
const FULL = 'more waits than it has room for'
const HANGS = 'the disk does not answer'
const UNREAD = (aside: string): string =>
  `it lies there in …${aside.slice(-FAULT_LENGTH_MAX)}, and this is said until somebody takes it away`

/** Whether something lies there: when it was asked last, since a disk that hangs keeps nobody waiting. */
function unreadAt(aside: string, isOwed: boolean): () => boolean {
  let isThere = isOwed || existsSync(aside)
  let isAsked = false
  const ask = async (): Promise<void> => {
    isAsked = true
    isThere = await access(aside).then(
      () => true,
      () => false,
    )
    isAsked = false
  }
  return () => {
    if (isThere && !isAsked) void ask()
    return isThere
  }
}

type Kept = { id: number; line: string; bytes: number; atMs: number }

function keptOf(one: Waiting, atMs: number): Kept {
  const line = heardLine(one)
  return { id: one.id, line, bytes: line.length, atMs }
}

const sum = (all: readonly Kept[]): number => all.reduce((total, { bytes }) => total + bytes, 0)

function* linesOf(all: Iterable<Kept>): Iterable<string> {
  for (const { line } of all) yield line
}

/** `owed`: what could not be put aside, as the disk refused, and is to be before anything takes its place. */
type Found = Pick<Left, 'frames' | 'unreadable'> &
  Pick<Spool, 'aside'> & { owed: (() => Promise<void>) | null }

/**
 * What cannot be read is put aside for whoever can. What is copied stays in its place until a new one is whole: its frames outlive a
 * kill in between. Whether the folder can be written shows at once, when it is.
 */
function readLeft(folder: string, path: string, clock: SpoolOptions['clock']): Found {
  const aside = asideOf(path)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (!existsSync(path)) return NOTHING
    const { strange, damaged, ...left } = readSpool(readFileSync(path, 'utf8'), clock.bootId, clock.nowMs())
    if (strange + damaged === 0) return { ...left, aside: null, owed: null }
    const isAside = done(() => copyFileSync(path, aside))
    return { ...left, aside: isAside ? aside : null, owed: isAside ? null : () => copyFile(path, aside) }
  } catch {
    if (done(() => renameSync(path, aside))) return { ...NOTHING, aside }
    return { ...NOTHING, owed: existsSync(path) ? () => rename(path, aside) : null }
  }
}

function done(act: () => void): boolean {
  try {
    act()
    return true
  } catch {
    return false
  }
}

const NOTHING: Found = { frames: [], unreadable: 0, aside: null, owed: null }

const asideOf = (path: string): string => `${path}.unread`

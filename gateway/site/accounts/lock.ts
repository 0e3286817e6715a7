// One at a time changes a file: a lock beside it that names its process. Promises that a process which died holding it keeps nobody
// out, and that whoever waits too long is told for whom.
import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { codeOf, faultWords } from '../../../schemas/fault-words.ts'

/** Somebody else has it, or it cannot be made. */
export class NotLocked extends Error {
  override readonly name = 'NotLocked'
}

const LOOK_EACH_MS = 20
const WAIT_MS = 10_000

/** Carries out `act` while nobody else does so with this file. Throws NotLocked, and what `act` throws. */
export async function locked<T>(file: string, act: () => Promise<T>, waitMs = WAIT_MS): Promise<T> {
  const lock = `${file}.lock`
  const untilMs = performance.now() + waitMs
  while (!(await taken(lock))) {
    const holder = await holderOf(lock)
    if (holder !== null && !isRunning(holder)) await clear(lock, holder)
    else if (performance.now() > untilMs)
      throw new NotLocked(
        `${file}: expected nobody else to change it, and process ${holder ?? '?'} does; if that is none of tocsin's, delete ${lock}`,
      )
    else await new Promise(later => setTimeout(later, LOOK_EACH_MS))
  }
  try {
    return await act()
  } finally {
    await rm(lock, { force: true })
  }
}

/** It is there with its process in it, or not at all. */
async function taken(lock: string): Promise<boolean> {
  const own = `${lock}.${randomUUID()}`
  try {
    await writeFile(own, String(process.pid), { mode: 0o600 })
    await link(own, lock)
    return true
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false
    throw new NotLocked(`${lock}: could not be made: ${faultWords(cause)}; nothing was changed`, { cause })
  } finally {
    await rm(own, { force: true })
  }
}

async function holderOf(lock: string): Promise<number | null> {
  const pid = Number(await readFile(lock, 'utf8').catch(() => ''))
  return Number.isInteger(pid) && pid > 0 ? pid : null
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** Takes away that of a process that is gone; one that was taken anew meanwhile is put back. */
async function clear(lock: string, gone: number): Promise<void> {
  const aside = `${lock}.${randomUUID()}`
  try {
    await rename(lock, aside)
  } catch {
    return
  }
  if ((await holderOf(aside)) !== gone) await link(aside, lock).catch(() => undefined)
  await rm(aside, { force: true })
}

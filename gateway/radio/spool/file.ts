// The file under a spool. Each step is one thing done to it, and throws what the disk says: nothing is tried again here.
import { constants } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

export type SpoolFile = {
  isOpen(): boolean
  bytes(): number
  /** Whether something stands in it that a power cut would take. */
  isDirty(): boolean
  /** Puts a file that says this, and is on the disk, in the place of the one before. */
  writeAnew(text: string): Promise<void>
  append(text: string): Promise<void>
  /** Leaves its first bytes. */
  cut(bytes: number): Promise<void>
  sync(): Promise<void>
  /** Lets go of it: it can be written anew. */
  letGo(): Promise<void>
}

/** Written at its end always, and empty to begin with. */
const ANEW = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND

/** `owed`: what is to be done once with what stands there before anything takes its place. */
export function spoolFile(path: string, owed: (() => Promise<void>) | null): SpoolFile {
  let before = owed
  let file: FileHandle | null = null
  let bytes = 0
  let isDirty = false
  const opened = (): FileHandle => {
    if (file === null) throw new Error('expected a file that is open, came one that is not')
    return file
  }
  const letGo = async () => {
    const old = file
    file = null
    await old?.close()
  }
  return {
    isOpen: () => file !== null,
    bytes: () => bytes,
    isDirty: () => isDirty,
    letGo,
    async writeAnew(text) {
      await letGo()
      const next = await open(`${path}.new`, ANEW, 0o600)
      file = next
      await next.appendFile(text)
      await next.datasync()
      await before?.()
      before = null
      await rename(`${path}.new`, path)
      await syncFolder(dirname(path))
      bytes = Buffer.byteLength(text)
      isDirty = false
    },
    async append(text) {
      isDirty = true
      await opened().appendFile(text)
      bytes += Buffer.byteLength(text)
    },
    async cut(to) {
      await opened().truncate(to)
      bytes = to
      isDirty = false
    },
    async sync() {
      isDirty = false
      await opened().datasync()
    },
  }
}

/** So that the new name outlives a power cut. Not every file system can. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().catch(() => undefined)
  await handle.close()
}

// A file that was not there, written whole or not at all: one that a full disk leaves half written would stand in the next one's way.
import { open, rm } from 'node:fs/promises'

const OWNER_ONLY = 0o600

/** For its owner alone. Throws what the disk says: EEXIST where there is one, which stays as it is. */
export async function writeNewFile(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', OWNER_ONLY)
  try {
    await file.writeFile(text)
    await file.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

// When each account was last used, kept in the data folder for `tocsin account list`. Promises to hold nothing up: what cannot be
// written is said once in the log, and lost.
import { readFileSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { faultWords } from '../../../schemas/fault-words.ts'
import type { Clock, Log } from '../../ports.ts'

const Seen = z.record(z.string(), z.number())
const WRITE_AFTER_MS = 5_000
const OWNER_ONLY = 0o600

export const seenFileIn = (dataDir: string): string => join(dataDir, 'accounts-seen.json')

/** By account, in ms since 1970. None where nothing is known, or it cannot be read. */
export function readSeen(dataDir: string): Map<string, number> {
  try {
    return new Map(Object.entries(Seen.parse(JSON.parse(readFileSync(seenFileIn(dataDir), 'utf8')))))
  } catch {
    return new Map()
  }
}

export type SeenAccounts = { note(account: string): void; close(): Promise<void> }

export function seenAccounts({
  dataDir,
  clock,
  log,
}: {
  dataDir: string
  clock: Clock
  log: Log
}): SeenAccounts {
  const seen = readSeen(dataDir)
  let cancel: (() => void) | null = null
  let isFailing = false

  async function write(): Promise<void> {
    cancel = null
    const file = seenFileIn(dataDir)
    const unfinished = `${file}.new`
    try {
      await writeFile(unfinished, JSON.stringify(Object.fromEntries(seen)), { mode: OWNER_ONLY })
      await rename(unfinished, file)
      isFailing = false
    } catch (error) {
      if (!isFailing)
        log.warn({ file }, `when accounts were last used could not be written: ${faultWords(error)}`)
      isFailing = true
      await rm(unfinished, { force: true }).catch(() => undefined)
    }
  }

  return {
    note(account) {
      seen.set(account, clock.wallMs?.() ?? clock.nowMs())
      cancel ??= clock.after(WRITE_AFTER_MS, () => void write())
    },
    async close() {
      if (cancel === null) return
      cancel()
      await write()
    },
  }
}

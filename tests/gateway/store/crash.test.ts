import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openJournal } from '../../../gateway/store/journal.ts'
import { LOADER } from '../../loader.ts'

const COMMITTER = join(import.meta.dirname, 'committer.ts')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crash-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Lets a process commit until it has confirmed `commits`, kills it; the last row it confirmed. */
async function killedAfter(commits: number, file: string): Promise<number> {
  const child = spawn(process.execPath, [...LOADER, COMMITTER, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let confirmed = 0
  let lines = 0
  for await (const line of createInterface(child.stdout)) {
    confirmed = Number(line)
    lines += 1
    if (lines === commits) child.kill('SIGKILL')
  }
  return confirmed
}

it('a process killed while it commits leaves every commit it had confirmed, and a whole chain', async () => {
  const file = join(folder, 'tocsin.db')
  let before = 0
  for (const commits of [1, 7, 40, 150]) {
    const confirmed = await killedAfter(commits, file)
    const journal = openJournal(file)
    const { entries } = await journal.load()
    await journal.close()
    expect(confirmed).toBeGreaterThan(before)
    expect(entries.length).toBeGreaterThanOrEqual(confirmed)
    before = entries.length
  }
})

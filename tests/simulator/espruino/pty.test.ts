// The pseudo terminal that stands in for a serial port. Promise: it goes when it is told to, whatever socat is at.
// needs: socat
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPty } from '../../../simulator/espruino/pty.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-pty-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The programs whose words name the folder: [proc_pid_cmdline(5)]. */
const programs = (): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)
      } catch {
        return false
      }
    })

it('goes, and its name with it, though socat hears no signal that could be missed', async () => {
  const pty = await openPty(join(folder, 'tty'), () => {})
  const [socat] = programs()
  if (socat === undefined) throw new Error('expected a running socat, came none')
  process.kill(socat, 'SIGSTOP')
  await pty.close()
  expect(existsSync(pty.path)).toBe(false)
  expect(programs()).toEqual([])
})

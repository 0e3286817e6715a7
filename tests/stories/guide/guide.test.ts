// needs: mounting, socat, espeak-ng, mosquitto_pub, curl, adduser
// The administrator's guide, followed to the letter with the packages that npm run package:deb makes: installed, set up, started under its
// own user, drilled, heard by a receiver of one's own, copied, upgraded, taken back, restored. Nothing is lost on the way.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
const [NOW, NEXT] = ['0.1.0', '0.1.1']

let folder = ''
const seen: Record<string, unknown[]> = {}
let failed = ''

const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: ROOT, encoding: 'utf8' }).trim()

/** The same package under the next number: what an upgrade does is the scripts' doing. */
function asNext(deb: string): void {
  const tree = join(folder, 'next')
  run('dpkg-deb', '--raw-extract', deb, tree)
  for (const file of ['DEBIAN/control', 'usr/lib/tocsin/package.json']) {
    const path = join(tree, file)
    writeFileSync(path, readFileSync(path, 'utf8').replace(NOW, NEXT))
  }
  run('dpkg-deb', '-Znone', '--root-owner-group', '--build', tree, deb.replace(NOW, NEXT))
  rmSync(tree, { recursive: true })
}

function follow(): Promise<number | null> {
  const spaces = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--propagation', 'private']
  const child = spawn(
    'unshare',
    [...spaces, '/bin/sh', 'tests/stories/guide/root.sh', folder, ROOT, process.execPath],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  child.stderr.on('data', chunk => {
    failed += chunk
  })
  createInterface({ input: child.stdout }).on('line', line => {
    const { section, seen: what } = JSON.parse(line)
    const before = seen[section] ?? []
    seen[section] = [...before, what]
  })
  return new Promise(resolve => child.once('close', resolve))
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-guide-'))
  mkdirSync(join(folder, 'root'))
  asNext(
    run(
      process.execPath,
      'gateway/debian/package.mjs',
      '--to',
      folder,
      '--compress',
      'none',
      '--version',
      NOW,
    ),
  )
  expect({ code: await follow(), failed: seen[11] === undefined ? failed : '' }).toEqual({
    code: 0,
    failed: '',
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('is about the version that is packed', () => {
  expect(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version).toBe(NOW)
})

it('installs, for its own user alone', () => {
  expect(seen[1]).toEqual([{ version: NOW, owners: ['tocsin 700', 'tocsin 700'] }])
  expect(seen[2]).toEqual([expect.stringMatching(/is fine: 2 receivers, 0 pendants/)])
})

it('is tried by the doctor, and started under its own user', () => {
  expect(seen[3]).toEqual([
    [
      expect.stringMatching(/^ok +voice +espeak-ng/),
      expect.stringMatching(/^ok +exchange +5150 .* can be called/),
    ],
  ])
  expect(seen[4]).toEqual([{ user: 'tocsin', notified: 1 }])
})

it('has the drill answered at 5150, and the button that a receiver of 20 lines hears', () => {
  expect(seen[5]).toEqual([{ answered: 'acknowledged: Drill', incidents: ['i-0001 resolved'], lost: [] }])
  expect(seen[6]).toEqual([
    {
      listed: ['r-213  receiver    added', 'r-212  receiver    added', 'r-214  receiver    added'],
      answered: 'attended: Ben Whitlock',
      accounts: 'tocsin 600',
      password: 'tocsin 600',
      list: 1,
      incidents: ['i-0001 resolved', 'i-0002 attended'],
      lost: [],
      isWatched: true,
    },
  ])
})

it('has a cord that the packaged receiver hears, under its own user, answered', () => {
  const incidents = ['i-0001 resolved', 'i-0002 attended', 'i-0003 acknowledged']
  expect(seen[7]).toEqual([
    { heard: 'acknowledged: Amina Rahman', user: 'tocsin-receiver', incidents, lost: [] },
  ])
})

it('loses nothing by an upgrade and by going back, each with a copy made before', () => {
  const incidents = ['i-0001 resolved', 'i-0002 attended', 'i-0003 acknowledged', 'i-0004 acknowledged']
  expect(seen[8]).toEqual([{ answered: 'acknowledged: After', incidents, lost: [], copy: 'root 600' }])
  expect(seen[9]).toEqual([
    { version: NEXT, copies: 1, incidents, lost: [] },
    { version: NOW, copies: 2, incidents, lost: [] },
  ])
})

it('has what the copy has, says what it has not until that is accepted, and its chain holds', () => {
  const incidents = ['i-0001 resolved', 'i-0002 attended', 'i-0003 acknowledged']
  expect(seen[10]).toEqual([
    {
      incidents,
      accounts: 'tocsin 600',
      lost: [expect.stringMatching(/put back from the copy tocsin-copy\.sqlite/)],
      owner: 'tocsin 600',
    },
    { incidents, lost: [], verify: true },
  ])
})

it('taken away, it leaves the record and the site file', () => {
  expect(seen[11]).toEqual([['/var/lib/tocsin/journal.sqlite', '/etc/tocsin/site.yaml']])
})

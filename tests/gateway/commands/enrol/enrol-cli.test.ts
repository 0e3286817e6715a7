// needs: mounting
// `tocsin enrol` as it is run with something wrong: every message is about an option, and none hides behind another.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { ADDRESS, site } from '../../core/building.ts'
import { tocsin } from '../cli-process.ts'

let folder: string
let file: string
let before: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-enrol-cli-'))
  file = join(folder, 'site.yaml')
  before = stringify(site())
  writeFileSync(file, before)
  chmodSync(file, 0o600)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const enrol = (...args: string[]) => tocsin('enrol', '--site', file, ...args)
const [person] = site().people
const [pendant] = site().pendants
const out = () => join(folder, 'out')
const PAGE_BYTES = 4_096
/** No line of the site file: what is wrong is not in it. */
const LINE = /:\d+:\d+ /

describe('tocsin enrol', () => {
  it('names every option that is wrong, and no line of a file that does not hold it', async () => {
    const wrong = ['--wearer', 'nobody-listed', '--id', pendant?.id ?? '', '--address', ADDRESS]
    const { status, err } = await enrol(...wrong, '--out', out())
    expect(status).toBe(1)
    expect(err).toMatch(
      new RegExp(`^--wearer: expected an id under people .*${person?.id}.*, came "nobody-listed"$`, 'm'),
    )
    expect(err).toMatch(/^--id: expected an id of no pendant yet, came .* wears$/m)
    expect(err).toMatch(/^--address: expected an address of no pendant yet, came .* has$/m)
    expect(err).not.toMatch(LINE)
    expect(readFileSync(file, 'utf8')).toBe(before)
    expect(readdirSync(folder)).toEqual(['site.yaml'])
  })

  it('says so of a wrong option also while a pendant of the same wearer waits to be flashed', async () => {
    const wearer = ['--wearer', person?.id ?? '']
    const first = await enrol(...wearer, '--id', 'p-50', '--out', out())
    expect(first.status).toBe(0)
    expect(first.out).toContain("The settings hold the pendant's key: nobody else may read them\n")
    const odd = await enrol(...wearer, '--id', 'P 9', '--out', join(folder, 'other'))
    expect(odd.err).toBe('--id: expected an id of a-z, 0-9 and -, at most 32 characters, came "P 9"\n')
    const there = await enrol(...wearer, '--id', 'p-51', '--out', out())
    expect(there.err).toContain(
      `--out: expected no file at ${join(out(), 'tocsin.json')} yet, and there is one: it may hold a pendant's only key`,
    )
    const second = await enrol(...wearer, '--id', 'p-51', '--out', join(folder, 'other'))
    expect(second.err).toContain('p-50 does; ')
    expect(readdirSync(folder).sort()).toEqual(['out', 'site.yaml', 'site.yaml.enrolled'])
  })

  // Pages of 4 KB: none for the note beside the site file; one for it and none for the key; two, and none for the label; none for the site file.
  it.each([
    ['the note', ['--id', 'p-60'], 0],
    ['the key', ['--id', 'p-60'], 1],
    ['the label', ['--id', 'p-60'], 2],
    ['the site file', ['--id', 'p-60', '--address', 'd4:1e:8a:07:5c:31'], 3],
  ])(
    'on a disk that is full before %s leaves nothing behind that stands in the way of the next run',
    async (_, args, pages) => {
      const disk = join(folder, 'disk')
      mkdirSync(disk)
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=128k,mode=700', 'tmpfs', disk])
      try {
        file = join(disk, 'site.yaml')
        writeFileSync(file, before, { mode: 0o600 })
        const filler = join(disk, 'filler')
        fillUp(filler, pages)
        const asked = ['--wearer', person?.id ?? '', ...args, '--out', join(disk, 'out')]
        const full = await enrol(...asked)
        expect(full).toMatchObject({ status: 1, err: expect.stringContaining('disk is full') })
        expect(readdirSync(disk, { recursive: true }).sort()).toEqual(['filler', 'site.yaml'])
        expect(readFileSync(file, 'utf8')).toBe(before)
        rmSync(filler)
        expect(await enrol(...asked)).toMatchObject({ status: 0 })
      } finally {
        spawnSync('umount', [disk])
      }
    },
  )
})

/** Takes all the room of a disk but so many pages. */
function fillUp(file: string, pages: number): void {
  const fd = openSync(file, 'wx')
  let length = 0
  try {
    for (;;) length += writeSync(fd, Buffer.alloc(PAGE_BYTES))
  } catch {
    // Full is what it is for.
  }
  ftruncateSync(fd, Math.max(0, length - pages * PAGE_BYTES))
  closeSync(fd)
}

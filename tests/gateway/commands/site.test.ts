// `tocsin check`, `schema`, `--version` as they are run: what is printed where, and how it ends.
import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { LOADER } from '../../loader.ts'
import { site } from '../core/building.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-check-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Ran = { status: number; out: string; err: string }

function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return new Promise(resolve => {
    execFile(command, args, { cwd: ROOT, env: { ...process.env, ...env } }, (error, out, err) =>
      resolve({ status: error === null ? 0 : Number(error.code), out, err }),
    )
  })
}
const tocsin = (...args: string[]): Promise<Ran> =>
  run(process.execPath, [...LOADER, 'gateway/commands/cli.ts', ...args])

function siteFile(change: (text: string) => string | Buffer = text => text, mode = 0o600): string {
  const file = join(folder, 'site.yaml')
  writeFileSync(file, change(stringify(site())))
  chmodSync(file, mode)
  return file
}

describe('tocsin check', () => {
  it('of a file that is sound says so and no more', async () => {
    const file = siteFile(() => readFileSync(join(ROOT, 'simulator/building/northgate.yaml')))
    await tocsin('account', 'take', '--site', file)
    const { status, out, err } = await tocsin('check', file)
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(out).toMatch(/ is fine: \d+ receivers, \d+ pendants\n$/)
  })

  it('counts one receiver as one', async () => {
    const one = site()
    one.receivers.splice(1)
    one.pendants.splice(1)
    const { out } = await tocsin(
      'check',
      siteFile(() => stringify(one)),
    )
    expect(out).toMatch(
      / is fine: 1 receiver, 1 pendant(, \d+ warnings?)?\nThe password of 1 receiver stands /,
    )
  })

  it('warns of a file that others can read, and says how to mend it', async () => {
    const file = siteFile(() => readFileSync(join(ROOT, 'simulator/building/northgate.yaml')), 0o644)
    const { status, out, err } = await tocsin('check', file)
    expect(status).toBe(0)
    expect(err).toContain(`came mode 644 (it holds keys and passwords: chmod 600 ${file})`)
    expect(out).toContain(', 1 warning\n')
  })

  it('refuses a file that is not UTF-8, at the byte', async () => {
    const file = siteFile(text => Buffer.from(`# caf\u00e9\n${text}`, 'latin1'))
    const { status, err } = await tocsin('check', file)
    expect(status).toBe(1)
    expect(err).toBe('site.yaml:1:6 document: expected a file in UTF-8, came byte 0xe9, as in Latin-1\n')
    writeFileSync(file, Buffer.from(`\ufeff${stringify(site())}`, 'utf16le'))
    expect((await tocsin('check', file)).err).toContain(
      'expected a file in UTF-8, came zero bytes, as in UTF-16',
    )
    writeFileSync(file, '')
    expect((await tocsin('check', file)).err).toContain('expected a group of fields, came nothing\n')
  })

  it('warns of a door that is written on one side, a room far from receivers, a pendant without a key, and long silence', async () => {
    const built = site()
    const rooms = built.buildings[0]?.floors[0]?.rooms ?? []
    rooms.push({ id: 'attic', number: '9', adjacent: [] })
    rooms.push({ id: 'cellar', number: '8', adjacent: [rooms[0]?.id ?? ''] })
    rooms.push({ id: '8', number: '7', adjacent: ['cellar'] })
    built.pendants.push({ id: 'p-99', address: 'c0:00:00:00:00:99', wearer: built.people[0]?.id ?? '' })
    for (const policy of built.policies) policy.onwardSeconds = 600
    const file = siteFile(() => stringify(built))
    const { status, err } = await tocsin('check', file)
    expect(status).toBe(0)
    expect(err).toMatch(
      /^warning: site\.yaml:\d+:\d+ .*: expected .* to have cellar under adjacent too, came a door/m,
    )
    expect(err).toMatch(
      /^warning: .*an id that stands on no other door, came the number on the door of cellar, while this one has 7/m,
    )
    expect(err).toMatch(/^warning: .*a receiver in this room.*came none: an alarm in 9 may not be heard/m)
    expect(err).not.toContain('an alarm in 8')
    expect(err).toMatch(/^warning: .*onwardSeconds: expected at most 120, came 600: an alarm that nobody/m)
    expect(err).toMatch(/^warning: .*expected a key, came none: anybody can send the alarm of p-99/m)
  })

  it('says that it has not looked for everything where a field is wrong, and looks once it is mended', async () => {
    const stray = (text: string) => text.replace(/wearer: .*/, 'wearer: nobody')
    const both = await tocsin(
      'check',
      siteFile(text => stray(text).replace('policies:', 'policees:')),
    )
    expect(both.status).toBe(1)
    expect(both.err).toMatch(/^Mend these first: names that lead nowhere .* are looked for then\.$/m)
    expect(both.err).not.toContain('nobody')
    const one = await tocsin('check', siteFile(stray))
    expect(one.err).toContain('expected an id under people, came "nobody"')
    expect(one.err).not.toContain('Mend these first')
  })

  it('says what is wrong without the name of a class', async () => {
    const { err, status } = await tocsin('check', join(folder, 'none.yaml'))
    expect(status).toBe(1)
    expect(err).toMatch(/none\.yaml: expected a file that can be read, came no such file or folder$/m)
    expect(err).not.toMatch(/Refused|Error:|^ {4}at /m)
  })
})

describe('tocsin schema', () => {
  const quiet = { npm_config_loglevel: '' }
  it('is JSON alone by every way that is documented', async () => {
    const file = join(folder, 'schema.json')
    const ways: [string, string[]][] = [
      ['npm', ['run', '-s', 'tocsin', '--', 'schema']],
      ['npx', ['tocsin', 'schema']],
    ]
    for (const [command, args] of ways)
      expect(JSON.parse((await run(command, args, quiet)).out).type).toBe('object')
    await run('npm', ['run', 'tocsin', '--', 'schema', '--out', file], quiet)
    expect(JSON.parse(readFileSync(file, 'utf8')).type).toBe('object')
  })

  it('is refused where npm has put its own lines before it', async () => {
    const { status, err, out } = await run('npm', ['run', 'tocsin', '--', 'schema'], quiet)
    expect(status).not.toBe(0)
    expect(err).toContain('npm run -s tocsin -- schema')
    expect(out).not.toContain('{')
  })
})

it('tocsin --version says the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  expect((await tocsin('--version')).out).toBe(`${version}\n`)
})

// `tocsin account` as it is run: passwords that are made, read and taken over, what is listed, what is refused and leaves all as it
// was, two at once.
import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readAccounts } from '../../../../gateway/site/accounts/file.ts'
import { isPasswordOf } from '../../../../gateway/site/accounts/phc.ts'
import { builtTocsin as tocsin } from '../cli-process.ts'

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))
const SITE = `# Ours.
site: Northgate
buildings:
  - { id: main, name: Main, floors: [{ id: ground, name: Ground floor, rooms: [{ id: r, number: "1" }] }] }
receivers:
  - { id: rx-1, room: r, password: 'a-long: {secret}', at: [1, 2, 3] } # at the door
  - password: "another-secret"
    id: rx-2
    room: r
  - id: rx-3
    room: r
    password: third-secret # change it some day
  - { id: rx-4, room: r }
  - { id: rx-5, room: r, radio: hci0 }
people: [{ id: ann, name: Ann Lee }]
pendants: []
telephones: [{ number: "5150", name: Security desk, role: security }]
policies: [{ id: always, steps: [{ targets: [{ channel: sip, to: "5150" }] }] }]
policy: always
sip: { server: pbx.example, user: "5900" }
`

let folder: string
let site: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-account-'))
  site = join(folder, 'site.yaml')
  file = `${site}.accounts`
  writeFileSync(site, SITE, { mode: 0o600 })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const account = (...words: string[]) => tocsin('account', ...words, '--site', site)
const hashIn = (id: string): string => {
  const found = readAccounts(file).find(each => each.id === id)
  return found !== undefined && 'hash' in found ? found.hash : ''
}

/** With this on its standard input. */
function fed(input: string, ...words: string[]): Promise<{ status: number; out: string }> {
  const child = spawn(process.execPath, ['gateway/tocsin.mjs', 'account', ...words, '--site', site], {
    cwd: ROOT,
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      out += chunk
    })
  child.stdin.end(input)
  return new Promise(resolve => child.once('close', code => resolve({ status: code ?? -1, out })))
}

describe('add', () => {
  it('makes a password, shows it once and keeps its hash', async () => {
    const { status, out } = await account('add', 'rx-4')
    expect(status).toBe(0)
    const [, password = ''] = /shown this once: (\S+)\n/.exec(out) ?? []
    expect(password).toHaveLength(24)
    expect(await isPasswordOf(hashIn('rx-4'), password)).toBe(true)
    expect((await account('list')).out).not.toContain(password)
  })

  it('writes it into a file for the receiver instead, and writes over none', async () => {
    const to = join(folder, 'rx-4.password')
    const { out } = await account('add', 'rx-4', '--out', to)
    expect(out).toContain(`Its password is in ${to}`)
    const password = readFileSync(to, 'utf8').trim()
    expect(out).not.toContain(password)
    expect(statSync(to).mode & 0o777).toBe(0o600)
    expect(await isPasswordOf(hashIn('rx-4'), password)).toBe(true)
    const { status, err } = await account('add', 'dash', '--role', 'subscriber', '--out', to)
    expect({ status, err }).toEqual({
      status: 1,
      err: `${to}: expected no such file yet, came one: it is left as it is\n`,
    })
    expect(readAccounts(file).map(({ id }) => id)).toEqual(['rx-4'])
    expect(readFileSync(to, 'utf8').trim()).toBe(password)
  })

  it('reads it from a file or from standard input, shows nothing, and its hash costs a guess more', async () => {
    const from = join(folder, 'chosen')
    writeFileSync(from, 'correct horse battery\n')
    const { status, out } = await account('add', 'rx-4', '--password-file', from)
    expect({ status, isShown: out.includes('correct') }).toEqual({ status: 0, isShown: false })
    expect(hashIn('rx-4')).toMatch(/^\$scrypt\$ln=15,/)
    expect(await isPasswordOf(hashIn('rx-4'), 'correct horse battery')).toBe(true)
    expect((await fed('correct horse staple', 'add', 'rx-4', '--renew', '--password-file', '-')).status).toBe(
      0,
    )
    expect(await isPasswordOf(hashIn('rx-4'), 'correct horse staple')).toBe(true)
  })

  it.each([
    [['add', 'rx-9'], 'rx-9: expected the id of a receiver of the site (there are rx-1, rx-2, rx-3, rx-4)'],
    [['add', 'RX 4'], 'expected an id of a-z, 0-9 and -, at most 32 characters, came "RX 4"'],
    [['add', 'rx-5'], 'rx-5: expected a receiver of its own, came a radio of this machine'],
    [['add', 'rx-4', '--role', 'subscriber'], 'rx-4: expected a name of its own for a subscriber'],
    [['add', 'rx-4', '--role', 'admin'], 'Allowed choices are receiver, subscriber'],
    [
      ['add', 'rx-1'],
      'rx-1: expected no password in the site file yet, and one stands there: tocsin account take rx-1',
    ],
    [
      ['add', 'rx-4', '--password-file', '/nowhere'],
      '/nowhere: expected a password on one line, came no such file',
    ],
    [['revoke', 'rx-9'], 'rx-9: expected an account that there is (there is none)'],
    [['take', 'rx-4'], 'rx-4: expected a receiver whose password stands in the site file'],
  ])('or another command refuses %j, and nothing is written', async (words, said) => {
    const { status, err } = await account(...words)
    expect(status).toBe(1)
    expect(err).toContain(said)
    expect(readdirSync(folder)).toEqual(['site.yaml'])
    expect(readFileSync(site, 'utf8')).toBe(SITE)
  })

  it.each(['short\n', `${'x'.repeat(129)}\n`, 'two lines\nof a password\n', 'bell\u0007in a password'])(
    'refuses the password %j',
    async text => {
      const { status, out } = await fed(text, 'add', 'rx-4', '--password-file', '-')
      expect(status).toBe(1)
      expect(out).toMatch(/^standard input: expected a password .* on one line, came/)
      expect(existsSync(file)).toBe(false)
    },
  )

  it('one that is there only with --renew, one that was revoked too', async () => {
    await account('add', 'rx-4')
    const before = hashIn('rx-4')
    const { status, err } = await account('add', 'rx-4')
    expect({ status, err }).toEqual({
      status: 1,
      err: 'rx-4: expected no account yet, and it has one: with --renew it gets a new password\n',
    })
    expect(hashIn('rx-4')).toBe(before)
    await account('revoke', 'rx-4')
    expect((await account('add', 'rx-4')).err).toContain('one that was revoked')
    expect((await account('add', 'rx-4', '--renew')).status).toBe(0)
    expect(hashIn('rx-4')).not.toBe(before)
  })

  it('two at once are both there; of two of one name one is', async () => {
    const all = await Promise.all([
      account('add', 'rx-4'),
      account('add', 'one', '--role', 'subscriber'),
      account('add', 'two', '--role', 'subscriber'),
      account('add', 'two', '--role', 'subscriber'),
    ])
    expect(all.map(({ status }) => status).sort()).toEqual([0, 0, 0, 1])
    expect(readAccounts(file).map(({ id }) => id)).toEqual(['one', 'rx-4', 'two'])
    expect(readdirSync(folder).sort()).toEqual(['site.yaml', 'site.yaml.accounts'])
  })
})

describe('take', () => {
  it('makes hashes of what stands in the site file, and leaves every other byte of it', async () => {
    expect((await tocsin('check', site)).out).toContain(
      `The passwords of 3 receivers stand in plain text in the site file. As hashes beside it: tocsin account take --site ${site}`,
    )
    expect((await account('take')).out).toContain('rx-1, rx-2, rx-3: the password is as it was')
    expect(readFileSync(site, 'utf8')).toBe(
      SITE.replace(", password: 'a-long: {secret}'", '')
        .replace('password: "another-secret"\n    id', 'id')
        .replace('    password: third-secret # change it some day\n', ''),
    )
    expect(statSync(site).mode & 0o777).toBe(0o600)
    expect(await isPasswordOf(hashIn('rx-1'), 'a-long: {secret}')).toBe(true)
    expect(await isPasswordOf(hashIn('rx-2'), 'another-secret')).toBe(true)
    expect(await isPasswordOf(hashIn('rx-3'), 'third-secret')).toBe(true)
    expect((await account('take')).out).toContain('no password of a receiver stands in it')
    expect((await tocsin('check', site)).out).not.toContain('plain text')
  })

  it('of one that was revoked only takes it out: it stays revoked', async () => {
    await account('revoke', 'rx-1')
    await account('take', 'rx-1')
    expect(readFileSync(site, 'utf8')).not.toContain('a-long')
    expect(readAccounts(file)).toEqual([
      expect.objectContaining({ id: 'rx-1', revokedAtMs: expect.any(Number) }),
    ])
  })
})

describe('list and check', () => {
  it('say who may what, and what is odd; never a password or a hash', async () => {
    await account('add', 'rx-1', '--renew')
    await account('add', 'dash', '--role', 'subscriber')
    await account('add', 'gone', '--role', 'subscriber')
    await account('revoke', 'gone')
    const { out } = await account('list')
    const minute = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`
    expect(out.split('\n')).toEqual([
      expect.stringMatching(
        new RegExp(
          `^rx-1  receiver    added ${minute}; publishes tocsin/v1/rx-1/reports, tocsin/v1/rx-1/status; reads tocsin/v1/rx-1/beacon$`,
        ),
      ),
      expect.stringMatching(/^rx-2 {2}receiver {4}its password stands in the site file in plain text/),
      expect.stringMatching(/^rx-3 /),
      expect.stringMatching(/^rx-4 {2}receiver {4}has no account: it cannot come in \(tocsin account add\)$/),
      expect.stringMatching(new RegExp(`^dash  subscriber  added ${minute}; reads tocsin/v1/out/…$`)),
      expect.stringMatching(new RegExp(`^gone  subscriber  revoked ${minute}$`)),
      '',
    ])
    expect(out).not.toMatch(/scrypt|secret/)
    const json = await account('list', '--json')
    expect(JSON.parse(json.out)).toHaveLength(6)
    expect(json.out).not.toMatch(/scrypt|secret/)
    chmodSync(file, 0o644)
    const checked = await tocsin('check', site)
    expect(checked.err.split('\n').filter(line => line.includes('account'))).toEqual([
      `warning: site.yaml.accounts: expected a file that only its owner can read, came mode 644 (passwords can be tried on its hashes: chmod 600 ${file})`,
      `warning: site.yaml: expected an account of rx-4, came none: it cannot come in (tocsin account add rx-4 --site ${site})`,
      'warning: site.yaml: expected no password in the site file beside an account, which alone counts, came that of rx-1',
    ])
  })

  it('a damaged file is refused by each of them, and left as it is', async () => {
    writeFileSync(file, '{"v":1,')
    for (const words of [['add', 'rx-4'], ['list'], ['revoke', 'rx-1'], ['take']]) {
      const { status, err } = await account(...words)
      expect(status).toBe(1)
      expect(err).toContain('it is damaged: put it back from a copy')
    }
    expect((await tocsin('check', site)).status).toBe(1)
    expect(readFileSync(file, 'utf8')).toBe('{"v":1,')
    expect(readFileSync(site, 'utf8')).toBe(SITE)
  })
})

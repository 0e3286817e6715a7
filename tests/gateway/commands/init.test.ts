// needs: socat, mounting
// `tocsin init` as it is run: by flags without a terminal, and by questions on one (a pty of socat's). What it writes passes the
// check, is its owner's alone, and never takes the place of a file.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { exchangeOf } from '../../../gateway/commands/init/answers.ts'
import { newSite } from '../../../gateway/commands/init/new-site.ts'
import { checkAccounts } from '../../../gateway/site/accounts/check.ts'
import { isPasswordOf } from '../../../gateway/site/accounts/phc.ts'
import { checkSite, parseSite } from '../../../gateway/site/read.ts'
import { builtTocsin } from './cli-process.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const FLAGS = [
  ...[
    '--building',
    'Northgate House',
    '--rooms',
    '211, 212,213,214',
    '--people',
    'Amina Rahman,Amina Rahman',
  ],
  ...['--exchange', 'sips:pbx.example', '--extension', '5151'],
]

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-init-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('by flags writes a site that passes the check, its owner’s alone, and says what is left to do', async () => {
  const out = join(folder, 'site')
  const { status, out: told, err } = await builtTocsin('init', '--out', out, ...FLAGS)
  expect({ status, err }).toEqual({ status: 0, err: '' })
  const { site, warnings } = checkSite(join(out, 'site.yaml'))
  expect(warnings.map(({ came }) => came)).toEqual(['none: nobody can raise an alarm with one'])
  expect(site.sip).toMatchObject({ server: 'pbx.example', port: 5061, transport: 'tls', user: 'tocsin' })
  expect(site.people.map(({ id }) => id)).toEqual(['amina-rahman', 'amina-rahman-2'])
  expect(site.telephones).toEqual([{ number: '5151', name: 'Security desk', role: 'security' }])
  expect(site.receivers.map(({ room }) => room)).toEqual(['room-212', 'room-214'])
  const { accounts, hint } = checkAccounts(site, join(out, 'site.yaml'))
  expect(hint).toBeNull()
  expect(accounts.map(({ id, role }) => [id, role])).toEqual(site.receivers.map(({ id }) => [id, 'receiver']))
  for (const [i, { id, password }] of site.receivers.entries()) {
    const file = join(out, 'receivers', `${id}.password`)
    const account = accounts[i] as { hash: string }
    expect(password).toBeUndefined()
    expect(await isPasswordOf(account.hash, readFileSync(file, 'utf8').trim())).toBe(true)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(told).toContain(file)
  }
  for (const name of ['site.yaml', 'site.yaml.accounts'])
    expect(statSync(join(out, name)).mode & 0o777).toBe(0o600)
  expect(told).toContain('tocsin enrol --site')
  expect(told).toContain('tocsin doctor --site')
})

it('without a terminal says all that is missing or wrong at once, and writes nothing', async () => {
  const { status, err } = await builtTocsin(
    'init',
    '--out',
    folder,
    '--rooms',
    '211,211',
    '--exchange',
    'pbx',
  )
  expect(status).toBe(1)
  expect(err.split('\n')).toEqual([
    '--building <name>: expected a name of at most 80 characters, came none',
    '--rooms <numbers>: expected each room once, came "211,211"',
    '--people <names>: expected names, separated by commas, came none',
    '--exchange <address>: expected an address such as sip:pbx.example or sip:192.0.2.5:5060, came "pbx"',
    '',
  ])
  expect(readdirSync(folder)).toEqual([])
})

it('writes over nothing: neither a site file nor accounts', async () => {
  writeFileSync(join(folder, 'site.yaml'), 'mine')
  const { status, err } = await builtTocsin('init', '--out', folder, ...FLAGS)
  expect({ status, err }).toEqual({
    status: 1,
    err: `${folder}/site.yaml: expected no such file yet, came one: it is left as it is\n`,
  })
  expect(readdirSync(folder)).toEqual(['site.yaml'])
  expect(readFileSync(join(folder, 'site.yaml'), 'utf8')).toBe('mine')
  renameSync(join(folder, 'site.yaml'), join(folder, 'site.yaml.accounts'))
  expect((await builtTocsin('init', '--out', folder, ...FLAGS)).err).toContain(
    'site.yaml.accounts: expected no such',
  )
  expect(readdirSync(folder)).toEqual(['site.yaml.accounts'])
})

it('on a disk that fills up meanwhile leaves no file behind, not one that is half written', async () => {
  // A page for each of two folders' files; then none is left.
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8k,mode=700', 'tmpfs', folder])
  try {
    const { status, err } = await builtTocsin('init', '--out', folder, ...FLAGS)
    expect({ status, err }).toEqual({ status: 1, err: expect.stringContaining('the disk is full') })
    const left = readdirSync(folder, { recursive: true, withFileTypes: true })
    expect(left.filter(each => each.isFile())).toEqual([])
  } finally {
    spawnSync('umount', [folder])
  }
  expect((await builtTocsin('init', '--out', folder, ...FLAGS)).status).toBe(0)
})

/** Answers each question once it stands on the terminal; answers all that was on it, and how it ended. */
function atTerminal(
  answers: readonly (readonly [question: string, answer: string])[],
): Promise<{ code: number; text: string }> {
  const command = `${process.execPath} gateway/tocsin.mjs init --out ${folder}/site --floor Second`
  const child = spawn('socat', ['-', `EXEC:"${command}",pty,setsid,ctty,echo=0`], { cwd: ROOT })
  const left = [...answers]
  let text = ''
  let from = 0
  child.stdout.on('data', chunk => {
    text += chunk
    const [question, answer] = left[0] ?? []
    const at = question === undefined ? -1 : text.indexOf(question, from)
    if (question === undefined || at < 0) return
    left.shift()
    from = at + question.length
    child.stdin.write(`${answer}\n`)
  })
  return new Promise(resolve => child.once('close', code => resolve({ code: code ?? -1, text })))
}

it('on a terminal asks for what no flag gave, again where an answer won’t do, with what stands for none', async () => {
  const { text } = await atTerminal([
    ['as people call it: ', 'Northgate House'],
    ['as on their doors: 211, 212, …: ', '1,1'],
    ['as on their doors: 211, 212, …: ', '1,2'],
    ['full names: Amina Rahman, Ben Whitlock, …: ', 'Ben Whitlock'],
    ['transport=tls: ', 'sip:192.0.2.5'],
    ["The gateway's own extension there [tocsin]: ", ''],
    ['the number of security [5150]: ', ''],
    ['Whose telephone that is [Security desk]: ', 'Front desk'],
  ])
  expect(text).toContain('Expected each room once.')
  expect(text).not.toContain('The floor')
  expect(text).toContain('site.yaml: written, and passes tocsin check')
  const { site } = checkSite(join(folder, 'site', 'site.yaml'))
  expect(site.buildings[0]?.floors[0]).toMatchObject({
    name: 'Second',
    rooms: [{ number: '1' }, { number: '2' }],
  })
  expect(site.telephones).toEqual([{ number: '5150', name: 'Front desk', role: 'security' }])
  expect(site.sip).toMatchObject({ server: '192.0.2.5', port: 5060, transport: 'tcp' })
})

it('passes the check whatever names and numbers are like', () => {
  const strange = {
    building: 'Žluťoučký "dům": #1',
    floor: "- 'ground'",
    people: '李雷, O’Neil: {x}, ---',
    rooms: 'A/1, a 1,A-1',
  }
  const answers = {
    ...strange,
    exchange: 'sip:[2001:db8::5]:5062',
    user: 'alarm',
    extension: '*9#',
    desk: '!desk',
  }
  const { text, accounts } = newSite(answers)
  const site = parseSite(text, 'site.yaml')
  expect(site.site).toBe(strange.building)
  expect(site.people.map(({ name }) => name)).toEqual(['李雷', 'O’Neil: {x}', '---'])
  expect(new Set(accounts.map(({ password }) => password)).size).toBe(site.receivers.length)
  expect(exchangeOf('sip:pbx.example:99999')).toBeNull()
  expect(exchangeOf('sip:5150@pbx.example')).toBeNull()
})

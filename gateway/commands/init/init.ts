// `tocsin init`: a site file that passes `tocsin check`, made of answers at a terminal or of flags, a password file for each
// receiver, and their hashes. Promises to write over nothing, all of it or none, and to say what is left to do.
import { closeSync, existsSync, fchmodSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline/promises'
import { type Command, Option } from 'commander'
import { AccountsFile } from '../../../schemas/site/accounts.ts'
import { accountsFileOf, accountsFileText } from '../../site/accounts/file.ts'
import { COST_OF_MADE, hashOf } from '../../site/accounts/phc.ts'
import { parseSite } from '../../site/read.ts'
import { type Answers, type Name, QUESTIONS } from './answers.ts'
import { type Account, type NewSite, newSite } from './new-site.ts'

const OWNER_ONLY = 0o600
const OWNER_ONLY_FOLDER = 0o700

type Given = Partial<Record<Name, string>> & { out: string }

export function addInitCommand(program: Command): void {
  const command = program
    .command('init')
    .description('make a site file: asks for what is not given by flags, and writes over nothing')
    .option('--out <dir>', 'the folder that it goes into', '.')
  for (const { flag, what, default: none } of QUESTIONS)
    command.addOption(new Option(flag, none === null ? what : `${what} (without it: ${none})`))
  command.action(init)
}

/** The answers won't do; the message is for whoever gave them. */
export class InitRefused extends Error {
  override readonly name = 'InitRefused'
}

async function init({ out, ...given }: Given): Promise<void> {
  const site = join(out, 'site.yaml')
  refuseExisting([site])
  const made = newSite(process.stdin.isTTY ? await asked(given) : taken(given))
  // What a flag could not see: a room and a receiver of one id, say.
  parseSite(made.text, site)
  write(out, site, made, await accountsText(made.accounts))
  console.log(leftToDo(site, out, made))
}

/** Without a terminal nobody can be asked: all that is missing or wrong is said at once. */
function taken(given: Omit<Given, 'out'>): Answers {
  const problems: string[] = []
  const answers = QUESTIONS.map(({ name, flag, default: none, amiss }) => {
    const answer = given[name] ?? none ?? ''
    const expected = amiss(answer)
    if (expected !== null)
      problems.push(
        `${flag}: expected ${expected}, came ${given[name] === undefined ? 'none' : JSON.stringify(answer)}`,
      )
    return [name, answer]
  })
  if (problems.length > 0) throw new InitRefused(problems.join('\n'))
  return Object.fromEntries(answers)
}

/** A flag is an answer; one that won't do is asked for again. */
async function asked(given: Omit<Given, 'out'>): Promise<Answers> {
  const stopped = new AbortController()
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  terminal.on('close', () => stopped.abort())
  const answers: [string, string][] = []
  try {
    for (const question of QUESTIONS)
      answers.push([question.name, await answerTo(question, given, terminal, stopped.signal)])
  } catch (error) {
    if (stopped.signal.aborted) throw new InitRefused('stopped: nothing was written')
    throw error
  } finally {
    terminal.close()
  }
  return Object.fromEntries(answers) as Answers
}

async function answerTo(
  { name, what, default: none, amiss }: (typeof QUESTIONS)[number],
  given: Omit<Given, 'out'>,
  terminal: Interface,
  signal: AbortSignal,
): Promise<string> {
  let answer = given[name]
  for (;;) {
    answer ??=
      (await terminal.question(`${what}${none === null ? '' : ` [${none}]`}: `, { signal })).trim() ||
      (none ?? '')
    const expected = amiss(answer)
    if (expected === null) return answer
    console.log(`Expected ${expected}.`)
    answer = undefined
  }
}

const passwordFile = (out: string, { id }: Account): string => join(out, 'receivers', `${id}.password`)

function refuseExisting(files: readonly string[]): void {
  const found = files.find(file => existsSync(file))
  if (found !== undefined)
    throw new InitRefused(`${found}: expected no such file yet, came one: it is left as it is`)
}

/** The file of accounts: of each receiver the hash of its password. */
async function accountsText(made: readonly Account[]): Promise<string> {
  const accounts = await Promise.all(
    made.map(async ({ id, password }) => ({
      ...{ id, role: 'receiver', addedAtMs: Date.now() },
      hash: await hashOf(password, COST_OF_MADE),
    })),
  )
  return accountsFileText(AccountsFile.parse({ v: 1, accounts }).accounts)
}

/** Throws Node's file errors, having taken away what it had written. */
function write(out: string, site: string, { text, accounts }: NewSite, hashes: string): void {
  const files: [string, string][] = [
    ...accounts.map((account): [string, string] => [passwordFile(out, account), `${account.password}\n`]),
    [accountsFileOf(site), hashes],
    [site, text],
  ]
  refuseExisting(files.map(([file]) => file))
  mkdirSync(join(out, 'receivers'), { recursive: true, mode: OWNER_ONLY_FOLDER })
  const begun: string[] = []
  try {
    for (const [file, contents] of files) {
      const fd = openSync(file, 'wx', OWNER_ONLY)
      // From here on it is ours, whole or not.
      begun.push(file)
      keep(fd, contents)
    }
  } catch (error) {
    for (const file of begun) rmSync(file, { force: true })
    throw error
  }
}

function keep(fd: number, contents: string): void {
  try {
    fchmodSync(fd, OWNER_ONLY)
    writeFileSync(fd, contents, { flush: true })
  } finally {
    closeSync(fd)
  }
}

const leftToDo = (site: string, out: string, { accounts, people }: NewSite): string =>
  `${site}: written, and passes tocsin check. Left to do:
 1. Look at it again: which rooms have a door to which, where the receivers hang, what whoever comes must know of a room.
 2. The exchange's own side: an extension for the gateway, with its password under sip where it asks for one.
 3. Receivers: ${accounts.map(({ id }) => id).join(', ')}. Each gets its own password: ${accounts.map(each => passwordFile(out, each)).join(', ')}
 4. Pendants, one for each: ${people.map(id => `tocsin enrol --site ${site} --wearer ${id}`).join('; ')}
 5. tocsin doctor --site ${site} --data DIR, until nothing is broken; then tocsin serve, and a drill.`

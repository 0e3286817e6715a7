// A program runs by what V8 compiled of it, and only of it: after an upgrade cut short, or under another Node, it is its own text.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const GATEWAY = fileURLToPath(new URL('../../../dist/gateway/', import.meta.url))
const HASH_CHARACTERS = 64

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-compiled-'))
  copyFileSync(join(GATEWAY, 'compiled.mjs'), join(folder, 'compiled.mjs'))
  writeFileSync(join(folder, 'say.mjs'), "import { run } from './compiled.mjs'\nrun('say')\n")
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const compiled = (): string => join(folder, 'say.bin')

function write(program: string): void {
  const hash = createHash('sha256').update(program).digest('hex')
  writeFileSync(join(folder, 'say.cjs'), `//${hash}\n${program}`)
}

const said = (env: NodeJS.ProcessEnv = {}): string =>
  execFileSync(process.execPath, [join(folder, 'say.mjs')], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })

const compile = (): string => said({ TOCSIN_COMPILE: '1' })

/** Whether V8 took the compiled code of a program of `from`. */
function isTaken(from: string, name: string): boolean {
  const question =
    `const { load } = await import(${JSON.stringify(join(from, 'compiled.mjs'))});` +
    `console.log(load('${name}').script.cachedDataRejected === false)`
  return (
    execFileSync(process.execPath, ['--input-type=module', '-e', question], { encoding: 'utf8' }) === 'true\n'
  )
}

describe('a program and its compiled code', () => {
  it('runs without any, and by its own where it was compiled', () => {
    write('console.log("one")')
    expect(said()).toBe('one\n')
    expect(existsSync(compiled())).toBe(false)

    expect(compile()).toBe('one\n')
    expect(isTaken(folder, 'say')).toBe(true)
    expect(said()).toBe('one\n')
  })

  it('runs its own text where the code is of another text of the same length', () => {
    write('console.log("one")')
    compile()
    write('console.log("two")')
    expect(said()).toBe('two\n')
  })

  it('runs its own text where the code was cut short, or V8 does not know it', () => {
    write('console.log("one")')
    compile()
    const whole = readFileSync(compiled())
    for (const bytes of [whole.subarray(0, 10), whole.subarray(0, HASH_CHARACTERS), Buffer.alloc(0)]) {
      writeFileSync(compiled(), bytes)
      expect(said()).toBe('one\n')
    }
    const ofAnotherNode = Buffer.from(whole)
    ofAnotherNode.fill(0, HASH_CHARACTERS, HASH_CHARACTERS + 16)
    writeFileSync(compiled(), ofAnotherNode)
    expect(said()).toBe('one\n')
    expect(isTaken(folder, 'say')).toBe(false)
  })

  it('says what a program throws, and finds what lies beside it', () => {
    writeFileSync(join(folder, 'beside.cjs'), 'module.exports = "beside"')
    write('console.log(require("./beside.cjs"))')
    expect(said()).toBe('beside\n')
    expect(compile()).toBe('beside\n')
    expect(said()).toBe('beside\n')
    write('throw new Error("came apart")')
    expect(() => said()).toThrow(/came apart/)
  })
})

describe('the gateway as built', () => {
  it.each(['cli', 'broker-worker', 'journal-worker', 'worker'])('%s starts by its compiled code', name => {
    expect(isTaken(GATEWAY, name)).toBe(true)
  })

  it('loads what a start does not need when it is asked for: a port that is not there is said so', () => {
    const tocsin = fileURLToPath(new URL('../../../gateway/tocsin.mjs', import.meta.url))
    const { status, stderr } = spawnSync(
      process.execPath,
      [tocsin, 'pendant', 'p-01', '--port', join(folder, 'tty')],
      { encoding: 'utf8' },
    )
    expect(stderr).toContain('came: no such port')
    expect(status).toBe(1)
  })

  it('lets whoever may read its programs read their code', () => {
    expect(statSync(join(GATEWAY, 'cli.bin')).mode & 0o777).toBe(0o644)
  })
})

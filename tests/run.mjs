// `npm test`: sets up what it needs, checks the house, runs every test, and says at the end what was and was not run.
// A test file names the programs it needs in a line "// needs: chromium, mosquitto_pub"; without one of them the file
// is left out and named, except on CI, where that is a failure. Closes with the plain line "N passed, N failed".
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { anotherNode } from './another-node.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

/** Which Debian package brings each program that a test may need. */
const PACKAGES = {
  mosquitto: 'mosquitto',
  mosquitto_pub: 'mosquitto-clients',
  kamailio: 'kamailio',
  baresip: 'baresip',
  sipp: 'sip-tester',
  'espeak-ng': 'espeak-ng',
  chromium: 'chromium',
  openssl: 'openssl',
  socat: 'socat',
  btvirt: 'bluez-test-tools',
  cc: 'gcc',
  'c++': 'g++',
  curl: 'curl',
  adduser: 'adduser',
}

/**
 * The Node lines that live: 24 ("LTS" by its own name) and 26 (LTS since October 2026 by Node's calendar). What depends on
 * Node runs on each, from sources that Node reads by itself; everything runs on the Node that npm test was started with.
 */
const LIVING_NODES = ['24.22.3', '26.12.1']
const DEPENDS_ON_NODE = [
  'firmware/flash/',
  'gateway/core/',
  'gateway/store/',
  'gateway/engine',
  'gateway/pagers/',
  'gateway/receivers/',
  'gateway/radio/',
  'rim/radio/',
  'rim/receivers/broker',
  'rim/receivers/receiver-mosquitto',
  'rim/telephone',
  'stories/stop',
  'commands/site',
]

/** Not a program: whether this user may mount a disk of its own, as root may. */
const MOUNTING = 'mounting'

/** Debian keeps servers where an ordinary user's PATH does not look; the tests look there. */
const SEARCH_PATH = [process.env.PATH ?? '', '/usr/sbin', '/usr/local/sbin'].join(delimiter)

/** So many lines of each failure are said once more at the end. */
const FAILURE_LINES = 15

const run = (command, args, options = {}) =>
  spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options })

/** Whether a program stands in the PATH or where Debian puts its servers. */
function isInstalled(program) {
  if (program === MOUNTING) return mayMount()
  return SEARCH_PATH.split(delimiter).some(folder => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function mayMount() {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-mount-'))
  const mounted =
    run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' }).status === 0
  if (mounted) run('umount', [folder])
  rmSync(folder, { recursive: true, force: true })
  return mounted
}

const missingPrograms = () => [...Object.keys(PACKAGES), MOUNTING].filter(program => !isInstalled(program))
const packagesOf = programs => [...new Set(programs.flatMap(program => PACKAGES[program] ?? []))]

/** Begins to install what is missing, where that is allowed; resolves once that is over, however it went. */
async function installPrograms() {
  const packages = packagesOf(missingPrograms())
  if (packages.length === 0 || process.getuid?.() !== 0 || !isInstalled('apt-get')) return
  console.log(`Installing Debian packages that the tests need: ${packages.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = 'apt-get update -qq; exec apt-get install -y -qq --no-install-recommends "$@"'
  // Not through a pipe: nobody reads while the libraries are set up.
  const stdio = ['ignore', 'ignore', 'inherit']
  await once(spawn('/bin/sh', ['-c', install, 'sh', ...packages], { cwd: ROOT, stdio, env }), 'close')
}

function testFiles() {
  return readdirSync(join(ROOT, 'tests'), { recursive: true })
    .filter(file => file.endsWith('.test.ts'))
    .map(file => join('tests', file))
    .sort()
}

function needsOf(file) {
  const line = /^\/\/ needs: (.*)$/m.exec(readFileSync(join(ROOT, file), 'utf8'))?.[1]
  const programs = line === undefined ? [] : line.split(',').map(program => program.trim())
  const unknown = programs.filter(program => !(program in PACKAGES) && program !== MOUNTING)
  if (unknown.length > 0)
    throw new Error(`${file} needs ${unknown.join(', ')}: expected programs that tests/run.mjs knows`)
  return programs
}

/** One run of vitest with these words, by this Node. */
function runTests(words, leftOut, { program, env: given } = { program: process.execPath, env: process.env }) {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-test-'))
  const report = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const args = ['node_modules/vitest/vitest.mjs', 'run', ...words, ...reporters]
  const env = {
    ...given,
    PATH: `${given.PATH}${delimiter}${SEARCH_PATH}`,
    TOCSIN_LEFT_OUT: leftOut.map(({ file }) => file).join(','),
  }
  const { status } = run(program, args, { env })
  try {
    const said = JSON.parse(readFileSync(report, 'utf8'))
    const failures = failuresIn(said)
    if (failures.length === 0 && status !== 0) failures.push(`vitest ended with ${status}: see above`)
    return { passed: said.numPassedTests, failed: failures.length, skipped: said.numPendingTests, failures }
  } catch {
    return { passed: 0, failed: 1, skipped: 0, failures: ['vitest ended without a report: see above'] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Each failed test of a vitest report with the first lines of its message, and each file that could not be loaded. */
function failuresIn({ testResults }) {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(ROOT, name)
    const failed = assertionResults.filter(result => result.status === 'failed')
    if (failed.length === 0) return status === 'failed' ? [`${file}: ${beginningOf(message)}`] : []
    return failed.map(
      ({ fullName, failureMessages: [first = ''] }) => `${file}: ${fullName}\n${beginningOf(first)}`,
    )
  })
}

const beginningOf = message => message.split('\n').slice(0, FAILURE_LINES).join('\n')

/** On another Node. One that cannot be had is a failure: what is not tried on it is not known to run there. */
function runOn(version, leftOut) {
  console.log(`\nCore, store, engine, telephone and receivers on Node ${version}`)
  try {
    const nowhere = DEPENDS_ON_NODE.filter(words => !testFiles().some(file => file.includes(words)))
    if (nowhere.length > 0) throw new Error(`expected test files for ${nowhere.join(', ')}, came none`)
    return runTests(DEPENDS_ON_NODE, leftOut, anotherNode(version))
  } catch (error) {
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      failures: [`Node ${version} could not be tried: ${error.message}`],
    }
  }
}

function check(name, script) {
  console.log(`\n${name}`)
  return run('npm', ['run', '--silent', script]).status === 0
}

const startedAtMs = Date.now()
// Begun first, so that the packages come down while the libraries are set up.
const programs = installPrograms()
const isSetUp = run(process.execPath, ['simulator/setup.mjs', '--workshop']).status === 0
await programs
if (!isSetUp) {
  console.log('0 passed, 1 failed')
  process.exit(1)
}
const missing = missingPrograms()
const leftOut = testFiles().flatMap(file => {
  const lacks = needsOf(file).filter(program => missing.includes(program))
  return lacks.length === 0 ? [] : [{ file, lacks }]
})

const checked = check('Types, format, lint and who may import whom (npm run check)', 'check')
const otherNodes = LIVING_NODES.filter(
  version => version.split('.')[0] !== process.versions.node.split('.')[0],
)
// "pure" four files at a time, "rim" two.
const results = [
  ...['pure', 'rim'].map(project => runTests(['--project', project], leftOut)),
  ...otherNodes.map(version => runOn(version, leftOut)),
]
const sum = key => results.reduce((total, result) => total + result[key], 0)
const onCi = process.env.CI !== undefined && process.env.CI !== '' && process.env.CI !== 'false'
const mayNotSkip = onCi && (leftOut.length > 0 || sum('skipped') > 0)
const failed = sum('failed') + (checked ? 0 : 1) + (mayNotSkip ? 1 : 0)
const passed = sum('passed') + (checked ? 1 : 0)

// Once more where it is found: at the end, after some thousand lines.
for (const failure of results.flatMap(({ failures }) => failures)) console.log(`\nFailed: ${failure}`)
if (!checked) console.log('\nFailed: npm run check')
console.log(
  `\nRun: npm run check, every test file${leftOut.length === 0 ? '' : ' but those below'} on Node ${process.versions.node}, and what depends on Node on ${otherNodes.join(' and ')}, in ${Math.round((Date.now() - startedAtMs) / 1000)} s.`,
)
for (const { file, lacks } of leftOut)
  console.log(
    lacks.includes(MOUNTING)
      ? `Not run: ${file}: this user may not mount a disk of its own (run it as root)`
      : `Not run: ${file}: ${lacks.join(', ')} not installed (apt-get install ${packagesOf(lacks).join(' ')})`,
  )
if (sum('skipped') > 0) console.log(`Not run: ${sum('skipped')} tests that their files skip`)
if (!process.env.ESPRUINO_BIN)
  console.log(
    'Not run: the firmware on the real Espruino interpreter (set ESPRUINO_BIN to a Linux build of it)',
  )
console.log('Not run: npm run bench (speed is measured, not tested)')
if (mayNotSkip) console.log('Failed: on CI nothing may be left out')
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

// Makes a fresh clone runnable: installs what package-lock.json says, builds dist/. Plain JavaScript without dependencies,
// because it runs before there are any. Does nothing, fast, where nothing is to do. What runs the building comes by default;
// with --workshop also what tests it and packs its firmware for flashing (the workspaces).
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const LOCK = 'package-lock.json'
const INSTALLED = 'node_modules/.tocsin-setup'
const isWorkshop = process.argv.includes('--workshop')

class SetupFailed extends Error {}

const at = path => join(ROOT, path)
const read = path => readFileSync(at(path), 'utf8')
const stampIs = (path, stamp) => existsSync(at(path)) && read(path) === stamp

function write(path, text) {
  mkdirSync(dirname(at(path)), { recursive: true })
  writeFileSync(at(path), text)
}

/** npm leaves the root out where workspaces are asked for, unless it is asked for as well. */
const WITH_WORKSPACES = ['--workspaces', '--include-workspace-root']
const ALONE = ['--workspaces=false']

/** Where better-sqlite3 is compiled: as SQLite itself is released, which takes a sixth less than as its package asks, on every core. */
const COMPILED = { CFLAGS: '-O2', CXXFLAGS: '-O2', JOBS: 'max', ...process.env }

function run(command, args) {
  const done = spawnSync(command, args, {
    cwd: ROOT,
    env: COMPILED,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (done.error !== undefined) return `${command} could not be started (${done.error.message})`
  if (done.signal !== null) return `${command} was ended by ${done.signal}`
  return done.status === 0 ? null : `${command} ended with code ${done.status}`
}

function checkNode() {
  const wanted = JSON.parse(read('package.json')).engines.node
  const [major, minor] = wanted.replace(/^>=/, '').split('.').map(Number)
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number)
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return
  throw new SetupFailed(`expected Node ${wanted}, came Node ${process.versions.node} (${process.execPath})`)
}

/** Whether an `npm ci` or `npm install` of somebody else's left what the lock file says. */
function isInstalledAlready() {
  if (!existsSync(at('node_modules/.package-lock.json'))) return false
  const have = JSON.parse(read('node_modules/.package-lock.json')).packages
  const wanted = JSON.parse(read(LOCK)).packages
  const isWhole = ({ dependencies = {}, devDependencies = {} }) =>
    Object.keys({ ...dependencies, ...devDependencies }).every(name => have[`node_modules/${name}`])
  const asked = isWorkshop ? ['', ...wanted[''].workspaces] : ['']
  // npm leaves no package without those that it needs; so whole at the top and of the right versions is whole.
  return (
    asked.every(path => isWhole(wanted[path])) &&
    Object.entries(have).every(([path, { version }]) => wanted[path]?.version === version)
  )
}

/** The one native library; null where it loads, otherwise why it does not. */
function whyNoSqlite() {
  const probe = "new (require('better-sqlite3'))(':memory:').close()"
  const done = spawnSync(process.execPath, ['-e', probe], { cwd: ROOT, encoding: 'utf8' })
  if (done.status === 0) return null
  return done.stderr.split('\n').find(line => /^\w*Error/.test(line)) ?? `ended with code ${done.status}`
}

function install() {
  const lock = createHash('sha256').update(read(LOCK)).digest('hex')
  const platform = `node-abi-${process.versions.modules} ${process.platform}-${process.arch}`
  const stamp = `${lock} ${platform}\n`
  const whole = `${lock} ${platform} workshop\n`
  if (stampIs(INSTALLED, whole) || (!isWorkshop && stampIs(INSTALLED, stamp))) return
  if (!(isInstalledAlready() && whyNoSqlite() === null)) {
    console.error(`Installing the libraries that ${LOCK} names (npm ci). This takes a minute the first time.`)
    const fault = run('npm', [
      'ci',
      '--no-audit',
      '--no-fund',
      '--include=dev',
      ...(isWorkshop ? WITH_WORKSPACES : ALONE),
    ])
    if (fault !== null)
      throw new SetupFailed(
        `expected \`npm ci\` to install the libraries, but ${fault}; its own words are above.\n` +
          'It needs the npm registry (or a mirror, set in ~/.npmrc). better-sqlite3 also needs either its prebuilt\n' +
          'download from GitHub or, to build it here, python3, make and g++.',
      )
    const why = whyNoSqlite()
    if (why !== null)
      throw new SetupFailed(
        `expected better-sqlite3 to load after \`npm ci\`, but it does not: ${why}\n` +
          'It needs either its prebuilt download from GitHub or, to build it here, python3, make and g++; and npm must\n' +
          'be allowed to run install scripts (`npm config get ignore-scripts` should say false).',
      )
  }
  write(INSTALLED, isWorkshop ? whole : stamp)
}

async function build() {
  const { build } = await import('./build.mjs')
  await build({ isPacked: isWorkshop }).catch(cause => {
    throw new SetupFailed(`expected \`npm run build\` to write dist/, but: ${cause.message}`)
  })
}

try {
  checkNode()
  install()
  await build()
} catch (error) {
  if (!(error instanceof SetupFailed)) throw error
  console.error(`\nSetup stopped: ${error.message}`)
  process.exitCode = 1
}

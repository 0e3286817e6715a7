// `npm run build`: all of dist/, and of that only what is not yet so. The gateway's command line with its threads, the
// building's programs, the web pages, the firmware. Plain JavaScript on esbuild, so that it needs no loader.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { compile } from './build/compile.mjs'
import { buildPages } from './build/pages.mjs'
import { buildPrograms, buildScripts, put } from './build/programs.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const STAMPS = 'dist/.built.json'
/** What every part is made with. */
const TOOLS = ['package-lock.json', 'simulator/build.mjs', 'simulator/build']

const at = path => join(ROOT, path)

/** Each part of dist/: all that it is made of, one file that is there once it is made, and how it is made. */
const PARTS = {
  'the gateway': {
    sources: ['gateway', 'schemas', 'firmware'],
    result: 'dist/gateway/cli.mjs',
    make: makeGateway,
  },
  'the building': {
    sources: ['simulator', 'gateway/radio', 'gateway/ports.ts', 'schemas', 'firmware'],
    result: 'dist/simulator/main.mjs',
    make: () =>
      buildPrograms(ROOT, at('dist/simulator'), {
        main: sourceOf('simulator', 'main.ts'),
        demo: sourceOf('simulator', 'demo.ts'),
      }),
  },
  'the desk page': {
    sources: ['gateway/console/ui', 'schemas'],
    result: 'dist/ui/desk/index.html',
    make: () => buildPages(at('gateway/console/ui'), at('dist/ui/desk')),
  },
  'the gateway for a quick start': {
    sources: ['gateway', 'schemas', 'firmware', 'simulator/building/northgate.yaml'],
    result: 'dist/gateway/cli.bin',
    // Of one version of V8 only.
    of: process.versions.v8,
    make: (_, tell) =>
      compile(ROOT).catch(error => tell(`It will start as ever, but later: ${error.message}`)),
  },
  "the building's page": {
    sources: ['simulator', 'schemas'],
    result: 'dist/ui/building/index.html',
    make: () => buildPages(at('simulator/page/ui'), at('dist/ui/building')),
  },
  'the firmware': {
    sources: ['firmware', 'schemas'],
    result: 'dist/firmware/puckjs.js',
    make: makeFirmware,
  },
}

function filesUnder(path) {
  if (!existsSync(at(path))) return []
  if (statSync(at(path)).isFile()) return [path]
  return readdirSync(at(path)).flatMap(name => filesUnder(`${path}/${name}`))
}

/** The one file of this name, whichever room of the folder it lies in. */
function sourceOf(folder, name) {
  const found = filesUnder(folder).filter(file => basename(file) === name)
  if (found.length === 1) return found[0]
  throw new Error(
    `expected one ${name} in ${folder}/, came ${found.length === 0 ? 'none' : found.join(', ')}`,
  )
}

/** What a program starts by its file: each NAME.mjs, and the NAME.ts beside it where there is one. */
function threadsOf(folder) {
  const isTool = file => basename(file) === 'tocsin.mjs' || file.startsWith('gateway/debian/')
  const found = filesUnder(folder).filter(file => file.endsWith('.mjs') && !isTool(file))
  const written = file => file.replace(/\.mjs$/, '.ts')
  const threads = Object.fromEntries(
    found.map(file => [basename(file, '.mjs'), existsSync(at(written(file))) ? written(file) : file]),
  )
  if (Object.keys(threads).length === found.length) return threads
  throw new Error(`expected a name of its own for each thread, came ${found.join(', ')}`)
}

async function makeGateway() {
  const all = Object.entries({ cli: sourceOf('gateway', 'cli.ts'), ...threadsOf('gateway') })
  const isOurs = ([, source]) => source.endsWith('.ts')
  await buildScripts(ROOT, at('dist/gateway'), Object.fromEntries(all.filter(isOurs)))
  await buildPrograms(ROOT, at('dist/gateway'), Object.fromEntries(all.filter(each => !isOurs(each))))
}

/** What the simulated pendants are. */
const SIMULATED_BOARD = 'puckjs'

/**
 * By its own build, which is TypeScript and is therefore bundled first. Not packed it is for the simulated pendants only, and
 * what other boards had before goes, because it would be another firmware.
 */
async function makeFirmware(isPacked, tell) {
  await buildPrograms(ROOT, at('dist/build'), { firmware: 'firmware/build.ts' })
  const { buildAndTell, writeBundles } = await import(
    `${pathToFileURL(at('dist/build/firmware.mjs'))}?${Date.now()}`
  )
  if (isPacked) return buildAndTell(tell)
  for (const file of filesUnder('dist/firmware'))
    if (basename(file) !== `${SIMULATED_BOARD}.js`) rmSync(at(file))
  await writeBundles(at('dist/firmware'), [SIMULATED_BOARD])
}

function hashOf(sources) {
  const hash = createHash('sha256')
  for (const file of [...TOOLS, ...sources].flatMap(filesUnder).sort())
    hash.update(`${file}\0`).update(readFileSync(at(file)))
  return hash.digest('hex')
}

/**
 * Builds each part whose sources are not those that it was last made of; `isPacked` also packs the firmware for flashing,
 * which needs Espruino's own tools. `tell` is told what is built. Throws esbuild's own error, DialectRefused, PackFailed.
 */
export async function build({ isPacked = true, tell = console.error } = {}) {
  const stamps = existsSync(at(STAMPS)) ? JSON.parse(readFileSync(at(STAMPS), 'utf8')) : {}
  for (const [name, { sources, result, make, of = '' }] of Object.entries(PARTS)) {
    const hash = `${hashOf(sources)}${of}`
    const packed = `${hash} packed`
    const isFresh = stamps[name] === packed || (stamps[name] === hash && !(isPacked && make === makeFirmware))
    if (isFresh && existsSync(at(result))) continue
    tell(`Building ${name}.`)
    await make(isPacked, tell)
    stamps[name] = isPacked && make === makeFirmware ? packed : hash
    put(at(STAMPS), JSON.stringify(stamps))
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build()

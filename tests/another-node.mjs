// Another Node than the one that runs, from the npm registry, and better-sqlite3's library for it, in dist/node-VERSION. In: a
// version. Out: its program, and the environment in which it runs the tests of this clone.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const PRELOAD = pathToFileURL(join(ROOT, 'tests/sqlite-for.mjs')).href

/** Installs it where it is not yet. Throws where npm cannot. */
export function anotherNode(version) {
  const folder = join(ROOT, 'dist', `node-${version}`)
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const home = join(folder, 'node_modules', name)
  const program = join(home, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  const library = join(folder, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node')
  const path = [dirname(program), process.env.PATH].join(delimiter)
  const npm = (args, env = {}) => {
    const { status } = spawnSync('npm', args, {
      cwd: folder,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
      env: { ...process.env, ...env },
    })
    if (status !== 0) throw new Error(`expected npm ${args.join(' ')} to end with 0, came ${status}`)
  }
  if (!existsSync(library)) {
    const sqlite = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).dependencies['better-sqlite3']
    mkdirSync(folder, { recursive: true })
    const about = {
      private: true,
      dependencies: { [name]: version, 'better-sqlite3': sqlite },
      allowScripts: { 'better-sqlite3': true },
    }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(about))
    const quietly = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
    npm(['install', '--ignore-scripts', ...quietly])
    // Its headers come with it: nothing is fetched from elsewhere. Compiled to be there soon, not to be fast.
    const soon = { CFLAGS: '-O1', CXXFLAGS: '-O1', JOBS: 'max' }
    npm(['rebuild', 'better-sqlite3', ...quietly], { PATH: path, npm_config_nodedir: home, ...soon })
  }
  const options = [process.env.NODE_OPTIONS, `--import ${PRELOAD}`].filter(Boolean).join(' ')
  return { program, env: { ...process.env, PATH: path, NODE_OPTIONS: options, TOCSIN_SQLITE: library } }
}

// `npm run package:deb`: the gateway as a Debian package, dist/tocsin_VERSION_ARCH.deb, with what Debian has (dpkg-deb). In: what
// `npm pack` packs, the packages of `npm ci --omit=dev`, gateway/debian/. It runs on the Node version line that it was made with.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const DEBIAN = dirname(fileURLToPath(import.meta.url))
const ROOT = dirname(dirname(DEBIAN))
const HOME = 'usr/lib/tocsin'
/** What dpkg runs, and what a person may have changed and keeps. */
const SCRIPTS = ['preinst', 'postinst', 'prerm', 'postrm']
const CONFFILES = ['/etc/default/tocsin']
/** Sources of what is there as a library, and libraries for other machines. */
const NOT_NEEDED = [
  'better-sqlite3/deps',
  'better-sqlite3/src',
  'better-sqlite3/binding.gyp',
  // Debian's own espeak-ng speaks.
  '@echogarden',
]
const BUILT = 'better-sqlite3/build/Release/better_sqlite3.node'

const run = (command, args, cwd) => execFileSync(command, args, { cwd, encoding: 'utf8' }).trim()
const npm = (cwd, ...args) => run('npm', [...args, '--loglevel=error'], cwd)

/** The gateway as it is to be installed, below `home`. */
function stageGateway(home, version) {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-pack-'))
  try {
    npm(ROOT, 'pack', '--ignore-scripts', '--pack-destination', folder)
    const [packed] = readdirSync(folder)
    mkdirSync(home, { recursive: true })
    run('tar', ['xzf', join(folder, packed), '--strip-components=1', '-C', home])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  cpSync(join(ROOT, 'package-lock.json'), join(home, 'package-lock.json'))
  const omit = ['--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
  npm(home, 'ci', ...omit)
  rmSync(join(home, 'package-lock.json'))
  const about = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  writeFileSync(join(home, 'package.json'), `${JSON.stringify({ ...about, version }, null, 2)}\n`)
  prune(join(home, 'node_modules'))
}

function prune(modules) {
  for (const path of NOT_NEEDED) rmSync(join(modules, path), { recursive: true, force: true })
  // The same `npm ci` has made it for this machine already.
  cpSync(join(ROOT, 'node_modules', BUILT), join(modules, BUILT))
  const ours = `${process.platform}-${process.arch}`
  const prebuilt = readdirSync(modules, { recursive: true }).filter(path => basename(path) === 'prebuilds')
  for (const folder of prebuilt)
    for (const name of readdirSync(join(modules, folder)))
      if (!name.startsWith(ours)) rmSync(join(modules, folder, name), { recursive: true })
}

const put = (root, path, text) => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function stageDebian(root, version) {
  const read = name => readFileSync(join(DEBIAN, name), 'utf8')
  put(root, 'usr/bin/tocsin', read('tocsin'))
  for (const unit of readdirSync(DEBIAN).filter(name => name.endsWith('.service')))
    put(root, `usr/lib/systemd/system/${unit}`, read(unit))
  put(root, 'etc/default/tocsin', read('tocsin.default'))
  for (const [from, to] of [
    ['LICENSE', 'copyright'],
    ['dist/gateway/LICENSES.txt', 'LICENSES.txt'],
    ['.github/CHANGELOG.md', 'CHANGELOG.md'],
    ['gateway/GUIDE.md', 'GUIDE.md'],
  ])
    if (existsSync(join(ROOT, from))) put(root, `usr/share/doc/tocsin/${to}`, readFileSync(join(ROOT, from)))
  for (const script of SCRIPTS) put(root, `DEBIAN/${script}`, read(script))
  put(root, 'DEBIAN/conffiles', `${CONFFILES.join('\n')}\n`)
  const major = Number(process.versions.node.split('.')[0])
  const least = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).engines.node.replace('>=', '')
  const facts = {
    VERSION: version,
    ARCH: archOf(),
    KB: run('du', ['-sk', '--apparent-size', join(root, 'usr')]).split(/\s/)[0],
    NODE: major === Number(least.split('.')[0]) ? least : `${major}`,
    // A native library is of one line of Node versions.
    NEXT_NODE: `${major + 1}`,
  }
  put(
    root,
    'DEBIAN/control',
    read('control').replace(/@(\w+)@/g, (_, name) => facts[name]),
  )
}

const archOf = () => run('dpkg', ['--print-architecture'])

/** Whatever this user's umask and whatever npm left. */
function setModes(root) {
  const isProgram = path => path === 'usr/bin/tocsin' || SCRIPTS.some(name => path === `DEBIAN/${name}`)
  chmodSync(root, 0o755)
  for (const path of readdirSync(root, { recursive: true })) {
    const stat = lstatSync(join(root, path))
    if (stat.isSymbolicLink()) continue
    chmodSync(join(root, path), stat.isDirectory() || isProgram(path) ? 0o755 : 0o644)
  }
}

/** Answers the file. Throws what npm, tar or dpkg-deb say. */
export function packageDeb({ version, to, compress }) {
  const root = mkdtempSync(join(tmpdir(), 'tocsin-deb-'))
  try {
    stageGateway(join(root, HOME), version)
    stageDebian(root, version)
    setModes(root)
    mkdirSync(to, { recursive: true })
    const file = join(to, `tocsin_${version}_${archOf()}.deb`)
    run('dpkg-deb', ['--root-owner-group', `-Z${compress}`, '--build', root, file])
    return file
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const { values } = parseArgs({
    options: {
      version: { type: 'string', default: version },
      to: { type: 'string', default: join(ROOT, 'dist') },
      compress: { type: 'string', default: 'xz' },
    },
  })
  console.log(packageDeb(values))
}

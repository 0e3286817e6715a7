// Programs for Node: each entry becomes one file that needs no loader. The gateway's need no package either, but those with a
// native library; beside them lies LICENSES.txt, the licence of every package whose code is inside.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Packages with a native library, a process of their own or tools that look for their own files: they stay packages. */
const PACKAGES = ['better-sqlite3', 'serialport', '@echogarden/espeak-ng-emscripten', 'esbuild', 'espruino']
/** What fastify asks for only where a route has a JSON Schema, or a test calls it without a socket: nothing here does (console). */
const NEVER_ASKED = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request']
const COMPILED = fileURLToPath(new URL('./compiled.mjs', import.meta.url))
/** A thread or helper beside the file that starts it: in dist/ it lies beside the program. */
const THREAD = /new URL\('(\.\/[\w-]+\.mjs)', import\.meta\.url\)/g
/** Where a file stands: packages of the older kind ask for Node's own modules by `require`, our sources for `import.meta.url`. */
const AS_MODULE = {
  format: 'esm',
  here: "import.meta['url']",
  banner:
    "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
}
const AS_SCRIPT = {
  format: 'cjs',
  here: 'HERE',
  banner: "const HERE = require('node:url').pathToFileURL(__filename).href;",
  // What is loaded late is required: Node 20 has no import() in a script that runs by V8's kept code.
  supported: { 'dynamic-import': false },
}

/** A source keeps its own place: what it finds from there (the root, the site file, another program) stays where it is. */
const inItsPlace = (folder, here) => ({
  name: 'in-its-place',
  setup(build) {
    build.onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
      if (path.includes('node_modules')) return null
      const text = readFileSync(path, 'utf8')
      if (!text.includes('import.meta.url')) return null
      const place = JSON.stringify(relative(folder, path))
      const threads = text.replace(THREAD, `new URL('$1', ${here})`)
      const contents = threads.replaceAll('import.meta.url', `new URL(${place}, ${here}).href`)
      return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js' }
    })
  },
})

/** zod has its words in fifty languages, half of its size; ours are English. */
const inEnglish = {
  name: 'in-english',
  setup(build) {
    build.onLoad({ filter: /zod.v4.locales.index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js'",
      loader: 'js',
    }))
  },
}

/**
 * Builds `entries` ({ name: source }) into `folder` as NAME.mjs, which need their packages beside them: only our own sources are
 * put together. Throws esbuild's own error.
 */
export async function buildPrograms(root, folder, entries) {
  const { outputFiles } = await bundle(root, folder, entries, { ...AS_MODULE, packages: 'external' })
  for (const { path, contents } of outputFiles) put(path, contents)
}

/**
 * The same with their packages inside, as scripts (NAME.cjs), since V8 keeps what it compiled of a script only. NAME.mjs beside it
 * runs it by compiled.mjs. Throws esbuild's own error.
 */
export async function buildScripts(root, folder, entries) {
  const { outputFiles, metafile } = await bundle(root, folder, entries, {
    ...AS_SCRIPT,
    external: [...PACKAGES, ...NEVER_ASKED],
  })
  put(join(folder, 'compiled.mjs'), readFileSync(COMPILED))
  for (const { path, text } of outputFiles) {
    put(path, `//${createHash('sha256').update(text).digest('hex')}\n${text}`)
    const name = basename(path, '.cjs')
    put(join(folder, `${name}.mjs`), `import { run } from './compiled.mjs'\nrun('${name}')\n`)
  }
  put(join(folder, 'LICENSES.txt'), licenses(root, Object.keys(metafile.inputs)))
}

async function bundle(root, folder, entryPoints, { here, banner, ...how }) {
  const { build } = await import('esbuild')
  return build({
    absWorkingDir: root,
    entryPoints,
    outdir: folder,
    outExtension: { '.js': how.format === 'cjs' ? '.cjs' : '.mjs' },
    write: false,
    bundle: true,
    metafile: true,
    platform: 'node',
    target: 'node20.19',
    ...how,
    banner: { js: banner },
    legalComments: 'none',
    // Less to read at a start. Names stay as they are, and lines short, so that a crash can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 200,
    plugins: [inItsPlace(folder, here), inEnglish],
    tsconfigRaw: {},
    logLevel: 'warning',
  })
}

/** Renamed into place, so that whoever starts a program while it is built gets a whole one. */
export function put(path, contents) {
  mkdirSync(dirname(path), { recursive: true })
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, contents)
  renameSync(unfinished, path)
}

function licenses(root, inputs) {
  const packages = new Set(
    inputs.flatMap(file => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  )
  return [...packages]
    .sort()
    .map(folder => {
      const about = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
      const files = readdirSync(join(root, folder)).filter(name => /^licen[cs]e/i.test(name))
      const text = files.map(name => readFileSync(join(root, folder, name), 'utf8').trim()).join('\n\n')
      return `${about.name} ${about.version}, ${about.license}\n\n${text}\n`
    })
    .join(`\n${'-'.repeat(60)}\n\n`)
}

// Programs for Node: each entry becomes one file that needs no loader. The gateway's need no package either, but those with a
// native library; beside them lies LICENSES.txt, the licence of every package whose code is inside.
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** Packages with a native library, a process of their own or tools that look for their own files: they stay packages. */
const PACKAGES = ['better-sqlite3', 'serialport', '@echogarden/espeak-ng-emscripten', 'esbuild', 'espruino']
/** What fastify asks for only where a route has a JSON Schema, or a test calls it without a socket: nothing here does (console). */
const NEVER_ASKED = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request']
/** A thread or helper beside the file that starts it: in dist/ it lies beside the program. */
const THREAD = /new URL\('(\.\/[\w-]+\.mjs)', import\.meta\.url\)/g
/** Packages of the older kind ask for Node's own modules by `require`. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);"

/** A source keeps its own place: what it finds from there (the root, the site file, another program) stays where it is. */
const inItsPlace = folder => ({
  name: 'in-its-place',
  setup(build) {
    build.onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
      if (path.includes('node_modules')) return null
      const text = readFileSync(path, 'utf8')
      if (!text.includes('import.meta.url')) return null
      const place = JSON.stringify(relative(folder, path))
      const threads = text.replace(THREAD, "new URL('$1', import.meta['url'])")
      const contents = threads.replaceAll('import.meta.url', `new URL(${place}, import.meta['url']).href`)
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
 * Builds `entries` ({ name: source }) into `folder` as NAME.mjs, with their packages inside; where they are `outside`, only our
 * own sources are put together, which takes a fifth of the time. Throws esbuild's own error.
 */
export async function buildPrograms(root, folder, entries, { outside = false } = {}) {
  const { build } = await import('esbuild')
  const built = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    ...(outside ? { packages: 'external' } : { external: [...PACKAGES, ...NEVER_ASKED] }),
    banner: { js: REQUIRE },
    legalComments: 'none',
    // Less to read at a start. Names stay as they are, and lines short, so that a crash can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 200,
    plugins: [inItsPlace(folder), inEnglish],
    tsconfigRaw: {},
    logLevel: 'warning',
  })
  for (const { path, contents } of built.outputFiles) put(path, contents)
  if (!outside) put(join(folder, 'LICENSES.txt'), licenses(root, Object.keys(built.metafile.inputs)))
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

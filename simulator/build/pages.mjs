// The web pages: each HTML file of a folder with the script that it names, made for the browsers of the last years. Nothing is
// inlined, because the pages' own rules (CSP) allow only files; what lies in assets/ has its hash in its name.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { put } from './programs.mjs'

/** Chrome and Edge 111, Firefox 114, Safari 16.4: all of spring 2023. */
const BROWSERS = ['chrome111', 'edge111', 'firefox114', 'safari16.4']
const SCRIPT = /<script type="module" src="\/(.+)"><\/script>/

/** Builds the pages of `folder` into `out`. Throws esbuild's own error. */
export async function buildPages(folder, out) {
  const { build } = await import('esbuild')
  const pages = readdirSync(folder).filter(name => name.endsWith('.html'))
  const scripts = new Map(pages.map(page => [page, scriptOf(folder, page)]))
  const assets = join(out, 'assets')
  const { outputFiles, metafile } = await build({
    absWorkingDir: folder,
    entryPoints: [...scripts.values()],
    outdir: assets,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    write: false,
    bundle: true,
    splitting: true,
    metafile: true,
    minify: true,
    format: 'esm',
    target: BROWSERS,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfigRaw: {},
    logLevel: 'warning',
  })
  for (const { path, contents } of outputFiles) put(path, contents)
  if (existsSync(join(folder, 'public'))) cpSync(join(folder, 'public'), out, { recursive: true })
  for (const [page, script] of scripts) put(join(out, page), withAssets(folder, out, page, script, metafile))
  const fresh = new Set(outputFiles.map(({ path }) => relative(assets, path)))
  for (const name of readdirSync(assets))
    if (!fresh.has(name)) rmSync(join(assets, name), { recursive: true })
}

function scriptOf(folder, page) {
  const script = SCRIPT.exec(readFileSync(join(folder, page), 'utf8'))?.[1]
  if (script === undefined) throw new Error(`expected one module script in ${join(folder, page)}, came none`)
  return script
}

/** The page, naming what its script and its style became. */
function withAssets(folder, out, page, script, { outputs }) {
  const [file, { cssBundle }] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === script)
  const address = built => `/${relative(out, join(folder, built))}`
  const style = cssBundle === undefined ? '' : `<link rel="stylesheet" href="${address(cssBundle)}" />\n    `
  const tag = `${style}<script type="module" src="${address(file)}"></script>`
  return readFileSync(join(folder, page), 'utf8').replace(SCRIPT, () => tag)
}

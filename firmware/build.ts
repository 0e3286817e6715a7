// In: firmware/boards/*.ts. Out: dist/firmware/<board>.js, one script in the chip's own dialect, and beside it what
// goes into the flash (.bootcde, .hex). Refuses, naming file, line and construct, whatever the chip does not run.
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { SourceMap } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'
import { MDBT42Q_DEFAULTS } from './boards/defaults.ts'
import { refusedByChip } from './build/dialect.ts'
import { inlined } from './build/inline.ts'
import { chipTimes, chipVariables } from './build/measure.ts'
import { numbersByPlace } from './build/numbers.ts'
import { type BoardName, BUILT_IN, type Packed, pack } from './build/pack.ts'
import { settingsIn } from './storage/settings-file.ts'

/** The oldest with arrow functions and classes: what is newer is lowered, what cannot be is refused below. */
const TARGET = 'es2015'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * The most a board's bundle may be. Puck.js and MDBT42Q have 40 KB of Storage, and flashing lays two tokenised programs
 * (a tenth smaller) side by side, with settings and marks; Bangle.js 2 has megabytes.
 */
export const BUNDLE_BYTES_MAX: Readonly<Record<BoardName, number>> = {
  puckjs: 17_408,
  mdbt42q: 19_456,
  banglejs2: 18_432,
}
export const BOARDS = Object.keys(BUNDLE_BYTES_MAX) as BoardName[]

/** The firmware uses something the chip does not run. `refusals` are "file:line:column: construct". */
export class DialectRefused extends Error {
  override readonly name = 'DialectRefused'
  readonly refusals: readonly string[]

  constructor(refusals: readonly string[]) {
    super(`expected what the chip's interpreter runs, came:\n  ${refusals.join('\n  ')}`)
    this.refusals = refusals
  }
}

const check = (code: string, map: string): void => {
  const sources = new SourceMap(JSON.parse(map))
  const refusals = refusedByChip(code).map(({ line, column, construct }) => {
    const origin = sources.findEntry(line - 1, column)
    if (!('originalSource' in origin)) return `bundle:${line}:${column + 1}: ${construct}`
    const file = relative(root, join(root, 'dist', 'firmware', origin.originalSource))
    return `${file}:${origin.originalLine + 1}:${origin.originalColumn + 1}: ${construct}`
  })
  if (refusals.length > 0) throw new DialectRefused(refusals)
}

/** What the later steps made of it; they have no map. */
const checkAgain = (code: string): void => {
  const refusals = refusedByChip(code).map(
    ({ line, column, construct }) => `bundle:${line}:${column + 1}: ${construct}`,
  )
  if (refusals.length > 0) throw new DialectRefused(refusals)
}

/**
 * Bundles one board's firmware from `entry` and checks it. The answer is the script.
 * Throws DialectRefused, or esbuild's own error for what is no TypeScript.
 */
export const bundleFirmware = async (
  board: BoardName = 'puckjs',
  entry = join(root, 'firmware', 'boards', `${board}.ts`),
): Promise<string> => {
  const built = await build({
    entryPoints: [entry],
    outfile: join(root, 'dist', 'firmware', `${board}.js`),
    write: false,
    bundle: true,
    plugins: [numbersByPlace],
    format: 'cjs',
    platform: 'node',
    target: TARGET,
    charset: 'ascii',
    sourcemap: 'external',
    // Espruino's modules are asked for by name when the chip runs.
    external: [...BUILT_IN],
    logLevel: 'silent',
    tsconfigRaw: {},
  })
  const text = (ending: string): string =>
    built.outputFiles.find(file => file.path.endsWith(ending))?.text ?? ''
  check(text('.js'), text('.map'))
  // Wrapped by hand, because in its own wrapper esbuild hides `require` behind what the chip has not.
  const whole = `(()=>{${inlined(text('.js'))}})()`
  const minified = await transform(whole, { target: TARGET, minify: true, charset: 'ascii' })
  const code = minified.code.trimEnd()
  checkAgain(code)
  if (Buffer.byteLength(code) > BUNDLE_BYTES_MAX[board]) {
    throw new RangeError(
      `expected at most ${BUNDLE_BYTES_MAX[board]} bytes for ${board}, came ${Buffer.byteLength(code)}`,
    )
  }
  return code
}

/** Renamed into place, so that whoever reads while another builds sees a whole file. */
const put = async (path: string, data: string | Buffer): Promise<void> => {
  const unfinished = `${path}.${process.pid}`
  await writeFile(unfinished, data)
  await rename(unfinished, path)
}

export type Bundled = { board: BoardName; bundle: string; bytes: number }
export type Built = Packed & Bundled

/** Writes the script of each board into `folder`, not packed for flashing. The answer has one entry per board. */
export const writeBundles = async (
  folder: string,
  boards: readonly BoardName[] = BOARDS,
): Promise<Bundled[]> => {
  await mkdir(folder, { recursive: true })
  const all: Bundled[] = []
  for (const board of boards) {
    const code = await bundleFirmware(board)
    const bundle = join(folder, `${board}.js`)
    await put(bundle, code)
    all.push({ board, bundle, bytes: Buffer.byteLength(code) })
  }
  return all
}

/** Builds every board into `folder`. The answer has one entry per board. */
export const buildFirmware = async (folder = join(root, 'dist', 'firmware')): Promise<Built[]> => {
  const all: Built[] = []
  for (const bundled of await writeBundles(folder))
    all.push({ ...bundled, ...(await pack(bundled.bundle, folder, bundled.board)) })
  return all
}

/** What a Puck.js's bundle takes of the chip, measured where `binary` is a Linux build of Espruino. */
const measured = async (binary: string): Promise<string> => {
  if (binary === '') return 'variables and chip time: not measured (ESPRUINO_BIN=<a Linux build of Espruino>)'
  const folder = join(root, 'dist', 'firmware')
  const program = await readFile(join(folder, 'puckjs.bootcde'), 'hex')
  const variables = await chipVariables(binary, program)
  const watching = await chipVariables(binary, program, { manDown: 1 })
  const { alarmMs, askAlarmMs, beatMs, sampleMs } = await chipTimes(binary, program)
  const soft = await chipTimes(binary, await readFile(join(folder, 'mdbt42q.bootcde'), 'hex'), 'D3', {})
  const debounceMs = settingsIn('{}').cordDebounceMs
  const softDebounceMs = settingsIn('{}', MDBT42Q_DEFAULTS).cordDebounceMs
  return [
    `puckjs: ${variables.boot} variables after boot, ${variables.peak} at the peak of an alarm (${watching.peak} with manDown)`,
    `cord to first frame ${debounceMs} + ${alarmMs.toFixed(1)} ms after an idle frame, ${debounceMs} + ${askAlarmMs.toFixed(1)} in an ask, heartbeat ${beatMs.toFixed(1)} ms of chip time, a sample of movement ${sampleMs.toFixed(1)} ms`,
    `mdbt42q: cord to first frame ${softDebounceMs} + ${soft.alarmMs.toFixed(1)} ms after an idle frame, ${softDebounceMs} + ${soft.askAlarmMs.toFixed(1)} in an ask, a frame a minute ${soft.beatMs.toFixed(1)} ms of chip time`,
  ].join('; ')
}

/** Builds every board into dist/firmware, and tells how big each became. */
export const buildAndTell = async (tell: (line: string) => void): Promise<void> => {
  for (const { board, bundle, bytes, program, image } of await buildFirmware()) {
    const packed = `${(await stat(program)).size} bytes tokenised in ${relative(root, program)}`
    const most = `${bytes} bytes of ${BUNDLE_BYTES_MAX[board]}`
    tell(
      [`${relative(root, bundle)}: ${most}`, packed, image && relative(root, image)]
        .filter(Boolean)
        .join('; '),
    )
  }
  tell(await measured(process.env.ESPRUINO_BIN ?? ''))
}

// The firmware as the build makes it of the sources that stand here now, for every test file that runs it: built by the
// first that asks, kept in dist/tests/ under a hash of all that the build reads, and read from there by the others.
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BoardName } from '../../firmware/build/pack.ts'
import { buildFirmware } from '../../firmware/build.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDER = join(ROOT, 'dist', 'tests')
const KEPT = join(FOLDER, 'firmware.json')
/** Everything that the build reads: sources, and with the lock file its tools. */
const SOURCES = ['firmware', 'schemas']
const TOOLS = 'package-lock.json'

/** Of one board: the script, and its tokenised form in base64. */
type BuiltBoard = { bundle: string; program: string }
type Kept = { sources: string; boards: Record<BoardName, BuiltBoard> }

const hashOfSources = async (): Promise<string> => {
  const hash = createHash('sha256')
  const found = await Promise.all(
    SOURCES.map(async folder =>
      (await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true }))
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name)),
    ),
  )
  for (const file of [join(ROOT, TOOLS), ...found.flat().sort()])
    hash.update(`${file}\0`).update(await readFile(file))
  return hash.digest('hex')
}

const keptFor = async (sources: string): Promise<Kept | null> => {
  const text = await readFile(KEPT, 'utf8').catch(() => '{}')
  const kept = JSON.parse(text) as Partial<Kept>
  return kept.sources === sources ? (kept as Kept) : null
}

/** Renamed into place: whoever reads meanwhile sees a whole file, and two that build at once do no harm. */
const buildFor = async (sources: string): Promise<Kept> => {
  await mkdir(FOLDER, { recursive: true })
  const work = await mkdtemp(join(FOLDER, 'build-'))
  try {
    const boards = {} as Record<BoardName, BuiltBoard>
    for (const { board, bundle, program } of await buildFirmware(work))
      boards[board] = {
        bundle: await readFile(bundle, 'utf8'),
        program: await readFile(program, 'base64'),
      }
    const kept = { sources, boards }
    await writeFile(join(work, 'kept'), JSON.stringify(kept))
    await rename(join(work, 'kept'), KEPT)
    return kept
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const built = async (board: BoardName): Promise<BuiltBoard> => {
  const sources = await hashOfSources()
  return ((await keptFor(sources)) ?? (await buildFor(sources))).boards[board]
}

/** The script of a board. Throws what the build throws. */
export const builtBundle = async (board: BoardName = 'puckjs'): Promise<string> => (await built(board)).bundle

/** The tokenised program of a board, as `.bootcde` holds it. Throws what the build throws. */
export const builtProgram = async (board: BoardName = 'puckjs'): Promise<Buffer> =>
  Buffer.from((await built(board)).program, 'base64')

// In: a bundle. Out: what goes into the chip's flash, made offline by Espruino's own tools: the tokenised program as
// `.bootcde` holds it, and an image of the whole Storage area as Intel HEX for a programmer on the SWD pads.
import { execFile } from 'node:child_process'
import { rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'

const TIMEOUT_MS = 30_000
/** Modules in the interpreter itself, which the tools therefore do not look for elsewhere. */
export const BUILT_IN: readonly string[] = ['Storage', 'crypto']

/** Where Storage lies, from Espruino's description of each board (boards/PUCKJS.py …): ten pages below the bootloader's. */
const BELOW_BOOTLOADER = { address: (118 - 10) * 4096, page_size: 4096, pages: 10, flash_available: 308 }
const FLASH = {
  puckjs: BELOW_BOOTLOADER,
  mdbt42q: BELOW_BOOTLOADER,
  // Eight megabytes on a chip of its own, which no programmer on SWD pads can write.
  banglejs2: null,
} as const
export type BoardName = keyof typeof FLASH

/** The tools did not make what they were asked for; `said` is their own output. */
export class PackFailed extends Error {
  override readonly name = 'PackFailed'

  constructor(bundle: string, said: string) {
    super(`expected the Espruino tools to pack ${bundle}, came: ${said}`)
  }
}

/** `image` is null where the board's Storage is out of a programmer's reach. */
export type Packed = { program: string; image: string | null }

/** Packs `bundle` into `folder`; the answer is the paths of both files. Throws PackFailed. */
export const pack = async (bundle: string, folder: string, board: BoardName): Promise<Packed> => {
  const tools = createRequire(import.meta.url).resolve('espruino/bin/espruino-cli.js')
  const own = (ending: string): string => join(folder, `.${board}.${process.pid}.${ending}`)
  const description = own('json')
  const info = { builtin_modules: BUILT_IN }
  const flash = FLASH[board]
  await writeFile(description, JSON.stringify({ info, chip: { saved_code: flash ?? BELOW_BOOTLOADER } }))
  const made = { program: own('js'), image: own('hex') }
  const config = ['PRETOKENISE=2', 'MODULE_AS_FUNCTION=1'].flatMap(setting => ['--config', setting])
  const outputs = ['-o', made.program, ...(flash === null ? [] : ['--ohex', made.image])]
  const args = [tools, bundle, '--no-ble', '--board', description, ...outputs, ...config]
  const run = promisify(execFile)(process.execPath, args, { cwd: folder, timeout: TIMEOUT_MS })
  const packed = {
    program: join(folder, `${board}.bootcde`),
    image: flash === null ? null : join(folder, `${board}.hex`),
  }
  try {
    await run
    await rename(made.program, packed.program)
    if (packed.image !== null) await rename(made.image, packed.image)
  } catch (error) {
    throw new PackFailed(bundle, String(error))
  } finally {
    await rm(description, { force: true })
  }
  return packed
}

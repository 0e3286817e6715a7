// The flash of a simulated pendant in a file, so that its counters go on where they were when the building is started
// again. Written whole and moved into place: the file is always one moment of the flash.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { type ChipStorage, memoryStorage } from '../espruino/chip/storage.ts'

/** File names on the chip, and their bytes as base64. */
const Kept = z.record(z.string(), z.string())

/** Opens the flash kept at `path`, or an empty one. Throws with the path where the file is not one of ours. */
export function openFlash(path: string): ChipStorage {
  const flash = memoryStorage(existsSync(path) ? readKept(path) : {})
  mkdirSync(dirname(path), { recursive: true })
  const kept =
    <A extends unknown[]>(change: (...args: A) => void) =>
    (...args: A) => {
      change(...args)
      keep(path, flash)
    }
  return { ...flash, write: kept(flash.write), fill: kept(flash.fill), erase: kept(flash.erase) }
}

function readKept(path: string): Record<string, Uint8Array> {
  try {
    const files = Kept.parse(JSON.parse(readFileSync(path, 'utf8')))
    return Object.fromEntries(
      Object.entries(files).map(([name, data]) => [name, Uint8Array.from(Buffer.from(data, 'base64'))]),
    )
  } catch (cause) {
    throw new Error(`expected the kept flash of a pendant in ${path}, came something else`, { cause })
  }
}

function keep(path: string, flash: ChipStorage): void {
  const files = flash.list().map(name => [name, Buffer.from(flash.read(name) ?? []).toString('base64')])
  writeFileSync(`${path}.new`, `${JSON.stringify(Object.fromEntries(files))}\n`)
  renameSync(`${path}.new`, path)
}

// require("Storage") of the chip, over the flash that outlives the power.
import { byteString, bytesOf } from './bytes.ts'
import type { ChipStorage } from './chip/storage.ts'

const NAME_CHARACTERS_MAX = 28

const nameOf = (name: unknown): string => String(name).slice(0, NAME_CHARACTERS_MAX)

/** An object is written as its JSON; everything else as its bytes. */
const dataOf = (data: unknown): Uint8Array =>
  typeof data === 'object' && Object.prototype.toString.call(data) === '[object Object]'
    ? bytesOf(JSON.stringify(data))
    : bytesOf(data)

/** The Storage module. */
export const storageModule = (flash: ChipStorage) => {
  const read = (name: unknown, offset = 0, length = 0): string | undefined => {
    const file = flash.read(nameOf(name))
    if (file === undefined) return undefined
    return byteString(length > 0 ? file.subarray(offset, offset + length) : file.subarray(offset))
  }
  const write = (name: unknown, data: unknown, offset = 0, size = 0): boolean => {
    const bytes = dataOf(data)
    if (offset === 0 && size === 0) flash.write(nameOf(name), bytes)
    else flash.fill(nameOf(name), bytes, offset, size)
    return true
  }
  return {
    read,
    write,
    readJSON: (name: unknown, isQuiet = false): unknown => {
      const text = read(name)
      if (text === undefined) return undefined
      try {
        return JSON.parse(text)
      } catch (error) {
        if (isQuiet) return undefined
        throw error
      }
    },
    writeJSON: (name: unknown, data: unknown) => write(name, JSON.stringify(data)),
    erase: (name: unknown) => flash.erase(nameOf(name)),
    eraseAll: () => {
      for (const name of flash.list()) flash.erase(name)
    },
    list: () => flash.list(),
    getFree: () => flash.freeBytes(),
    compact: () => flash.compact(),
  }
}

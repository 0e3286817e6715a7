// The chip's flash as files of bytes, outliving the power. Writing goes through the steps of the real one (the old file
// is erased, then the new one made, then filled), so that a test can take the power away at each of them.

export type StorageStep = { step: 'erase' | 'create' | 'fill' | 'compact'; name: string }

export type ChipStorage = {
  read(name: string): Uint8Array | undefined
  /** Writes a whole file. Throws where the flash is full, or whatever `onStep` throws, with the steps before done. */
  write(name: string, data: Uint8Array): void
  /** Fills part of a file that was made bigger than its data so far. */
  fill(name: string, data: Uint8Array, offset: number, size: number): void
  erase(name: string): void
  list(): string[]
  /** Room for new files; that of erased ones comes back only by `compact`, or by a write that finds no other. */
  freeBytes(): number
  compact(): void
}

/** Taken by the host as the battery being pulled at that very instruction. */
export class PowerCut extends Error {
  override readonly name = 'PowerCut'
}

/** Puck.js: ten pages of 4 KB, a 32-byte header for each file. */
const FLASH_BYTES = 40_960
const HEADER_BYTES = 32
const ERASED = 0xff

/**
 * Storage in memory of `flashBytes`, holding `files` at first. `onStep` is called before each step; a PowerCut thrown there leaves that
 * step undone, except that 'fill' leaves the first half of the bytes written.
 */
export const memoryStorage = (
  files: Readonly<Record<string, string | Uint8Array>> = {},
  onStep: (step: StorageStep) => void = () => {},
  flashBytes = FLASH_BYTES,
): ChipStorage => {
  const kept = new Map<string, Uint8Array>()
  for (const [name, data] of Object.entries(files)) {
    kept.set(name, typeof data === 'string' ? Uint8Array.from(Buffer.from(data, 'latin1')) : data)
  }
  let trashBytes = 0
  const freeBytes = (): number =>
    [...kept.values()].reduce((free, data) => free - data.length - HEADER_BYTES, flashBytes - trashBytes)

  const fillAt = (name: string, data: Uint8Array, offset: number): void => {
    const file = kept.get(name)
    if (file === undefined) throw new Error('Unable to find or create file')
    if (offset + data.length > file.length) throw new Error('Too much data for file size')
    const isBlank = file.subarray(offset, offset + data.length).every(byte => byte === ERASED)
    if (!isBlank) throw new Error('File already written with different data')
    try {
      onStep({ step: 'fill', name })
    } catch (cut) {
      file.set(data.subarray(0, data.length >> 1), offset)
      throw cut
    }
    file.set(data, offset)
  }

  const erase = (name: string): void => {
    const file = kept.get(name)
    if (file === undefined) return
    onStep({ step: 'erase', name })
    kept.delete(name)
    trashBytes += file.length + HEADER_BYTES
  }

  const compact = (name: string): void => {
    if (trashBytes === 0) return
    onStep({ step: 'compact', name })
    trashBytes = 0
  }

  const make = (name: string, size: number): void => {
    erase(name)
    if (freeBytes() < size + HEADER_BYTES) compact(name)
    if (freeBytes() < size + HEADER_BYTES) throw new Error('Unable to find or create file')
    onStep({ step: 'create', name })
    kept.set(name, new Uint8Array(size).fill(ERASED))
  }

  const write = (name: string, data: Uint8Array): void => {
    if (data.length === 0) throw new Error("Can't create zero length file")
    const before = kept.get(name)
    // The same bytes again cost the flash nothing.
    if (before !== undefined && Buffer.compare(before, data) === 0) return
    make(name, data.length)
    fillAt(name, data, 0)
  }

  return {
    read: name => kept.get(name),
    write,
    fill: (name, data, offset, size) => {
      if (offset === 0) make(name, Math.max(size, data.length))
      fillAt(name, data, offset)
    },
    erase,
    list: () => [...kept.keys()],
    freeBytes,
    compact: () => compact(''),
  }
}

// Rendered phrases on disk: one small WAV file each, named by everything that shapes the sound.
// A file is whole or not there, since it is written beside its place and then renamed into it.
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Speech } from '../../../schemas/site/paging.ts'
import { readWav, writeWav } from './wav.ts'

export const TELEPHONE_HZ = 8000
/** Raised when the rendering itself changes (resampling, trimming), so that old files are left behind. */
const RENDERING = 1

export type Cache = {
  /** Null where it was never rendered, or its file is damaged. */
  find(phrase: string): Promise<Int16Array | null>
  /** Throws Node's file errors (disk full, no permission). */
  keep(phrase: string, samples: Int16Array): Promise<void>
}

export function createCache(directory: string, engine: string, speech: Speech): Cache {
  const pathOf = (phrase: string): string => {
    const shape = JSON.stringify([RENDERING, engine, speech.voice, speech.wordsPerMinute, phrase])
    return join(directory, `${createHash('sha256').update(shape).digest('hex').slice(0, 32)}.wav`)
  }
  return {
    async find(phrase) {
      try {
        const sound = readWav(await readFile(pathOf(phrase)))
        return sound.rateHz === TELEPHONE_HZ && sound.samples.length > 0 ? sound.samples : null
      } catch {
        // Missing or damaged is the same to us: it is rendered again.
        return null
      }
    },
    async keep(phrase, samples) {
      const path = pathOf(phrase)
      const beside = `${path}.${randomUUID()}`
      await mkdir(directory, { recursive: true })
      try {
        await writeFile(beside, writeWav({ rateHz: TELEPHONE_HZ, samples }))
        await rename(beside, path)
      } catch (cause) {
        await rm(beside, { force: true })
        throw cause
      }
    },
  }
}

// A step of the build: the pendant's numbers by place instead of by name. In: the firmware's sources, in which the
// pendant is always called `s`. Out: `s[1]` for `s.holdMs`, and one Float64Array in place of the object.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Plugin } from 'esbuild'
import { FIELDS } from '../fields.ts'

/** What fields.ts is on the chip. */
const ON_CHIP = `export const blank = () => new Float64Array(${FIELDS.length})
export const setAt = (s, index, value) => { s[index] = value }`

/** Lines stay where they are, so that a refusal still names the right one. Throws for a name that is no field. */
export const byPlace = (source: string): string =>
  source.replace(/\bs\.([A-Za-z]\w*)/g, (_all, name: string) => {
    const place = (FIELDS as readonly string[]).indexOf(name)
    if (place < 0) throw new Error(`expected a field of firmware/fields.ts after "s.", came ${name}`)
    return `s[${place}]`
  })

export const numbersByPlace: Plugin = {
  name: 'numbers-by-place',
  setup: build => {
    build.onLoad({ filter: /[\\/]firmware[\\/].*\.ts$/ }, async ({ path }) => ({
      contents: basename(path) === 'fields.ts' ? ON_CHIP : byPlace(await readFile(path, 'utf8')),
      loader: 'ts',
    }))
  },
}

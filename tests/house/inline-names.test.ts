// The build leaves some functions where they are and makes others where they are called, by their names (firmware/build/inline.ts).
// A name that nothing has any more would cost the chip time or variables without a word.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AT_POWER_ON, OUT_OF_THE_WAY } from '../../firmware/build/inline.ts'

const FIRMWARE = join(import.meta.dirname, '..', '..', 'firmware')

/** What runs on the chip: everything but the build and the flashing. */
const chipSources = (): string =>
  readdirSync(FIRMWARE, { recursive: true, encoding: 'utf8' })
    .filter(
      path => path.endsWith('.ts') && !/^(build|flash)[/.]/.test(path) && !path.includes('node_modules'),
    )
    .map(path => readFileSync(join(FIRMWARE, path), 'utf8'))
    .join('\n')

test.each([...OUT_OF_THE_WAY, ...AT_POWER_ON])('%s is a function of the firmware', name => {
  expect(chipSources()).toMatch(new RegExp(`const ${name} =[^=]*?=>`))
})

test('no name is on both lists', () => {
  expect(OUT_OF_THE_WAY.filter(name => AT_POWER_ON.includes(name))).toEqual([])
})

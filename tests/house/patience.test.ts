// No test depends on how fast the machine is: each wait has the one patience (tests/patience.ts), and no test a time of its own.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const TESTS = join(import.meta.dirname, '..')
/** Where a wait has to end before something else would say the same. */
const MAY_BE_SHORTER = ['rim/desk/lost.test.ts']

const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter(
  file => file.endsWith('.ts') && !file.startsWith('bench') && file !== 'patience.ts',
)

/** The arguments of each call of `name`, as they are written. */
const callsOf = (text: string, name: RegExp): string[] =>
  [...text.matchAll(name)].map(({ index, 0: { length } }) => {
    let depth = 1
    let at = index + length
    for (; depth > 0 && at < text.length; at++) {
      if ('([{'.includes(text.charAt(at))) depth++
      else if (')]}'.includes(text.charAt(at))) depth--
    }
    return text.slice(index, at)
  })

test('each wait has the one patience, and no test a time of its own', () => {
  const found = files
    .filter(file => !MAY_BE_SHORTER.includes(file))
    .flatMap(file => {
      const text = readFileSync(join(TESTS, file), 'utf8')
      const waits = callsOf(text, /\b(?:vi\.waitFor|vi\.waitUntil|expect\.poll)\(/g)
      const impatient = waits.filter(wait => !wait.includes('PATIENCE'))
      return [...(text.match(/\btimeout: ?(?!PATIENCE)[\dA-Z_]+/g) ?? []), ...impatient].map(
        what => `${file}: ${what}`,
      )
    })
  expect(found).toEqual([])
})

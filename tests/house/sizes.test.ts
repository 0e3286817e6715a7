// No function over 70 lines and no file over 300 (biome.json). What was over when that rule came is listed there, file by file, each with
// its longest function; the list is exact, so it can only go down.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const BIOME = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome')
const LIMIT = 70
/** One that is shortened takes its line out of biome.json and one off here. Nothing adds one. */
const EXCEPTIONS_MAX = 6

type Override = {
  includes: string[]
  linter: {
    rules: { complexity?: { noExcessiveLinesPerFunction?: 'off' | { options: { maxLines: number } } } }
  }
}

const exceptions = (): { path: string; maxLines: number }[] => {
  const { overrides }: { overrides: Override[] } = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'))
  return overrides.flatMap(({ includes, linter }) => {
    const rule = linter.rules.complexity?.noExcessiveLinesPerFunction
    if (rule === undefined || rule === 'off') return []
    return includes.map(path => ({ path, maxLines: rule.options.maxLines }))
  })
}

const rule = (maxLines: number) => ({
  complexity: { noExcessiveLinesPerFunction: { level: 'error', options: { maxLines } } },
})

/** The paths in which Biome finds a function over these limits. */
const tooLong = (limits: readonly { path: string; maxLines: number }[]): string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-sizes-'))
  const overrides = limits.map(({ path, maxLines }) => ({
    includes: [`**/${path}`],
    linter: { rules: rule(maxLines) },
  }))
  const config = { linter: { rules: { preset: 'none', ...rule(LIMIT) } }, overrides }
  writeFileSync(join(folder, 'biome.json'), JSON.stringify(config))
  const { stdout } = spawnSync(
    process.execPath,
    [
      BIOME,
      'lint',
      `--config-path=${join(folder, 'biome.json')}`,
      '--reporter=json',
      '--max-diagnostics=none',
      'firmware',
      'gateway',
      'simulator',
      'schemas',
    ],
    { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  )
  rmSync(folder, { recursive: true })
  const { diagnostics }: { diagnostics: { category: string; location: { path: string } }[] } =
    JSON.parse(stdout)
  return diagnostics
    .filter(({ category }) => category.endsWith('noExcessiveLinesPerFunction'))
    .map(({ location }) => location.path)
}

const matches = (pattern: string) =>
  new RegExp(`^${pattern.replaceAll('.', '[.]').replaceAll('**/', '(.*/)?')}$`)

test('each exception to the longest function is as long as is written down, and there are no more of them', () => {
  const listed = exceptions()
  expect(listed.length).toBeLessThanOrEqual(EXCEPTIONS_MAX)
  const found = tooLong(listed.map(({ path, maxLines }) => ({ path, maxLines: maxLines - 1 })))
  const slack = listed.filter(({ path }) => !found.some(each => matches(path).test(each)))
  expect(slack, 'shorter now: write the new number into biome.json, or take the line out').toEqual([])
})

// A file that a README names is there: as the name stands, from the README's folder or from the root, or at the end of a path.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const NOT_OURS = ['node_modules', 'dist', '.git']

const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.includes(name))
    .flatMap(entry => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? filesIn(path) : [path]
    })
const FILES = filesIn('.')
/** `name.ts` in a README, but what is made (dist/), a pattern, or an ending alone. */
const NAMED = /`((?!dist\/)[\w./-]*\w\.(?:tsx?|mjs))`/g

const isThere = (name: string, folder: string): boolean =>
  FILES.includes(normalize(join(folder, name))) ||
  FILES.includes(normalize(name)) ||
  FILES.some(file => file.endsWith(`/${name}`))

test.each(FILES.filter(file => file.endsWith('README.md')))('%s names no file that is not there', file => {
  const names = [...readFileSync(join(ROOT, file), 'utf8').matchAll(NAMED)].flatMap(([, name = '']) => name)
  expect(names.filter(name => !isThere(name, dirname(file)))).toEqual([])
})

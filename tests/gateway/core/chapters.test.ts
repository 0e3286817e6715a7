// The chapters of the core: the README lists them as the rule does that holds them, and each can be read at a glance.
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const CORE = fileURLToPath(new URL('../../../gateway/core', import.meta.url))
const RULES = fileURLToPath(new URL('../../../.dependency-cruiser.cjs', import.meta.url))
const FILES_MAX = 12
const LINES_MAX = 300

const { forbidden } = createRequire(import.meta.url)(RULES) as { forbidden: { name: string }[] }
const listed = [...readFileSync(`${CORE}/README.md`, 'utf8').matchAll(/^\| `([^`]+?)\/?` \|/gm)].map(
  row => row[1] as string,
)
const files = readdirSync(CORE, { recursive: true, withFileTypes: true })
  .filter(each => each.isFile() && each.name.endsWith('.ts'))
  .map(({ parentPath, name }) => ({
    folder: relative(CORE, parentPath),
    name,
    path: `${parentPath}/${name}`,
  }))

describe('the chapters of the core', () => {
  it('stand in the README in the order that is held', () => {
    const held = forbidden.filter(({ name }) => /^core-.*-imports-what-stands-before-it$/.test(name))
    expect(held.map(({ name }) => name)).toEqual(
      listed.map(chapter => `core-${chapter.replace('/', '-')}-imports-what-stands-before-it`),
    )
  })

  it('hold every file, and none more than 12', () => {
    const chapterOf = ({ folder, name }: (typeof files)[number]): string => (folder === '' ? name : folder)
    expect([...new Set(files.map(chapterOf))].sort()).toEqual([...listed].sort())
    const isFull = (chapter: string): boolean =>
      files.filter(each => chapterOf(each) === chapter).length > FILES_MAX
    expect(listed.filter(isFull)).toEqual([])
  })

  it('have no file of more than 300 lines', () => {
    const long = files.filter(
      ({ path }) => readFileSync(path, 'utf8').trimEnd().split('\n').length > LINES_MAX,
    )
    expect(long).toEqual([])
  })
})

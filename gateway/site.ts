// The site file, from YAML to a checked Site: text in, Site out, or every problem at once with file, line and column.
// Promises that what the gateway runs on holds together: each name leads somewhere, each alarm to someone.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { Site } from '../schemas/site.ts'
import { type Mismatch, mismatches, pathText, valueAt } from './expected.ts'
import { contradictions, withBothWays } from './site-check.ts'

export type SiteProblem = {
  file: string
  line: number
  column: number
  path: string
  expected: string
  came: string
}

/** The site file can't be used; `problems` are all of them, in the order of the file. */
export class SiteRefused extends Error {
  override readonly name = 'SiteRefused'
  readonly problems: readonly SiteProblem[]

  constructor(problems: readonly SiteProblem[]) {
    super(problems.map(problemText).join('\n'))
    this.problems = problems
  }
}

const problemText = ({ file, line, column, path, expected, came }: SiteProblem): string =>
  `${file}:${line}:${column} ${path}: expected ${expected}, came ${came}`

/** A building of a thousand rooms is a tenth of this. */
const SITE_BYTES_MAX = 4_194_304

/** So much of a wrong key may be shown: it can't be most of a right one. */
const KEY_SHOWN_MAX = 4

/** Reads and checks a site file. Throws SiteRefused, also where there is no such file. */
export function readSite(file: string): Site {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const came = cause instanceof Error ? cause.message : String(cause)
    throw new SiteRefused([atStart(file, 'a file that can be read', came)])
  }
  return parseSite(text, basename(file))
}

/** Checks a site file's text; `fileName` is what problems call it. Throws SiteRefused. */
export function parseSite(text: string, fileName: string): Site {
  if (text.length > SITE_BYTES_MAX) {
    throw new SiteRefused([atStart(fileName, `at most ${SITE_BYTES_MAX} characters`, String(text.length))])
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  refuseIfAny(syntaxProblems(document, lines, fileName))
  const value = plainValue(document, fileName)
  const parsed = Site.safeParse(value)
  const wrong = parsed.success ? contradictions(parsed.data) : mismatches(parsed.error, value)
  refuseIfAny(wrong.map(mismatch => located(mismatch, value, document, lines, fileName)))
  if (!parsed.success) throw parsed.error
  return withBothWays(parsed.data)
}

/** The JSON Schema of the site file as it is written (defaults may be left out), for editors. */
export function siteJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(Site, { io: 'input' })
}

function refuseIfAny(problems: SiteProblem[]): void {
  if (problems.length === 0) return
  throw new SiteRefused(problems.sort((a, b) => a.line - b.line || a.column - b.column))
}

const atStart = (file: string, expected: string, came: string): SiteProblem => ({
  file,
  line: 1,
  column: 1,
  path: 'document',
  expected,
  came,
})

function syntaxProblems(document: Document, lines: LineCounter, file: string): SiteProblem[] {
  return [...document.errors, ...document.warnings].map(error => {
    const { line, col } = lines.linePos(error.pos[0])
    const expected = error.code === 'DUPLICATE_KEY' ? 'each field once' : 'sound YAML'
    return { file, line, column: col, path: 'document', expected, came: error.message }
  })
}

/** Aliases are followed here, and bounded: a few lines of them can stand for gigabytes. */
function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    throw new SiteRefused([
      atStart(file, 'sound YAML', cause instanceof Error ? cause.message : String(cause)),
    ])
  }
}

function located(
  mismatch: Mismatch,
  value: unknown,
  document: Document,
  lines: LineCounter,
  file: string,
): SiteProblem {
  const { line, col } = lines.linePos(offsetOf(document, mismatch.path))
  const path = pathText(mismatch.path)
  const came = discreet(mismatch, value)
  return { file, line, column: col, path, expected: mismatch.expected, came }
}

/** Where a path stands in the text; what is missing is looked for where it should have been. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const at = path.slice(0, depth)
    const node = depth === 0 ? document.contents : document.getIn(at, true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

/** What came, without giving away a key or a password: an error ends in logs and tickets. */
function discreet({ path, came }: Mismatch, value: unknown): string {
  const field = path.at(-1)
  const secret = valueAt(value, path)
  if ((field !== 'key' && field !== 'password') || typeof secret !== 'string' || !came.startsWith('"'))
    return came
  if (field === 'key' && secret.length <= KEY_SHOWN_MAX) return came
  return field === 'key'
    ? `"${secret.slice(0, 2)}…", ${secret.length} characters`
    : `${secret.length} characters`
}

// The site file, from YAML to a checked Site: text in, Site out, or every problem at once with file, line and column.
// Promises that what the gateway runs on holds together: each name leads somewhere, each alarm to someone.
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { faultWords } from '../../schemas/fault-words.ts'
import { Site } from '../../schemas/site.ts'
import { advice } from './advice.ts'
import { CertificateRefused, datesAmiss, isCertificate, readCertificate } from './certificate.ts'
import { contradictions, withBothWays } from './check.ts'
import { type Mismatch, mismatches, pathText, valueAt } from './expected.ts'
import { yamlWords } from './yaml-words.ts'

/** Where `line` is 0 it is about the file as a whole. */
export type SiteProblem = {
  file: string
  line: number
  column: number
  path: string
  expected: string
  came: string
  /** What to do about it, where that is not plain. */
  mend?: string
}

/**
 * The site file can't be used; `problems` are all of them, in the order of the file. Not `isWhole`: fields are wrong, so that
 * what the rest says of one another was not looked at.
 */
export class SiteRefused extends Error {
  override readonly name = 'SiteRefused'
  readonly problems: readonly SiteProblem[]

  readonly isWhole: boolean

  constructor(problems: readonly SiteProblem[], isWhole = true) {
    super(problems.map(problemText).join('\n'))
    this.problems = problems
    this.isWhole = isWhole
  }
}

/** A problem on one line: file, line and column, path, what was expected and what came. */
export const problemText = ({ file, line, column, path, expected, came, mend }: SiteProblem): string =>
  `${line === 0 ? file : `${file}:${line}:${column} ${path}`}: expected ${expected}, came ${came}${mend === undefined ? '' : ` (${mend})`}`

/** A building of a thousand rooms is a tenth of this. */
const SITE_BYTES_MAX = 4_194_304

/** So much of a wrong key may be shown: it can't be most of a right one. */
const KEY_SHOWN_MAX = 4

/** Who else than its owner may read a file, by its mode. */
const OTHERS_MAY_READ = 0o077

/** A site that can be used, and what is odd in its file though it can be. */
export type SiteChecked = { site: Site; warnings: readonly SiteProblem[] }

/** Reads and checks a site file. Throws SiteRefused, also where there is no such file. */
export const readSite = (file: string): Site => checkSite(file).site

/** The same, with all that deserves a second look, in the order of the file. Throws SiteRefused. */
export function checkSite(file: string): SiteChecked {
  const name = basename(file)
  const { bytes, mode } = readBytes(file)
  const checked = parseChecked(asText(bytes, name), name)
  const { site, warnings } = withCertificate(withBrokerFiles(checked, file), file)
  const open = (mode & OTHERS_MAY_READ) === 0 ? [] : [readableByOthers(file, mode)]
  return { site, warnings: [...open, ...warnings] }
}

/** The files of a broker outside, as those of the certificate. Throws SiteRefused. */
function withBrokerFiles({ site, warnings }: SiteChecked, file: string): SiteChecked {
  const { broker } = site
  if (broker === undefined) return { site, warnings }
  const whole: Partial<Pick<typeof broker, 'passwordFile' | 'ca'>> = {}
  for (const field of ['passwordFile', 'ca'] as const) {
    const name = broker[field]
    if (name === undefined) continue
    whole[field] = resolve(dirname(file), name)
    const refuse = (expected: string, came: string): SiteRefused => {
      const problem = ofFile(basename(file), expected, `${name}: ${came} (broker.${field})`)
      return new SiteRefused([{ ...problem, path: `broker.${field}` }])
    }
    let bytes: Buffer
    try {
      bytes = readFileSync(whole[field])
    } catch (error) {
      throw refuse('a file that can be read', faultWords(error))
    }
    if (field === 'ca' && !isCertificate(bytes)) throw refuse('a certificate (PEM)', 'something else')
  }
  return { site: { ...site, broker: { ...broker, ...whole } }, warnings }
}

/** Its files are named from the folder of the site file on; from here on by their whole paths. Throws SiteRefused. */
function withCertificate({ site, warnings }: SiteChecked, file: string): SiteChecked {
  const { tls } = site.mqtt
  if (tls === undefined) return { site, warnings }
  const at = (name: string): string => resolve(dirname(file), name)
  const files = { ...tls, cert: at(tls.cert), key: at(tls.key) }
  const about = (path: string, expected: string, came: string): SiteProblem => ({
    ...ofFile(basename(file), expected, came),
    ...{ path, came: `${came} (${path})` },
  })
  try {
    const amiss = datesAmiss(readCertificate(files), Date.now())
    const odd = amiss === null ? [] : [about('mqtt.tls.cert', 'a certificate of now', `one that ${amiss}`)]
    const mode = statSync(files.key).mode
    if ((mode & OTHERS_MAY_READ) !== 0)
      odd.push(
        about('mqtt.tls.key', 'a file that only its owner can read', `mode ${(mode & 0o777).toString(8)}`),
      )
    return { site: { ...site, mqtt: { ...site.mqtt, tls: files } }, warnings: [...warnings, ...odd] }
  } catch (error) {
    if (!(error instanceof CertificateRefused)) throw error
    throw new SiteRefused([about(`mqtt.tls.${error.field}`, error.expected, error.came)])
  }
}

/** Neither a pipe that nobody writes to nor a device without end may keep a gateway waiting: only a file is read. */
function readBytes(file: string): { bytes: Buffer; mode: number } {
  const refuse = (expected: string, came: string) => new SiteRefused([ofFile(file, expected, came)])
  let opened: number | null = null
  try {
    opened = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const about = fstatSync(opened)
    if (!about.isFile())
      throw refuse('a file that can be read', about.isDirectory() ? 'a folder' : 'a pipe or a device')
    if (about.size > SITE_BYTES_MAX) throw refuse(`at most ${SITE_BYTES_MAX} bytes`, String(about.size))
    return { bytes: readFileSync(opened), mode: about.mode }
  } catch (cause) {
    if (cause instanceof SiteRefused) throw cause
    throw refuse('a file that can be read', faultWords(cause))
  } finally {
    if (opened !== null) closeSync(opened)
  }
}

/** Checks a site file's text; `fileName` is what problems call it. Throws SiteRefused. */
export const parseSite = (text: string, fileName: string): Site => parseChecked(text, fileName).site

function parseChecked(text: string, fileName: string): SiteChecked {
  if (text.length > SITE_BYTES_MAX) {
    throw new SiteRefused([atStart(fileName, `at most ${SITE_BYTES_MAX} characters`, String(text.length))])
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  refuseIfAny(syntaxProblems(document, lines, fileName))
  const value = plainValue(document, fileName)
  const parsed = Site.safeParse(value)
  const wrong = parsed.success ? contradictions(parsed.data) : mismatches(parsed.error, value)
  const problems = (found: readonly Mismatch[]): SiteProblem[] =>
    inOrder(found.map(mismatch => located(mismatch, value, document, lines, fileName)))
  refuseIfAny(problems(wrong), parsed.success)
  if (!parsed.success) throw parsed.error
  return { site: withBothWays(parsed.data), warnings: problems(advice(parsed.data)) }
}

/** The text of a file. Throws SiteRefused where its bytes are not UTF-8: a name would be shown and spoken wrong. */
function asText(bytes: Buffer, fileName: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const { line, column, byte } = firstNotUtf8(bytes)
    const came =
      bytes.indexOf(0) >= 0 ? 'zero bytes, as in UTF-16' : `byte 0x${byte.toString(16)}, as in Latin-1`
    throw new SiteRefused([
      { file: fileName, line, column, path: 'document', expected: 'a file in UTF-8', came },
    ])
  }
}

/** Where UTF-8 is first broken: after the longest beginning of the file that is the beginning of a text. */
function firstNotUtf8(bytes: Buffer): { line: number; column: number; byte: number } {
  let [sound, broken] = [0, bytes.length + 1]
  while (broken - sound > 1) {
    const half = (sound + broken) >> 1
    if (beginningOf(bytes, half) === null) broken = half
    else sound = half
  }
  const before = beginningOf(bytes, sound) ?? ''
  const lines = before.split('\n')
  const byte = bytes[Buffer.byteLength(before)] ?? 0
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, byte }
}

/** The whole characters in the first `length` bytes; null where they can begin no text. */
function beginningOf(bytes: Buffer, length: number): string | null {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    return decoder.decode(bytes.subarray(0, length), { stream: true })
  } catch {
    return null
  }
}

const readableByOthers = (file: string, mode: number): SiteProblem => ({
  ...ofFile(basename(file), 'a file that only its owner can read', `mode ${(mode & 0o777).toString(8)}`),
  mend: `it holds keys and passwords: chmod 600 ${file}`,
})

/** The JSON Schema of the site file as it is written (defaults may be left out), for editors. */
export function siteJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(Site, { io: 'input' })
}

function refuseIfAny(problems: SiteProblem[], isWhole = true): void {
  if (problems.length === 0) return
  throw new SiteRefused(inOrder(problems), isWhole)
}

const inOrder = (problems: readonly SiteProblem[]): SiteProblem[] =>
  [...problems].sort((a, b) => a.line - b.line || a.column - b.column)

const ofFile = (file: string, expected: string, came: string): SiteProblem => ({
  ...atStart(file, expected, came),
  ...{ line: 0, column: 0 },
})

const atStart = (file: string, expected: string, came: string): SiteProblem => ({
  file,
  line: 1,
  column: 1,
  path: 'document',
  expected,
  came,
})

function syntaxProblems(document: Document, lines: LineCounter, file: string): SiteProblem[] {
  const all = [...document.errors, ...document.warnings].map(error => {
    const { line, col } = lines.linePos(error.pos[0])
    const expected = error.code === 'DUPLICATE_KEY' ? 'each field once' : 'sound YAML'
    return { file, line, column: col, path: 'document', expected, came: yamlWords(error) }
  })
  // What else stands on the line is what the parser made of the first.
  return all.filter(({ line }, i) => all.findIndex(each => each.line === line) === i)
}

/** Aliases are followed here, and bounded: a few lines of them can stand for gigabytes. */
function plainValue(document: Document, file: string): unknown {
  try {
    // An empty file is YAML's null.
    return document.toJS() ?? undefined
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

/** On which line each path stands in this text, YAML or JSON; of what is missing, where it should have been. */
export function linesOf(text: string): (path: readonly PropertyKey[]) => number {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  return path => lines.linePos(offsetOf(document, path)).line
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
  if (field !== 'key' && field !== 'password') return came
  // Digits alone and without quotes are a number.
  if (typeof secret === 'number') return 'a number'
  if (typeof secret !== 'string' || !came.startsWith('"')) return came
  if (field === 'key' && secret.length <= KEY_SHOWN_MAX) return came
  return field === 'key'
    ? `"${secret.slice(0, 2)}…", ${secret.length} characters`
    : `${secret.length} characters`
}

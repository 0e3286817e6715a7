// A pendant put into the site file, or its address corrected there: the file's text in, its text out, with every other
// byte as it was. Promises that what is written passes the same checks as what the gateway reads, or nothing is written.
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { isMap, isScalar, isSeq, parseDocument, stringify } from 'yaml'
import type { Pendant, Site } from '../../schemas/site.ts'
import { parseSite } from './read.ts'

/** The site file is sound, and still this cannot be written into it. */
export class SiteNotChanged extends Error {
  override readonly name = 'SiteNotChanged'
}

/** One value as YAML writes it on a line, in quotes where it would be read as something else. */
const scalar = (value: unknown): string => stringify(value, { lineWidth: 0, singleQuote: true }).trim()

const fieldsOf = (pendant: Pendant): [string, string][] =>
  Object.entries(pendant)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, name === 'address' ? `'${value}'` : scalar(value)])

const asFlow = (pendant: Pendant): string =>
  `{ ${fieldsOf(pendant)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')} }`

const asBlock = (pendant: Pendant, indent: string): string =>
  fieldsOf(pendant)
    .map(([name, value]) => `${name}: ${value}`)
    .join(`\n${indent}  `)

const put = (text: string, from: number, to: number, put: string): string =>
  text.slice(0, from) + put + text.slice(to)

/** Where the line ends that `at` is in: before its newline, or at the end of the text. */
const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

const indentAt = (text: string, at: number): string => {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at)
  return /^ */.exec(line)?.[0] ?? ''
}

const insert = (text: string, pendant: Pendant): string => {
  const list = parseDocument(text).getIn(['pendants'], true)
  if (!isSeq(list) || !list.range) throw new SiteNotChanged('expected pendants as a list in the file itself')
  const last = list.items.at(-1)
  if (last === undefined) return put(text, list.range[0], list.range[1], `\n  - ${asFlow(pendant)}`)
  if (!isMap(last) || !last.range)
    throw new SiteNotChanged('expected the last pendant as fields in the file itself')
  if (list.flow) return put(text, last.range[1], last.range[1], `, ${asFlow(pendant)}`)
  const indent = indentAt(text, last.range[0])
  // A block's range goes on to the next thing in the file; its last value ends on its own line.
  const value = last.items.at(-1)?.value
  const endsAt = last.flow || !isScalar(value) || !value.range ? last.range[1] : value.range[1]
  const at = lineEnd(text, endsAt)
  return put(text, at, at, `\n${indent}- ${last.flow ? asFlow(pendant) : asBlock(pendant, indent)}`)
}

const checked = (before: string, after: string, fileName: string, expected: (site: Site) => Site): string => {
  const site = parseSite(after, fileName)
  if (!isDeepStrictEqual(site, expected(parseSite(before, fileName)))) {
    throw new SiteNotChanged(
      `expected the change to touch one pendant of ${fileName}, and it would touch more`,
    )
  }
  return after
}

/** The site file's text with one more pendant. Throws SiteRefused with its line where it does not fit the site. */
export const withPendant = (text: string, fileName: string, pendant: Pendant): string => {
  parseSite(text, fileName)
  return checked(text, insert(text, pendant), fileName, site => ({
    ...site,
    pendants: [...site.pendants, pendant],
  }))
}

/** The site file's text with another address for a pendant that is in it. */
export const withAddress = (text: string, fileName: string, id: string, address: string): string => {
  const index = parseSite(text, fileName).pendants.findIndex(pendant => pendant.id === id)
  const node = parseDocument(text).getIn(['pendants', index, 'address'], true)
  if (!isScalar(node) || !node.range)
    throw new SiteNotChanged(`expected the address of ${id} in the file itself`)
  return checked(text, put(text, node.range[0], node.range[1], `'${address}'`), fileName, site => ({
    ...site,
    pendants: site.pendants.map(pendant => (pendant.id === id ? { ...pendant, address } : pendant)),
  }))
}

/**
 * Changes a site file in one instant: its new text is written whole beside it and moved into place, with its mode and its owner.
 * Throws what `change` throws, and then nothing is written.
 */
export const changeSite = async (
  file: string,
  change: (text: string, fileName: string) => string,
): Promise<void> => {
  const path = await realpath(file)
  const before = await readFile(path, 'utf8')
  const after = change(before, basename(file))
  if (after === before) return
  const unfinished = `${path}.${process.pid}.new`
  try {
    const { mode, uid, gid } = await stat(path)
    const handle = await open(unfinished, 'wx', mode & 0o777)
    try {
      // Changed by root, it is still the gateway's to read.
      if (process.getuid?.() === 0) await handle.chown(uid, gid)
      await handle.writeFile(after)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

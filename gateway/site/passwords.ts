// Passwords of receivers taken out of a site file: the file's text in, its text out, with every other byte as it was. Promises that
// what is written is the same site without them, or nothing is.
import { isDeepStrictEqual } from 'node:util'
import { isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLMap } from 'yaml'
import type { Site } from '../../schemas/site.ts'
import { SiteNotChanged } from './pendant.ts'
import { parseSite } from './read.ts'

type Span = { from: number; to: number }

/** The site file's text without the passwords of these receivers. Throws SiteRefused or SiteNotChanged. */
export function withoutPasswords(text: string, fileName: string, ids: ReadonlySet<string>): string {
  const site = parseSite(text, fileName)
  const list = parseDocument(text).get('receivers', true)
  if (!isSeq(list)) throw new SiteNotChanged('expected receivers as a list in the file itself')
  const spans = list.items.flatMap((item): Span[] => {
    if (!isMap(item) || !ids.has(String(item.get('id')))) return []
    const span = spanOf(text, item)
    return span === null ? [] : [span]
  })
  let after = text
  for (const { from, to } of spans.reverse()) after = after.slice(0, from) + after.slice(to)
  if (!isDeepStrictEqual(parseSite(after, fileName), without(site, ids)))
    throw new SiteNotChanged(
      `expected passwords that can be taken out of ${fileName} and leave the rest as it is, and they cannot: delete the lines with password: of ${[...ids].join(', ')} by hand`,
    )
  return after
}

const without = (site: Site, ids: ReadonlySet<string>): Site => ({
  ...site,
  receivers: site.receivers.map(receiver => {
    if (!ids.has(receiver.id)) return receiver
    const { password: _, ...rest } = receiver
    return rest
  }),
})

/** From where to where its password is to be cut out; null where it has none. */
function spanOf(text: string, map: YAMLMap): Span | null {
  const at = map.items.findIndex(({ key }) => isScalar(key) && key.value === 'password')
  const [pair, before, next] = [map.items[at], map.items[at - 1], map.items[at + 1]]
  if (pair === undefined) return null
  const [from, to] = [startOf(pair), endOf(pair)]
  // The first of several: up to the next one, so that what stands before the first stays.
  if (before === undefined) return { from, to: next === undefined ? to : startOf(next) }
  if (map.flow) return { from: endOf(before), to }
  const lineStart = text.lastIndexOf('\n', from - 1)
  const lineEnd = text.indexOf('\n', to)
  return { from: lineStart, to: lineEnd < 0 ? text.length : lineEnd }
}

const rangeOf = (node: unknown): readonly [number, number] => {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : null
  if (!Array.isArray(range)) throw new SiteNotChanged('expected fields of receivers with a value each')
  return [Number(range[0]), Number(range[1])]
}
const startOf = ({ key }: Pair): number => rangeOf(key)[0]
const endOf = ({ value }: Pair): number => rangeOf(value)[1]

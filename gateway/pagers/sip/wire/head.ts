// A SIP message as far as its head is read here (RFC 3261, 7): start line, fields by their long names, body. Reading never
// fails: what is missing is empty.

export type Head = {
  start: string
  /** Long names in lower case, in their order; a folded value in one line. */
  fields: readonly { name: string; value: string }[]
  body: string
}

const LONG_NAMES: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  c: 'content-type',
  e: 'content-encoding',
  l: 'content-length',
}

export function readHead(text: string): Head {
  const end = text.indexOf('\r\n\r\n')
  const head = end < 0 ? text : text.slice(0, end)
  const [start = '', ...lines] = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  const fields = lines.flatMap(line => {
    const colon = line.indexOf(':')
    if (colon < 0) return []
    const name = line.slice(0, colon).trim().toLowerCase()
    return [{ name: LONG_NAMES[name] ?? name, value: line.slice(colon + 1).trim() }]
  })
  return { start, fields, body: end < 0 ? '' : text.slice(end + 4) }
}

/** Its only or first value; empty where there is none. */
export const fieldOf = ({ fields }: Head, name: string): string =>
  fields.find(field => field.name === name)?.value ?? ''

export const fieldsOf = ({ fields }: Head, name: string): string[] =>
  fields.flatMap(field => (field.name === name ? [field.value] : []))

/** The tag of a From or To value; empty where there is none. */
export function tagOf(value: string): string {
  const bare = value.replace(/"(?:[^"\\]|\\.)*"/g, '')
  const parameters = bare.slice(bare.lastIndexOf('>') + 1)
  return /;\s*tag\s*=\s*([^;,\s]+)/i.exec(parameters)?.[1] ?? ''
}

/** The address within a Contact or Route value: "<sip:…>;x" or a bare one. */
export const addressIn = (value: string): string =>
  /<([^>]*)>/.exec(value)?.[1] ?? value.split(';')[0]?.trim() ?? ''

export const branchOf = (via: string): string => /;\s*branch\s*=\s*([^;,\s]+)/i.exec(via)?.[1] ?? ''

/** "<a>, <b>" in one value are two. */
export const listed = (values: readonly string[]): string[] =>
  values.flatMap(value => value.match(/(?:"(?:[^"\\]|\\.)*"|<[^>]*>|[^,])+/g) ?? []).map(each => each.trim())

export function sequenceOf(head: Head): { number: number; method: string } {
  const [number = '', method = ''] = fieldOf(head, 'cseq').split(/\s+/)
  return { number: Number(number), method: method.toUpperCase() }
}

/** The same message without these lines (long names). */
export function without(text: string, name: string): string {
  const end = text.indexOf('\r\n\r\n')
  const lines = text.slice(0, end).split(/\r\n(?![ \t])/)
  const kept = lines.filter((line, i) => {
    const field = line.slice(0, line.indexOf(':')).trim().toLowerCase()
    return i === 0 || (LONG_NAMES[field] ?? field) !== name
  })
  return kept.join('\r\n') + text.slice(end)
}

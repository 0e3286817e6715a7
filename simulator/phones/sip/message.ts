// SIP messages as the phone reads and writes them (RFC 3261 section 7): text in, a request or response out, and back.
// Never throws on what comes from the wire: what cannot be read is a 'malformed' value that says why.

export type Header = { name: string; value: string }
export type SipRequest = { is: 'request'; method: string; uri: string; headers: Header[]; body: string }
export type SipResponse = { is: 'response'; status: number; reason: string; headers: Header[]; body: string }
/** `headers` are what could still be read, so that a 400 can find its way back. */
export type Malformed = { is: 'malformed'; why: string; headers: Header[] }
export type SipMessage = SipRequest | SipResponse | Malformed

/** RFC 3261 section 7.3.3: the short forms. */
const COMPACT: Record<string, string> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
  c: 'content-type',
}
const MANDATORY = ['via', 'from', 'to', 'call-id', 'cseq']

/** All values of a header, in order, whatever its case or short form. Via and Record-Route lists are split at commas. */
export function headersOf(message: { headers: Header[] }, name: string): string[] {
  const values = message.headers.filter(header => header.name === name).map(header => header.value)
  return name === 'via' || name === 'record-route' ? values.flatMap(value => splitList(value)) : values
}

export function headerOf(message: { headers: Header[] }, name: string): string | undefined {
  return headersOf(message, name)[0]
}

/** The `;name=value` parameter of a header value, after any `<uri>`. */
export function parameterOf(value: string | undefined, name: string): string | undefined {
  const tail = value?.slice(value.lastIndexOf('>') + 1) ?? ''
  return new RegExp(`;\\s*${name}\\s*=\\s*"?([^;"\\s]+)`, 'i').exec(tail)?.[1]
}

/** The URI within `"Name" <uri>` or standing alone. */
export function uriOf(value: string): string {
  return /<([^>]+)>/.exec(value)?.[1] ?? value.split(';')[0]?.trim() ?? ''
}

/** Whom a From header shows: the display name, else the user part of its URI. */
export function shownNameOf(value: string): string {
  const display = /^\s*"((?:[^"\\]|\\.)*)"/.exec(value)?.[1] ?? /^\s*([^"<]+?)\s*</.exec(value)?.[1]
  return display?.replace(/\\(.)/g, '$1') ?? /sips?:([^@;>]+)@/i.exec(value)?.[1] ?? uriOf(value)
}

/** Reads one whole message: header lines up to the empty line, then the body. */
export function parseMessage(text: string): SipMessage {
  const split = text.indexOf('\r\n\r\n')
  const head = (split < 0 ? text : text.slice(0, split)).replace(/\r\n[ \t]+/g, ' ')
  const body = split < 0 ? '' : text.slice(split + 4)
  const [first = '', ...lines] = head.split('\r\n')
  const headers: Header[] = []
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1) return { is: 'malformed', why: `expected "Name: value", came ${quote(line)}`, headers }
    const name = line.slice(0, colon).trim().toLowerCase()
    headers.push({ name: COMPACT[name] ?? name, value: line.slice(colon + 1).trim() })
  }
  const missing = MANDATORY.find(name => !headers.some(header => header.name === name))
  if (missing) return { is: 'malformed', why: `expected a ${missing} header, came none`, headers }
  const status = /^SIP\/2\.0 (\d{3})(?: (.*))?$/.exec(first)
  if (status) return { is: 'response', status: Number(status[1]), reason: status[2] ?? '', headers, body }
  const request = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(first)
  if (!request?.[1] || !request[2]) {
    return { is: 'malformed', why: `expected "METHOD uri SIP/2.0", came ${quote(first)}`, headers }
  }
  const [, cseqMethod] = (headers.find(header => header.name === 'cseq')?.value ?? '').split(/\s+/)
  if (cseqMethod !== request[1]) {
    return { is: 'malformed', why: `expected CSeq of ${request[1]}, came ${quote(cseqMethod)}`, headers }
  }
  return { is: 'request', method: request[1], uri: request[2], headers, body }
}

export type Reply = { status: number; reason: string; toTag?: string; headers?: Header[]; body?: string }

/** A response to what came, with Via, From, To, Call-ID and CSeq copied from it (RFC 3261 section 8.2.6). */
export function formatReply(to: { headers: Header[] }, reply: Reply): string {
  const toValue = headerOf(to, 'to') ?? ''
  const tagged = reply.toTag && !parameterOf(toValue, 'tag') ? `${toValue};tag=${reply.toTag}` : toValue
  const headers: Header[] = [
    ...to.headers.filter(header => header.name === 'via'),
    ...(reply.status < 300 ? to.headers.filter(header => header.name === 'record-route') : []),
    { name: 'from', value: headerOf(to, 'from') ?? '' },
    { name: 'to', value: tagged },
    { name: 'call-id', value: headerOf(to, 'call-id') ?? '' },
    { name: 'cseq', value: headerOf(to, 'cseq') ?? '' },
    ...(reply.headers ?? []),
  ]
  return format(`SIP/2.0 ${reply.status} ${reply.reason}`, headers, reply.body ?? '')
}

export function formatRequest(request: SipRequest): string {
  return format(`${request.method} ${request.uri} SIP/2.0`, request.headers, request.body)
}

function format(first: string, headers: Header[], body: string): string {
  const length = { name: 'content-length', value: String(Buffer.byteLength(body)) }
  const lines = [...headers, length].map(header => `${titled(header.name)}: ${header.value}`)
  return `${[first, ...lines].join('\r\n')}\r\n\r\n${body}`
}

function titled(name: string): string {
  if (name === 'cseq') return 'CSeq'
  if (name === 'call-id') return 'Call-ID'
  return name.replace(/(^|-)[a-z]/g, letter => letter.toUpperCase())
}

/** Commas part a list, except within quotes and angle brackets. */
function splitList(value: string): string[] {
  return (value.match(/(?:"(?:[^"\\]|\\.)*"|<[^>]*>|[^,"<])+/g) ?? []).map(part => part.trim())
}

function quote(text: string | undefined): string {
  return JSON.stringify((text ?? '').slice(0, 60))
}

// A step of the build: a function that is called in one place is put into that place, because on the chip each function
// costs some seven variables and each call its time. In: the bundle. Out: the same, with fewer functions. Only what is
// sure is touched; everything else stays a function.
import { type AnyNode, type ArrowFunctionExpression, parse } from 'acorn'
import { withoutConstants } from './constants.ts'
import { isFunction } from './dialect.ts'
import {
  assignedIn,
  declaredIn,
  type Edit,
  has,
  isName,
  namesIn,
  type Place,
  renamed,
  walk,
} from './scope.ts'

type Candidate = { name: string; arrow: ArrowFunctionExpression; declared: Place; call: Place }

const ROUNDS_MAX = 500

/** Functions declared once, by a name that nothing else has, and named in one other place, which calls them. */
const candidates = (program: AnyNode): Candidate[] => {
  const declared = new Map<string, Place[]>()
  const named = new Map<string, Place[]>()
  walk(program, [], place => {
    const { node } = place
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier')
      declared.set(node.id.name, [...(declared.get(node.id.name) ?? []), place])
    if (isFunction(node))
      for (const param of node.params)
        if (param.type === 'Identifier')
          declared.set(param.name, [...(declared.get(param.name) ?? []), place])
    if (isName(place) && node.type === 'Identifier')
      named.set(node.name, [...(named.get(node.name) ?? []), place])
  })
  return [...declared].flatMap(([name, [first, ...more]]) => {
    const uses = (named.get(name) ?? []).filter(
      ({ node }) => first?.node.type !== 'VariableDeclarator' || node !== first.node.id,
    )
    const [use] = uses
    if (
      first?.node.type !== 'VariableDeclarator' ||
      more.length > 0 ||
      uses.length !== 1 ||
      use === undefined
    )
      return []
    const arrow = first.node.init
    const call = use.parents.at(-1)
    if (
      arrow?.type !== 'ArrowFunctionExpression' ||
      call?.type !== 'CallExpression' ||
      call.callee !== use.node
    )
      return []
    if (use.parents.includes(arrow) || !arrow.params.every(param => param.type === 'Identifier')) return []
    if (call.arguments.length !== arrow.params.length) return []
    return [{ name, arrow, declared: first, call: { node: call, parents: use.parents.slice(0, -1) } }]
  })
}

const isSimple = (node: AnyNode): boolean =>
  node.type === 'Identifier' ||
  node.type === 'Literal' ||
  (node.type === 'UnaryExpression' && isSimple(node.argument))

/** Something between the call and the declaration has a name that the body takes from outside. */
const isShadowed = ({ arrow, declared, call }: Candidate): boolean => {
  const own = new Set(declaredIn(arrow))
  const free = new Set(namesIn(arrow).flatMap(({ name }) => (own.has(name) ? [] : [name])))
  const between = call.parents.filter(parent => isFunction(parent) && !declared.parents.includes(parent))
  // Only the outermost has to be asked: it holds all the others.
  return between.slice(0, 1).some(each => declaredIn(each).some(name => free.has(name)))
}

const isReturn = (node: AnyNode): boolean => node.type === 'ReturnStatement'

/**
 * Statements of a function so that they end where it would have returned, with `give` for what it answers; null where a
 * return stands anywhere but at the end of the function or of an `if`.
 */
const withoutReturns = (
  code: (node: AnyNode) => string,
  list: readonly AnyNode[],
  give: (value: AnyNode | null | undefined) => string | null,
): string | null => {
  let text = ''
  for (const [i, node] of list.entries()) {
    if (node.type === 'ReturnStatement') {
      const given = give(node.argument)
      return given === null ? null : text + given
    }
    if (!has(node, isReturn)) {
      text += `${code(node)}\n`
      continue
    }
    if (node.type !== 'IfStatement' || node.alternate) return null
    const inner = node.consequent.type === 'BlockStatement' ? node.consequent.body : [node.consequent]
    if (inner.at(-1)?.type !== 'ReturnStatement') return null
    const then = withoutReturns(code, inner, give)
    const rest = withoutReturns(code, list.slice(i + 1), give)
    if (then === null || rest === null) return null
    return `${text}if (${code(node.test)}) {\n${then}} else {\n${rest}}\n`
  }
  return text
}

/**
 * Left where they are, though they are called once: the chip reads past what it does not do word by word, and these are
 * what a heartbeat, or an alarm that is ready, nearly never does.
 */
export const OUT_OF_THE_WAY = ['suspect', 'whole', 'failed', 'rekey', 'now', 'scheduleOf']

let count = 0

/** What stands in place of the call, or of its statement; null where it has to stay a call. */
const inPlace = (code: string, candidate: Candidate): Edit | null => {
  const { arrow, call } = candidate
  if (call.node.type !== 'CallExpression' || isShadowed(candidate)) return null
  if (OUT_OF_THE_WAY.includes(candidate.name)) return null
  const assigned = assignedIn(arrow)
  const names = new Map<string, string>()
  const lets: string[] = []
  const mark = `$${count++}`
  for (const name of declaredIn(arrow)) names.set(name, `${name}${mark}`)
  const uses = namesIn(arrow.body)
  let isAllSimple = true
  for (const [i, param] of arrow.params.entries()) {
    const given = call.node.arguments[i]
    if (param.type !== 'Identifier' || given === undefined || given.type === 'SpreadElement') return null
    if (isSimple(given) && !assigned.has(param.name)) {
      names.set(param.name, code.slice(given.start, given.end))
    } else if (
      arrow.body.type !== 'BlockStatement' &&
      arrow.params.length === 1 &&
      uses.filter(({ name }) => name === param.name).length === 1
    ) {
      names.set(param.name, `(${code.slice(given.start, given.end)})`)
    } else {
      isAllSimple = false
      lets.push(`let ${names.get(param.name)} = ${code.slice(given.start, given.end)};`)
    }
  }
  const text = (node: AnyNode): string => renamed(code, node, names)
  const only =
    arrow.body.type === 'BlockStatement' && arrow.body.body.length === 1 ? arrow.body.body[0] : null
  const value =
    arrow.body.type !== 'BlockStatement'
      ? arrow.body
      : only?.type === 'ReturnStatement'
        ? only.argument
        : null
  if (value && isAllSimple) return { start: call.node.start, end: call.node.end, text: `(${text(value)})` }
  const statement = call.parents.at(-1)
  if (statement === undefined || arrow.body.type !== 'BlockStatement') return null
  const asBlock = (body: string): Edit => ({
    start: statement.start,
    end: statement.end,
    text: `{\n${lets.join('\n')}\n${body}}`,
  })
  if (statement.type === 'ReturnStatement') {
    const isOver = arrow.body.body.at(-1)?.type === 'ReturnStatement'
    return asBlock(`${arrow.body.body.map(text).join('\n')}\n${isOver ? '' : 'return\n'}`)
  }
  if (statement.type === 'ExpressionStatement') {
    const body = withoutReturns(text, arrow.body.body, value => (value ? null : ''))
    return body === null ? null : asBlock(body)
  }
  // `x = f(y)` as a statement of its own: each return becomes the assignment.
  const around = call.parents.at(-2)
  if (statement.type !== 'AssignmentExpression' || statement.operator !== '=') return null
  if (around?.type !== 'ExpressionStatement' || arrow.body.body.at(-1)?.type !== 'ReturnStatement')
    return null
  const target = code.slice(statement.left.start, statement.left.end)
  const body = withoutReturns(text, arrow.body.body, value =>
    value ? `${target} = ${text(value)};\n` : null,
  )
  if (body === null) return null
  return { start: around.start, end: around.end, text: `{\n${lets.join('\n')}\n${body}}` }
}

const removed = ({ declared }: Candidate): Edit | null => {
  const statement = declared.parents.at(-1)
  if (statement?.type !== 'VariableDeclaration' || statement.declarations.length !== 1) return null
  return { start: statement.start, end: statement.end, text: '' }
}

/** What runs at power-on alone: made where it is called, and forgotten after. */
export const AT_POWER_ON = [
  'run',
  'asleep',
  'readSettings',
  'bytesOf',
  'parsed',
  'faultOf',
  'readMarks',
  'benchOf',
  'sealerOn',
  'addressBytes',
  'chipAes',
  'cordAt',
  'softAes',
  'tablesOf',
]

/** The function itself in place of its name. */
const asMade = (code: string, candidate: Candidate): Edit | null => {
  const { name, arrow, call } = candidate
  if (!AT_POWER_ON.includes(name) || call.node.type !== 'CallExpression' || isShadowed(candidate)) return null
  const { start, end } = call.node.callee
  return { start, end, text: `(${code.slice(arrow.start, arrow.end)})` }
}

/** As many functions fewer as do not touch one another, or null where there is none left that can go. */
const once = (code: string): string | null => {
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'script' })
  const edits: Edit[] = []
  const isFree = ({ start, end }: Edit): boolean =>
    edits.every(other => other.end <= start || other.start >= end)
  for (const candidate of candidates(program)) {
    const take = removed(candidate)
    if (take === null || !isFree(take)) continue
    const put = inPlace(code, candidate) ?? asMade(code, candidate)
    if (put !== null && isFree(put)) edits.push(put, take)
  }
  if (edits.length === 0) return null
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: by }) => text.slice(0, start) + by + text.slice(end), code)
}

/** Puts each function that is called once into the place where it is called, as far as that is sure. */
export const inlined = (code: string): string => {
  let text = withoutConstants(code)
  for (let i = 0; i < ROUNDS_MAX; i++) {
    const next = once(text)
    if (next === null) return text
    text = next
  }
  return text
}

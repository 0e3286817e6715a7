// A step of the build: a constant of the bundle is put, as its value, into every place that names it, because on the chip it
// would be a variable with a name. In: the bundle. Out: the same without them.
import { type AnyNode, parse } from 'acorn'
import { childrenOf } from './dialect.ts'
import { assignedIn, declaredIn, type Edit, namesIn, renamed } from './scope.ts'

/** A number or a text, or arithmetic on numbers only. */
const isConstant = (node: AnyNode | null | undefined): boolean => {
  if (node?.type === 'Literal') return typeof node.value === 'number' || typeof node.value === 'string'
  if (node?.type === 'UnaryExpression') return node.operator === '-' && isConstant(node.argument)
  return node?.type === 'BinaryExpression' && isConstant(node.left) && isConstant(node.right)
}

/** Constants by their values, of which the chip would make variables with a name each. */
export const withoutConstants = (code: string): string => {
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'script' })
  const names = new Map<string, string>()
  const declared = declaredIn(program)
  const assigned = assignedIn(program)
  const edits: Edit[] = []
  for (const node of childrenOf(program)) {
    if (node.type !== 'VariableDeclaration' || node.declarations.length !== 1) continue
    const [{ id, init } = {}] = node.declarations
    if (id?.type !== 'Identifier' || !init || assigned.has(id.name)) continue
    if (declared.filter(name => name === id.name).length > 1) continue
    const known = namesIn(init).every(({ name }) => names.has(name) || name === 'Infinity')
    const value = known ? renamed(code, init, names) : ''
    if (
      !isConstant(
        parse(`(${value || '{}'})`, { ecmaVersion: 'latest' }).body.map(each =>
          each.type === 'ExpressionStatement' ? each.expression : null,
        )[0],
      )
    )
      continue
    names.set(id.name, `(${value})`)
    edits.push({ start: node.start, end: node.end, text: '' })
  }
  const uses = namesIn(program).flatMap(({ name, start, end, isShorthand }) => {
    const value = names.get(name)
    return value === undefined ? [] : [{ start, end, text: isShorthand ? `${name}: ${value}` : value }]
  })
  const within = (edit: Edit): boolean =>
    edits.some(({ start, end }) => edit.start >= start && edit.end <= end)
  return [...edits, ...uses.filter(use => !within(use))]
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: by }) => text.slice(0, start) + by + text.slice(end), code)
}

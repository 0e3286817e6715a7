// In: JavaScript. Out: every construct in it that the chip's interpreter does not run, or runs otherwise than the
// language says, with its place. Nothing that this lists may be in a bundle.
import { type AnyNode, type Function as FunctionNode, parse } from 'acorn'
import { MISSING, STATICS } from './builtins.ts'

export type Refusal = { line: number; column: number; construct: string }

type Scope = {
  /** Functions declared in this function and not yet reached; the chip does not hoist them. */
  pending: Map<string, AnyNode>
}

/** A `let` or `const` of a loop: on the chip one variable for all turns. */
type LoopNames = { names: Set<string>; depth: number }

type Walk = {
  refused: Refusal[]
  scopes: Scope[]
  loops: LoopNames[]
  depth: number
}

const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'

/** A loop rather than `flatMap`, because the build asks this of every node some hundred times. */
export const childrenOf = (node: AnyNode): AnyNode[] => {
  const children: AnyNode[] = []
  for (const value of Object.values(node)) {
    if (isNode(value)) children.push(value)
    else if (Array.isArray(value)) for (const each of value) if (isNode(each)) children.push(each)
  }
  return children
}

const LOGICAL_ASSIGNMENTS = new Set(['??=', '||=', '&&='])

/** The construct's name where this node alone is refused. */
const constructOf = (node: AnyNode): string | null => {
  switch (node.type) {
    case 'ObjectPattern':
    case 'ArrayPattern':
      return 'destructuring'
    case 'AssignmentPattern':
      return 'default parameter'
    case 'RestElement':
      return 'rest parameter'
    case 'SpreadElement':
      return 'spread'
    case 'ChainExpression':
      return 'optional chain ?.'
    case 'LabeledStatement':
      return 'label'
    case 'AwaitExpression':
      return 'await'
    case 'YieldExpression':
      return 'yield'
    case 'PrivateIdentifier':
      return 'private #field'
    case 'TaggedTemplateExpression':
      return 'tagged template'
    case 'StaticBlock':
      return 'static block'
    case 'MetaProperty':
      return 'new.target or import.meta'
    case 'ImportDeclaration':
    case 'ImportExpression':
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
    case 'ExportAllDeclaration':
      return 'import or export'
    case 'WithStatement':
      return 'with'
    case 'Property':
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return node.computed ? 'computed key' : null
    case 'BinaryExpression':
      return node.operator === '**' ? '**' : null
    case 'AssignmentExpression':
      if (node.operator === '**=') return '**='
      return LOGICAL_ASSIGNMENTS.has(node.operator) ? node.operator : null
    case 'ForOfStatement':
      return node.await ? 'for await' : null
    case 'Literal':
      return typeof node.bigint === 'string' ? 'BigInt literal' : null
    case 'Identifier':
      return MISSING.includes(node.name) ? node.name : null
    case 'MemberExpression':
      return missingMember(node.object, node.property, node.computed)
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      if (node.async) return 'async function'
      return node.generator ? 'generator' : null
    default:
      return null
  }
}

const missingMember = (object: AnyNode, property: AnyNode, isComputed: boolean): string | null => {
  if (isComputed || object.type !== 'Identifier' || property.type !== 'Identifier') return null
  const known = Object.hasOwn(STATICS, object.name) ? STATICS[object.name] : undefined
  if (known === undefined || property.name === 'prototype' || known.includes(property.name)) return null
  return `${object.name}.${property.name}`
}

const refuse = (walk: Walk, node: AnyNode, construct: string): void => {
  const at = node.loc?.start ?? { line: 1, column: 0 }
  walk.refused.push({ line: at.line, column: at.column, construct })
}

export const isFunction = (node: AnyNode): node is FunctionNode & AnyNode =>
  node.type === 'FunctionDeclaration' ||
  node.type === 'FunctionExpression' ||
  node.type === 'ArrowFunctionExpression'

/** Functions that this body declares, at any block of it but not in functions within. */
const declaredIn = (node: AnyNode, found: Map<string, AnyNode>): Map<string, AnyNode> => {
  for (const child of childrenOf(node)) {
    if (child.type === 'FunctionDeclaration' && child.id !== null) found.set(child.id.name, child)
    if (!isFunction(child)) declaredIn(child, found)
  }
  return found
}

const namesOf = (node: AnyNode | null | undefined): string[] => {
  if (node?.type !== 'VariableDeclaration' || node.kind === 'var') return []
  return node.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []))
}

/** What a function declares for itself, and so does not take from a loop around it. */
const ownNames = (node: FunctionNode & AnyNode): Set<string> => {
  const own = node.params.flatMap(param => (param.type === 'Identifier' ? [param.name] : []))
  const collect = (within: AnyNode): void => {
    for (const child of childrenOf(within)) {
      if (child.type === 'VariableDeclarator' && child.id.type === 'Identifier') own.push(child.id.name)
      if (child.type === 'CatchClause' && child.param?.type === 'Identifier') own.push(child.param.name)
      if (!isFunction(child)) collect(child)
    }
  }
  collect(node)
  return new Set(own)
}

/** Everything a loop declares afresh in each turn, head and body, but not in functions or loops within. */
const loopNames = (node: AnyNode): string[] => {
  const own = childrenOf(node).flatMap(namesOf)
  return own.concat(
    childrenOf(node)
      .filter(child => !isFunction(child) && !isLoop(child))
      .flatMap(loopNames),
  )
}

const isLoop = (node: AnyNode): boolean =>
  ['ForStatement', 'ForInStatement', 'ForOfStatement', 'WhileStatement', 'DoWhileStatement'].includes(
    node.type,
  )

const checkName = (node: AnyNode & { type: 'Identifier' }, walk: Walk): void => {
  const scope = walk.scopes.at(-1)
  const declared = scope?.pending.get(node.name)
  if (declared !== undefined && node.start < declared.start) {
    refuse(walk, node, `function ${node.name} used before its declaration (no hoisting)`)
  }
  const isShared = walk.loops.some(loop => loop.depth < walk.depth && loop.names.has(node.name))
  if (isShared) refuse(walk, node, `closure over ${node.name} of a loop (not fresh per turn)`)
}

const visit = (node: AnyNode, walk: Walk): void => {
  const construct = constructOf(node)
  if (construct !== null) refuse(walk, node, construct)
  if (node.type === 'Identifier') checkName(node, walk)
  const opensScope = isFunction(node) || node.type === 'Program'
  const opensLoop = isLoop(node)
  if (opensScope) walk.scopes.push({ pending: declaredIn(node, new Map()) })
  if (opensScope) walk.depth++
  const { loops } = walk
  if (isFunction(node)) {
    const own = ownNames(node)
    walk.loops = loops.map(({ names, depth }) => ({
      names: new Set([...names].filter(name => !own.has(name))),
      depth,
    }))
  }
  if (opensLoop) walk.loops.push({ names: new Set(loopNames(node)), depth: walk.depth })
  for (const child of childrenOf(node)) {
    // The name after a dot, or of a key, is no variable.
    if (isPlainName(node, child)) continue
    visit(child, walk)
  }
  if (opensLoop) walk.loops.pop()
  if (opensScope) walk.scopes.pop()
  if (opensScope) walk.depth--
  walk.loops = loops
}

const isPlainName = (node: AnyNode, child: AnyNode): boolean => {
  if (child.type !== 'Identifier') return false
  if (node.type === 'MemberExpression') return node.property === child && !node.computed
  if (node.type === 'FunctionDeclaration') return node.id === child
  const isKeyed =
    node.type === 'Property' || node.type === 'MethodDefinition' || node.type === 'PropertyDefinition'
  return isKeyed && node.key === child && !node.computed && !(node.type === 'Property' && node.shorthand)
}

/** Lists what the chip refuses; empty where it runs all of it. Throws SyntaxError where it is no JavaScript at all. */
export const refusedByChip = (code: string): Refusal[] => {
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'script', locations: true })
  const walk: Walk = { refused: [], scopes: [], loops: [], depth: 0 }
  visit(program, walk)
  return walk.refused
}

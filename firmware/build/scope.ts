// Names in a script, for the steps of the build that put things into other places: who is named where, declared, assigned.
import type { AnyNode } from 'acorn'
import { childrenOf, isFunction } from './dialect.ts'

export type Place = { node: AnyNode; parents: readonly AnyNode[] }
export type Edit = { start: number; end: number; text: string }

export const walk = (node: AnyNode, parents: readonly AnyNode[], visit: (place: Place) => void): void => {
  visit({ node, parents })
  const around = [...parents, node]
  for (const child of childrenOf(node)) walk(child, around, visit)
}

/** An identifier that names a variable, and not the member or key of something. */
export const isName = ({ node, parents }: Place): boolean => {
  const parent = parents.at(-1)
  if (node.type !== 'Identifier') return false
  if (parent === undefined) return true
  if (parent.type === 'MemberExpression') return parent.object === node || parent.computed
  return !(parent.type === 'Property' && parent.key === node && !parent.shorthand)
}

type Name = { name: string; start: number; end: number; isShorthand: boolean }

export const namesIn = (node: AnyNode): Name[] => {
  const found = new Map<number, Name>()
  walk(node, [], place => {
    const { node: each, parents } = place
    const parent = parents.at(-1)
    if (!isName(place) || each.type !== 'Identifier') return
    const isShorthand = parent?.type === 'Property' && parent.shorthand
    found.set(each.start, { name: each.name, start: each.start, end: each.end, isShorthand })
  })
  return [...found.values()].sort((a, b) => a.start - b.start)
}

/** Names that a function declares, at any depth of it. */
export const declaredIn = (node: AnyNode): string[] => {
  const found: string[] = []
  walk(node, [], ({ node: each }) => {
    if (each.type === 'VariableDeclarator' && each.id.type === 'Identifier') found.push(each.id.name)
    if (each.type === 'CatchClause' && each.param?.type === 'Identifier') found.push(each.param.name)
    if (isFunction(each))
      for (const param of each.params) if (param.type === 'Identifier') found.push(param.name)
  })
  return found
}

export const assignedIn = (node: AnyNode): Set<string> => {
  const found = new Set<string>()
  walk(node, [], ({ node: each }) => {
    const target =
      each.type === 'AssignmentExpression'
        ? each.left
        : each.type === 'UpdateExpression'
          ? each.argument
          : null
    if (target?.type === 'Identifier') found.add(target.name)
  })
  return found
}

export const has = (node: AnyNode, test: (each: AnyNode) => boolean, intoFunctions = false): boolean =>
  test(node) ||
  childrenOf(node).some(child => (intoFunctions || !isFunction(child)) && has(child, test, intoFunctions))

/** The text of `node` with some names replaced. */
export const renamed = (code: string, node: AnyNode, names: ReadonlyMap<string, string>): string => {
  let text = ''
  let at = node.start
  for (const { name, start, end, isShorthand } of namesIn(node)) {
    const other = names.get(name)
    if (other === undefined) continue
    text += code.slice(at, start) + (isShorthand ? `${name}: ${other}` : other)
    at = end
  }
  return text + code.slice(at, node.end)
}

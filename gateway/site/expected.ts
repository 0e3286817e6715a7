// What zod found wrong, said the way the whole house says it: where, what was expected, what came.
import type { z } from 'zod'
import { withInvisibleShown } from '../../schemas/text.ts'

export type Mismatch = { path: readonly PropertyKey[]; expected: string; came: string }

const CAME_LENGTH_MAX = 60
const ALLOWED_SHOWN_MAX = 12

/** Every issue of a refused value as a mismatch; an unknown field is reported at its own path. */
export function mismatches(error: z.ZodError, value: unknown): Mismatch[] {
  return error.issues.flatMap(issue => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map(key => {
        const path = [...issue.path, key]
        return { path, expected: 'no field of this name', came: shown(valueAt(value, path)) }
      })
    }
    return [{ path: issue.path, expected: expectation(issue), came: shown(valueAt(value, issue.path)) }]
  })
}

/** A path as a reader writes it: pendants[0].key; the whole document is "document". */
export function pathText(path: readonly PropertyKey[]): string {
  const text = path.map(part => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  return text.replace(/^\./, '') || 'document'
}

/** A value as it came, short enough for a message. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'a group of fields'
  const text = withInvisibleShown(JSON.stringify(value) ?? String(value))
  return text.length > CAME_LENGTH_MAX ? `${text.slice(0, CAME_LENGTH_MAX)}…` : text
}

/** What stands at a path, undefined where the path leads nowhere. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = Reflect.get(at, part)
  }
  return at
}

type Issue = z.core.$ZodIssue

function expectation(issue: Issue): string {
  if (issue.message.startsWith('expected ')) return issue.message.slice('expected '.length)
  switch (issue.code) {
    case 'invalid_type':
      return typeWord(issue.expected)
    case 'invalid_value':
      return oneOf(issue.values)
    case 'invalid_format':
      return issue.pattern ? `text like ${issue.pattern}` : issue.format
    case 'too_small':
      return `at least ${issue.minimum} ${unitOf(issue.origin)}`.trim()
    case 'too_big':
      return `at most ${issue.maximum} ${unitOf(issue.origin)}`.trim()
    default:
      return issue.message
  }
}

function typeWord(type: string): string {
  const words: Record<string, string> = {
    string: 'text (in quotes)',
    int: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    array: 'a list',
    tuple: 'a list',
    object: 'a group of fields',
  }
  return words[type] ?? type
}

function oneOf(values: readonly unknown[]): string {
  const shownValues = values.slice(0, ALLOWED_SHOWN_MAX).map(value => JSON.stringify(value))
  return shownValues.length === 1 ? String(shownValues[0]) : `one of ${shownValues.join(', ')}`
}

function unitOf(origin: string): string {
  if (origin === 'string') return 'characters'
  return origin === 'array' ? 'entries' : ''
}

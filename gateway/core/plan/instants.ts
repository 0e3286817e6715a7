// In: a value and how far the machine's clock stands off. Out: the same value with every instant moved, and no duration.
// An instant is known by its name: by the rules of the house it ends in `AtMs`, but for these few.

const OTHER_NAMES: ReadonlySet<string> = new Set(['atMs', 'nowMs', 'sinceMs', 'untilMs'])

const isInstant = (name: string): boolean => name.endsWith('AtMs') || OTHER_NAMES.has(name)

/** A copy with every instant in it `byMs` later, however deep it stands; the value itself where that is 0. */
export function moved<Value>(value: Value, byMs: number): Value {
  if (byMs === 0 || value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(each => moved(each, byMs)) as Value
  const fields = Object.entries(value).map(([name, each]) => [
    name,
    typeof each === 'number' && isInstant(name) ? each + byMs : moved(each, byMs),
  ])
  return Object.fromEntries(fields)
}

// Text in that is no JSON as a whole, or says one field twice; out the reports that stand in it, as far as their fields do.
// Pure, one pass. Promises that no report is lost for a sign that is wrong beside it or in a field that no alarm needs.

export type Salvaged = { address: unknown; data: unknown; rssiDbm?: unknown; ageMs?: unknown }

/** Where one thing ends and the next begins, or a field of a report with its value, in whichever quotes. */
const MARK =
  /\}[\s,[\]]*\{|(["'])(address|data|rssiDbm|ageMs)\1\s*:\s*(?:"([^"]*)"|'([^']*)'|([^\s,{}[\]"']+))/g

/** Every report in the text that has an address and data. A number that is none is not told. */
export function reportsInBroken(text: string): Salvaged[] {
  const found: Salvaged[] = []
  let fields: Record<string, unknown> = {}
  const end = (): void => {
    if ('address' in fields && 'data' in fields) found.push(fields as Salvaged)
    fields = {}
  }
  for (const [, , name, double, single, bare] of text.matchAll(MARK)) {
    // A field that is there already is of the next one.
    if (name === undefined || name in fields) end()
    if (name !== undefined) fields[name] = double ?? single ?? numberOrNull(bare)
  }
  end()
  return found
}

const numberOrNull = (bare: string | undefined): number | null => {
  const value = Number(bare)
  return Number.isFinite(value) ? value : null
}

// Reads a plain CSV file (a heading, then rows; no quotes). Errors name the file, the line, what was expected, what came.

export type Row = {
  word(column: string): string
  number(column: string, min: number, max: number): number
}

/** The rows under a heading that must be exactly `columns`. */
export function readTable(file: string, text: string, columns: readonly string[]): Row[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  if (lines[0] !== columns.join(','))
    throw new Error(`${file}, line 1: expected the heading "${columns.join(',')}", came "${lines[0]}"`)
  return lines.flatMap((line, index) =>
    index === 0 || line === '' ? [] : [readRow(`${file}, line ${index + 1}`, line, columns)],
  )
}

function readRow(where: string, line: string, columns: readonly string[]): Row {
  const cells = line.split(',')
  if (cells.length !== columns.length)
    throw new Error(`${where}: expected ${columns.length} values (${columns}), came "${line}"`)
  const word = (column: string): string => {
    const cell = cells[columns.indexOf(column)] ?? ''
    if (cell === '') throw new Error(`${where}: expected a ${column}, came nothing`)
    return cell
  }
  return {
    word,
    number(column, min, max) {
      const cell = word(column)
      const value = Number(cell)
      if (!(value >= min && value <= max))
        throw new Error(`${where}: expected ${column} to be a number from ${min} to ${max}, came "${cell}"`)
      return value
    },
  }
}

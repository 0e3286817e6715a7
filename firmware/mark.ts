// In: the two mark files of Storage. Out: the newest whole one; and a new one written over the older. A mark says which
// counters and alarm numbers may have been used. Storage erases a file before it writes it anew, so with one file a
// power cut between the two would forget everything: with two, the newest whole mark is there at every instruction.
import type { Board } from './board.ts'

/** Frame counters below `counter` and alarm numbers up to `number` may have been on the air. */
export type Mark = { seq: number; counter: number; number: number }

export const MARK_FILES = ['tocsin.m0', 'tocsin.m1']

/** Fletcher-16, so that a file cut short while being written is never taken for a whole one. */
const check = (text: string): number => {
  let a = 0
  let b = 0
  for (let i = 0; i < text.length; i++) {
    a = (a + text.charCodeAt(i)) % 255
    b = (b + a) % 255
  }
  return b * 256 + a
}

export const encodeMark = (mark: Mark): string => {
  const text = `${mark.seq},${mark.counter},${mark.number},`
  return text + check(text)
}

export const decodeMark = (text: string | undefined): Mark | null => {
  if (text === undefined) return null
  const fields = text.split(',')
  if (fields.length !== 4) return null
  const body = text.substr(0, text.lastIndexOf(',') + 1)
  if (String(check(body)) !== fields[3]) return null
  return {
    seq: parseInt(fields[0] as string, 10),
    counter: parseInt(fields[1] as string, 10),
    number: parseInt(fields[2] as string, 10),
  }
}

/**
 * What Storage remembers. `isLost`: both files are there and neither is whole. One broken file alone is the very first
 * write cut short, before anything was on the air.
 */
export type Marks = { mark: Mark | null; slot: number; isLost: boolean }

export const readMarks = (board: Pick<Board, 'readFile'>): Marks => {
  const marks: Marks = { mark: null, slot: 1, isLost: false }
  let found = 0
  for (let slot = 0; slot < MARK_FILES.length; slot++) {
    const text = board.readFile(MARK_FILES[slot] as string)
    if (text !== undefined) found++
    const mark = decodeMark(text)
    if (mark !== null && (marks.mark === null || mark.seq > marks.mark.seq)) {
      marks.mark = mark
      marks.slot = slot
    }
  }
  marks.isLost = found === MARK_FILES.length && marks.mark === null
  return marks
}

/** Writes over the older file and answers what Storage remembers then; null where the write failed. */
export const writeMark = (
  board: Pick<Board, 'writeFile'>,
  marks: Marks,
  counter: number,
  number: number,
): Marks | null => {
  const slot = 1 - marks.slot
  const mark = { seq: marks.mark === null ? 1 : marks.mark.seq + 1, counter: counter, number: number }
  if (!board.writeFile(MARK_FILES[slot] as string, encodeMark(mark))) return null
  return { mark: mark, slot: slot, isLost: false }
}

// In: the two mark files of Storage. Out: the newest whole one; and a new one written over the older. A mark says which
// counters and alarm numbers may have been used, and which alarm is on. Storage erases a file before it writes it anew, so with one file a
// power cut between the two would forget everything: with two, the newest whole mark is there at every instruction.
import type { Board } from '../board.ts'

export const MARK_FILES = ['tocsin.m0', 'tocsin.m1']
/**
 * Behind a mark stands room for as many notes, left blank: that an alarm begins, before it is on the air, and that it has
 * ended. Filling blank flash erases nothing, moves nothing and waits for nothing, and so costs an alarm a millisecond where
 * a mark costs ten.
 */
export const NOTES_MAX = 8
/** Bytes for each, so that no word of the flash is filled twice [nRF52840 PS, NVMC: two writes of a word at most]. */
const NOTE_BYTES = 4
const BLANK = '\xff'
/** An alarm's note is its kind, a digit. No digit of a kind can come of an end that was half written: bit 3 tells them apart. */
const ENDED = '-'
/** Stands above the number in a mark's third field. */
const KIND_TIMES = 256
const KIND_MAX = 5
const FIELDS = 4

/**
 * What Storage remembers: frame counters below `counter` and alarm numbers up to `number` may have been on the air.
 * `kind` is that of the alarm `number` while it is on, else 0.
 * `seq` 0 is no mark; `slot` is its file; the next note goes there at `noteAt`, where that is before `endAt`.
 * `isLost`: both files are there and neither is whole. One broken file alone is the very first write cut short,
 * before anything was on the air.
 */
export type Marks = {
  seq: number
  counter: number
  number: number
  kind: number
  slot: number
  noteAt: number
  endAt: number
  isLost: boolean
}

/** 0 means that there never was an alarm, so the number goes round from 255 to 1. */
export const numberAfter = (number: number): number => (number >= 255 ? 1 : number + 1)

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

export const encodeMark = (seq: number, counter: number, number: number, kind: number): string => {
  const text = `${seq},${counter},${number + kind * KIND_TIMES},`
  return text + check(text)
}

/** What is neither an end nor a kind (a `+`, as the firmware before this one noted an alarm) has used its number, no more. */
const takeNote = (marks: Marks, note: string): void => {
  if (note !== ENDED) marks.number = numberAfter(marks.number)
  const kind = note.charCodeAt(0) - 48
  marks.kind = kind > 0 && kind <= KIND_MAX ? kind : 0
}

/** Takes the mark of a file over into `marks` where it is whole and newer. */
const decodeMark = (marks: Marks, text: string, slot: number): void => {
  const fields = text.split(',')
  if (fields.length !== FIELDS) return
  const open = Number(fields[2])
  const whole = encodeMark(Number(fields[0]), Number(fields[1]), open, 0)
  if (text.substr(0, whole.length) !== whole || Number(fields[0]) <= marks.seq) return
  marks.seq = Number(fields[0])
  marks.counter = Number(fields[1])
  marks.number = open % KIND_TIMES
  marks.kind = Math.floor(open / KIND_TIMES)
  marks.slot = slot
  marks.endAt = text.length
  marks.noteAt = whole.length
  while (marks.noteAt < marks.endAt && text.charAt(marks.noteAt) !== BLANK) {
    takeNote(marks, text.charAt(marks.noteAt))
    marks.noteAt += NOTE_BYTES
  }
}

/** What both files say. */
export const readMarks = (board: Pick<Board, 'readFile'>): Marks => {
  const marks = { seq: 0, counter: 0, number: 0, kind: 0, slot: 1, noteAt: 0, endAt: 0, isLost: false }
  let found = 0
  for (let slot = 0; slot < MARK_FILES.length; slot++) {
    const text = board.readFile(MARK_FILES[slot] as string)
    if (text !== undefined) {
      found++
      decodeMark(marks, text, slot)
    }
  }
  marks.isLost = found === MARK_FILES.length && marks.seq === 0
  return marks
}

/** Writes over the older file; false where that failed, and then Storage remembers what it did. */
export const writeMark = (
  board: Pick<Board, 'writeFile'>,
  marks: Marks,
  counter: number,
  number: number,
  kind: number,
): boolean => {
  const mark = encodeMark(marks.seq + 1, counter, number, kind)
  const text = mark + BLANK.repeat(NOTES_MAX * NOTE_BYTES)
  const slot = 1 - marks.slot
  if (!board.writeFile(MARK_FILES[slot] as string, text)) return false
  marks.seq++
  marks.counter = counter
  marks.number = number
  marks.kind = kind
  marks.slot = slot
  marks.noteAt = mark.length
  marks.endAt = text.length
  return true
}

/**
 * Notes behind the newest mark that the alarm `number` of this kind begins, or (kind 0) has ended. False where there is no
 * room, it failed, or more than one alarm began since the last note: a whole mark says it then.
 */
export const note = (board: Pick<Board, 'fillFile'>, marks: Marks, number: number, kind: number): boolean => {
  const at = marks.noteAt
  if (at >= marks.endAt || number !== (kind > 0 ? numberAfter(marks.number) : marks.number)) return false
  const isWell = board.fillFile(MARK_FILES[marks.slot] as string, kind > 0 ? `${kind}` : ENDED, at)
  // What could not be filled may be there in part: nothing more is noted behind this mark.
  marks.noteAt = isWell ? at + NOTE_BYTES : marks.endAt
  if (!isWell) return false
  marks.number = number
  marks.kind = kind
  return true
}

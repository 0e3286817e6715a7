// In: the two mark files of Storage. Out: the newest whole one; and a new one written over the older. A mark says which
// counters and alarm numbers may have been used. Storage erases a file before it writes it anew, so with one file a
// power cut between the two would forget everything: with two, the newest whole mark is there at every instruction.
import type { Board } from './board.ts'

export const MARK_FILES = ['tocsin.m0', 'tocsin.m1']
/**
 * Behind a mark stands room for as many alarms, left blank; each is noted there before it is on the air. Filling blank
 * flash erases nothing, moves nothing and waits for nothing, and so costs an alarm a millisecond where a mark costs ten.
 */
export const ALARMS_MAX = 8
/** Bytes for each, so that no word of the flash is filled twice [nRF52840 PS, NVMC: two writes of a word at most]. */
const ALARM_BYTES = 4
const BLANK = '\xff'
const NOTED = '+'
const FIELDS = 4

/**
 * What Storage remembers: frame counters below `counter` and alarm numbers up to `number` may have been on the air.
 * `seq` 0 is no mark; `slot` is its file; the next alarm is noted there at `noteAt`, where that is before `endAt`.
 * `isLost`: both files are there and neither is whole. One broken file alone is the very first write cut short,
 * before anything was on the air.
 */
export type Marks = {
  seq: number
  counter: number
  number: number
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

export const encodeMark = (seq: number, counter: number, number: number): string => {
  const text = `${seq},${counter},${number},`
  return text + check(text)
}

/** Takes the mark of a file over into `marks` where it is whole and newer. */
const decodeMark = (marks: Marks, text: string, slot: number): void => {
  const fields = text.split(',')
  if (fields.length !== FIELDS) return
  const whole = encodeMark(Number(fields[0]), Number(fields[1]), Number(fields[2]))
  if (text.substr(0, whole.length) !== whole || Number(fields[0]) <= marks.seq) return
  marks.seq = Number(fields[0])
  marks.counter = Number(fields[1])
  marks.number = Number(fields[2])
  marks.slot = slot
  marks.endAt = text.length
  marks.noteAt = whole.length
  while (marks.noteAt < marks.endAt && text.charAt(marks.noteAt) !== BLANK) {
    marks.noteAt += ALARM_BYTES
    marks.number = numberAfter(marks.number)
  }
}

/** What both files say. */
export const readMarks = (board: Pick<Board, 'readFile'>): Marks => {
  const marks = { seq: 0, counter: 0, number: 0, slot: 1, noteAt: 0, endAt: 0, isLost: false }
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
): boolean => {
  const mark = encodeMark(marks.seq + 1, counter, number)
  const text = mark + BLANK.repeat(ALARMS_MAX * ALARM_BYTES)
  const slot = 1 - marks.slot
  if (!board.writeFile(MARK_FILES[slot] as string, text)) return false
  marks.seq++
  marks.counter = counter
  marks.number = number
  marks.slot = slot
  marks.noteAt = mark.length
  marks.endAt = text.length
  return true
}

/** Notes one more alarm behind the newest mark; false where there is no room, or it failed. */
export const noteAlarm = (board: Pick<Board, 'fillFile'>, marks: Marks): boolean => {
  const at = marks.noteAt
  if (at >= marks.endAt) return false
  const isWell = board.fillFile(MARK_FILES[marks.slot] as string, NOTED, at)
  // What could not be filled may be there in part: nothing more is noted behind this mark.
  marks.noteAt = isWell ? at + ALARM_BYTES : marks.endAt
  return isWell
}

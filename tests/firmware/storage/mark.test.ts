import { expect, test } from 'vitest'
import {
  encodeMark,
  MARK_FILES,
  NOTES_MAX,
  note,
  readMarks,
  writeMark,
} from '../../../firmware/storage/mark.ts'

const board = (files: Map<string, string>) => ({
  readFile: (name: string) => files.get(name),
  writeFile: (name: string, text: string) => {
    files.set(name, text)
    return true
  },
  fillFile: (name: string, text: string, at: number) => {
    const file = files.get(name) ?? ''
    files.set(name, file.slice(0, at) + text + file.slice(at + text.length))
    return true
  },
})
const [first, second] = MARK_FILES as [string, string]

const decodeMark = (text: string) => {
  const { seq, counter, number } = readMarks(board(new Map([[first, text]])))
  return seq === 0 ? null : { seq, counter, number }
}

test('a mark cut short anywhere, or with any one character wrong, is no mark', () => {
  const text = encodeMark(12, 8192, 3, 0)
  expect(decodeMark(text)).toEqual({ seq: 12, counter: 8192, number: 3 })
  for (let length = 0; length < text.length; length++) {
    expect(decodeMark(text.slice(0, length)), text.slice(0, length)).toBeNull()
    expect(decodeMark(text.slice(0, length).padEnd(text.length, '\xff'))).toBeNull()
    const digit = text[length] === '5' ? '6' : '5'
    expect(decodeMark(text.slice(0, length) + digit + text.slice(length + 1))).toBeNull()
  }
})

test('marks are written to the two files in turn and the newest is read back', () => {
  const files = new Map<string, string>()
  const marks = readMarks(board(files))
  expect(marks).toMatchObject({ seq: 0, isLost: false })
  for (let i = 1; i <= 5; i++) {
    expect(writeMark(board(files), marks, i * 100, i, i % 6)).toBe(true)
    expect(readMarks(board(files))).toEqual(marks)
    expect(marks).toMatchObject({ seq: i, counter: i * 100, number: i })
  }
  expect(files.size).toBe(2)
})

test('while the newest is being written the one before stands', () => {
  const whole = encodeMark(7, 700, 7, 0)
  for (const torn of ['', '8,', `${whole}x`]) {
    const files = new Map([
      [first, whole],
      [second, torn],
    ])
    expect(readMarks(board(files))).toMatchObject({ seq: 7, isLost: false })
  }
})

test('two broken files are a loss, and one alone is a first write cut short', () => {
  expect(readMarks(board(new Map([[first, 'x']]))).isLost).toBe(false)
  const both = new Map([
    [first, 'x'],
    [second, 'y'],
  ])
  expect(readMarks(board(both)).isLost).toBe(true)
})

test('a write that fails changes nothing of what is known', () => {
  const failing = { readFile: () => undefined, writeFile: () => false }
  const marks = readMarks(failing)
  expect(writeMark(failing, marks, 1, 1, 0)).toBe(false)
  expect(marks).toEqual(readMarks(failing))
})

const ROOM = '\xff'.repeat(NOTES_MAX * 4)

test('what begins and ends is noted behind the mark, each in a word of its own, until there is no more room', () => {
  const files = new Map<string, string>()
  const marks = readMarks(board(files))
  expect(note(board(files), marks, 1, 1)).toBe(false)
  writeMark(board(files), marks, 4096, 253, 0)
  const steps = [
    { number: 254, kind: 1 },
    { number: 255, kind: 5 },
    { number: 255, kind: 0 },
    { number: 1, kind: 3 },
    { number: 1, kind: 0 },
    { number: 2, kind: 4 },
    { number: 3, kind: 2 },
    { number: 3, kind: 0 },
  ]
  expect(steps).toHaveLength(NOTES_MAX)
  for (const { number, kind } of steps) {
    expect(note(board(files), marks, number, kind)).toBe(true)
    expect(readMarks(board(files))).toEqual(marks)
    expect(marks).toMatchObject({ number, kind })
  }
  expect(note(board(files), marks, 4, 1)).toBe(false)
  expect(files.get(first)?.slice(-NOTES_MAX * 4)).toBe('15-3-42-'.replace(/./g, '$&\xff\xff\xff'))
})

test('two alarms in one turn do not fit one note, and the mark that is written instead has them both', () => {
  const files = new Map<string, string>()
  const marks = readMarks(board(files))
  writeMark(board(files), marks, 4096, 7, 0)
  expect(note(board(files), marks, 9, 1)).toBe(false)
  writeMark(board(files), marks, 4096, 9, 1)
  expect(readMarks(board(files))).toMatchObject({ number: 9, kind: 1 })
})

test('after a note that failed nothing is noted behind that mark any more', () => {
  const files = new Map<string, string>()
  const marks = readMarks(board(files))
  writeMark(board(files), marks, 4096, 1, 0)
  expect(note({ fillFile: () => false }, marks, 2, 1)).toBe(false)
  expect(note(board(files), marks, 2, 1)).toBe(false)
})

test('an alarm that goes on over a new mark stands in it, under its check', () => {
  for (const kind of [1, 2, 3, 4, 5]) {
    const text = encodeMark(12, 8192, 255, kind)
    expect(readMarks(board(new Map([[first, text + ROOM]])))).toMatchObject({ number: 255, kind })
    expect(readMarks(board(new Map([[first, text.slice(0, -1)]]))).seq).toBe(0)
  }
})

test('the marks of the firmware before this one are read: their alarms have used their numbers, and none is on', () => {
  const marks = readMarks(board(new Map([[first, encodeMark(5, 500, 5, 0)]])))
  expect(marks).toMatchObject({ seq: 5, counter: 500, number: 5, kind: 0 })
  expect(note(board(new Map()), marks, 6, 1)).toBe(false)
  const noted = `${encodeMark(5, 500, 5, 0)}+\xff\xff\xff+${ROOM.slice(5)}`
  expect(readMarks(board(new Map([[first, noted]])))).toMatchObject({ number: 7, kind: 0 })
})

test('no byte that an end leaves when the power goes while it is written is taken for an alarm', () => {
  // Programming only clears bits, so that what is half there has some of them cleared.
  const whole = '-'.charCodeAt(0)
  for (let byte = 0; byte < 255; byte++) {
    if ((byte & whole) !== whole) continue
    const text = `${encodeMark(5, 500, 5, 2)}${String.fromCharCode(byte)}${ROOM.slice(1)}`
    expect(readMarks(board(new Map([[first, text]]))).kind).toBe(0)
  }
})

import { expect, test } from 'vitest'
import { ALARMS_MAX, encodeMark, MARK_FILES, noteAlarm, readMarks, writeMark } from '../../firmware/mark.ts'

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
  const text = encodeMark(12, 8192, 3)
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
    expect(writeMark(board(files), marks, i * 100, i)).toBe(true)
    expect(readMarks(board(files))).toEqual(marks)
    expect(marks).toMatchObject({ seq: i, counter: i * 100, number: i })
  }
  expect(files.size).toBe(2)
})

test('while the newest is being written the one before stands', () => {
  const whole = encodeMark(7, 700, 7)
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
  expect(writeMark(failing, marks, 1, 1)).toBe(false)
  expect(marks).toEqual(readMarks(failing))
})

test('alarms are noted behind the mark, each in a word of its own, until there is no more room', () => {
  const files = new Map<string, string>()
  const marks = readMarks(board(files))
  expect(noteAlarm(board(files), marks)).toBe(false)
  writeMark(board(files), marks, 4096, 253)
  const numbers: number[] = []
  while (noteAlarm(board(files), marks)) numbers.push(readMarks(board(files)).number)
  expect(numbers).toEqual([254, 255, 1, 2, 3, 4, 5, 6])
  expect(numbers).toHaveLength(ALARMS_MAX)
  expect(
    files
      .get(first)
      ?.match(/\+[^+]*/g)
      ?.every(room => room === '+\xff\xff\xff'),
  ).toBe(true)
})

test('after a note that failed nothing is noted behind that mark any more', () => {
  const files = new Map<string, string>()
  const marks = readMarks(board(files))
  writeMark(board(files), marks, 4096, 1)
  expect(noteAlarm({ fillFile: () => false }, marks)).toBe(false)
  expect(noteAlarm(board(files), marks)).toBe(false)
})

test('a mark without room, as the firmware before this one wrote it, is read, and takes no note', () => {
  const marks = readMarks(board(new Map([[first, encodeMark(5, 500, 5)]])))
  expect(marks).toMatchObject({ seq: 5, counter: 500, number: 5 })
  expect(noteAlarm(board(new Map()), marks)).toBe(false)
})

import { expect, test } from 'vitest'
import { decodeMark, encodeMark, MARK_FILES, readMarks, writeMark } from '../../firmware/mark.ts'

const board = (files: Map<string, string>) => ({
  readFile: (name: string) => files.get(name),
  writeFile: (name: string, text: string) => {
    files.set(name, text)
    return true
  },
})
const [first, second] = MARK_FILES as [string, string]

test('a mark cut short anywhere, or with any one character wrong, is no mark', () => {
  const text = encodeMark({ seq: 12, counter: 8192, number: 3 })
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
  let marks = readMarks(board(files))
  expect(marks).toMatchObject({ mark: null, isLost: false })
  for (let i = 1; i <= 5; i++) {
    const written = writeMark(board(files), marks, i * 100, i)
    if (written !== null) marks = written
    expect(readMarks(board(files))).toEqual(marks)
    expect(marks.mark).toEqual({ seq: i, counter: i * 100, number: i })
  }
  expect(files.size).toBe(2)
})

test('while the newest is being written the one before stands', () => {
  const whole = encodeMark({ seq: 7, counter: 700, number: 7 })
  for (const torn of ['', '8,', `${whole}x`]) {
    const files = new Map([
      [first, whole],
      [second, torn],
    ])
    expect(readMarks(board(files))).toMatchObject({ mark: { seq: 7 }, isLost: false })
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
  expect(writeMark(failing, readMarks(failing), 1, 1)).toBeNull()
})

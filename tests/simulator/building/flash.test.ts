// A pendant's flash in a file: what was written is there again next time, and a strange file is refused by name.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFlash } from '../../../simulator/building/flash.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flash-'))
})
afterEach(() => rmSync(directory, { recursive: true }))
const path = () => join(directory, 'kept', 'p-07.json')

test('files written, filled and erased are as they were when it is opened again', () => {
  const flash = openFlash(path())
  flash.write('mark', Uint8Array.of(1, 0, 255))
  flash.write('gone', Uint8Array.of(1))
  flash.fill('part', Uint8Array.of(9), 0, 3)
  flash.erase('gone')
  const again = openFlash(path())
  expect(again.list().sort()).toEqual(['mark', 'part'])
  expect([...(again.read('mark') ?? [])]).toEqual([1, 0, 255])
  expect([...(again.read('part') ?? [])]).toEqual([9, 255, 255])
  expect(readdirSync(join(directory, 'kept'))).toEqual(['p-07.json'])
})

test('a file that is not a flash is refused, with its path', () => {
  const strange = join(directory, 'p-01.json')
  writeFileSync(strange, '[1, 2]')
  expect(() => openFlash(strange)).toThrow(`expected the kept flash of a pendant in ${strange}`)
})

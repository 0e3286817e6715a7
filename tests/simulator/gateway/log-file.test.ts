// The file that the gateway's log is kept in: a disk that is full costs lines and never the building.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keepLog } from '../../../simulator/gateway/log-file.ts'

test('lines are kept at the end of the file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-log-'))
  try {
    const path = join(directory, 'gateway.log')
    keepLog(path, () => expect.unreachable()).write('one')
    keepLog(path, () => expect.unreachable()).write('two')
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n')
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('a disk that is full is said once, and ends nothing', () => {
  const told: string[] = []
  const log = keepLog('/dev/full', sentence => told.push(sentence))
  for (const line of ['one', 'two', 'three']) log.write(line)
  expect(told).toEqual([expect.stringMatching(/^The gateway's log is not kept, .*the disk is full$/)])
})

// What goes wrong between the command line and the machine, said in words: no code of the system, no sentence of a library.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { codeWords } from '../../../schemas/fault-words.ts'
import { freePort } from '../../rim/telephone/port.ts'
import { site } from '../core/building.ts'
import { tocsin } from './cli-process.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-faults-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const RAW = /\bE[A-Z]{3,}\b|SQLITE|Error:|illegal operation|unable to open|file is not a database|^ {4}at /m
const none = () => join(folder, 'none')

it.each([
  [
    'check of no file',
    () => ['check', none()],
    'expected a file that can be read, came no such file or folder',
  ],
  ['check of a folder', () => ['check', folder], 'expected a file that can be read, came a folder'],
  ['schema into no folder', () => ['schema', '--out', join(none(), 'x')], 'x: no such file or folder'],
  ['schema into a folder', () => ['schema', '--out', folder], ': it is a folder'],
  ['verify of no file', () => ['verify', none()], ': no such file or folder'],
  ['verify of a folder', () => ['verify', folder], 'expected a journal, came a folder'],
  ['verify of another file', () => ['verify', join(folder, 'text')], 'damaged, or no database of SQLite'],
  ['repair of no file', () => ['repair', none()], ': no such file or folder'],
  ['flash of no settings', () => ['flash', '--port', 'x', '--settings', none()], ': no such file or folder'],
])('%s is said in words', async (_, args, words) => {
  writeFileSync(join(folder, 'text'), 'no database, and longer than the header of one would be. '.repeat(9))
  const { status, err } = await tocsin(...args())
  expect(status).toBe(1)
  expect(err).toContain(words)
  expect(err).toContain(folder)
  expect(err).not.toMatch(RAW)
  expect(err).not.toContain(':1:1')
})

it('accept says where it expected a gateway, and that none is there', async () => {
  const gateway = `http://127.0.0.1:${await freePort()}`
  const { status, out, err } = await tocsin('accept', '--by', 'Ada', '--gateway', gateway)
  expect({ status, out }).toEqual({ status: 1, out: '' })
  expect(err).toBe(`expected a gateway at ${gateway}/, came nothing listens there\n`)
})

it.each(['--http', '--mqtt'])('a port of serve that is taken is named with its option: %s', async option => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const taken = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const file = join(folder, 'site.yaml')
  writeFileSync(file, stringify(site()), { mode: 0o600 })
  const other = option === '--http' ? '--mqtt' : '--http'
  const places = ['--site', file, '--data', join(folder, 'data'), option, taken, other, '127.0.0.1:0']
  const { status, err } = await tocsin('serve', ...places, '--log-level', 'silent')
  server.close()
  expect(status).toBe(1)
  expect(err).toContain(`expected to listen on ${taken} for `)
  expect(err).toContain(`(${option}), and could not: another program listens there`)
  expect(err).not.toMatch(RAW)
})

it('has words for each way in which a disk refuses', () => {
  expect(codeWords('EROFS')).toBe('the disk is read-only')
  expect(codeWords('SQLITE_READONLY_DIRECTORY')).toBe('the disk is read-only')
  expect(codeWords('EACCES')).toBe('this user is not allowed to')
  expect(codeWords('ENOSPC')).toBe(codeWords('SQLITE_FULL'))
  expect(codeWords('EUNHEARDOF')).toBeNull()
})

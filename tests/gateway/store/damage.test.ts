// Journals that are damaged: whatever byte it is, the gateway opens one, goes on with what can be read, and says what is lost.
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { JournalEntry } from '../../../gateway/ports.ts'
import { repairJournal } from '../../../gateway/store/damage/repair.ts'
import { JournalFailed } from '../../../gateway/store/failed.ts'
import { openJournal } from '../../../gateway/store/journal.ts'
import { readNote } from '../../../gateway/store/note.ts'
import { verifyJournal } from '../../../gateway/store/verify.ts'
import { PATIENCE } from '../../patience.ts'
import { plainBatch } from './changes.ts'

const ROWS = 120
const PAGE = 4096
const FRAME = PAGE + 24

let made: string
let folder: string
let file: string

/** One journal as a killed process leaves it, its rows in the log; and one that was closed, its rows in the file. */
beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'damage-made-'))
  const journal = openJournal(join(made, 'killed'))
  for (let i = 0; i < ROWS; i++)
    await journal.commit({ ...plainBatch(`row-${i + 1}`), counters: new Map([['p-01', i + 1]]) })
  // It is written behind the commits, as soon as the process has a moment.
  await vi.waitFor(() => expect(readNote(join(made, 'killed'))?.seq).toBe(ROWS), PATIENCE)
  for (const part of ['', '-wal']) copyFileSync(join(made, `killed${part}`), join(made, `closed${part}`))
  copyFileSync(join(made, 'killed-end'), join(made, 'closed-end'))
  const closed = openJournal(join(made, 'closed'))
  await closed.close()
  copyFileSync(join(made, 'killed'), join(made, 'copy'))
  copyFileSync(join(made, 'killed-wal'), join(made, 'copy-wal'))
  copyFileSync(join(made, 'killed-end'), join(made, 'copy-end'))
  await journal.close()
})
afterAll(() => rmSync(made, { recursive: true }))
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'damage-'))
  file = join(folder, 'journal.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true }))

function lay(name: 'copy' | 'closed'): void {
  for (const old of readdirSync(folder)) rmSync(join(folder, old))
  for (const part of ['', '-wal', '-end'])
    if (existsSync(join(made, name + part))) copyFileSync(join(made, name + part), file + part)
}

function flip(path: string, byte: number, bit: number): void {
  const bytes = readFileSync(path)
  bytes[byte] = (bytes[byte] ?? 0) ^ (1 << bit)
  writeFileSync(path, bytes)
}

async function reopened(): Promise<JournalEntry[]> {
  const journal = openJournal(file)
  const { entries } = await journal.load()
  await journal.commit(plainBatch('goes on'))
  await journal.close()
  expect(verifyJournal(file)).toMatchObject({ broken: null, missing: null })
  return entries
}

/** The numbers of the rows that are there, by what they say. */
const kept = (entries: readonly JournalEntry[]): number[] =>
  entries.flatMap(({ change }) =>
    change.is === 'technical-raised' && change.key?.startsWith('row-') ? [Number(change.key.slice(4))] : [],
  )
const said = (entries: readonly JournalEntry[]) =>
  entries
    .map(({ change }) => change)
    .find(change => change.is === 'journal-mended' || change.is === 'journal-cut')

/** How many rows are said to be lost or doubtful. */
function saidLost(entries: readonly JournalEntry[]): number {
  const change = said(entries)
  if (change?.is === 'journal-cut') return (change.noted?.seq ?? 0) - change.seq
  if (change?.is !== 'journal-mended') return 0
  return change.lost.reduce((sum, [from, to]) => sum + to - from + 1, 0) + change.doubtful.length
}

function saidDoubtful(entries: readonly JournalEntry[]): number {
  const change = said(entries)
  return change?.is === 'journal-mended' ? change.doubtful.length : 0
}

describe.each([
  ['in the file of a journal that was closed', 'closed', ''],
  ['in the file of one whose process was killed', 'copy', ''],
  ['in the log of one whose process was killed', 'copy', '-wal'],
] as const)('one flipped bit %s', (_where, name, part) => {
  it('loses at most the rows that it says, and the journal goes on', async () => {
    lay(name)
    const { length } = readFileSync(file + part)
    await fc.assert(
      fc.asyncProperty(fc.nat(length - 1), fc.nat(7), async (byte, bit) => {
        lay(name)
        flip(file + part, byte, bit)
        const entries = await reopened()
        const lost = ROWS - kept(entries).length
        expect(saidLost(entries)).toBeGreaterThanOrEqual(lost)
        // One page holds some twenty rows.
        expect(lost).toBeLessThan(30)
        // A row that is said to be doubtful may itself name another number: the flipped bit can stand in it.
        if (saidDoubtful(entries) === 0)
          expect(kept(entries)).toEqual([...kept(entries)].sort((a, b) => a - b))
      }),
      { numRuns: 60 },
    )
  })
})

it('whichever bit of the head of the file, or of what its tables are made by, is flipped, rows are kept and go on', async () => {
  lay('closed')
  const bytes = readFileSync(file)
  const within = (word: string): number[] => {
    const at = bytes.indexOf(word)
    expect(at, word).toBeGreaterThan(0)
    return Array.from({ length: word.length }, (_, i) => at + i)
  }
  const [version, number, id] = [18, 60, 68]
  const head = [version, version + 1, ...[0, 1, 2, 3].flatMap(i => [number + i, id + i])]
  const places = [...head, ...within('json_valid'), ...within('hash '), ...within('body_hash')]
  const wrong: string[] = []
  for (const at of places)
    for (let bit = 0; bit < 8; bit++) {
      lay('closed')
      flip(file, at, bit)
      const entries = await reopened().catch((error: Error) => error.message)
      if (typeof entries === 'string' || kept(entries).length < ROWS)
        wrong.push(`${at} bit ${bit}: ${entries}`)
    }
  expect(wrong).toEqual([])
})

it("whichever bit of the log's header is flipped, no row is lost", async () => {
  const lossy: string[] = []
  for (let at = 0; at < 32 * 8; at++) {
    lay('copy')
    flip(`${file}-wal`, at >> 3, at & 7)
    if (kept(await reopened()).length < ROWS) lossy.push(`byte ${at >> 3} bit ${at & 7}`)
  }
  expect(lossy).toEqual([])
})

it('with the beginning of the log all noughts, its later rows are read', async () => {
  lay('copy')
  const bytes = readFileSync(`${file}-wal`)
  writeFileSync(`${file}-wal`, bytes.fill(0, 0, PAGE))
  expect(ROWS - kept(await reopened()).length).toBeLessThan(30)
})

/** What `tocsin verify` and `tocsin repair` make of it. */
function calledDamaged(): { byVerify: boolean; byRepair: boolean } {
  const { lost, doubtful, damage } = repairJournal(file, null)
  const byRepair = lost.length > 0 || doubtful.length > 0 || damage !== null
  try {
    const { broken, missing } = verifyJournal(file)
    return { byVerify: broken !== null || missing !== null, byRepair }
  } catch (error) {
    expect(error).toBeInstanceOf(JournalFailed)
    return { byVerify: true, byRepair }
  }
}

it('whichever page of a closed journal is all noughts, it is called damaged, put aside and said, and can be written', async () => {
  lay('closed')
  const pages = readFileSync(file).length / PAGE
  for (let page = 0; page < pages; page++) {
    lay('closed')
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0, page * PAGE, (page + 1) * PAGE))
    const called = calledDamaged()
    const journal = openJournal(file)
    const { entries } = await journal.load()
    await journal.prove()
    await journal.commit({ ...plainBatch('goes on'), counters: new Map([['p-01', 9_999]]) })
    await journal.close()
    const isAside = readdirSync(folder).some(name => name.includes('.damaged-'))
    expect([page, called]).toEqual([page, { byVerify: isAside, byRepair: isAside }])
    expect([page, saidLost(entries) >= ROWS - kept(entries).length]).toEqual([page, true])
    expect([page, said(entries)?.is ?? 'nothing']).not.toEqual([page, 'journal-cut'])
  }
})

it.each([
  ['is empty', ''],
  ['is rubbish', 'rubbish'],
])('a note of the end that %s is said: what is missing is not known', async (_, note) => {
  lay('copy')
  writeFileSync(`${file}-end`, note)
  truncateSync(`${file}-wal`, FRAME * 100 + 32)
  const entries = await reopened()
  expect(kept(entries).length).toBeLessThan(ROWS)
  expect(said(entries)).toMatchObject({ is: 'journal-cut', noted: null })
  expect((await reopened()).filter(({ change }) => change.is === 'journal-cut')).toHaveLength(1)
})

it('a kill at any point of the change of places loses no row, and leaves the damaged journal aside whole', async () => {
  lay('copy')
  flip(`${file}-wal`, FRAME * 100, 1)
  const damaged = ['', '-wal'].map(part => [part, readFileSync(file + part)] as const)
  // As it is at the change of places: its last row is the one that says where the old one lies.
  const journal = openJournal(file)
  const { entries } = await journal.load()
  await journal.close()
  const mended = readFileSync(file)
  const aside = readdirSync(folder).find(name => name.endsWith('Z')) ?? ''
  // Whatever the time is when it goes on.
  vi.setSystemTime(Date.now() + 3_600_000)
  onTestFinished(() => {
    vi.useRealTimers()
  })
  for (const moved of [0, 1, 2]) {
    for (const name of readdirSync(folder)) rmSync(join(folder, name))
    writeFileSync(`${file}-ready`, mended)
    for (const [i, [part, bytes]] of damaged.entries())
      writeFileSync((i < moved ? join(folder, aside) : file) + part, bytes)
    expect(kept(await reopened())).toEqual(kept(entries))
    for (const [part, bytes] of damaged)
      expect(readFileSync(join(folder, aside) + part).equals(bytes)).toBe(true)
  }
})

it.each([
  ['noughts', () => Buffer.alloc(3 * PAGE)],
  ['noise', () => randomBytes(3 * PAGE)],
  ['nothing', () => Buffer.alloc(0)],
  ['a journal with a page of noughts', () => readFileSync(join(made, 'closed')).fill(0, 4 * PAGE, 5 * PAGE)],
] as const)(
  'a new journal that was ready and is %s takes the place of none that stands',
  async (_what, bytes) => {
    lay('closed')
    writeFileSync(`${file}-ready`, bytes())
    const entries = await reopened()
    expect(kept(entries)).toHaveLength(ROWS)
    expect(said(entries)).toBeUndefined()
    const names = readdirSync(folder)
    expect(names.filter(name => name.startsWith('journal.sqlite-ready'))).toEqual([
      expect.stringMatching(/^journal\.sqlite-ready\.damaged-.*Z$/),
    ])
  },
)

it('a new journal that was ready and is damaged is still taken where no other stands', async () => {
  lay('closed')
  renameSync(file, `${file}-ready`)
  flip(`${file}-ready`, 5 * PAGE + 2000, 3)
  const entries = await reopened()
  expect(kept(entries).length).toBeGreaterThan(0)
  expect(said(entries)?.is).toBe('journal-mended')
})

it('a log that was cut anywhere loses its end, and that is said with how many rows', async () => {
  lay('copy')
  const { length } = readFileSync(`${file}-wal`)
  for (const bytes of [0, 31, FRAME * 8, Math.floor(length / 2), length - FRAME, length - 1]) {
    lay('copy')
    truncateSync(`${file}-wal`, bytes)
    const entries = await reopened()
    expect(kept(entries).length).toBeLessThan(ROWS)
    expect(saidLost(entries)).toBe(ROWS - kept(entries).length)
  }
})

it('a file that was cut anywhere keeps the rows that are left of it', async () => {
  for (const pages of [0, 1, 3, 5]) {
    lay('closed')
    truncateSync(file, pages * PAGE + (pages > 0 ? 100 : 0))
    const entries = await reopened()
    expect(saidLost(entries)).toBe(ROWS - kept(entries).length)
  }
})

it('a journal that is whole is called whole, and opened without a word', async () => {
  for (const name of ['closed', 'copy'] as const) {
    lay(name)
    expect(calledDamaged()).toEqual({ byVerify: false, byRepair: false })
    const entries = await reopened()
    expect(kept(entries)).toHaveLength(ROWS)
    expect(said(entries)).toBeUndefined()
  }
})

it('a journal that was taken away whole is missed', async () => {
  lay('closed')
  rmSync(file)
  expect(saidLost(await reopened())).toBe(ROWS)
})

it('of a journal that lost its end and was put aside, repair still says which rows are lost', async () => {
  lay('closed')
  truncateSync(file, Math.floor(readFileSync(file).length / 2 / PAGE) * PAGE)
  const before = repairJournal(file, null)
  expect(before.lost.at(-1)?.[1]).toBe(ROWS)
  await reopened()
  const aside = readdirSync(folder).find(name => name.endsWith('Z')) ?? ''
  expect(repairJournal(join(folder, aside), null).lost).toEqual(before.lost)
})

it('a damaged journal lies aside as it was, and repair tells row by row what it can give', async () => {
  lay('closed')
  // In the middle of a page of rows.
  flip(file, 5 * PAGE + 2000, 3)
  const damaged = readFileSync(file)
  const before = repairJournal(file, join(folder, 'mended.sqlite'))
  expect(readFileSync(file)).toEqual(damaged)
  expect(before.lost.length + before.doubtful.length).toBeGreaterThan(0)
  expect(verifyJournal(join(folder, 'mended.sqlite'))).toMatchObject({ broken: null })
  await reopened()
  const aside = readdirSync(folder).find(name => name.endsWith('Z')) ?? ''
  expect(readFileSync(join(folder, aside))).toEqual(damaged)
  expect(repairJournal(join(folder, aside), null).rows).toBe(before.rows)
})

it.each([
  ['noise', (bytes: Buffer) => randomBytes(bytes.length)],
  ['noughts', (bytes: Buffer) => Buffer.alloc(bytes.length)],
])(
  'a journal that is written over with %s while it is open and nothing happens is found by the next proof',
  async (_what, over) => {
    lay('closed')
    const journal = openJournal(file)
    await journal.load()
    await journal.prove()
    const bytes = readFileSync(file)
    const fd = openSync(file, 'r+')
    writeSync(fd, over(bytes))
    closeSync(fd)
    await expect(journal.prove()).rejects.toMatchObject({ kind: 'unusable' })
    await journal.close()
    expect(said(await reopened())?.is).toBe('journal-mended')
  },
)

it('a journal that is still whole in its log is found written over too, and loses nothing', async () => {
  const journal = openJournal(file)
  for (let i = 1; i <= 3; i++) await journal.commit(plainBatch(`row-${i}`))
  await journal.prove()
  const fd = openSync(file, 'r+')
  writeSync(fd, randomBytes(readFileSync(file).length))
  closeSync(fd)
  await expect(journal.prove()).rejects.toMatchObject({ kind: 'unusable' })
  await journal.close()
  expect(kept(await reopened())).toEqual([1, 2, 3])
})

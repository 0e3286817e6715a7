// needs: espeak-ng
// Spoken phrases by both real engines: rendered once, kept on disk, urgent ones first, failures said and mended.
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createSpeech, type Speech } from '../../../../gateway/pagers/speech/speech.ts'
import { readWav } from '../../../../gateway/pagers/speech/wav.ts'

import { withoutFiles } from '../../../without-files.ts'

const SETTINGS = { voice: 'en-gb', wordsPerMinute: 150 }
const SENTENCE = 'Main building, room 2 1 4.'

let cacheDir: string
let speech: Speech | null = null
let faults: (string | null)[]

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'speech-'))
  faults = []
})
afterEach(async () => {
  speech?.close()
  await rm(cacheDir, { recursive: true })
})

function open(more: Partial<Parameters<typeof createSpeech>[0]> = {}): Speech {
  speech?.close()
  speech = createSpeech({ settings: SETTINGS, cacheDir, onFault: text => faults.push(text), ...more })
  return speech
}

const samplesOf = (text: string): Int16Array => {
  const phrase = speech?.phrase(text)
  if (!(phrase instanceof Int16Array)) throw new Error(`expected samples of ${text}, came ${phrase}`)
  return phrase
}

describe.each(['system', 'bundled'] as const)('the %s engine', engine => {
  test('speaks a sentence at the rate of a telephone, without silence around it', async () => {
    await open({ engine }).prepare([SENTENCE])
    const samples = samplesOf(SENTENCE)
    expect(samples.length / 8000).toBeGreaterThan(1.2)
    expect(samples.length / 8000).toBeLessThan(4)
    expect(samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)).toBeGreaterThan(8000)
    const [begins, ends] = [samples.subarray(0, 400), samples.subarray(-400)]
    for (const part of [begins, ends]) expect(part.some(sample => Math.abs(sample) > 100)).toBe(true)
    expect(faults).toEqual([])
  })

  test('on a machine that has no files left to give it says so, and speaks once it has', async () => {
    open({ engine })
    await speech?.prepare(['Once, so that all is loaded.'])
    speech?.close()
    open({ engine })
    const giveBack = await withoutFiles()
    await speech?.prepare([SENTENCE])
    await giveBack()
    expect(speech?.phrase(SENTENCE)).toBe('failed')
    expect(faults).toEqual([expect.stringContaining('could not be started')])
    await open({ engine }).prepare([SENTENCE])
    expect(samplesOf(SENTENCE).length).toBeGreaterThan(0)
  })

  test('keeps what it rendered: the next start reads it from disk', async () => {
    await open({ engine }).prepare([SENTENCE])
    const first = samplesOf(SENTENCE)
    const files = await readdir(cacheDir)
    expect(files).toHaveLength(1)
    expect(readWav(await readFile(join(cacheDir, files[0] ?? ''))).samples).toEqual(first)
    // Marked, so that reading is told from rendering.
    const marked = await readFile(join(cacheDir, files[0] ?? ''))
    marked.writeInt16LE(12_345, 44)
    await writeFile(join(cacheDir, files[0] ?? ''), marked)
    await open({ engine }).prepare([SENTENCE])
    expect(samplesOf(SENTENCE)[0]).toBe(12_345)
  })

  test('speaks faster when told to', async () => {
    await open({ engine }).prepare([SENTENCE])
    const slow = samplesOf(SENTENCE).length
    await open({ engine, settings: { ...SETTINGS, wordsPerMinute: 250 } }).prepare([SENTENCE])
    expect(samplesOf(SENTENCE).length).toBeLessThan(slow * 0.8)
    expect(await readdir(cacheDir)).toHaveLength(2)
  })

  test('a phrase that looks like an option or a markup is only spoken', async () => {
    const texts = ['--version', '-v xx', '<break/>; $(touch x)']
    await open({ engine }).prepare(texts)
    for (const text of texts) expect(samplesOf(text).length).toBeGreaterThan(1000)
    expect(faults).toEqual([])
  })

  test('a voice it does not have is a fault', async () => {
    await open({ engine, settings: { ...SETTINGS, voice: 'xx-nowhere' } }).prepare([SENTENCE])
    expect(speech?.phrase(SENTENCE)).toBe('failed')
    expect(faults.at(-1)).toContain('speech cannot be rendered')
  })
})

test('a damaged file is rendered again', async () => {
  await open().prepare([SENTENCE])
  const [file = ''] = await readdir(cacheDir)
  await writeFile(join(cacheDir, file), 'half a fi')
  await open().prepare([SENTENCE])
  expect(samplesOf(SENTENCE).length).toBeGreaterThan(8000)
  expect(readWav(await readFile(join(cacheDir, file))).rateHz).toBe(8000)
})

test('a caller never waits: an unknown phrase is pending, then there', async () => {
  const opened = open()
  expect(opened.phrase(SENTENCE)).toBe('pending')
  await opened.prepare([SENTENCE])
  expect(opened.phrase(SENTENCE)).toBeInstanceOf(Int16Array)
})

test('a phrase that is needed goes before those rendered ahead', async () => {
  const opened = open()
  const ahead = Array.from({ length: 30 }, (_, i) => `Room ${i}.`)
  const all = opened.prepare(ahead)
  opened.phrase('Room 29.')
  await opened.prepare(['Room 29.'])
  expect(ahead.filter(text => opened.phrase(text) === 'pending').length).toBeGreaterThan(20)
  await all
})

test('while a call is under way, phrases are rendered ahead one at a time, and those that are needed as ever', async () => {
  // The real program, noting when it begins and ends.
  const bin = join(cacheDir, 'bin')
  const noted = join(cacheDir, 'noted')
  await mkdir(bin)
  const real = execFileSync('which', ['espeak-ng'], { encoding: 'utf8' }).trim()
  const script = `#!/bin/sh\necho begun >> '${noted}'\n'${real}' "$@"\ncode=$?\necho ended >> '${noted}'\nexit $code\n`
  await writeFile(join(bin, 'espeak-ng'), script, { mode: 0o755 })
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`)
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  const opened = open({ engine: 'system', isCalling: () => true })
  await opened.prepare(['Room 0.', 'Room 1.', 'Room 2.', 'Room 3.', 'Room 4.', 'Room 5.'])
  const lines = (await readFile(noted, 'utf8')).trim().split('\n')
  expect(lines.length).toBeGreaterThanOrEqual(12)
  expect(lines).toEqual(lines.map((_, i) => (i % 2 === 0 ? 'begun' : 'ended')))
  const all = opened.prepare(Array.from({ length: 4 }, (_, i) => `Floor ${i}.`))
  opened.phrase('Floor 3.')
  await opened.prepare(['Floor 3.'])
  expect(opened.phrase('Floor 2.')).toBe('pending')
  await all
})

test('a place that cannot be written is a fault, and the phrase is spoken all the same', async () => {
  await writeFile(join(cacheDir, 'file'), '')
  await open({ cacheDir: join(cacheDir, 'file', 'below') }).prepare([SENTENCE])
  expect(samplesOf(SENTENCE).length).toBeGreaterThan(8000)
  expect(faults.at(-1)).toContain('cannot be kept')
})

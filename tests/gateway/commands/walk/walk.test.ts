// `tocsin walk evaluate` and the files it reads: what comes out, and what is refused with file and line.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RecordingRefused, readLayout, readWalk } from '../../../../gateway/commands/walk/files.ts'
import { thinned } from '../../../../gateway/core/locating/evaluating/degrade.ts'
import type { Walk } from '../../../../schemas/walk.ts'
import { LOADER } from '../../../loader.ts'

const CLI = fileURLToPath(new URL('../../../../gateway/commands/cli.ts', import.meta.url))
const FLAT = fileURLToPath(new URL('../../../data/flat_kolakowski', import.meta.url))
const LAYOUT = {
  rooms: ['hall', 'study'],
  receivers: { r1: 'hall', r2: 'study' },
  adjacency: [['hall', 'study']],
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-walk-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const layoutFile = (layout: unknown = LAYOUT): string => {
  const file = join(folder, 'layout.json')
  writeFileSync(file, typeof layout === 'string' ? layout : JSON.stringify(layout))
  return file
}
function walkDir(sightings: string[], truth: string[]): string {
  const dir = join(folder, 'walk')
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'sightings.csv'), ['t_seconds,receiver_id,rssi_dbm', ...sightings].join('\n'))
  writeFileSync(join(dir, 'truth.csv'), ['t_start,t_end,room', ...truth].join('\n'))
  return dir
}
const read = (sightings: string[], truth: string[]): Walk =>
  readWalk(walkDir(sightings, truth), readLayout(layoutFile()))
const refusal = (attempt: () => unknown): string => {
  try {
    attempt()
  } catch (error) {
    expect(error).toBeInstanceOf(RecordingRefused)
    return (error as Error).message.replaceAll(folder, '')
  }
  throw new Error('expected a refusal, came none')
}

describe('recordings', () => {
  it('are read, in the order of time, a place on no plan as none', () => {
    const { readings, stays } = read(['2.5,r2,-60', '1,r1,-50.5'], ['0,2,hall', '2,3,outside'])
    expect(readings).toEqual([
      [1000, 'r1', -50.5],
      [2500, 'r2', -60],
    ])
    expect(stays).toEqual([
      { room: 'hall', fromMs: 0, toMs: 2000 },
      { room: null, fromMs: 2000, toMs: 3000 },
    ])
  })

  it.each([
    [
      ['1,r9,-50'],
      ['0,1,hall'],
      '/walk/sightings.csv:2: expected a receiver of the layout (r1, r2), came "r9"',
    ],
    [
      ['1,r1,loud'],
      ['0,1,hall'],
      '/walk/sightings.csv:2: expected rssi_dbm as a number from -127 to 20, came "loud"',
    ],
    [
      ['1,r1,-50', '2,r1'],
      ['0,1,hall'],
      '/walk/sightings.csv:3: expected 3 values (t_seconds,receiver_id,rssi_dbm), came "2,r1"',
    ],
    [
      ['1,r1,-50'],
      ['0,1,attic'],
      '/walk/truth.csv:2: expected a room of the layout (hall, study), or "outside", came "attic"',
    ],
    [['1,r1,-50'], ['3,1,hall'], '/walk/truth.csv:2: expected t_end after t_start 3, came "1"'],
    [['1,r1,-50'], [], '/walk/truth.csv:2: expected at least one row, came ""'],
  ])('%s with %s is refused', (sightings, truth, words) => {
    expect(refusal(() => read(sightings, truth))).toBe(words)
  })

  it('a receiver that heard nothing all the while is taken for one that was not there', () => {
    expect(read(['1,r2,-50'], ['0,3,hall']).receivers).toEqual(['r2'])
  })

  it('stays that overlap, a header that is another, and files that are not there are refused', () => {
    expect(refusal(() => read(['1,r1,-50'], ['0,3,hall', '2,4,study']))).toContain(
      'expected stays that do not overlap',
    )
    const layout = readLayout(layoutFile())
    writeFileSync(join(walkDir(['1,r1,-50'], ['0,1,hall']), 'truth.csv'), 'from,to,room\n0,1,hall')
    expect(refusal(() => readWalk(join(folder, 'walk'), layout))).toContain(
      'expected the header t_start,t_end,room',
    )
    expect(refusal(() => readWalk(join(folder, 'none'), layout))).toContain(
      'expected a file that can be read',
    )
  })

  it('a layout that does not hold together is refused by its path', () => {
    expect(refusal(() => readLayout(layoutFile('{')))).toContain('expected JSON')
    expect(refusal(() => readLayout(layoutFile({ ...LAYOUT, rooms: [] })))).toContain(
      'rooms: expected at least 1',
    )
    expect(refusal(() => readLayout(layoutFile({ ...LAYOUT, receivers: { r1: 'attic' } })))).toContain(
      'receivers.r1: expected a room of this layout (hall, study), came "attic"',
    )
  })
})

describe('what is wrong in a recording', () => {
  const wrong = {
    rooms: LAYOUT.rooms,
    receivers: { r1: 'hall', r2: 'study', r3: 'attic' },
    adjacency: null,
    room_floor: { hall: 0, attic: 1 },
  }
  const SIGHTINGS = ['1,r1,-50', '1.5,r1,21', '2,r9,-60', '2.5,r2', '3,r3,-70']

  it('is said with its line and left out, and the rest is gone on with', () => {
    const said: string[] = []
    const say = (words: string) => said.push(words.replaceAll(folder, ''))
    const file = layoutFile(JSON.stringify(wrong, null, 1))
    const layout = readLayout(file, say)
    expect(layout.doors).toEqual([])
    expect(layout.receivers.map(({ id, room }) => [id, room])).toEqual([
      ['r1', 'hall'],
      ['r2', 'study'],
      ['r3', ''],
    ])
    const dir = walkDir(SIGHTINGS, ['0,2,hall', '1,2,study', '2,4,study', '4,5,attic'])
    const { readings, stays } = readWalk(dir, layout, say)
    expect(readings.map(([tMs]) => tMs)).toEqual([1_000, 3_000])
    expect(stays.map(({ room }) => room)).toEqual(['hall', 'study'])
    expect(said).toEqual([
      expect.stringMatching(/^\/layout\.json:11: adjacency: expected .*, came null$/),
      '/layout.json:9: receivers.r3: expected a room of this layout (hall, study), came "attic"',
      '/layout.json:14: room_floor.attic: expected a room of this layout (hall, study), came "attic"',
      '/walk/sightings.csv:3: expected rssi_dbm as a number from -127 to 20, came "21"',
      '/walk/sightings.csv:4: expected a receiver of the layout (r1, r2, r3), came "r9"',
      '/walk/sightings.csv:5: expected 3 values (t_seconds,receiver_id,rssi_dbm), came "2.5,r2"',
      '/walk/truth.csv:5: expected a room of the layout (hall, study), or "outside", came "attic"',
      '/walk/truth.csv: expected stays that do not overlap, came one from 1 s before another ended at 2 s',
    ])
  })

  it('in a list is said with the line and the number of its entry, whatever else is left out', () => {
    const said: string[] = []
    const adjacency = [['hall', 'study'], ['hall'], ['hall', 'attic'], 'x', ['study', 'hall']]
    const file = layoutFile(
      JSON.stringify({ ...LAYOUT, rooms: ['hall', 'study', 'hall'], adjacency }, null, 1),
    )
    const layout = readLayout(file, words => said.push(words.replaceAll(folder, '')))
    const lines = readFileSync(file, 'utf8').split('\n')
    const lineWith = (text: string) => lines.findIndex(line => line.includes(text)) + 1
    expect(layout.rooms).toEqual(['hall', 'study'])
    expect(layout.doors).toEqual([
      ['hall', 'study'],
      ['study', 'hall'],
    ])
    const attic = lineWith('"attic"')
    expect(said).toEqual([
      `/layout.json:${attic - 5}: adjacency[1]: expected at least 2 entries, came a list of 1`,
      `/layout.json:${attic + 2}: adjacency[3]: expected a list, came "x"`,
      `/layout.json:${lineWith('"rooms"')}: rooms: expected each room once, came a list of 3 with 2 rooms`,
      `/layout.json:${attic - 2}: adjacency[2]: expected a room of this layout (hall, study), came "attic"`,
    ])
  })

  it('is said on the command line, which goes on', async () => {
    const walk = walkDir(SIGHTINGS, ['0,2,hall', '2,4,study'])
    const { stdout, stderr } = await tocsin('--layout', layoutFile(wrong), '--uncalibrated', '--test', walk)
    expect(stdout).toContain('of 4 seconds')
    expect(stderr).toContain(
      'sightings.csv:3: expected rssi_dbm as a number from -127 to 20, came "21": left out',
    )
    expect(stderr).toMatch(/layout\.json:1: adjacency: .*came null: left out/)
  })
})

it('thinning keeps one beacon in so long, of each receiver the reading nearest to it and no other', () => {
  const readings: Walk['readings'] = [
    [0, 'r1', -50],
    [40, 'r2', -60],
    [140, 'r1', -51],
    [200, 'r2', -61],
    [1990, 'r2', -62],
    [2000, 'r1', -52],
    [2160, 'r3', -70],
    [4001, 'r1', -53],
    [4140, 'r3', -71],
  ]
  const walk: Walk = { pendant: 'p', receivers: ['r1', 'r2', 'r3'], readings, stays: [] }
  expect(thinned(walk, 2_000).readings.map(([t]) => t)).toEqual([0, 40, 1990, 2000, 4001, 4140])
})

it('thinning keeps as many beacons as it says, though none comes just when one is due, and makes up for no silence', () => {
  const every = (periodMs: number, fromMs: number, toMs: number): Walk['readings'] =>
    Array.from({ length: (toMs - fromMs) / periodMs }, (_, i) => [fromMs + i * periodMs, 'r1', -50])
  const walk: Walk = { pendant: 'p', receivers: ['r1'], readings: every(300, 0, 60_000), stays: [] }
  expect(thinned(walk, 2_000).readings).toHaveLength(30)
  const readings = [...walk.readings, ...every(300, 90_000, 96_000)]
  expect(thinned({ ...walk, readings }, 2_000).readings).toHaveLength(33)
})

const tocsin = (...args: string[]) =>
  promisify(execFile)(process.execPath, [...LOADER, CLI, 'walk', 'evaluate', ...args]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
const flat = ['--layout', `${FLAT}/layout.json`]

describe('tocsin walk evaluate', () => {
  it('prints the figures as JSON and draws the picture', async () => {
    const svg = join(folder, 'picture.svg')
    const runs = [
      '--train',
      `${FLAT}/calib2`,
      `${FLAT}/calib1`,
      '--test',
      `${FLAT}/calib3`,
      '--json',
      '--svg',
      svg,
    ]
    const { code, stdout } = await tocsin(...flat, ...runs)
    expect(code).toBe(0)
    const figures = JSON.parse(stdout)
    expect(figures.seconds).toBe(164)
    expect(figures.runs.map(({ run }: { run: string }) => run)).toEqual(['calib3'])
    expect(figures.accuracy).toBeGreaterThan(0.8)
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg[\s\S]*calib3[\s\S]*<\/svg>\n$/)
  })

  it('refuses what does not fit together', async () => {
    const dropped = await tocsin(...flat, '--uncalibrated', '--test', `${FLAT}/calib3`, '--drop', 'a9')
    expect(dropped).toMatchObject({ code: 1 })
    expect(dropped.stderr).toContain('expected a receiver of the layout (a1, a2, a3, a4, a5, a6), came "a9"')
    expect((await tocsin(...flat, '--test', `${FLAT}/calib3`)).stderr).toContain(
      'or --uncalibrated, came neither',
    )
    expect((await tocsin(...flat, '--rate', 'often')).stderr).toContain(
      'expected beacons a second such as 0.5hz',
    )
  })
})

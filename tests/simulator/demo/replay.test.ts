// A recorded walk as the radio: the recording's own numbers come out, its gaps stay gaps, and a bad file is named.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRecordedAir, HOLD_SECONDS, readWalk } from '../../../simulator/demo/replay.ts'

const recorded = 'tests/data/flat_kolakowski/test_robot'

describe('the recorded walk test_robot', async () => {
  const walk = await readWalk(recorded)

  test('is read whole', () => {
    expect(walk.name).toBe('test_robot')
    expect(walk.receivers).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6'])
    expect(walk.lengthSeconds).toBeCloseTo(353.994, 3)
  })

  test('says at a sighting what was recorded there', () => {
    expect(walk.heardAt('a4', 0.002)).toBe(-67.3)
    expect(walk.heardAt('a2', 0.4)).toBe(-54)
    expect(walk.heardAt('a9', 0.4)).toBeNull()
  })

  test('hears nothing where the recording has a hole', () => {
    for (const receiver of walk.receivers) expect(walk.heardAt(receiver, 78)).toBeNull()
  })

  test('hears most packets elsewhere, as the recording did', () => {
    const moments = Array.from({ length: 600 }, (_, index) => 100 + index / 10)
    const heard = moments.filter(seconds => walk.heardAt('a1', seconds) !== null).length
    expect(heard / moments.length).toBeGreaterThan(0.7)
    expect(heard / moments.length).toBeLessThan(1)
  })

  test('knows the true room, and does not guess between two', () => {
    expect([30, 78, 165, 170, 180, 210, 250, 1_000].map(walk.truthRoom)).toEqual([
      'bedroom',
      null,
      'entry',
      'hall',
      'bathroom',
      'living',
      'annex',
      null,
    ])
  })

  test('gives both ways the same level, and stands still after its end', () => {
    const air = createRecordedAir(walk, atMs => atMs / 1_000)
    expect(air.up('a2', { atMs: 400, txPowerDbm: 4 })).toBe(-54)
    expect(air.down('a2', { atMs: 400, txPowerDbm: 8 })).toBe(-54)
    const afterMs = (walk.lengthSeconds + 3 * HOLD_SECONDS + 1.5) * 1_000
    expect(air.up('a2', { atMs: afterMs, txPowerDbm: 4 })).toBe(
      walk.heardAt('a2', walk.lengthSeconds - HOLD_SECONDS + 1.5),
    )
  })
})

describe('a walk that is not as expected', () => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'walk-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))
  const put = (sightings: string, truth = 't_start,t_end,room\n0,1,hall\n') => {
    writeFileSync(join(directory, 'sightings.csv'), sightings)
    writeFileSync(join(directory, 'truth.csv'), truth)
  }
  const heading = 't_seconds,receiver_id,rssi_dbm\n'

  test.each([
    ['another heading', 'time,receiver,rssi\n', /sightings\.csv, line 1: expected the heading .*came "time/],
    ['a short row', `${heading}0.1,a1\n`, /sightings\.csv, line 2: expected 3 values .*came "0\.1,a1"/],
    ['a word for a number', `${heading}0.1,a1,-60\n0.2,a1,loud\n`, /line 3: expected rssi_dbm .*came "loud"/],
    ['no receiver', `${heading}0.1,,-60\n`, /line 2: expected a receiver_id, came nothing/],
    ['no rows', heading, /line 2: expected at least one row, came none/],
  ])('%s is refused with file and line', async (_what, sightings, message) => {
    put(sightings)
    await expect(readWalk(directory)).rejects.toThrow(message)
  })

  test('a stay that ends before it begins is refused', async () => {
    put(`${heading}0.1,a1,-60\n`, 't_start,t_end,room\n5,4,hall\n')
    await expect(readWalk(directory)).rejects.toThrow(/truth\.csv, line 2: expected t_end .* from 5/)
  })

  test('a directory without a walk is refused by name', async () => {
    await expect(readWalk(directory)).rejects.toThrow(/expected a recorded walk with \w+\.csv in /)
  })
})

// The site file as the simulator changes it: only what was asked for moves, and faults name the file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readSite, writeSiteCopy } from '../../../simulator/gateway/site.ts'

const NORTHGATE = 'simulator/building/northgate.yaml'
let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'site-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

test('the example site has six pendants, each with its own key, address and wearer', async () => {
  const { pendants, people } = await readSite(NORTHGATE)
  for (const of of ['id', 'key', 'address', 'wearer'] as const)
    expect(new Set(pendants.map(pendant => pendant[of])).size).toBe(6)
  for (const { wearer } of pendants) expect(people.map(({ id }) => id)).toContain(wearer)
  expect(pendants.find(({ id }) => id === 'p-07')?.address).toBe('c7:f9:36:dd:b0:ca')
})

test('a copy has the telephone where it really is and the pace that was asked for, and is else the same', async () => {
  const pace = { attempts: 2, ringSeconds: 4, talkSeconds: 9, pauseSeconds: 1, rounds: 1, onwardSeconds: 60 }
  const before = await readSite(NORTHGATE)
  const to = join(directory, 'site.yaml')
  const after = await writeSiteCopy(NORTHGATE, to, { sip: { host: '127.0.0.1', port: 40_001 }, pace })
  expect(after.sip).toEqual({ ...before.sip, port: 40_001 })
  const { rounds, onwardSeconds, ...step } = pace
  const [policy] = before.policies
  expect(after.policies).toEqual([
    { ...policy, rounds, onwardSeconds, steps: [{ targets: policy?.steps[0]?.targets, ...step }] },
  ])
  expect({ ...after, sip: before.sip, policies: before.policies }).toEqual(before)
  expect(readFileSync(to, 'utf8')).toContain('EXAMPLE ONLY')
})

test('a copy is written over a copy, and never over a site file of somebody’s own', async () => {
  const to = join(directory, 'site.yaml')
  await writeSiteCopy(NORTHGATE, to, {})
  await writeSiteCopy(NORTHGATE, to, {})
  writeFileSync(to, 'site: mine\n')
  await expect(writeSiteCopy(NORTHGATE, to, {})).rejects.toThrow(`${to}: expected no file there`)
  expect(readFileSync(to, 'utf8')).toBe('site: mine\n')
})

test('a file that is missing, not YAML, or not a site is refused by name', async () => {
  const path = join(directory, 'other.yaml')
  await expect(readSite(path)).rejects.toThrow(`expected a site file at ${path}`)
  writeFileSync(path, 'site: [')
  await expect(readSite(path)).rejects.toThrow(`${path}: expected a YAML document`)
  writeFileSync(path, 'site: Here\n')
  await expect(readSite(path)).rejects.toThrow(`${path} is not a site file`)
})

// A signal to take up the site file: what is no file, a storm of signals, and a disk that refuses meanwhile.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { planOf } from '../../../gateway/core/plan/plan.ts'
import { startEngine } from '../../../gateway/engine/engine.ts'
import { createLog } from '../../../gateway/log.ts'
import { createMetrics } from '../../../gateway/metrics.ts'
import type { Submit } from '../../../gateway/ports.ts'
import { createReload } from '../../../gateway/site/reload.ts'
import { memoryJournal } from '../../../gateway/store/memory.ts'
import type { Site } from '../../../schemas/site.ts'
import { steppedClock } from '../../../simulator/clock.ts'
import { type Folder, siteFolder } from '../../gateways/gateway-process.ts'
import { site } from '../core/building.ts'

const log = createLog({ level: 'silent', pretty: false })
let folder: Folder
beforeEach(() => {
  folder = siteFolder(site())
})
afterEach(() => folder.remove())

const larger = (): Site => ({ ...site(), people: [...site().people, { id: 'ann', name: 'Ann Lee' }] })

/** A reload whose events go to `submit`; what the rim took over, in order. */
function reloading(submit: Submit) {
  const taken: Site[] = []
  const takeOver = (_: Site, after: Site) => void taken.push(after)
  return { taken, ...createReload({ siteFile: folder.siteFile, log, submit, takeOver }, site()) }
}

it.each<[string, () => void]>([
  ['a pipe', () => void execFileSync('mkfifo', [folder.siteFile])],
  ['a folder', () => void mkdirSync(folder.siteFile)],
])('%s in its place is refused at once, and the one before counts', async (what, put) => {
  rmSync(folder.siteFile)
  put()
  const faults: unknown[] = []
  const { reload, taken } = reloading(async event => {
    faults.push(event)
    return { refused: null }
  })
  await reload('SIGHUP')
  expect(faults).toMatchObject([
    { kind: 'fault', key: 'site', text: expect.stringContaining('a file that can be read, came ') },
  ])
  expect(faults).toMatchObject([{ text: expect.stringContaining(what) }])
  expect(taken).toEqual([])
})

it('of a storm of signals two readings come, and the last signal is among what they serve', async () => {
  let asked = 0
  const { reload, taken } = reloading(async ({ kind }) => {
    if (kind === 'fault') asked += 1
    return { refused: null }
  })
  const all = [reload('SIGHUP')]
  await Promise.resolve()
  await Promise.resolve()
  for (let i = 0; i < 1_000; i++) all.push(reload('SIGHUP'))
  writeFileSync(folder.siteFile, JSON.stringify(larger()))
  await Promise.all(all)
  expect(asked).toBe(2)
  expect(taken.at(-1)?.people).toHaveLength(3)
})

it('a file that is taken up while the disk refuses counts everywhere, and is not said to be refused', async () => {
  const journal = memoryJournal()
  const engine = await startEngine({
    plan: planOf(site()),
    journal,
    clock: steppedClock(1_790_000_000_000),
    effects: { place() {}, withdraw() {}, reply() {}, tell() {} },
    metrics: createMetrics(),
    log,
  })
  const { reload, taken } = reloading(engine.submit)
  journal.failWith(new Error('disk full'))
  writeFileSync(folder.siteFile, JSON.stringify(larger()))
  await reload('SIGHUP')
  expect(taken).toHaveLength(1)
  const desk = engine.desk.snapshot()
  expect(desk.siteChanged?.text).toBe('people: ann added')
  expect(desk.technical.map(({ key }) => key)).not.toContain('site')
  journal.failWith(null)
  await engine.close()
})

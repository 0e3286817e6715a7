// A gateway without its workshop: packed, installed as on the machine that is to run it (`npm ci --omit=dev`), it serves, pages
// and stops. better-sqlite3's library is taken from this clone, where the same `npm ci` has just made the same one.
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { KIND_CORD } from '../../schemas/frame.ts'
import { ADDRESS, sealedFrame } from '../gateway/core/building.ts'
import { untilIncident } from '../gateways/gateway-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../gateways/small-building.ts'
import { PATIENCE } from '../patience.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SQLITE = 'node_modules/better-sqlite3'
const INSTALLED_MB_MAX = 100

let folder = ''
let home = ''
let small: SmallBuilding | undefined

const npm = (cwd: string, ...args: string[]): string =>
  execFileSync('npm', [...args, '--loglevel=error'], { cwd, encoding: 'utf8' })

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-production-'))
  npm(ROOT, 'pack', '--ignore-scripts', '--pack-destination', folder)
  const [packed = ''] = readdirSync(folder)
  execFileSync('tar', ['xzf', packed], { cwd: folder })
  home = join(folder, 'package')
  copyFileSync(join(ROOT, 'package-lock.json'), join(home, 'package-lock.json'))
  npm(home, 'ci', '--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund')
  cpSync(join(ROOT, SQLITE, 'build'), join(home, SQLITE, 'build'), { recursive: true })
})
afterAll(async () => {
  await small?.stop()
  rmSync(folder, { recursive: true, force: true })
})

it('installs at most 100 MB, and nothing that only builds or tests', () => {
  const installed = readdirSync(join(home, 'node_modules'), { recursive: true, withFileTypes: true })
  const bytes = installed
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
  expect(bytes / 1e6).toBeLessThan(INSTALLED_MB_MAX)
  const names = new Set(readdirSync(join(home, 'node_modules')))
  for (const tool of [
    'esbuild',
    'espruino',
    'tsx',
    'typescript',
    'vite',
    'vitest',
    'playwright-core',
    'preact',
  ])
    expect(names).not.toContain(tool)
})

it('serves the desk, rings 5150 for a cord, takes key 1, and stops', async () => {
  small = await startSmallBuilding({ phone: 'manual', home })
  const { gateway, phone } = small
  const desk = await fetch(gateway.url)
  expect(desk.status).toBe(200)
  const script = /src="(\/assets\/.+?\.js)"/.exec(await desk.text())?.[1]
  expect((await fetch(new URL(String(script), gateway.url))).status).toBe(200)
  const receiver = await small.receiver('r-interview')
  await receiver.report(ADDRESS, sealedFrame({ counter: 10, kind: KIND_CORD, alarmNumber: 1 }))
  await vi.waitFor(() => expect(phone.calls().map(({ state }) => state)).toEqual(['ringing']), {
    timeout: PATIENCE.timeout,
    interval: 10,
  })
  phone.answer()
  await untilIncident(gateway.url, ({ pages }) => pages.at(-1)?.answeredAtMs !== undefined)
  phone.press('1')
  await untilIncident(gateway.url, ({ state }) => state === 'acknowledged')
  await receiver.close()
  expect(await gateway.stop()).toBe(0)
  expect(gateway.complaint()).toBe('')
})

it('without what was built, the command says how to build it', () => {
  rmSync(join(home, 'dist'), { recursive: true })
  expect(() =>
    execFileSync(process.execPath, [join(home, 'gateway/tocsin.mjs'), '--version'], { stdio: 'pipe' }),
  ).toThrow(/expected the built command line at .*cli\.mjs, came none\.\s+Build it: npm ci && npm run build/)
})

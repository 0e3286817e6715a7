// The building's page over HTTP: every action reaches the building, strangers and nonsense do not.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Refusal } from '../../../schemas/api/desk.ts'
import type { BuildingView } from '../../../simulator/page/building.ts'
import { type Page, servePage } from '../../../simulator/page/server.ts'
import { BETWEEN_VIEWS_MS } from '../../../simulator/page/views.ts'
import { ask, listen, post } from '../../gateway/console/client.ts'
import { PATIENCE } from '../../patience.ts'
import { type ScriptedBuilding, scriptBuilding } from './scripted-building.ts'

let building: ScriptedBuilding
let page: Page
let uiDir: string

beforeEach(async () => {
  uiDir = mkdtempSync(join(tmpdir(), 'tocsin-ui-'))
  writeFileSync(join(uiDir, 'index.html'), '<!doctype html><title>building</title>')
  building = scriptBuilding()
  page = await servePage({ host: '127.0.0.1', port: 0, building, uiDir })
})
afterEach(async () => {
  await page.close()
  rmSync(uiDir, { recursive: true })
})

describe('actions', () => {
  test.each([
    ['pendants/p-07/cord', { isParted: true }, 'pull p-07'],
    ['pendants/p-07/cord', { isParted: false }, 'replace p-07'],
    ['pendants/p-07/press', { heldMs: 1500 }, 'press p-07 1500'],
    ['pendants/p-07/button', { isDown: true }, 'button p-07 true'],
    ['pendants/p-07/gesture', { gesture: 'duress' }, 'gesture p-07 duress'],
    ['pendants/p-07/move', { room: 'hall' }, 'move p-07 hall'],
    ['receivers/a1', { isUp: false }, 'receiver a1 false'],
    ['phone/answer', {}, 'answer'],
    ['phone/hang-up', {}, 'hang up'],
    ['phone/press', { key: '#' }, 'key #'],
    ['phone/mode', { mode: 'busy' }, 'mode busy'],
  ])('POST /api/%s %j is done', async (path, body, done) => {
    const answer = await post(`${page.url}/api/${path}`, body)
    expect([answer.status, building.done]).toEqual([204, [done]])
  })

  test.each([
    ['pendants/p-07/cord', {}],
    ['pendants/p-07/press', { heldMs: 0 }],
    ['pendants/p-07/press', { heldMs: 3_600_000 }],
    ['pendants/p-07/button', {}],
    ['pendants/p-07/gesture', { gesture: 'wave' }],
    ['phone/press', { key: 'A' }],
    ['phone/press', { key: '11' }],
    ['phone/mode', { mode: 'away' }],
    ['phone/answer', { loudly: true }],
  ])('POST /api/%s %j is refused with what was expected', async (path, body) => {
    const answer = await post(`${page.url}/api/${path}`, body)
    expect([answer.status, Refusal.parse(answer.json()).error]).toEqual([400, 'malformed'])
    expect(building.done).toEqual([])
  })

  test('what the building would not do is refused in its own words', async () => {
    building.refuseWith = 'expected a ringing call, came none'
    const answer = await post(`${page.url}/api/phone/answer`, {})
    expect([answer.status, Refusal.parse(answer.json()).came]).toEqual([
      409,
      'expected a ringing call, came none',
    ])
  })

  test('a page of somebody else’s cannot pull a cord', async () => {
    const path = `${page.url}/api/pendants/p-07/cord`
    const foreign = await post(path, { isParted: true }, { origin: 'http://evil.example' })
    const bent = await post(path, { isParted: true }, { host: 'evil.example' })
    const form = await ask(path, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' })
    expect([foreign.status, bent.status, form.status]).toEqual([403, 421, 415])
    expect(building.done).toEqual([])
  })
})

describe('views', () => {
  test('the first comes at once, and a burst of changes comes as one', async () => {
    const stream = await listen(`${page.url}/api/views`)
    const views = (): BuildingView[] => stream.heard.map(({ data }) => JSON.parse(data))
    await stream.until(() => views().length === 1)
    for (let n = 1; n <= 50; n++) building.change({ simulatedAtMs: n })
    await stream.until(() => views().length === 2)
    expect(views().map(({ simulatedAtMs }) => simulatedAtMs)).toEqual([1_000_000, 50])
    stream.close()
  })

  test('there are never more than ten a second, however often something changes', async () => {
    const stream = await listen(`${page.url}/api/views`)
    const startedAtMs = performance.now()
    for (let views = 1; views <= 5; views++) {
      await stream.until(() => stream.heard.length === views)
      building.change({ simulatedAtMs: views })
    }
    await stream.until(() => stream.heard.length === 6)
    // A timer may fire a millisecond early, never more.
    expect(performance.now() - startedAtMs).toBeGreaterThan(5 * (BETWEEN_VIEWS_MS - 2))
    stream.close()
  })

  test('the building as it is can be read once', async () => {
    expect((await ask(`${page.url}/api/view`)).json()).toEqual(building.view())
  })

  test('closing the page ends its streams and lets go of the building', async () => {
    const stream = await listen(`${page.url}/api/views`)
    await page.close()
    await stream.ended
    await vi.waitFor(() => expect(building.listeners).toBe(0), PATIENCE)
  })
})

describe('where it is served', () => {
  test('only on loopback', async () => {
    await expect(servePage({ host: '0.0.0.0', port: 0, building, uiDir })).rejects.toThrow(/loopback host/)
  })

  test('only once it is built', async () => {
    await expect(servePage({ host: '127.0.0.1', port: 0, building, uiDir: '/nowhere' })).rejects.toThrow(
      /npm run build/,
    )
  })

  test('the page itself may load nothing but its own files', async () => {
    const answer = await ask(`${page.url}/`)
    expect(answer.text).toContain('<title>building</title>')
    expect(answer.headers['content-security-policy']).toContain("script-src 'self'")
  })
})

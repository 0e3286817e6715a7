// needs: chromium
// The desk page when it is cut off from the gateway, or breaks itself: loud, and whole again with nothing missed.
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { incidentOf, type ScriptedDesk } from '../../gateway/console/scripted-desk.ts'
import { PATIENCE } from '../../patience.ts'
import { deskPage } from './page.ts'

const at = deskPage()

describe('a dropped connection', () => {
  test('is loud, and restored with nothing missed: one raised and one acknowledged meanwhile', async () => {
    at.desk.put(incidentOf({ id: 'i-1' }))
    await at.incident('i-1').waitFor()
    const port = Number(new URL(at.console.url).port)
    await at.console.close()
    // Before the watchdog of a silent line could say the same.
    await at.page.getByTestId('connection-lost').waitFor({ timeout: 11_000 })
    await at.bodyIs('[data-connection=lost]')
    // What was online then is not known to be now.
    const receivers = at.page.getByTestId('receivers')
    await receivers.getByText('not known now').waitFor()
    expect(await receivers.innerText()).not.toContain('online')
    at.desk.put(incidentOf({ id: 'i-2', wearer: 'Tom Ellis' }))
    at.desk.put(
      incidentOf({ id: 'i-1', state: 'acknowledged', acknowledged: { atMs: 1, by: '5150 (key 1)' } }),
    )
    at.desk.put(incidentOf({ id: 'i-3', state: 'resolved', wearer: 'Ana Silva' }))
    await at.restart(port)
    await at.bodyIs('[data-connection=live]')
    await at.page.locator('[data-incident=i-2][data-state=raised]').waitFor()
    await at.page.locator('[data-incident=i-1][data-state=acknowledged]').waitFor()
    await at.page.getByTestId('resolved').getByText('Ana Silva').waitFor()
    expect(await at.page.getByTestId('connection-lost').count()).toBe(0)
    await receivers.getByText('2 of 2 online').waitFor()
  })

  test('says that it is here as soon as the line is back: a gateway that was started anew knows nobody', async () => {
    await vi.waitFor(() => expect(at.desk.presences.length).toBeGreaterThan(0), PATIENCE)
    // No time goes by for the page: what it says now is not said because it is due.
    await at.page.evaluate(() => {
      const nowMs = performance.now()
      performance.now = () => nowMs
    })
    const port = Number(new URL(at.console.url).port)
    await at.console.close()
    await at.bodyIs('[data-connection=lost]')
    const before = at.desk.presences.length
    await at.restart(port)
    await vi.waitFor(() => expect(at.desk.presences.length).toBeGreaterThan(before), PATIENCE)
  })

  test('says no more of calls and of what the wearer is told than it knew', async () => {
    const nextPageAtMs = Date.now() + 600_000
    const page = {
      id: 'i-1-p1',
      channel: 'sip',
      target: '5150',
      targetName: 'Security desk',
      said: 'Personal alarm.',
      step: 0,
      round: 2,
      attempt: 1,
      dueAtMs: Date.now(),
      ringingAtMs: Date.now(),
    } as const
    at.desk.put(incidentOf({ id: 'i-1', wearerTold: 'stored', nextPageAtMs, pages: [page] }))
    const card = at.incident('i-1')
    await card.getByTestId('next-page').getByText('Next call in 10 min').waitFor()
    await card.getByTestId('wearer-told').getByText('your alarm is in').waitFor()
    await card.getByText('round 2, attempt 1').waitFor()
    await at.console.close()
    await card.getByTestId('wearer-told').getByText('not known here').waitFor()
    await card.getByTestId('next-page').getByText('Whether anybody is called now is not known here').waitFor()
    expect(await card.innerText()).not.toMatch(/Next call|your alarm is in/)
  })

  test('an answer that could not be sent says to use the telephone', async () => {
    at.desk.put(incidentOf())
    await at.incident('i-1').waitFor()
    await at.console.close()
    await at.incident('i-1').getByTestId('acknowledge').click()
    await at.sayName()
    await at.incident('i-1').getByText('use the telephone').waitFor()
    await at.page.locator('[data-incident=i-1][data-state=raised]').waitFor()
  })
})

describe('a line that dies without a word', () => {
  let line: Server
  let isCut = false
  const sockets = new Set<Socket>()

  beforeEach(async () => {
    // Between page and console stands a wire that can go deaf without closing, as a Wi-Fi out of reach does.
    const { hostname, port } = new URL(at.console.url)
    isCut = false
    line = createServer(near => {
      const far = connect(Number(port), hostname)
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(from)
        from.on('data', bytes => isCut || to.write(bytes))
        from.on('close', () => to.destroy())
        from.on('error', () => {})
      }
    })
    await new Promise<void>(resolve => line.listen(0, '127.0.0.1', resolve))
  })
  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => line.close(resolve))
  })

  test('is noticed by its silence, and begun again with nothing missed', async () => {
    const address = line.address()
    if (address === null || typeof address === 'string') throw new Error('expected a TCP port')
    await at.page.clock.install()
    await at.page.goto(`http://127.0.0.1:${address.port}`)
    await at.bodyIs('[data-connection=live]')
    isCut = true
    at.desk.put(incidentOf())
    await at.page.clock.fastForward(13_000)
    await at.page.getByTestId('connection-lost').waitFor()
    await at.page.getByTestId('quiet').getByText('Not connected: nothing new shows here').waitFor()
    isCut = false
    await at.page.clock.fastForward(13_000)
    await at.incident('i-1').waitFor()
    await at.bodyIs('[data-connection=live]')
  })
})

describe('a page that breaks', () => {
  test('says so over everything, because a frozen desk looks like a quiet one', async () => {
    at.complaints.length = 0
    const { incidents: _, ...broken } = at.desk.snapshot()
    at.desk.snapshot = () => broken as ReturnType<ScriptedDesk['snapshot']>
    await at.page.reload()
    await at.page.getByText('This page has failed').waitFor()
    // The browser's word of it comes apart from the page's, and more than one: none after the page is closed.
    await vi.waitFor(() => expect(at.complaints.length).toBeGreaterThan(0), PATIENCE)
    await at.page.close()
    at.complaints.length = 0
  })
})

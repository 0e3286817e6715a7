// needs: chromium
// Words that nobody can break (an address of a page, a key held down) stand on the desk as they were written, and push
// nothing out of the window: neither what else stands there nor the way out of a dialog.
import { beforeEach, describe, expect, test } from 'vitest'
import { incidentOf } from '../../gateway/console/scripted-desk.ts'
import { deskPage } from './page.ts'

const at = deskPage()
const LONG = `https://example.org/${'report'.repeat(40)}`
/** What stands beyond the right edge of `what`, and makes it wider than it is to be. */
const beyond = (what: string): Promise<string[]> =>
  at.page.evaluate(`(() => {
    const frame = document.querySelector('${what}')
    if (frame.scrollWidth <= frame.clientWidth) return []
    const right = frame.getBoundingClientRect().left + frame.clientLeft + frame.clientWidth
    const named = each => each.tagName + '.' + each.className
    return [...frame.querySelectorAll('*')].filter(each => each.getBoundingClientRect().right > right + 1).map(named)
  })()`)
const fits = async (what: string): Promise<void> => expect(await beyond(what), what).toEqual([])

describe.each([
  [1280, 800],
  [390, 844],
])('at %d×%d', (width, height) => {
  beforeEach(() => at.page.setViewportSize({ width, height }))

  test('a report, a note, a line, a session and a fault of one long word stay in their places', async () => {
    const lines = [{ seq: 1, atMs: 1, by: LONG, text: LONG }]
    const held = { atMs: 2, by: LONG }
    const open = { lines, roomNote: LONG, sessionNote: LONG, acknowledged: held, attended: held }
    at.desk.put(incidentOf({ id: 'i-1', state: 'attended', ...open }))
    at.desk.put(incidentOf({ id: 'i-2', wearer: LONG, roomName: LONG, lines }))
    at.desk.tell({ kind: 'technical', technical: [{ key: 'x', text: LONG, sinceMs: 1 }] })
    at.desk.tell({
      kind: 'sessions',
      sessions: [
        {
          id: 's-1',
          pendant: 'p-07',
          wearer: LONG,
          room: 'interview-2',
          door: LONG,
          building: null,
          note: LONG,
          sinceMs: 1,
          untilMs: Date.now() + 3_600_000,
          by: LONG,
          pendantState: 'heard',
        },
      ],
    })
    const resolved = { atMs: 9, by: LONG, outcome: 'test', reason: LONG } as const
    at.desk.put(incidentOf({ id: 'i-3', state: 'resolved', lines, resolved }))
    await at.page.getByTestId('open-resolved').waitFor()
    await fits('html')
    await at.page.getByTestId('open-resolved').click()
    await at.page.locator('dialog').waitFor()
    await fits('dialog')
    await at.page.keyboard.press('Escape')
    await at.incident('i-1').getByTestId('resolve').click()
    await at.page.getByTestId('resolve-reason').waitFor()
    await fits('dialog')
  })
})

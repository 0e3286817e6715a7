// needs: chromium
// Who is alone where, on the desk page: signed in, listed, overdue, signed out.
import { describe, expect, test } from 'vitest'
import { incidentOf } from '../../gateway/console/scripted-desk.ts'
import { deskPage } from './page.ts'

const at = deskPage()

describe('who is alone', () => {
  const session = (untilMs: number) => ({
    id: 's-0001',
    pendant: 'p-07',
    wearer: 'Mira Patel',
    room: 'interview-2',
    door: '214 Interview room 2',
    building: 'Ashworth House',
    note: 'second meeting',
    sinceMs: Date.now() - 60_000,
    untilMs,
    by: 'Sam Reed',
  })

  test('is signed in by name, for a room and so many minutes', async () => {
    await at.page.getByText('Nobody is signed in.').waitFor()
    await at.page.getByTestId('sign-in').click()
    await at.page.getByTestId('session-pendant').selectOption('p-07')
    await at.page.getByTestId('session-room').selectOption('interview-2')
    await at.page.getByTestId('session-minutes').fill('45')
    await at.page.getByTestId('session-note').fill('second meeting')
    await at.page.getByTestId('session-save').click()
    await at.sayName()
    await at.page.getByTestId('session-save').waitFor({ state: 'detached' })
    expect(at.desk.submitted).toEqual([
      {
        kind: 'sign-in',
        by: 'Sam Reed',
        pendant: 'p-07',
        room: 'interview-2',
        forMs: 2_700_000,
        note: 'second meeting',
      },
    ])
  })

  test('stands in the list with where and until when, is overdue in words, and is signed out', async () => {
    at.desk.tell({ kind: 'sessions', sessions: [session(Date.now() + 25 * 60_000)] })
    const row = at.page.locator('[data-session=s-0001]')
    await row.waitFor()
    expect(await row.textContent()).toMatch(
      /Mira Patel 214 Interview room 2for another 25 min, signed in by Sam Reed/,
    )
    at.desk.tell({ kind: 'sessions', sessions: [session(Date.now() - 5 * 60_000)] })
    await at.page.locator('[data-session=s-0001][data-overdue=true]').getByText('overdue for 5 min').waitFor()
    await row.getByTestId('sign-out').click()
    await at.sayName()
    await expect
      .poll(() => at.desk.submitted)
      .toEqual([{ kind: 'sign-out', session: 's-0001', by: 'Sam Reed' }])
  })

  test('and presses elsewhere is shown where they were heard, and that they booked another room', async () => {
    const { whereabouts } = incidentOf()
    const because = [{ receiver: 'n-1', rssiDbm: -50, isHint: true as const }]
    const booked = { ...whereabouts, booked: 'interview-3', because }
    at.desk.put(incidentOf({ whereabouts: booked, bookedRoom: '215 Interview room 3' }))
    await at.incident('i-1').getByText('Booked: 215 Interview room 3, not heard there').waitFor()
    await at.incident('i-1').getByText('by n-1 (unsealed)').waitFor()
  })
})

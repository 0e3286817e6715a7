// The routes of sessions: what is refused at the door, what goes to the engine, and what is answered.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Refusal } from '../../../../schemas/api/desk.ts'
import { ask, post } from '../client.ts'
import { type Running, runConsole } from '../running.ts'

let it: Running
beforeEach(async () => {
  it = await runConsole()
})
afterEach(() => it.close())

const body = { by: 'Ada', pendant: 'p-07', room: 'attic', minutes: 45 }

test.each([
  ['nobody’s name', { ...body, by: undefined }, /by: /],
  ['no end', { ...body, minutes: undefined }, /minutes: /],
  ['an end that was', { ...body, minutes: 0 }, /minutes: /],
  ['a session of days', { ...body, minutes: 2_000 }, /minutes: /],
  ['a clock of its own', { ...body, untilMs: 5 }, /untilMs: no field of this name/],
  ['a novel', { ...body, note: 'x'.repeat(201) }, /note: /],
])('%s is refused before the engine hears of it', async (_what, sent, expected) => {
  const answer = await post(`${it.url}/api/sessions`, sent)
  expect(answer.status).toBe(400)
  expect(Refusal.parse(answer.json()).expected).toMatch(expected)
  expect(it.desk.submitted).toEqual([])
})

test('whoever signs in and out goes to the engine by name, and neither room nor note is in a log', async () => {
  await post(`${it.url}/api/sessions`, { ...body, note: 'second meeting' })
  await post(`${it.url}/api/sessions/s-0001/sign-out`, { by: 'Ben' })
  expect(it.desk.submitted).toEqual([
    { kind: 'sign-in', by: 'Ada', pendant: 'p-07', room: 'attic', forMs: 2_700_000, note: 'second meeting' },
    { kind: 'sign-out', by: 'Ben', session: 's-0001' },
  ])
  expect(JSON.stringify(it.said)).not.toMatch(/attic|second meeting/)
})

test('what the engine refuses is answered in its words', async () => {
  it.desk.refuseWith = { expected: 'a room of this site', came: 'attic', isUnknown: true }
  expect((await post(`${it.url}/api/sessions`, body)).status).toBe(404)
  it.desk.refuseWith = { expected: 'a pendant that is signed in nowhere', came: 'p-07', isUnknown: false }
  const answer = await post(`${it.url}/api/sessions`, body)
  expect([answer.status, Refusal.parse(answer.json()).came]).toEqual([409, 'p-07'])
})

test('the list of who is alone where can be asked for', async () => {
  const answer = await ask(`${it.url}/api/sessions`)
  expect([answer.status, answer.json()]).toEqual([200, []])
})

// The routes of walk tests: what is refused at the door, and how the engine's own refusals are answered.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Refusal } from '../../../../schemas/api/desk.ts'
import { ask, post } from '../client.ts'
import { type Running, runConsole } from '../running.ts'

let it: Running
beforeEach(async () => {
  it = await runConsole()
})
afterEach(() => it.close())

test.each([
  ['nobody’s name', '/api/recordings/p-07/start', {}, /by: /],
  ['a name of blanks', '/api/recordings/p-07/finish', { by: '  ' }, /by: the name/],
  ['no room', '/api/recordings/p-07/enter', { by: 'Ada' }, /room: /],
  ['an empty room', '/api/recordings/p-07/enter', { by: 'Ada', room: '' }, /room: the id/],
  ['something more', '/api/walks/1/withdraw', { by: 'Ada', walk: 2 }, /walk: no field of this name/],
])('%s is refused before the engine hears of it', async (_what, path, body, expected) => {
  const answer = await post(`${it.url}${path}`, body)
  expect(answer.status).toBe(400)
  expect(Refusal.parse(answer.json()).expected).toMatch(expected)
  expect(it.desk.submitted).toEqual([])
})

test.each([
  ['/api/walks/abc', 'abc'],
  ['/api/walks/7', '7'],
  ['/api/walks/7/report', '7'],
  ['/api/walks/report', 'none'],
  ['/api/recordings/p-07/report', 'none with p-07'],
])('GET %s of what is not there is refused in words', async (path, came) => {
  const answer = await ask(`${it.url}${path}`)
  expect([answer.status, Refusal.parse(answer.json()).came]).toEqual([404, came])
})

test('what a person does goes to the engine with their name, and where they are is in no log', async () => {
  await post(`${it.url}/api/recordings/p-07/enter`, { by: 'Ada', room: 'attic' })
  expect(it.desk.submitted).toEqual([{ kind: 'walk-enter', pendant: 'p-07', by: 'Ada', room: 'attic' }])
  expect(JSON.stringify(it.said)).not.toContain('attic')
})

test.each([
  [true, 404],
  [false, 409],
])('a refusal of the engine is answered (unknown: %s) with %s', async (isUnknown, status) => {
  it.desk.refuseWith = { expected: 'a pendant of this site', came: 'p-99', isUnknown }
  const answer = await post(`${it.url}/api/recordings/p-99/start`, { by: 'Ada' })
  expect([answer.status, Refusal.parse(answer.json()).came]).toEqual([status, 'p-99'])
})

test('withdrawing names the walk', async () => {
  await post(`${it.url}/api/walks/12/withdraw`, { by: 'Ada' })
  expect(it.desk.submitted).toEqual([{ kind: 'walk-withdraw', walk: 12, by: 'Ada' }])
  expect((await post(`${it.url}/api/walks/twelve/withdraw`, { by: 'Ada' })).status).toBe(404)
})

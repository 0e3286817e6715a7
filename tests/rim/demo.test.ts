// `npm run demo` from the outside: what it prints last, and how it ends. Short leads, so that it is quick.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

async function demo(...words: string[]) {
  const child = spawn(process.execPath, ['dist/simulator/demo.mjs', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, story, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  const last = out.trim().split('\n').at(-1) ?? ''
  return { code, story, result: last === '' ? null : JSON.parse(last) }
}

test('a cord in the recorded bedroom is answered, and the wearer sees it', async () => {
  const { code, story, result } = await demo('--at', '120', '--lead', '5')
  expect(code, story).toBe(0)
  expect(Object.keys(result)).toEqual([
    ...['pendant', 'wearer', 'kind', 'room', 'truthRoom', 'incident', 'pages'],
    ...['acknowledgedAtMs', 'wearerToldAtMs', 'elapsedMs'],
  ])
  expect(result).toMatchObject({
    pendant: 'p-07',
    wearer: 'Grace Okafor',
    kind: 'cord',
    truthRoom: 'bedroom',
  })
  expect(Object.keys(result.room)).toEqual(['id', 'confidence', 'runnerUp'])
  const [page] = result.pages
  expect(page).toMatchObject({ channel: 'sip', target: '5150', key: '2' })
  expect(page.said).toContain('Grace Okafor. Northgate House, room 2')
  expect(page.invitedAtMs).toBeLessThan(page.answeredAtMs)
  expect(page.answeredAtMs).toBeLessThan(result.acknowledgedAtMs)
  expect(result.acknowledgedAtMs).toBeLessThan(result.wearerToldAtMs)
  for (const elapsedMs of Object.values(result.elapsedMs)) expect(elapsedMs).toBeGreaterThan(0)
})

test('with the telephone down every retry is told, the incident stays raised and the end is not well', async () => {
  const { code, story, result } = await demo(
    '--phone',
    'down',
    '--kind',
    'button',
    '--lead',
    '2',
    '--at',
    '220',
  )
  expect(code, story).toBe(1)
  expect(result).toMatchObject({ kind: 'button', acknowledgedAtMs: null, wearerToldAtMs: null })
  expect(result.pages).toHaveLength(6)
  expect(story.match(/ended: unreachable/g)).toHaveLength(6)
  expect(story).toContain(`TECHNICAL ALARM unanswered:${result.incident}`)
})

test.each([
  ['--phone', 'melted', /Allowed choices are answer, busy, silent, down/],
  ['--pendant', 'p-99', /expected --pendant to be one of p-01.*came p-99/],
  ['--at', '1e6', /expected --at within the walk, which is 354 s long, came 1000000/],
  ['--walk', 'tests', /expected a recorded walk with \w+\.csv in tests/],
])('%s %s is refused with what was expected', async (option, value, message) => {
  const { code, story, result } = await demo(option, value)
  expect(story).toMatch(message)
  expect([code, result]).toEqual([2, null])
})

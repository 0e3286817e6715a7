// Who stands beside a line of the story: whoever did it, and the system for what it does by itself.
import { expect, it } from 'vitest'
import { KIND_ASSIST, KIND_CANCEL, KIND_CORD, KIND_DURESS } from '../../../../schemas/frame.ts'
import { createBench } from '../engine.ts'

const authors = ({ lines }: { lines: readonly { by: string; text: string }[] }) =>
  lines.map(({ by, text }) => [by, text])

it('a page and what the wearer is told are the system’s, whoever gave the cause; a key and what it did are a line each', () => {
  const bench = createBench()
  bench.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
  bench.page('i-0001-p1', { step: 'answered', with: '1' })
  bench.hear({ kind: 'release', incident: 'i-0001', by: 'Sam Okoro' })
  const story = [
    ['pendant p-07', 'Jane Smith: cord pulled, Northgate House, room 214'],
    ['tocsin', 'The wearer is being told: your alarm is in'],
    ['tocsin', 'Paging 5150 Security desk (attempt 1, round 1)'],
    ['5150 Security desk (key 1)', '5150 Security desk pressed 1'],
    ['5150 Security desk (key 1)', 'Acknowledged'],
    ['tocsin', 'The wearer is being told: somebody has it'],
    ['Sam Okoro', 'Given back: nobody has it, and people are called again'],
    ['tocsin', 'The wearer is being told: your alarm is in'],
    ['tocsin', 'Paging 5150 Security desk (attempt 1, round 1)'],
  ]
  expect(authors(bench.incident())).toEqual(story)
  expect(authors(bench.restart().incident()), 'and so out of the journal').toEqual(story)
})

it.each([
  ['a duress', KIND_DURESS, 'In a duress the pendant stays dark: do not count on the wearer being shown'],
  ['a cancel', KIND_CANCEL, 'The pendant is dark since the wearer cancelled: it does not show'],
])('after %s nobody reads that the wearer is told what a dark pendant does not show', (_what, kind, said) => {
  const bench = createBench()
  bench.report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
  const past = bench.incident().lines.length
  bench.report({ counter: 11, kind, alarmNumber: 1 })
  bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Sam Okoro' })
  const lines = bench
    .incident()
    .lines.slice(past)
    .map(({ text }) => text)
  expect(lines).toContain(`${said}: somebody has it`)
  expect(lines.join('\n')).not.toContain('is being told')
  bench.report({ counter: 12, kind: KIND_CORD, alarmNumber: 2 })
  if (kind === KIND_CANCEL)
    expect(bench.incident().lines.at(-1)?.text, 'the next alarm lights it again').toContain('is being told')
})

it('a call of a ladder that begins anew is not said to be no longer needed; one that somebody else made needless is', () => {
  const bench = createBench()
  bench.report({ counter: 10, kind: KIND_ASSIST, alarmNumber: 1 })
  bench.page('i-0001-p1', { step: 'accepted' })
  bench.report({ counter: 11, kind: KIND_CORD, alarmNumber: 1 })
  const ended = { step: 'ended', outcome: 'withdrawn', detail: 'no longer needed' } as const
  bench.page('i-0001-p1', ended)
  expect(bench.incident().lines.at(-1)?.text).toBe(
    '5150 Security desk: the call was ended, to be placed anew',
  )
  bench.page('i-0001-p2', { step: 'accepted' })
  bench.hear({ kind: 'acknowledge', incident: 'i-0001', by: 'Sam Okoro' })
  bench.page('i-0001-p2', ended)
  expect(bench.incident().lines.at(-1)?.text).toBe('5150 Security desk: the call was ended: no longer needed')
})

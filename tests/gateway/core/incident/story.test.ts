// Who stands beside a line of the story: whoever did it, and the system for what it does by itself.
import { expect, it } from 'vitest'
import { KIND_CORD } from '../../../../schemas/frame.ts'
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

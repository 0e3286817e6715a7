// Several decisions as one: nothing of any of them is left out.
import { expect, it } from 'vitest'
import { type Decision, merge, nothing } from '../../../../../gateway/core/deciding/decision/decision.ts'
import { SYSTEM } from '../../../../../gateway/core/plan/change.ts'
import type { Message, Tells, Within } from '../../../../../gateway/core/plan/message.ts'

const refusal = { refused: { expected: 'one', came: 'another', isUnknown: false } }
const message: Message = {
  kind: 'cord',
  isVerified: true,
  isSuspect: false,
  wearer: 'Jane Smith',
  where: 'unknown',
  rooms: [],
  note: null,
  isMoved: false,
}
const withinMs: Within = { reached: 1, answered: 1 }
const tells: Tells = {
  worse: null,
  isGivenBack: false,
  isPressedAgain: true,
  isElsewhere: false,
  isNoteNew: false,
  state: 'raised',
}
const decision = (name: string, more: Partial<Decision> = {}): Decision => ({
  by: name,
  changes: [{ is: 'technical-mended', key: name }],
  counters: [[name, 1]],
  observations: [{ is: 'desk-left', desk: name }],
  pages: [{ page: name, incident: 'i-0001', channel: 'sip', target: '1', message, withinMs }],
  withdrawn: [name],
  replies: [{ page: name, is: 'news', tells, message, isLast: false, news: 1 }],
  told: [{ pendant: name, data: '', forMs: 1, beaconCounter: 1, vouchesFor: null }],
  counted: [name],
  heard: [name],
  answer: { refused: null },
  ...more,
})

it('holds everything that each of them holds, in their order', () => {
  const [a, b] = [decision('a'), decision('b')]
  const both = merge([a, b])
  for (const part of Object.keys(a) as (keyof Decision)[]) {
    if (part === 'by' || part === 'answer') continue
    expect(both[part], part).toEqual([...(a[part] as unknown[]), ...(b[part] as unknown[])])
  }
  expect([both.by, both.answer]).toEqual(['a', { refused: null }])
})

it('of one decision is that decision, of none is nothing, and what one refuses is refused', () => {
  expect(merge([decision('a')])).toEqual(decision('a'))
  expect(merge([])).toEqual(nothing(SYSTEM))
  expect(merge([decision('a'), decision('b', { answer: refusal })]).answer).toEqual(refusal)
})

// What an attacker can have written down: one bound over all pendants, receivers and reasons, and the sum of the rest.
import { describe, expect, it } from 'vitest'
import { withSecurity } from '../../../../../gateway/core/applying/security.ts'
import { ROWS_MAX } from '../../../../../gateway/core/deciding/watching/security.ts'
import { planOf } from '../../../../../gateway/core/plan/plan.ts'
import type { SecurityEvent } from '../../../../../schemas/api/desk.ts'
import { plainFrame, sealedFrame, site } from '../../building.ts'
import { type Bench, createBench } from '../../engine.ts'

const MINUTE_MS = 60_000
const WRONG = 'ff'.repeat(16)
const hex = (i: number) => i.toString(16).padStart(2, '0')
const pendants = Array.from({ length: 40 }, (_, i) => ({
  id: `p-${100 + i}`,
  address: `c7:f9:36:dd:00:${hex(i)}`,
  key: `231d39c1d7cc1ab1aee224cd096d00${hex(i)}`,
  wearer: 'jane',
}))
const house = () => createBench({ plan: planOf({ ...site(), pendants }) })
/** One frame of each kind that is a security matter, about each pendant. */
function sweep(bench: Bench): void {
  for (const { address } of pendants) {
    bench.data(sealedFrame({ counter: 7, address, key: WRONG }), { address })
    bench.data(plainFrame({ counter: 7, address }), { address })
  }
}
const rows = (bench: Bench) => bench.entries.filter(({ change }) => change.is === 'security')

describe('a sweep over forty pendants', () => {
  it('is a handful of rows a minute, and one that sums up the others', () => {
    const bench = house()
    for (let i = 0; i < 60; i++) {
      sweep(bench)
      bench.wait(1_000)
    }
    bench.wait(1)
    expect(rows(bench)).toHaveLength(ROWS_MAX + 1)
    const { text, reason } = bench.state.security.at(-1) ?? { text: '', reason: '' }
    expect(reason).toBe('summed-up')
    const shown = ROWS_MAX / 2
    const each = 60 * (pendants.length - shown)
    expect(text).toBe(`${2 * each} more in this minute: wrong-key ${each}, downgrade ${each}`)
  })

  it('is as bounded where no minute passes quietly, and through a restart', () => {
    let bench = house()
    for (let i = 0; i < 10 * 60; i++) {
      sweep(bench)
      bench.nowMs += 1_000
      if (i === 300) bench = bench.restart()
    }
    expect(rows(bench).length).toBeLessThanOrEqual(11 * (ROWS_MAX + 1))
  })

  it('pushes no line of another reason off the desk, in a day', () => {
    const bench = house()
    bench.hear({ kind: 'refused', receiver: 'r-hall', reason: 'wrong-password', detail: 'a wrong password' })
    for (let i = 0; i < 24 * 60; i++) {
      bench.wait(MINUTE_MS)
      sweep(bench)
    }
    expect(bench.state.security.length).toBeLessThanOrEqual(100)
    expect(bench.state.security.map(({ reason }) => reason)).toContain('wrong-password')
  })

  it('says nothing more where everything had its row', () => {
    const bench = house()
    for (let i = 0; i < 500; i++) bench.data(plainFrame({ counter: i }), { address: 'c7:f9:36:dd:00:01' })
    bench.wait(2 * MINUTE_MS)
    expect(rows(bench)).toHaveLength(1)
  })
})

it('of too many lines the oldest of the most frequent reason goes', () => {
  const line = (seq: number, reason: string): SecurityEvent => ({
    seq,
    atMs: seq,
    reason,
    pendant: '',
    receiver: '',
    text: '',
  })
  let lines: SecurityEvent[] = [line(1, 'a'), line(2, 'b'), line(3, 'b')]
  lines = withSecurity(lines, line(4, 'b'), 3)
  expect(lines.map(({ seq }) => seq)).toEqual([1, 3, 4])
})

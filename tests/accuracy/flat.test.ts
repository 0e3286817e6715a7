// The accuracy on the recorded flat is a checked-in table: nobody makes it worse, or better, without saying so.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { measureFlat, type Row } from './measure.ts'

const table = JSON.parse(readFileSync(new URL('flat.json', import.meta.url), 'utf8')) as Record<string, Row>
const POINTS = ['accuracy', 'macroF1', 'withinTwo', 'settled', 'calibrationError', 'rightWhenSure'] as const
const ONE_POINT = 1
const ONE_SECOND_S = 1

it('the recorded flat is located as the checked-in table says, to within one point', () => {
  const measured = measureFlat()
  expect(Object.keys(measured)).toEqual(Object.keys(table))
  for (const [condition, row] of Object.entries(measured)) {
    const kept = table[condition] as Row
    for (const figure of POINTS) {
      expect(
        Math.abs(row[figure] - kept[figure]),
        `${condition}: ${figure} ${row[figure]}`,
      ).toBeLessThanOrEqual(ONE_POINT)
    }
    expect(Math.abs(row.p90S - kept.p90S), `${condition}: p90 ${row.p90S} s`).toBeLessThanOrEqual(
      ONE_SECOND_S,
    )
  }
})

// Each term of the power report by itself, and the promise: a year on a CR2032, with a frame on the air every 2 s.
import { expect, test } from 'vitest'
import { powerLines } from '../../firmware/build/power.ts'
import { CR2032, eventUc, type PowerSettings, powerReport, SLEEP_UA } from '../../firmware/power.ts'
import { readSettings } from '../../firmware/settings.ts'

/** The defaults of firmware/settings.ts, but a frame each 1.9 s, a seal each 10 s, and 2.2 MOhm to the cord. */
const LASTING: PowerSettings = {
  ...readSettings('{}'),
  idleMs: 1900,
  heartbeatMs: 10_000,
  cordUa: 2,
}
const term = (name: string, more: Partial<PowerSettings> = {}, mah = CR2032.mah): number =>
  powerReport({ ...LASTING, ...more }, { ...CR2032, mah }).terms.find(one => one.name === name)?.ua ??
  Number.NaN

test.each([
  // 3 channels x 43 bytes x 8 us at 5.3 mA, and 7 uC for all around it.
  ['27 bytes at 0 dBm', 0, 27, 12.47],
  ['27 bytes at 4 dBm', 4, 27, 14.74],
  ['31 bytes at 4 dBm', 4, 31, 15.46],
  ['27 bytes at -40 dBm', -40, 27, 9.79],
  ['27 bytes at -2 dBm is counted as at 0', -2, 27, 12.47],
  ['27 bytes at 8 dBm, which only the nRF52840 has', 8, 27, 23.92],
])('an advertising event of %s takes %d dBm, %d bytes: %d uC', (_what, dbm, bytes, uc) => {
  expect(eventUc(dbm, bytes)).toBeCloseTo(uc, 1)
})

test.each([
  ['sleep', {}, SLEEP_UA],
  ['advertising', { idleMs: 995 }, 14.74],
  ['advertising', { idleMs: 1995 }, 7.37],
  ['advertising', { idleMs: 995, txPowerDbm: 0 }, 12.47],
  // 30 ms at 4 mA.
  ['sealing', { heartbeatMs: 2000 }, 60],
  ['sealing', { heartbeatMs: 10_000 }, 12],
  // And two turns of 12 ms that seal nothing, because main sleeps 10 s at most.
  ['sealing', { heartbeatMs: 30_000 }, 7.2],
  ['cord', { cordUa: 230 }, 230],
  ['self-discharge', {}, 0.25],
] as const)('%s with %j draws %d uA', (name, more, ua) => {
  expect(term(name, more)).toBeCloseTo(ua, 1)
})

test('the maker of Puck.js measures what this says: about 20 uA advertising each 750 ms at 0 dBm', () => {
  expect(term('sleep') + term('advertising', { idleMs: 750, txPowerDbm: 0 })).toBeCloseTo(20, -0.5)
})

test('twice the cell lasts nearly twice as long', () => {
  const months = (mah: number): number => powerReport(LASTING, { ...CR2032, mah }).months
  expect(months(440) / months(220)).toBeGreaterThan(1.97)
  expect(months(440) / months(220)).toBeLessThan(2)
})

test('the terms come largest first, add up, and the first is the worst', () => {
  const report = powerReport(LASTING)
  const uas = report.terms.map(one => one.ua)
  expect(uas).toEqual([...uas].sort((a, b) => b - a))
  expect(report.ua).toBeCloseTo(uas.reduce((sum, ua) => sum + ua, 0))
  expect(report.worst).toBe(report.terms[0]?.name)
})

test('with the internal pull-up the cord is the worst term, and the cell is empty in about a month', () => {
  const report = powerReport({ ...LASTING, cordUa: 230 })
  expect(report.worst).toBe('cord')
  expect(report.months).toBeLessThan(1.5)
})

test('a frame each 1.9 s, sealed each 10 s, lasts a year; ten minutes of alarm take less than a day of it', () => {
  const report = powerReport(LASTING)
  expect(report.months).toBeGreaterThanOrEqual(12)
  expect(report.alarmDays).toBeLessThan(1)
})

test('the report names the worst term and the months', () => {
  const lines = powerLines(powerReport(LASTING)).join('\n')
  expect(lines).toMatch(/most of it (sealing|advertising)/)
  expect(lines).toMatch(/^1\d\.\d months on a CR2032$/m)
  expect(lines).toMatch(/an alarm of 10 minutes: 0\.\d\d mAh, 0\.\d\d days/)
})

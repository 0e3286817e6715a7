import { expect, test } from 'vitest'
import { MOTION_HUNG } from '../../../firmware/board.ts'
import { MDBT42Q_DEFAULTS, MDBT42Q_EXTRA_UA } from '../../../firmware/boards/defaults.ts'
import { daysLeft, idleUa } from '../../../firmware/cell/battery.ts'
import { CHIPS, CR2032, powerReport } from '../../../firmware/cell/power.ts'
import { DAYS_LEFT_BOUNDS } from '../../../schemas/frame.ts'
import { drive, settingsIn, settingsWith } from '../driven.ts'

const DAY_MS = 86_400_000
const settings = settingsWith({ cordUa: 2, heartbeatMs: 2000, idleMs: 1000 })
const codeOf = (percent: number, usedDays: number): number =>
  daysLeft({ ...settings, battery: percent, atMs: usedDays * DAY_MS })

test('what a pendant thinks it draws is what the power report says', () => {
  const usual = settingsIn('{}')
  expect(idleUa(usual)).toBeCloseTo(powerReport(usual).ua, 2)
  expect(idleUa({ ...usual, cordPull: 1 }) - idleUa(usual)).toBeCloseTo(228.6)
  expect(Math.round(idleUa(settings))).toBe(29)
  const watching = settingsIn('{"manDown":1}')
  expect(idleUa({ ...watching, motionKind: MOTION_HUNG })).toBeCloseTo(powerReport(watching).ua, 2)
})

test.each([
  { percent: 100, usedDays: 0, code: 7 },
  { percent: 100, usedDays: 132, code: 7 },
  { percent: 100, usedDays: 140, code: 6 },
  { percent: 100, usedDays: 230, code: 5 },
  { percent: 100, usedDays: 313, code: 1 },
  { percent: 99, usedDays: 0, code: 4 },
  { percent: 80, usedDays: 0, code: 4 },
  { percent: 50, usedDays: 0, code: 3 },
  { percent: 20, usedDays: 0, code: 1 },
  { percent: 0, usedDays: 0, code: 1 },
])('$percent % under load after $usedDays days is code $code', ({ percent, usedDays, code }) => {
  expect(codeOf(percent, usedDays)).toBe(code)
})

test('it never says more days for a lower battery, and fits its half of the byte', () => {
  let before = DAYS_LEFT_BOUNDS.length + 1
  for (let percent = 100; percent >= 0; percent--) {
    const code = codeOf(percent, 0)
    expect(code).toBeLessThanOrEqual(before)
    expect(code).toBeGreaterThan(0)
    before = code
  }
})

test('it is measured right after the first advertisement of a burst, which lasts one heartbeat', () => {
  const pendant = drive()
  pendant.to(3_604_000)
  const at = pendant.done.findIndex(({ effect }) => effect.kind === 'measure')
  expect(pendant.done[at - 1]).toMatchObject({
    atMs: 3_600_000,
    effect: { kind: 'advertise', intervalMs: 100 },
  })
  expect(pendant.advertised().at(-1)).toMatchObject({ atMs: 3_604_000, intervalMs: 1000 })
})

test('an MDBT42Q knows that it draws more than a Puck.js', () => {
  const s = { ...settingsIn('{}'), ...MDBT42Q_DEFAULTS }
  const { ua } = powerReport(s, CR2032, CHIPS.mdbt42q)
  expect(idleUa({ ...s, extraUa: MDBT42Q_EXTRA_UA })).toBeCloseTo(ua, -0.5)
})

// Each term of the power report by itself, and the promise: a year on a CR2032, with a frame on the air every 2 s.
import { expect, test } from 'vitest'
import { besideMs } from '../../../firmware/air/ibeacon.ts'
import { MDBT42Q_DEFAULTS } from '../../../firmware/boards/defaults.ts'
import { powerLines, powerOf } from '../../../firmware/build/power.ts'
import { idleUa } from '../../../firmware/cell/battery.ts'
import { eventUc, HEARTBEAT_TURN_MS, SAMPLE_MS, SLEEP_UA, TURN_MS } from '../../../firmware/cell/current.ts'
import {
  CHIPS,
  CR2032,
  IBEACON_TURN_MS,
  type PowerSettings,
  powerReport,
} from '../../../firmware/cell/power.ts'
import { asleep } from '../../../firmware/state.ts'
import { settingsIn } from '../../../firmware/storage/settings-file.ts'
import { iBeaconSetting } from '../../../schemas/ibeacon.ts'

const IDENTITY = 'e5ca1ade-f007-ba11-0000-000000000000-100-7'

const LASTING: PowerSettings = settingsIn('{}')
const term = (name: string, more: Partial<PowerSettings> = {}, mah = CR2032.mah): number =>
  powerReport({ ...LASTING, ...more }, { ...CR2032, mah }).terms.find(one => one.name === name)?.ua ??
  Number.NaN

test.each([
  // 3 channels x 43 bytes x 8 us at 5.3 mA, and 3 uC for all around it.
  ['0 dBm', 0, 8.47],
  ['4 dBm', 4, 10.74],
  ['-40 dBm is counted as at -4', -40, 7.33],
  ['-2 dBm is counted as at 0', -2, 8.47],
  ['8 dBm, which only the nRF52840 has', 8, 19.92],
])('an advertising event at %s takes %d dBm: %d uC', (_what, dbm, uc) => {
  expect(eventUc(dbm)).toBeCloseTo(uc, 1)
})

const SEAL_UC = HEARTBEAT_TURN_MS * 4
test.each([
  ['sleep', {}, SLEEP_UA],
  // Each new frame is sent at once, and again each idleMs until the next.
  ['advertising', { heartbeatMs: 2000, idleMs: 995 }, 10.74],
  ['advertising', { heartbeatMs: 2000, idleMs: 2000 }, 5.37],
  ['advertising', { heartbeatMs: 2000, idleMs: 2000, txPowerDbm: 0 }, 4.23],
  ['sealing', { heartbeatMs: 2000 }, SEAL_UC / 2],
  ['sealing', { heartbeatMs: 10_000 }, SEAL_UC / 10],
  // And two turns of 5 ms that seal nothing, because main sleeps 10 s at most.
  ['sealing', { heartbeatMs: 30_000 }, (SEAL_UC + 2 * 20) / 30],
  ['cord', { cordPull: 1 }, 230],
  ['cord', { cordPull: 0 }, 1.4],
  ['self-discharge', {}, 0.251],
  // 20 events and 46 ms of processor an hour.
  ['battery', {}, (20 * 10.74 + 184) / 3600],
  // 11 events, 122 ms of processor, 150 ms of receiving at 6.5 mA.
  ['asking', {}, (11 * 10.74 + 488 + 975) / 2700],
  ['asking', { askEveryMs: 600_000 }, (11 * 10.74 + 488 + 975) / 600],
  ['asking', { askEveryMs: 0 }, 0],
] as const)('%s with %j draws %d uA', (name, more, ua) => {
  expect(term(name, more)).toBeCloseTo(ua, ua < 1 ? 3 : 1)
})

test('the maker of Puck.js measures no more than this says: 22 uA each 375 ms at 0 dBm, under 10 each 2 s', () => {
  const advertising = (idleMs: number): number =>
    term('sleep') + term('advertising', { idleMs, heartbeatMs: 75_000, txPowerDbm: 0 })
  // Ours is ten bytes longer.
  expect(advertising(375)).toBeGreaterThan(22)
  expect(advertising(375)).toBeLessThan(27)
  expect(advertising(2000)).toBeLessThan(10)
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
  const report = powerReport({ ...LASTING, cordPull: 1 })
  expect(report.worst).toBe('cord')
  expect(report.months).toBeLessThan(1.5)
})

test('by default a new frame at least each 2 s lasts a year, and ten minutes of alarm take less than a day of it', () => {
  expect(LASTING.heartbeatMs).toBeLessThanOrEqual(2000)
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

test('AES in JavaScript empties a CR2032 in days, sealed each 2 s, and in half a year at the pace that its board has by default', () => {
  expect(powerReport(LASTING, CR2032, CHIPS.mdbt42q).months).toBeLessThan(0.5)
  const own = settingsIn('{}', MDBT42Q_DEFAULTS)
  expect(own.heartbeatMs).toBe(60_000)
  // The same frame is on the air at least each 2 s all the same, with the 5 ms that the radio adds on average.
  expect(own.idleMs).toBeLessThanOrEqual(2000)
  expect(settingsIn('{"heartbeatMs":5000}', MDBT42Q_DEFAULTS).heartbeatMs).toBe(5000)
  expect(powerReport(own, CR2032, CHIPS.mdbt42q).months).toBeGreaterThan(6)
})

test('man-down is the worst term where it is on, shown as it is, and there is none on a board without the sensor', () => {
  expect(powerReport(LASTING).terms.map(({ name }) => name)).not.toContain('man-down')
  const report = powerReport({ ...LASTING, manDown: 1 })
  expect(report.worst).toBe('man-down')
  expect(term('man-down', { manDown: 1 })).toBeCloseTo(40 + 1.6 * SAMPLE_MS * 4 + (TURN_MS * 4) / 60)
  expect(report.months).toBeGreaterThan(2)
  expect(report.months).toBeLessThan(4)
  expect(powerLines(report).join('\n')).toMatch(/^man-down +66\.6 uA {2}40 uA of the sensor/m)
  expect(powerReport({ ...LASTING, manDown: 1 }, CR2032, CHIPS.mdbt42q).terms).toEqual(
    powerReport(LASTING, CR2032, CHIPS.mdbt42q).terms,
  )
})

test('an iBeacon identity costs as much as the sealing, a third of the life of a cell', () => {
  expect(powerReport(LASTING).terms.map(({ name }) => name)).not.toContain('iBeacon')
  const { iBeacon } = settingsIn(JSON.stringify({ iBeacon: iBeaconSetting(IDENTITY) }))
  expect(iBeacon).not.toBeNull()
  const report = powerReport({ ...LASTING, iBeacon })
  // Two events, of which one is 3 bytes longer on three channels at 7.5 mA, and what the list costs the processor at 4 mA.
  expect(term('iBeacon', { iBeacon })).toBeCloseTo((2 * 10.74 + 0.54 + 4 * IBEACON_TURN_MS) / 1.98, 1)
  expect(report.terms.slice(0, 2).map(({ name }) => name)).toContain('iBeacon')
  expect(report.months / powerReport(LASTING).months).toBeGreaterThan(0.6)
  expect(report.months / powerReport(LASTING).months).toBeLessThan(0.7)
  // What the chip itself reckons with leaves out the longer packet and the processor.
  const s = settingsIn('{}')
  const chip = idleUa({ ...asleep(), ...s, idleMs: besideMs(s) })
  expect(chip / report.ua).toBeGreaterThan(0.93)
  expect(chip / report.ua).toBeLessThanOrEqual(1)
})

test('what it says is the same on the command line, and for a board', async () => {
  expect(await powerOf()).toEqual(powerLines(powerReport(LASTING)))
  expect(await powerOf(undefined, 'mdbt42q')).not.toEqual(await powerOf())
})

// Bytes of each bundle; and chip time from a parted cord to its first frame at the radio, counted on the real interpreter
// (ESPRUINO_BIN) by firmware/build/measure.ts.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MDBT42Q_DEFAULTS } from '../../firmware/boards/defaults.ts'
import { chipTimes } from '../../firmware/build/measure.ts'
import type { BoardName } from '../../firmware/build/pack.ts'
import { BOARDS, BUNDLE_BYTES_MAX, type Built, buildFirmware } from '../../firmware/build.ts'
import { HEARTBEAT_TURN_MS, SAMPLE_MS, SEAL_TURN_MS, SPARE_TURN_MS, TURN_MS } from '../../firmware/current.ts'
import { CHIPS } from '../../firmware/power.ts'
import { settingsIn } from '../../firmware/settings-file.ts'

const PATIENCE_MS = 240_000
/** Cord parted to the first alarm frame handed to the radio, the debounce included. */
const ALARM_MS_MAX = 50
const DEBOUNCE_MS = settingsIn('{}').cordDebounceMs
/** main wakes each 10 s of the 60 that an MDBT42Q airs one frame. */
const SPARE_TURNS = 5

let folder = ''
let built: Built[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-budget-'))
  built = await buildFirmware(folder)
}, PATIENCE_MS)
afterAll(() => rm(folder, { recursive: true, force: true }))

test.each(BOARDS)('the bundle of %s is within its bytes', board => {
  expect(built.find(each => each.board === board)?.bytes).toBeLessThanOrEqual(BUNDLE_BYTES_MAX[board])
})

const programOf = (board: BoardName): Promise<string> =>
  readFile(built.find(each => each.board === board)?.program ?? '', 'hex')

const binary = process.env.ESPRUINO_BIN ?? ''
// Without an interpreter there is nothing to count; the run says that the real one was left out.
if (binary !== '') {
  test('chip time of a Puck.js: an alarm, a heartbeat, a turn of the lights', {
    timeout: PATIENCE_MS,
  }, async () => {
    const times = await chipTimes(binary, await programOf('puckjs'))
    const { alarmMs, beatMs, restMs, sealMs, sampleMs } = times
    console.log(
      `cord parted to first frame ${DEBOUNCE_MS} + ${alarmMs.toFixed(1)} ms, heartbeat ${beatMs.toFixed(1)} ms, lights ${restMs.toFixed(1)} ms, alarm frame ${sealMs.toFixed(1)} ms, a sample of movement ${sampleMs.toFixed(1)} ms of chip time`,
    )
    expect(DEBOUNCE_MS + alarmMs).toBeLessThanOrEqual(ALARM_MS_MAX)
    // What the power report counts with may not be less than what is seen.
    expect(beatMs).toBeLessThanOrEqual(HEARTBEAT_TURN_MS)
    expect(restMs).toBeLessThanOrEqual(TURN_MS)
    expect(sealMs).toBeLessThanOrEqual(SEAL_TURN_MS)
    expect(sampleMs).toBeLessThanOrEqual(SAMPLE_MS)
  })

  test('chip time of an MDBT42Q, which has no AES: an alarm is as quick, because it is ready', {
    timeout: PATIENCE_MS,
  }, async () => {
    const debounceMs = settingsIn('{}', MDBT42Q_DEFAULTS).cordDebounceMs
    const { alarmMs, beatMs, sealMs, aheadMs } = await chipTimes(binary, await programOf('mdbt42q'), 'D3', 0)
    console.log(
      `MDBT42Q: cord parted to first frame ${debounceMs} + ${alarmMs.toFixed(1)} ms, an idle frame ${beatMs.toFixed(1)} ms in all, alarm frame ${sealMs.toFixed(1)} ms, a piece of what is worked out ahead ${aheadMs.toFixed(1)} ms`,
    )
    expect(debounceMs + alarmMs).toBeLessThanOrEqual(ALARM_MS_MAX)
    expect(beatMs).toBeLessThanOrEqual(CHIPS.mdbt42q.heartbeatTurnMs + SPARE_TURNS * SPARE_TURN_MS)
    expect(sealMs).toBeLessThanOrEqual(CHIPS.mdbt42q.sealTurnMs)
  })
}

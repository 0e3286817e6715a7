// Bytes of each bundle; and chip time from a parted cord to its first frame at the radio, after an idle frame and in the
// middle of an ask, counted on the real interpreter (ESPRUINO_BIN) by firmware/build/measure.ts.
import { expect, test } from 'vitest'
import { MDBT42Q_DEFAULTS } from '../../../firmware/boards/defaults.ts'
import { type ChipTimes, chipTimes, chipVariables } from '../../../firmware/build/measure.ts'
import type { BoardName } from '../../../firmware/build/pack.ts'
import { BOARDS, BUNDLE_BYTES_MAX } from '../../../firmware/build.ts'
import {
  HEARTBEAT_TURN_MS,
  SAMPLE_MS,
  SEAL_TURN_MS,
  SPARE_TURN_MS,
  TURN_MS,
} from '../../../firmware/cell/current.ts'
import { CHIPS, IBEACON_TURN_MS } from '../../../firmware/cell/power.ts'
import { settingsIn } from '../../../firmware/storage/settings-file.ts'
import { iBeaconSetting } from '../../../schemas/ibeacon.ts'
import { builtBundle, builtProgram } from '../built.ts'

/** Cord parted to the first alarm frame handed to the radio, the debounce included. */
const ALARM_MS_MAX = 50
/** 40 % of the 2,630 that Puck.js has. */
const VARIABLES_MAX = 1052
const IDENTITY = { iBeacon: iBeaconSetting('e5ca1ade-f007-ba11-0000-000000000000-100-7') }
const DEBOUNCE_MS = settingsIn('{}').cordDebounceMs
/** main wakes each 10 s of the 60 that an MDBT42Q airs one frame. */
const SPARE_TURNS = 5

test.each(BOARDS)('the bundle of %s is within its bytes', async board => {
  expect(Buffer.byteLength(await builtBundle(board))).toBeLessThanOrEqual(BUNDLE_BYTES_MAX[board])
})

const programOf = async (board: BoardName): Promise<string> => (await builtProgram(board)).toString('hex')

/** Whenever it is pulled. */
const expectPrompt = (times: ChipTimes, debounceMs: number): void => {
  expect(debounceMs + times.alarmMs).toBeLessThanOrEqual(ALARM_MS_MAX)
  expect(debounceMs + times.askAlarmMs).toBeLessThanOrEqual(ALARM_MS_MAX)
  expect(debounceMs + times.suddenAlarmMs).toBeLessThanOrEqual(ALARM_MS_MAX)
}
const told = (times: ChipTimes, debounceMs: number): string =>
  `cord parted to first frame ${debounceMs} + ${times.alarmMs.toFixed(1)} ms after an idle frame, ${debounceMs} + ${times.askAlarmMs.toFixed(1)} in an ask, ${debounceMs} + ${times.suddenAlarmMs.toFixed(1)} at the instant of a frame of it`

const binary = process.env.ESPRUINO_BIN ?? ''
// Without an interpreter there is nothing to count; the run says that the real one was left out.
if (binary !== '') {
  test('chip time of a Puck.js: an alarm, a heartbeat, a turn of the lights', async () => {
    const times = await chipTimes(binary, await programOf('puckjs'))
    const { beatMs, restMs, sealMs, sampleMs } = times
    console.log(
      `${told(times, DEBOUNCE_MS)}, heartbeat ${beatMs.toFixed(1)} ms, lights ${restMs.toFixed(1)} ms, alarm frame ${sealMs.toFixed(1)} ms, a sample of movement ${sampleMs.toFixed(1)} ms of chip time`,
    )
    expectPrompt(times, DEBOUNCE_MS)
    // What the power report counts with may not be less than what is seen.
    expect(beatMs).toBeLessThanOrEqual(HEARTBEAT_TURN_MS)
    expect(restMs).toBeLessThanOrEqual(TURN_MS)
    expect(sealMs).toBeLessThanOrEqual(SEAL_TURN_MS)
    expect(sampleMs).toBeLessThanOrEqual(SAMPLE_MS)
  })

  test('chip time of an MDBT42Q, which has no AES: an alarm is as quick, because it is ready', async () => {
    const debounceMs = settingsIn('{}', MDBT42Q_DEFAULTS).cordDebounceMs
    const times = await chipTimes(binary, await programOf('mdbt42q'), 'D3', {})
    const { beatMs, sealMs } = times
    console.log(
      `MDBT42Q: ${told(times, debounceMs)}, an idle frame ${beatMs.toFixed(1)} ms in all, alarm frame ${sealMs.toFixed(1)} ms in all`,
    )
    expectPrompt(times, debounceMs)
    expect(beatMs).toBeLessThanOrEqual(CHIPS.mdbt42q.heartbeatTurnMs + SPARE_TURNS * SPARE_TURN_MS)
    expect(sealMs).toBeLessThanOrEqual(CHIPS.mdbt42q.sealTurnMs)
  })

  test('an identity beside it lengthens a heartbeat by no more than is counted, and an alarm by nothing', async () => {
    const times = await chipTimes(binary, await programOf('puckjs'), 'D1', IDENTITY)
    const { beatMs } = times
    console.log(
      `with an iBeacon identity: ${told(times, DEBOUNCE_MS)}, heartbeat ${beatMs.toFixed(1)} ms of chip time`,
    )
    expectPrompt(times, DEBOUNCE_MS)
    expect(beatMs).toBeLessThanOrEqual(HEARTBEAT_TURN_MS + IBEACON_TURN_MS)
  })

  test('whatever is on, an alarm takes at most 40 % of the variables of a Puck.js', async () => {
    const program = await programOf('puckjs')
    for (const more of [{}, { manDown: 1 }, IDENTITY, { manDown: 1, ...IDENTITY }]) {
      const { peak } = await chipVariables(binary, program, more)
      console.log(
        `${peak} variables at the peak of an alarm with ${Object.keys(more).join(' and ') || 'the defaults'}`,
      )
      expect(peak).toBeGreaterThan(0)
      expect(peak).toBeLessThanOrEqual(VARIABLES_MAX)
    }
  })
}

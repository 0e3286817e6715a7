// Bytes of each bundle; and chip time from a parted cord to its first frame at the radio, counted on the real interpreter
// (ESPRUINO_BIN) by firmware/build/measure.ts.
import { expect, test } from 'vitest'
import { chipTimes, chipVariables } from '../../firmware/build/measure.ts'
import { BOARDS, BUNDLE_BYTES_MAX } from '../../firmware/build.ts'
import { HEARTBEAT_TURN_MS, SAMPLE_MS, SEAL_TURN_MS, TURN_MS } from '../../firmware/current.ts'
import { IBEACON_TURN_MS } from '../../firmware/power.ts'
import { settingsIn } from '../../firmware/settings-file.ts'
import { iBeaconSetting } from '../../schemas/ibeacon.ts'
import { builtBundle, builtProgram } from './built.ts'

const PATIENCE_MS = 60_000
/** Cord parted to the first alarm frame handed to the radio, the debounce included. */
const ALARM_MS_MAX = 50
/** 40 % of the 2,630 that Puck.js has. */
const VARIABLES_MAX = 1052
const IDENTITY = { iBeacon: iBeaconSetting('e5ca1ade-f007-ba11-0000-000000000000-100-7') }
const DEBOUNCE_MS = settingsIn('{}').cordDebounceMs

test.each(BOARDS)('the bundle of %s is within its bytes', async board => {
  expect(Buffer.byteLength(await builtBundle(board))).toBeLessThanOrEqual(BUNDLE_BYTES_MAX[board])
})

const binary = process.env.ESPRUINO_BIN ?? ''
// Without an interpreter there is nothing to count; the run says that the real one was left out.
if (binary !== '') {
  test('chip time on the real interpreter: an alarm, a heartbeat, a turn of the lights', {
    timeout: PATIENCE_MS,
  }, async () => {
    const { alarmMs, idleMs, restMs, sealMs, sampleMs } = await chipTimes(binary, await builtBundle())
    console.log(
      `cord parted to first frame ${DEBOUNCE_MS} + ${alarmMs.toFixed(1)} ms, heartbeat ${idleMs.toFixed(1)} ms, lights ${restMs.toFixed(1)} ms, alarm frame ${sealMs.toFixed(1)} ms, a sample of movement ${sampleMs.toFixed(1)} ms of chip time`,
    )
    expect(DEBOUNCE_MS + alarmMs).toBeLessThanOrEqual(ALARM_MS_MAX)
    // What the power report counts with may not be less than what is seen.
    expect(idleMs).toBeLessThanOrEqual(HEARTBEAT_TURN_MS)
    expect(restMs).toBeLessThanOrEqual(TURN_MS)
    expect(sealMs).toBeLessThanOrEqual(SEAL_TURN_MS)
    expect(sampleMs).toBeLessThanOrEqual(SAMPLE_MS)
  })

  test('an identity beside it lengthens a heartbeat by no more than is counted, and an alarm by nothing', {
    timeout: PATIENCE_MS,
  }, async () => {
    const bundle = await builtBundle()
    const { alarmMs, idleMs } = await chipTimes(binary, bundle, IDENTITY)
    console.log(
      `with an iBeacon identity: ${alarmMs.toFixed(1)} ms, heartbeat ${idleMs.toFixed(1)} ms of chip time`,
    )
    expect(DEBOUNCE_MS + alarmMs).toBeLessThanOrEqual(ALARM_MS_MAX)
    expect(idleMs).toBeLessThanOrEqual(HEARTBEAT_TURN_MS + IBEACON_TURN_MS)
  })

  test('whatever is on, an alarm takes at most 40 % of the variables of a Puck.js', {
    timeout: PATIENCE_MS,
  }, async () => {
    const program = (await builtProgram()).toString('hex')
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

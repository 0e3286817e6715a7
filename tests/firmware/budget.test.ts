// Chip time from a parted cord to its first frame at the radio, counted on the real interpreter (ESPRUINO_BIN). The
// yardstick is the maker's own: `while (1) {A0.set();A0.reset();}` makes 4,000 turns a second on a 72 MHz Espruino board
// [espruino.com, Performance], so 250 us each; run in the same process, it also takes out how busy this machine is. A
// Puck.js has 64 MHz and a faster core with a cache, so this is taken as an upper bound.
import { expect, test } from 'vitest'
import { BOARDS, BUNDLE_BYTES_MAX, bundleFirmware } from '../../firmware/build.ts'
import { HEARTBEAT_TURN_MS, SEAL_TURN_MS, TURN_MS } from '../../firmware/current.ts'
import { settingsIn } from '../../firmware/settings-file.ts'
import { interpreters } from './interpreter.ts'

const LOOP_MS = 0.25
const PATIENCE_MS = 60_000
/** Cord parted to the first alarm frame handed to the radio, the debounce included. */
const ALARM_MS_MAX = 50
const DEBOUNCE_MS = settingsIn('{}').cordDebounceMs
const RUNS = 5

const stage = `
var store = require("Storage");
store.eraseAll();
store.write("tocsin.json", JSON.stringify({ id: "p-07", key: "231d39c1d7cc1ab1aee224cd096db932" }));
var watches = {}, due, sentAt = 0, nowS = 1000, now = getTime;
var NRF = { getAddress: () => "c7:f9:36:dd:b0:ca", setTxPower: () => 0, setScan: () => 0, setAdvertising: () => { sentAt = now() } };
var BTN = D0, LED1 = D5, LED2 = D4, LED3 = D3;
var getTime = () => nowS;
var setTimeout = (f, ms) => { due = [f, ms]; return 1 }, clearTimeout = () => 0;
var setWatch = (f, p) => { watches["" + p] = f };
var pinMode = () => 0, digitalWrite = () => 0;
E.getBattery = () => 97;
E.enableWatchdog = () => 0;
`
const scene = `
function loops() { var n = 0, t = now(); while (n < 4000) { D1.set(); D1.reset(); n++ } return (now() - t) / 4000 }
function turn() { nowS += due[1] / 1000; var t = now(); due[0](); return now() - t }
function least(a) { return a.reduce((x, y) => x < y ? x : y) }
var idle = [], unit = [loops()];
for (var i = 0; i < 12; i++) idle.push(turn());
unit.push(loops());
nowS += 0.5;
var t = now();
watches.D1({ state: true });
var alarm = sentAt - t;
unit.push(loops());
var rest = [], seal = [];
for (var k = 0; k < 22; k++) { sentAt = 0; var s = turn(); if (sentAt === 0) rest.push(s); else seal.push(s) }
var u = least(unit);
print("@alarm " + alarm / u);
print("@idle " + least(idle) / u);
print("@rest " + least(rest) / u);
print("@seal " + least(seal) / u);
quit();
`

test.each(BOARDS)('the bundle of %s is within its bytes', async board => {
  expect(Buffer.byteLength(await bundleFirmware(board))).toBeLessThanOrEqual(BUNDLE_BYTES_MAX[board])
})

for (const { name, run } of interpreters.filter(({ isReal }) => isReal)) {
  test(`chip time on ${name}: an alarm, a heartbeat, a turn of the lights`, {
    timeout: PATIENCE_MS,
  }, async () => {
    const bundle = await bundleFirmware()
    const times = { alarm: [] as number[], idle: [] as number[], rest: [] as number[], seal: [] as number[] }
    // The least of them: what else this machine does mostly adds.
    for (let i = 0; i < RUNS; i++) {
      for (const line of await run(stage + bundle + scene, 1)) {
        const [what, loops] = line.split(' ')
        if (what === 'alarm' || what === 'idle' || what === 'rest' || what === 'seal')
          times[what].push(Number(loops) * LOOP_MS)
      }
    }
    expect(times.alarm).toHaveLength(RUNS)
    const least = (of: number[]): number => Math.min(...of)
    console.log(
      `cord parted to first frame ${DEBOUNCE_MS} + ${least(times.alarm).toFixed(1)} ms, heartbeat ${least(times.idle).toFixed(1)} ms, lights ${least(times.rest).toFixed(1)} ms, alarm frame ${least(times.seal).toFixed(1)} ms of chip time`,
    )
    expect(DEBOUNCE_MS + least(times.alarm)).toBeLessThanOrEqual(ALARM_MS_MAX)
    // What the power report counts with may not be less than what is seen.
    expect(least(times.idle)).toBeLessThanOrEqual(HEARTBEAT_TURN_MS)
    expect(least(times.rest)).toBeLessThanOrEqual(TURN_MS)
    expect(least(times.seal)).toBeLessThanOrEqual(SEAL_TURN_MS)
  })
}

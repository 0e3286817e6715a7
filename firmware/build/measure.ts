// In: a Linux build of Espruino, a bundle and its tokenised program. Out: how many variables the program uses there, and
// how much of the chip's time an alarm, a heartbeat and the lights take. The yardstick of time is the maker's own:
// `while (1) {A0.set();A0.reset();}` makes 4,000 turns a second on a 72 MHz Espruino board [espruino.com, Performance], so
// 250 us each; run in the same process, it also takes out how busy this machine is. A Puck.js has 64 MHz and a faster core
// with a cache, so this is taken as an upper bound.
import { onInterpreter } from './interpreter.ts'

const LOOP_MS = 0.25
const RUNS = 5
/** Of the flash written at once. */
const CHUNK_DIGITS = 1024

/** Settings beside id and key. */
type More = Readonly<Record<string, unknown>>

/** What a desk machine lacks, and a timer that waits to be run. The radio keeps what it is given, as the chip's does. */
const stageOf = (more: More): string => `
var store = require("Storage");
store.eraseAll();
store.write("tocsin.json", '${JSON.stringify({ id: 'p-07', key: '231d39c1d7cc1ab1aee224cd096db932', ...more })}');
var watches = {}, due, aired, sentAt = 0, nowS = 1000, now = getTime;
var NRF = { getAddress: () => "c7:f9:36:dd:b0:ca", setTxPower: () => 0, setScan: () => 0, setAdvertising: a => { aired = a; sentAt = now() } };
var BTN = D0, LED1 = D5, LED2 = D4, LED3 = D3;
var getTime = () => nowS;
var setTimeout = (f, ms) => { due = [f, ms]; return 1 }, clearTimeout = () => 0;
var setWatch = (f, p) => { watches["" + p] = f };
var pinMode = () => 0, digitalWrite = () => 0;
E.getBattery = () => 97;
E.enableWatchdog = () => 0;
var felt, Puck = { accelOn: () => 0, on: (e, f) => { felt = f } };
`
/**
 * Samples of a pendant that moves, which are learnt from and cost more than those of one that hangs still; then the cord is
 * parted after some idling. Each turn is timed, in turns of the yardstick.
 */
const scene = `
function loops() { var n = 0, t = now(); while (n < 4000) { D1.set(); D1.reset(); n++ } return (now() - t) / 4000 }
function turn() { nowS += due[1] / 1000; var t = now(); due[0](); return now() - t }
function least(a) { return a.reduce((x, y) => x < y ? x : y) }
var idle = [], unit = [loops()];
function sample(y) { var t = now(); felt({ acc: { x: 0, y: y, z: 800 } }); return now() - t }
var moving = [];
for (var j = 0; felt && j < 99; j++) moving.push(sample(8192 + j % 2 * 2000));
moving = moving.slice(70);
for (var i = 0; i < 200; i++) idle.push(turn());
unit.push(loops());
nowS += 0.5;
var t = now();
watches.D1({ state: true });
var alarm = sentAt - t;
unit.push(loops());
var rest = [], seal = [];
for (var k = 0; k < 80; k++) { sentAt = 0; var s = turn(); if (sentAt === 0) rest.push(s); else seal.push(s) }
var u = least(unit);
print("@alarm " + alarm / u);
if (felt) print("@sample " + least(moving) / u);
print("@idle " + least(idle) / u);
print("@rest " + least(rest) / u);
print("@seal " + least(seal) / u);
quit();
`

export type ChipTimes = { alarmMs: number; idleMs: number; restMs: number; sealMs: number; sampleMs: number }

/**
 * In ms of the chip: cord settled to first frame at the radio; a heartbeat; a turn of lights or ear; a frame of an alarm; a sample of
 * the accelerometer, Infinity where man-down is off. All of it is measured with man-down on, where `more` does not say otherwise.
 * The least of some runs, because what else this machine does mostly adds.
 */
export const chipTimes = async (
  binary: string,
  bundle: string,
  more: More = { manDown: 1 },
): Promise<ChipTimes> => {
  const least = { alarm: Infinity, idle: Infinity, rest: Infinity, seal: Infinity, sample: Infinity }
  for (let i = 0; i < RUNS; i++) {
    for (const line of await onInterpreter(binary, stageOf(more) + bundle + scene, 1)) {
      const [what, loops] = line.split(' ')
      if (what === 'alarm' || what === 'idle' || what === 'rest' || what === 'seal' || what === 'sample')
        least[what] = Math.min(least[what], Number(loops) * LOOP_MS)
    }
  }
  return {
    alarmMs: least.alarm,
    idleMs: least.idle,
    restMs: least.rest,
    sealMs: least.seal,
    sampleMs: least.sample,
  }
}

/** Writes a tokenised program, as hex, to the file `p`, where `store` is the chip's Storage. */
const writesOf = (program: string): string =>
  (program.match(new RegExp(`.{1,${CHUNK_DIGITS}}`, 'g')) ?? [])
    .map(chunk => chunk.replace(/../g, '\\x$&'))
    .map((chunk, i) => `store.write("p", "${chunk}", ${(i * CHUNK_DIGITS) / 2}, ${program.length / 2});`)
    .join('\n')

/**
 * Runs a tokenised program (hex) from flash, on a stage that has `store`, `NRF` and `digitalWrite`, and prints
 * "variables N" once it runs and "peak N" after `forMs`. Sampled where the stack is deepest: inside what it calls of the chip.
 */
export const countingVariables = (program: string, forMs: number): string => `${writesOf(program)}
var peak = 0, used = 0;
function sample() { peak = Math.max(peak, process.memory().usage - used) }
var aes = require("crypto").AES, encrypt = aes.encrypt, set = NRF.setAdvertising, scan = NRF.setScan, write = digitalWrite;
aes.encrypt = (a, b, c) => { sample(); var made = encrypt(a, b, c); sample(); return made };
NRF.setAdvertising = (a, b) => { sample(); set(a, b) };
NRF.setScan = (a, b) => { sample(); scan(a, b) };
digitalWrite = (a, b) => { sample(); write(a, b) };
used = process.memory().usage;
eval(store.read("p"));
print("@variables " + (process.memory().usage - used));
setTimeout(() => { print("@peak " + peak) }, ${forMs});
`

/** What `countingVariables` printed. */
export const variablesIn = (lines: readonly string[]): { boot: number; peak: number } => {
  const after = (name: string): number =>
    Number(lines.find(line => line.startsWith(`${name} `))?.slice(name.length + 1))
  return { boot: after('variables'), peak: after('peak') }
}

/** Played in real time: idle, and the cord pulled. */
const pulled = `
setTimeout(() => watches.D1({ state: true }), 500);
`

const live = (more: More): string => stageOf(more).replace(/^var (setTimeout|getTime) .*$/gm, '')

/** Of the program (hex), after its boot and at the peak of an alarm of the cord. */
export const chipVariables = async (
  binary: string,
  program: string,
  more: More = {},
): Promise<{ boot: number; peak: number }> =>
  variablesIn(await onInterpreter(binary, live(more) + countingVariables(program, 1700) + pulled, 1800))

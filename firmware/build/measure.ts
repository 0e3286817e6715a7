// In: a Linux build of Espruino and a tokenised program. Out: how many variables the program uses there, and how much of
// the chip's time an alarm, a heartbeat and the lights take. The yardstick of time is the maker's own:
// `while (1) {A0.set();A0.reset();}` makes 4,000 turns a second on a 72 MHz Espruino board [espruino.com, Performance], so
// 250 us each. A Puck.js has 64 MHz, a faster core with a cache and a newer interpreter: it is taken as an upper bound.
import { onInterpreter } from './interpreter.ts'

const LOOP_MS = 0.25
const RUNS = 4
/** Of the flash written at once. */
const CHUNK_DIGITS = 1024

/** Settings beside id and key. */
type More = Readonly<Record<string, unknown>>

/** What a desk machine lacks. The radio keeps what it is given, as the chip's does. */
const stageOf = (more: More): string => `
var store = require("Storage");
function enrol() {
  store.eraseAll();
  store.write("tocsin.json", '${JSON.stringify({ id: 'p-07', key: '231d39c1d7cc1ab1aee224cd096db932', ...more })}');
}
enrol();
var watches = {}, aired;
var NRF = { getAddress: () => "c7:f9:36:dd:b0:ca", setTxPower: () => 0, setScan: () => 0, setAdvertising: a => { aired = a } };
var BTN = D0, LED1 = D5, LED2 = D4, LED3 = D3;
var setWatch = (f, p) => { watches["" + p] = f };
var digitalWrite = () => 0;
E.getBattery = () => 97;
E.enableWatchdog = () => 0;
var felt, Puck = { accelOn: () => 0, on: (e, f) => { felt = f } };
`

/**
 * The same where time stands still until it is moved. What the chip has in C is in C here too, because a stand-in in
 * JavaScript would be counted as ours: the clock is a sum, and what is asked of setTimeout is pushed to `asked`. But for
 * the radio, which tells when it was called: that call stands for what the chip does then.
 */
const stillStage = (more: More): string => `${stageOf(more)}
var now = getTime, clock = new Float64Array([1000]), getTime = E.sum.bind(E, clock);
var asked = [], setTimeout = asked.push.bind(asked), clearTimeout = isFinite;
var sentAt = 0, everyMs = 0;
NRF.setAdvertising = (a, b) => { sentAt = now(); aired = a; everyMs = b.interval };
function one(n) { var t = now(); while (1) {D1.set();D1.reset();if(!n--)break} return now() - t }
function two(n) { var t = now(); while (1) {D1.set();D1.reset();if(!n--)break;if(!n--)break} return now() - t }
`

/** Of the lives in which it asks, the first time 10 s after its boot; a frame of an ask is repeated at least so often. */
const ASK_EVERY_MS = 30_000
const ASK_REPEATED_MS = 500

/**
 * Yardstick and turns alternate, in pieces of less than a ms, and the least of each counts: whatever else this machine does
 * comes between the pieces, or lengthens both. The two loops differ by what ends them, so that twice the first less the
 * second is the yardstick alone.
 */
const measuring = `
var best = {}, timers = [];
function note(name, s) { if (!(best[name] <= s)) best[name] = s }
function measure() { note("one", one(25) / 26); note("two", two(50) / 26) }
function book() {
  while (asked.length) {
    var f = asked.shift(), at = clock[0] + asked.shift() / 1000;
    timers = timers.filter(each => each.f != f);
    timers.push({ f: f, at: at });
  }
}
var wake, isAhead;
function boot(askEveryMs) {
  enrol();
  var settings = JSON.parse(store.read("tocsin.json"));
  settings.askEveryMs = askEveryMs;
  store.write("tocsin.json", JSON.stringify(settings));
  timers = [];
  watches = {};
  clock[0] += 1000;
  eval(P);
  book();
  wake = timers[timers.length - 1].f;
}
function turn() {
  var next = timers.reduce((a, b) => a.at <= b.at ? a : b);
  timers = timers.filter(each => each != next);
  isAhead = next.f != wake;
  clock[0] = Math.max(clock[0], next.at);
  sentAt = 0;
  var t = now();
  next.f();
  t = now() - t;
  book();
  measure();
  return t;
}
function ask() {
  boot(${ASK_EVERY_MS});
  for (var frames = 0; frames < 3;) {
    turn();
    if (sentAt && everyMs <= ${ASK_REPEATED_MS}) frames++;
  }
}
function settle() {
  while (timers.length > 1) turn();
  clock[0] += 0.3;
  measure();
}
`

/**
 * The cord is parted in the middle of an ask: at the very instant of one of its frames, and in another life once nothing is
 * waited for but the next. In a third, which never asks, samples of a pendant that moves, which are learnt from and cost
 * more than those of one that hangs still; idle frames, each with all that is done until the next ("beat"); then the cord is
 * parted, once nothing is waited for but the next, and the frames of the alarm follow, each with what is worked out after it.
 */
const scene = (cord: string, beats: number): string => `(function () {
${measuring}
function sample(y) { var t = now(); felt({ acc: { x: 0, y: y, z: 800 } }); return now() - t }
function pull(name) {
  sentAt = 0;
  var t = now();
  watches.${cord}({ state: true });
  note(name, sentAt - t);
  book();
}
for (var n = 0; n < 4; n++) {
  ask();
  pull("sudden");
  ask();
  settle();
  pull("ask");
  boot(0);
  if (felt) for (var j = 0; j < 99; j++) { var s = sample(8192 + j % 2 * 2000); measure(); if (j >= 70) note("sample", s) }
  var beat = 0, count = 0;
  while (count < ${beats}) {
    var s = turn();
    if (sentAt === 0) {
      beat += s;
      continue;
    }
    if (count > 3) { note("beat", beat); note("idle", s) }
    beat = s;
    count++;
  }
  settle();
  pull("alarm");
  var seal = 0, rests = [];
  for (var k = 0; k < 60; k++) {
    s = turn();
    if (sentAt) {
      if (k > 12) note("seal", seal);
      seal = s;
    } else if (isAhead) seal += s;
    else rests.push(s);
  }
  // Not the least, because in some of them nothing is due.
  rests.sort((a, b) => a - b);
  note("rest", rests[rests.length >> 1]);
}
var unit = 2 * best.one - best.two;
for (var name in best) print("@" + name + " " + best[name] / unit);
quit();
})();
`

/** The program as a text in memory; it is the interpreter's own tokens that are counted, as on the chip. */
const inMemory = (program: string): string =>
  `var P = "";\n${(program.match(new RegExp(`.{1,${CHUNK_DIGITS}}`, 'g')) ?? [])
    .map(chunk => `P += "${chunk.replace(/../g, '\\x$&')}";`)
    .join('\n')}\n`

/** In ms of the chip. */
export type ChipTimes = {
  /** Cord settled to the first frame at the radio: after an idle frame; in an ask; and at the instant of a frame of it. */
  alarmMs: number
  askAlarmMs: number
  suddenAlarmMs: number
  /** The turn of an idle pendant that airs its next frame; and all that it does from one such turn to the next. */
  idleMs: number
  beatMs: number
  /** A turn of lights or ear; one that seals in an alarm, and what is worked out ahead after it. */
  restMs: number
  sealMs: number
  /** A sample of the accelerometer; NaN on a board that has none, and where man-down is off. */
  sampleMs: number
}

/** The times of a tokenised program (hex) of a board with its cord at the pad `cord`, all of it with man-down on, where `more` does not say otherwise. */
export const chipTimes = async (
  binary: string,
  program: string,
  cord = 'D1',
  more: More = { manDown: 1 },
): Promise<ChipTimes> => {
  const least = new Map<string, number>()
  for (let i = 0; i < RUNS; i++) {
    const script = stillStage(more) + inMemory(program) + scene(cord, 12)
    for (const line of await onInterpreter(binary, script, 1)) {
      const [what = '', loops] = line.split(' ')
      least.set(what, Math.min(least.get(what) ?? Infinity, Number(loops) * LOOP_MS))
    }
  }
  if (!least.has('seal'))
    throw new Error('expected times of the interpreter, and it was stopped before it told any')
  const ms = (what: string): number => least.get(what) ?? Number.NaN
  return {
    alarmMs: ms('alarm'),
    askAlarmMs: ms('ask'),
    suddenAlarmMs: ms('sudden'),
    idleMs: ms('idle'),
    beatMs: ms('beat'),
    restMs: ms('rest'),
    sealMs: ms('seal'),
    sampleMs: ms('sample'),
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

/** Of the program (hex), after its boot and at the peak of an alarm of the cord. */
export const chipVariables = async (
  binary: string,
  program: string,
  more: More = {},
): Promise<{ boot: number; peak: number }> =>
  variablesIn(await onInterpreter(binary, stageOf(more) + countingVariables(program, 1700) + pulled, 1800))

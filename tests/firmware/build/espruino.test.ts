// What the firmware stands on, asked of every interpreter there is; and the built bundle on each, playing one scene that
// must come out the same byte for byte: power on, cord pulled, a beacon heard.
import { createDecipheriv } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { countingVariables, variablesIn } from '../../../firmware/build/measure.ts'
import { iBeaconSetting } from '../../../schemas/ibeacon.ts'
import { builtBundle, builtProgram } from '../built.ts'
import { interpreters } from './interpreter.ts'

const KEY = '231d39c1d7cc1ab1aee224cd096db932'
/** The real interpreter runs in real time, on a machine that may be busy. */

const ZERO_BLOCK = [102, 233, 75, 212, 239, 138, 44, 59, 136, 76, 250, 89, 202, 52, 43, 46]

const asked = `
var aes = require("crypto").AES, key = new Uint8Array(16), store = require("Storage");
store.eraseAll();
function ask(name, f) {
  var answer;
  try { answer = f() } catch (e) { answer = "throws" }
  print("@" + name + " " + JSON.stringify(answer === undefined ? "undefined" : answer));
}
ask("ecb", () => new Uint8Array(aes.encrypt(new Uint8Array(16), key, { mode: "ECB" })));
ask("ecb-two-blocks", () => new Uint8Array(aes.encrypt(new Uint8Array(32), key, { mode: "ECB" })).length);
ask("ecb-rest", () => new Uint8Array(aes.encrypt(new Uint8Array(17), key, { mode: "ECB" }))[16]);
ask("ecb-decrypt", () => new Uint8Array(aes.decrypt(aes.encrypt([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6], key, { mode: "ECB" }), key, { mode: "ECB" })));
ask("cbc-is-default", () => new Uint8Array(aes.encrypt(new Uint8Array(16), key)));
ask("cbc-chained", () => new Uint8Array(aes.encrypt(new Uint8Array(32), key, { mode: "CBC" })).subarray(16));
ask("cbc-short-iv", () => new Uint8Array(aes.encrypt(new Uint8Array(16), key, { iv: new Uint8Array([1, 2]) })));
ask("cbc-odd-length", () => aes.encrypt(new Uint8Array(17), key));
ask("odd-key", () => aes.encrypt(new Uint8Array(16), new Uint8Array(5)));
ask("odd-mode", () => aes.encrypt(new Uint8Array(16), key, { mode: "XXX" }));
ask("of-a-view", () => { var b = new Uint8Array(20); b[4] = 1; return new Uint8Array(aes.encrypt(b.subarray(4, 20), key, { mode: "ECB" })).length });
ask("slice-is-array", () => new Uint8Array([1, 2, 3]).slice(1) instanceof Uint8Array);
ask("filter-is-array", () => new Uint8Array([1, 2, 3]).filter(x => x > 1) instanceof Uint8Array);
ask("subarray-is-view", () => new Uint8Array([1, 2, 3]).subarray(1) instanceof Uint8Array);
ask("to-array-buffer", () => new Uint8Array(E.toArrayBuffer("abc")));
ask("missing", () => [typeof Map, typeof Set, typeof Symbol, typeof Proxy, typeof Reflect, typeof Number.isNaN, typeof Array.from, typeof [].flat, typeof "".at]);
ask("counter-bytes", () => [4294967295 % 256, Math.floor(4294967295 / 256), 4294967295 >> 24]);
ask("absent-file", () => store.read("nope"));
ask("write", () => [store.write("a", "one"), store.write("a", "other"), store.read("a")]);
ask("write-nothing", () => store.write("a", ""));
ask("write-bytes", () => { store.write("b", new Uint8Array([1, 200, 255])); return store.read("b").charCodeAt(1) });
ask("write-object", () => { store.write("c", { a: 1 }); return store.read("c") });
ask("write-in-parts", () => { store.write("d", "Hello", 0, 8); store.write("d", "xy", 6); return store.read("d").charCodeAt(5) });
ask("read-part", () => store.read("a", 1, 3));
ask("module", () => require("nope"));
ask("clear", () => clearTimeout(77));
ask("clear-undefined", () => clearTimeout(undefined));
ask("no-function", () => setTimeout(5, 1));
ask("odd-edge", () => setWatch(() => 1, D1, { edge: "x" }));
ask("pin", () => [digitalRead(D2), D2.read()]);
ask("template", () => \`turn failed: \${new Error("x")}\`);
process.on("uncaughtException", e => print("@uncaught " + e));
setTimeout(() => { nothing() }, 5);
setTimeout(() => print("@order second"), 20);
setTimeout(() => print("@order first"), 10);
`

const answers: readonly string[] = [
  `ecb ${JSON.stringify(ZERO_BLOCK)}`,
  'ecb-two-blocks 32',
  'ecb-rest 0',
  'ecb-decrypt [1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6]',
  `cbc-is-default ${JSON.stringify(ZERO_BLOCK)}`,
  'cbc-chained [247,149,189,74,82,226,158,215,19,211,19,250,32,233,141,188]',
  'cbc-short-iv [239,205,34,144,185,174,225,134,182,150,247,255,61,64,139,178]',
  'cbc-odd-length "undefined"',
  'odd-key "undefined"',
  'odd-mode "throws"',
  'of-a-view 16',
  'slice-is-array false',
  'filter-is-array false',
  'subarray-is-view true',
  'to-array-buffer [97,98,99]',
  `missing ${JSON.stringify(Array.from({ length: 9 }, () => 'undefined'))}`,
  'counter-bytes [255,16777215,-1]',
  'absent-file "undefined"',
  'write [true,true,"other"]',
  'write-nothing "throws"',
  'write-bytes 200',
  'write-object "{\\"a\\":1}"',
  'write-in-parts 255',
  'read-part "the"',
  'module "throws"',
  'clear "undefined"',
  'clear-undefined "throws"',
  'no-function "throws"',
  'odd-edge "throws"',
  'pin [0,false]',
  'template "turn failed: Error: x"',
  'uncaught ReferenceError: ',
  'order first',
  'order second',
]

/** What a desk machine lacks, and the scene's hands and ears; the real chip's own functions are put aside. */
const stage = `
var store = require("Storage");
store.eraseAll();
store.write("tocsin.json", JSON.stringify({ id: "p-07", key: "231d39c1d7cc1ab1aee224cd096db932" }));
function hex(a) { var s = ""; for (var i = 0; i < a.length; i++) s += ("0" + a[i].toString(16)).substr(-2); return s }
var level = {}, watches = {}, scanned;
var NRF = {
  getAddress: () => "c7:f9:36:dd:b0:ca random",
  setTxPower: dbm => print("@power " + dbm),
  setAdvertising: (d, o) => print("@sent " + hex(d) + " " + o.interval + " " + o.connectable + " " + o.scannable + " " + o.manufacturer),
  setScan: (f, o) => { scanned = f; print("@scan " + (f ? JSON.stringify(o) : "off")) }
};
var BTN = D0, LED1 = D5, LED2 = D4, LED3 = D3;
var setWatch = (f, p, o) => { watches["" + p] = f; print("@watch " + p + " " + JSON.stringify(o)) };
var modes = 0, pinMode = (p, m) => { if (modes++ < 2) print("@mode " + p + " " + m) };
var digitalWrite = (p, v) => { if (level["" + p] !== v) { level["" + p] = v; print("@light " + p + " " + v) } };
E.getBattery = () => 97;
E.enableWatchdog = (s, auto) => print("@watchdog " + s + " " + auto);
`

/** Told coming about alarm 1, frame counter 1, under beacon counter 5; made with node:crypto. */
const BEACON = 'b1b0ca05000000a5758ce9d44a968f711a'
const scene = `
setTimeout(() => watches.D1({ state: true }), 500);
setTimeout(() => {
  var b = new Uint8Array(17), h = "${BEACON}";
  for (var i = 0; i < 17; i++) b[i] = parseInt(h.substr(i * 2, 2), 16);
  scanned({ manufacturerData: b.buffer });
}, 600);
setTimeout(() => print("@files " + store.read("tocsin.m0").substr(0, 15) + " " + store.read("tocsin.m1")), 2200);
`

const played: readonly string[] = [
  'watchdog 15 true',
  'power 4',
  'mode D1 input_pullup',
  'watch D1 {"repeat":true,"edge":"both","debounce":20}',
  'mode D1 input',
  'watch D0 {"repeat":true,"edge":"both","debounce":25}',
  'sent 0201061716d2fc451ba7a335150fb50168bccd000000002dd233bc 2000 false false false',
  'sent 0201061716d2fc45d9809afc87a907be83a0ec01000000f44274c0 100 false false false',
  'scan {"filters":[{"manufacturerData":{"1424":{}}}]}',
  'light D5 true',
  'light D4 false',
  'light D3 false',
]

/** Idle, alarm, the alarm with 'told' set as soon as the beacon is believed, and again each second. */
const sent: readonly string[] = [
  '0201061716d2fc451ba7a335150fb50168bccd000000002dd233bc 2000',
  '0201061716d2fc45d9809afc87a907be83a0ec01000000f44274c0 100',
  '0201061716d2fc45a4748dc6d5fc9a4c01582702000000068c9c7f 100',
  '0201061716d2fc4572f9c39aa9278ae7a8b0af030000002ddc5f32 100',
].map(frame => `sent ${frame} false false false`)

/** Two presses, then in that alarm the pattern of a duress, then a single press. Real time, so with room to be late. */
const hands = `
var edges = [[300, true], [450, false], [600, true], [750, false],
  [2000, true], [2150, false], [2300, true], [2450, false], [2600, true], [4300, false],
  [5500, true], [5650, false]];
edges.forEach(edge => setTimeout(() => watches.D0({ state: edge[1] }), edge[0]));
`

/** Kind and alarm number of a sealed frame on the air. */
const kindOf = (line: string): string => {
  const data = Buffer.from(line.split(' ')[1] ?? '', 'hex')
  const nonce = Buffer.concat([Buffer.from('c7f936ddb0cad2fc45', 'hex'), data.subarray(19, 23)])
  const decipher = createDecipheriv('aes-128-ccm', Buffer.from(KEY, 'hex'), nonce, { authTagLength: 4 })
  decipher.setAuthTag(data.subarray(23, 27))
  const plain = decipher.update(data.subarray(8, 19))
  decipher.final()
  return `${(plain[8] ?? 0) & 0x0f} of ${plain[9]}`
}

let bundle = ''
beforeAll(async () => {
  bundle = await builtBundle()
})

describe.each(interpreters)('on $name', interpreter => {
  test('the language and the modules are as the firmware takes them to be', async () => {
    const lines = await interpreter.run(asked, 100)
    const known = lines.map(line =>
      line.startsWith('uncaught ReferenceError: ') ? 'uncaught ReferenceError: ' : line,
    )
    expect(known).toEqual(answers)
  })

  test('the bundle boots, raises a pulled cord and shows coming', async () => {
    const lines = await interpreter.run(stage + bundle + scene, 2300)
    expect(lines.slice(0, played.length)).toEqual(played)
    expect(lines.filter(line => line.startsWith('sent '))).toEqual(sent)
    const dark = lines.indexOf('light D5 false')
    const green = lines.indexOf('light D4 true')
    expect(dark).toBeGreaterThan(0)
    expect(green).toBeGreaterThan(lines.indexOf('light D5 true'))
    expect(lines.slice(green)).not.toContain('light D4 false')
    expect(lines.at(-1)).toBe('files 1,4096,0,457531 undefined')
  })

  test('an identity goes to the radio in a list with the second frame, or that frame alone where the radio throws', async () => {
    const packet = iBeaconSetting('e5ca1ade-f007-ba11-0000-000000000000-100-7')
    const settings = `"key": "${KEY}", "iBeacon": "${packet}" }`
    const airing = stage
      .replace(`key: "${KEY}" }`, settings)
      .replace(
        '(d, o) => print("@sent " + hex(d)',
        '(d, o) => print("@sent " + (Array.isArray(d) ? d.map(a => hex(a)).join("+") : hex(d))',
      )
    expect(airing).toContain(packet)
    const [first = '', second = ''] = (await interpreter.run(airing + bundle, 2100)).filter(line =>
      line.startsWith('sent '),
    )
    expect(first).toBe('sent 0201061716d2fc451ba7a335150fb50168bccd000000002dd233bc 670 false false false')
    expect(second).toMatch(
      new RegExp(`^sent 0201061716d2fc45[0-9a-f]{38}\\+${packet} 670 false false false$`),
    )
    expect(kindOf(second)).toBe('0 of 0')
    const refusing = airing
      .replace('Array.isArray(d) ?', 'Array.isArray(d) ? no(')
      .replace('.join("+") :', '.join("+")) :')
    const alone = (
      await interpreter.run(`${refusing}\nfunction no() { throw new Error("no") }\n${bundle}`, 2100)
    ).filter(line => line.startsWith('sent '))
    expect(alone).toEqual([first, second.replace(`+${packet}`, '')])
  })

  test('two presses call for assistance; two and a hold are a duress, after which the lights are as if it were over', async () => {
    const lines = await interpreter.run(stage + bundle + hands, 6800)
    const kinds = lines.filter(line => line.startsWith('sent ')).map(kindOf)
    const said = kinds.filter((kind, i) => kind !== kinds[i - 1])
    // A duress that asks (schemas/frame.ts), as a cancel and an okay do.
    expect(said).toEqual(['0 of 0', '3 of 1', '12 of 2', '10 of 2'])
    // Nobody has answered yet, so that nothing has lit up since the assistance, which is red alone.
    const darkAt = lines.lastIndexOf('light D5 false')
    expect(lines).not.toContain('light D4 true')
    expect(lines.slice(darkAt).some(line => line.startsWith('light') && line.endsWith('true'))).toBe(false)
  })
})

/** 40 % of the 2,630 that Puck.js has. */
const VARIABLES_MAX = 1052

// The simulated chip has no tokeniser, so this one is only for the interpreter that has.
for (const interpreter of interpreters.filter(({ isReal }) => isReal)) {
  test(`the tokenised program runs from flash on ${interpreter.name} and uses at most 40 % of a Puck's variables, in an alarm too`, async () => {
    const program = (await builtProgram()).toString('hex')
    const lines = await interpreter.run(stage + countingVariables(program, 2250) + scene, 2300)
    expect(lines.filter(line => line.startsWith('sent '))).toEqual(sent)
    const { boot: variables, peak } = variablesIn(lines)
    expect(variables).toBeGreaterThan(0)
    console.log(`${variables} variables after boot, ${peak} at the peak of an alarm`)
    expect(peak).toBeGreaterThan(variables)
    expect(peak).toBeLessThanOrEqual(VARIABLES_MAX)
  })
}

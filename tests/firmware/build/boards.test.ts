// Every board's bundle on the simulated chip: what it puts on the air is opened with node:crypto alone. And each bundle
// on the real interpreter, where there is one: it loads, and its first frames are the same, byte for byte.
import { createDecipheriv } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { BoardName } from '../../../firmware/build/pack.ts'
import { BOARDS } from '../../../firmware/build.ts'
import { steppedClock } from '../../../simulator/clock.ts'
import { type ChipBoard, createPendantHost } from '../../../simulator/espruino/host.ts'
import { ADDRESS, enrolled, KEY } from '../../simulator/espruino/pendant.ts'
import { builtBundle } from '../built.ts'
import { interpreters } from './interpreter.ts'

const CHIPS: Readonly<Record<BoardName, ChipBoard>> = {
  puckjs: 'PUCKJS',
  mdbt42q: 'MDBT42Q',
  banglejs2: 'BANGLEJS2',
}
/** null: no pad for a cord. */
const CORDS: Readonly<Record<BoardName, string | null>> = { puckjs: 'D1', mdbt42q: 'D3', banglejs2: null }

const bundles = new Map<BoardName, string>()
beforeAll(async () => {
  for (const board of BOARDS) bundles.set(board, await builtBundle(board))
})

const wear = (board: BoardName, more: Readonly<Record<string, unknown>> = {}, hasAccelerometer = true) => {
  const clock = steppedClock(1_800_000_000_000)
  const shown: string[] = []
  const host = createPendantHost({
    bundle: bundles.get(board) ?? '',
    board: CHIPS[board],
    address: ADDRESS,
    clock,
    storage: enrolled(more),
    batteryPercent: () => 97,
    hasAccelerometer,
    shown: what => shown.push(what),
  })
  const sent: Uint8Array[] = []
  host.onAdvertisement(({ data }) => sent.push(data))
  host.setPin(CORDS[board] ?? 'D1', 0)
  return { clock, host, sent, shown }
}

const opened = (data: Uint8Array) => {
  expect(Buffer.from(data.subarray(0, 8)).toString('hex')).toBe('0201061716d2fc45')
  const service = data.subarray(7)
  const counter = service.subarray(-8, -4)
  const nonce = Buffer.concat([Buffer.from('c7f936ddb0ca', 'hex'), Buffer.from('d2fc45', 'hex'), counter])
  const decipher = createDecipheriv('aes-128-ccm', Buffer.from(KEY, 'hex'), nonce, { authTagLength: 4 })
  decipher.setAuthTag(service.subarray(-4))
  const plain = decipher.update(service.subarray(1, -8))
  decipher.final()
  return {
    counter: Buffer.from(counter).readUInt32LE(),
    kind: (plain[8] ?? 0) & 15,
    number: plain[9],
    flags: (plain[10] ?? 0) & 15,
  }
}

describe.each(BOARDS)('on %s', board => {
  test('idle frames, and those of a held button, open; no counter seals two frames', () => {
    const { clock, host, sent } = wear(board)
    host.powerOn()
    clock.advance(5000)
    host.setPin('BTN', 1)
    clock.advance(3000)
    host.setPin('BTN', 0)
    clock.advance(15_000)
    const frames = sent.map(opened)
    expect(frames[0]).toMatchObject({ kind: 0, number: 0, flags: 0 })
    expect(frames.at(-1)).toMatchObject({ kind: 2, number: 1, flags: 0 })
    const texts = new Map<number, string>()
    frames.forEach(({ counter }, i) => {
      const text = Buffer.from(sent[i] ?? []).toString('hex')
      expect(texts.get(counter) ?? text).toBe(text)
      texts.set(counter, text)
    })
    expect(host.console()).toEqual([])
  })
})

test.each(['puckjs', 'mdbt42q'] as const)('a parted cord on %s opens as one', board => {
  const { clock, host, sent } = wear(board)
  host.powerOn()
  clock.advance(5000)
  host.setPin(CORDS[board] ?? '', 1)
  clock.advance(1000)
  expect(opened(sent.at(-1) ?? new Uint8Array())).toMatchObject({ kind: 1, number: 1, flags: 1 })
})

test('a Bangle.js shows in words what is known, and tells it by its motor', () => {
  const { clock, host, shown } = wear('banglejs2')
  host.powerOn()
  clock.advance(5000)
  expect(shown).toEqual([])
  host.setPin('BTN', 1)
  clock.advance(2000)
  expect(shown).toEqual(['screen ALARM', 'buzz 150'])
})

test.each([
  { telling: 2, shown: ['screen ALARM', 'buzz 150'] },
  { telling: 1, shown: ['screen ALARM'] },
  { telling: 0, shown: [] },
])('with telling $telling a Bangle.js shows $shown', ({ telling, shown: expected }) => {
  const { clock, host, shown } = wear('banglejs2', { telling })
  host.powerOn()
  clock.advance(5000)
  host.setPin('BTN', 1)
  clock.advance(2000)
  expect(shown).toEqual(expected)
})

test.each(['puckjs', 'mdbt42q'] as const)(
  'with telling 0 %s has no light for anything, and alarms as ever',
  board => {
    const { clock, host, sent } = wear(board, { telling: 0 })
    const lit: unknown[] = []
    host.onLights(lights => lit.push(lights))
    host.powerOn()
    clock.advance(120_000)
    host.setPin('BTN', 1)
    clock.advance(150)
    host.setPin('BTN', 0)
    clock.advance(10_000)
    host.setPin(CORDS[board] ?? '', 1)
    clock.advance(10_000)
    expect(lit).toEqual([])
    expect(opened(sent.at(-1) ?? new Uint8Array())).toMatchObject({ kind: 1, number: 1 })
  },
)

test('nobody listens: a Bangle.js says so in words that stay', () => {
  const { clock, host, shown } = wear('banglejs2')
  host.powerOn()
  clock.advance(40_000)
  expect(shown).toEqual(['screen NOBODY LISTENS', 'buzz 150', 'screen NOBODY LISTENS'])
})

describe('man-down', () => {
  /** Two minutes of somebody who moves about upright, then as long as `stillMs` of lying still. */
  const fall = ({ clock, host }: ReturnType<typeof wear>, stillMs: number): void => {
    for (let i = 0; i < 200; i++) {
      host.move({ x: 0, y: 1 + (i % 2) / 4, z: 0.1 })
      clock.advance(625)
    }
    host.move({ x: 0.1, y: 0, z: 1 })
    clock.advance(stillMs)
  }
  const kinds = (sent: readonly Uint8Array[]): number[] => [...new Set(sent.map(data => opened(data).kind))]

  test.each([
    { board: 'puckjs', downMs: 45_000 },
    { board: 'banglejs2', downMs: 315_000 },
  ] as const)(
    'on $board who lies still is an alarm after $downMs ms, and not before',
    ({ board, downMs }) => {
      const pendant = wear(board, { manDown: 1, askEveryMs: 0 })
      pendant.host.powerOn()
      fall(pendant, downMs - 1000)
      expect(kinds(pendant.sent)).toEqual([0])
      pendant.clock.advance(4000)
      expect(kinds(pendant.sent)).toEqual([0, 4])
      expect(opened(pendant.sent.at(-1) ?? new Uint8Array())).toMatchObject({ kind: 4, number: 1, flags: 0 })
      expect(pendant.host.console()).toEqual([])
      if (board === 'banglejs2')
        expect(pendant.shown).toEqual(['screen MAN DOWN?', 'buzz 2000', 'screen ALARM', 'buzz 150'])
    },
  )

  test('the pre-alarm is quick yellow and red, and moving the pendant ends it', () => {
    const pendant = wear('puckjs', { manDown: 1, askEveryMs: 0 })
    const lit: string[] = []
    pendant.host.onLights(lights => lit.push(`${lights.red}${lights.green}${lights.blue}`))
    pendant.host.powerOn()
    fall(pendant, 35_000)
    expect(new Set(lit)).toEqual(new Set(['truetruefalse', 'truefalsefalse', 'falsefalsefalse']))
    pendant.host.move({ x: 0, y: 1, z: 0 })
    pendant.clock.advance(60_000)
    expect(lit.at(-1)).toBe('falsefalsefalse')
    expect(kinds(pendant.sent)).toEqual([0])
  })

  test.each([
    { board: 'puckjs', what: 'a Puck.js v1' },
    { board: 'mdbt42q', what: 'an MDBT42Q' },
  ] as const)('$what has no accelerometer: a fault, and all else as ever', ({ board }) => {
    const pendant = wear(board, { manDown: 1, askEveryMs: 0 }, false)
    pendant.host.powerOn()
    pendant.clock.advance(120_000)
    expect(pendant.host.console()).toEqual(['expected an accelerometer for "manDown", found none'])
    expect(new Set(pendant.sent.map(data => opened(data).flags))).toEqual(new Set([4]))
    pendant.host.setPin('BTN', 1)
    pendant.clock.advance(3000)
    expect(opened(pendant.sent.at(-1) ?? new Uint8Array())).toMatchObject({ kind: 2, flags: 4 })
  })

  test.each(BOARDS)('with manDown 0 %s asks for no accelerometer', board => {
    const pendant = wear(board, { askEveryMs: 0 }, false)
    pendant.host.powerOn()
    fall(pendant, 400_000)
    expect(kinds(pendant.sent)).toEqual([0])
    expect(opened(pendant.sent.at(-1) ?? new Uint8Array()).flags).toBe(0)
    expect(pendant.host.console()).toEqual([])
  })
})

/** What a desk machine lacks. */
const stage = `
var store = require("Storage");
store.eraseAll();
store.write("tocsin.json", JSON.stringify({ id: "p-07", key: "${KEY}" }));
function hex(a) { var s = ""; for (var i = 0; i < a.length; i++) s += ("0" + a[i].toString(16)).substr(-2); return s }
var watches = {};
var NRF = { getAddress: () => "${ADDRESS} random", setTxPower: () => 0, setScan: () => 0,
  setAdvertising: (d, o) => print("@sent " + hex(d) + " " + o.interval) };
var BTN = D0, BTN1 = D0, LED1 = D5, LED2 = D4, LED3 = D6;
var g = { clear: () => 0, setFont: () => 0, setFontAlign: () => 0, flip: () => 0, drawString: t => print("@screen " + t) };
var Bangle = { buzz: () => 0, setOptions: () => 0 };
var setWatch = (f, p) => { watches["" + p] = f };
var pinMode = () => 0, digitalWrite = () => 0;
E.getBattery = () => 97;
E.enableWatchdog = () => 0;
process.on("uncaughtException", e => print("@uncaught " + e));
`
const scene = `
setTimeout(() => watches.D0({ state: true }), 500);
`

test.each(interpreters)('every bundle loads on $name and sends the same frames', async ({ run }) => {
  const heard = new Map<BoardName, string[]>()
  for (const board of BOARDS) heard.set(board, await run(stage + (bundles.get(board) ?? '') + scene, 1600))
  const sent = (board: BoardName): string[] =>
    (heard.get(board) ?? []).filter(line => line.startsWith('sent '))
  expect(sent('puckjs')).toHaveLength(2)
  for (const board of BOARDS) expect(sent(board), board).toEqual(sent('puckjs'))
  for (const board of BOARDS) expect(heard.get(board)?.join(), board).not.toContain('uncaught')
  expect(heard.get('banglejs2')).toContain('screen ALARM')
})

/** Time that the script itself moves, and a sensor that it shakes; `accelOn` throws where there is none. */
const shaken = (accelOn: string): string => `
store.write("tocsin.json", JSON.stringify({ id: "p-07", key: "${KEY}", manDown: 1, askEveryMs: 0 }));
var nowS = 1000, due, felt;
var getTime = () => nowS;
var setTimeout = (f, ms) => { due = [f, nowS + ms / 1000]; return 1 }, clearTimeout = () => 0;
var Puck = { accelOn: hz => { ${accelOn} }, on: (e, f) => { felt = a => f({ acc: { x: a.x * 8192, y: a.y * 8192, z: a.z * 8192 } }) } };
var Bangle = { buzz: () => 0, setOptions: () => 0, on: (e, f) => { felt = f } };
console.log = t => print("@log " + t);
`
const shaking = `
function to(t) { while (due[1] <= t) { nowS = due[1]; due[0]() } nowS = t }
function feel(n, f) { for (var i = 0; i < n; i++) { to(nowS + 0.625); if (felt) felt(f(i)) } }
feel(200, i => ({ x: 0, y: 1 + (i % 2) / 4, z: 0.1 }));
print("@lies");
feel(76, () => ({ x: 0.1, y: 0, z: 1 }));
`

describe.each(interpreters)('man-down on $name', ({ run }) => {
  const frames = (lines: readonly string[]) =>
    lines
      .filter(line => line.startsWith('sent '))
      .map(line => opened(Uint8Array.from(Buffer.from(line.split(' ')[1] ?? '', 'hex'))))

  test.each([
    { board: 'puckjs', lying: '' },
    { board: 'banglejs2', lying: 'feel(435, () => ({ x: 0.1, y: 0, z: 1 }));' },
  ] as const)('from samples to its sealed frame on $board', async ({ board, lying }) => {
    const lines = await run(
      stage + shaken('print("@hz " + hz)') + (bundles.get(board) ?? '') + shaking + lying,
      1,
    )
    if (board === 'puckjs') expect(lines).toContain('hz 1.6')
    const kinds = frames(lines).map(({ kind }) => kind)
    expect([...new Set(kinds)]).toEqual([0, 4])
    expect(frames(lines.slice(0, lines.indexOf('lies'))).every(({ kind }) => kind === 0)).toBe(true)
    expect(frames(lines).at(-1)).toMatchObject({ kind: 4, number: 1, flags: 0 })
  })

  test('a Puck.js v1 shows a fault, and goes on', async () => {
    const lines = await run(
      stage + shaken('throw new Error("none")') + (bundles.get('puckjs') ?? '') + shaking,
      1,
    )
    expect(lines).toContain('log expected an accelerometer for "manDown", found none')
    expect(frames(lines).length).toBeGreaterThan(10)
    expect(frames(lines).every(({ kind, flags }) => kind === 0 && flags === 4)).toBe(true)
  })
})

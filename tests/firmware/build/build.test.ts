import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { refusedByChip } from '../../../firmware/build/dialect.ts'
import { BUNDLE_BYTES_MAX, buildFirmware, bundleFirmware, DialectRefused } from '../../../firmware/build.ts'
import { builtBundle } from '../built.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-firmware-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test.each([
  ['destructuring', 'var {a} = {a: 1}'],
  ['destructuring', 'var [a] = [1]'],
  ['default parameter', 'function f(a = 1) {}'],
  ['rest parameter', 'function f(...a) {}'],
  ['spread', 'f(...[1])'],
  ['spread', 'var a = [...[1]]'],
  ['spread', 'var a = {...{b: 1}}'],
  ['optional chain ?.', 'var a; a?.b'],
  ['??=', 'var a; a ??= 1'],
  ['||=', 'var a; a ||= 1'],
  ['&&=', 'var a; a &&= 1'],
  ['**', 'var a = 2 ** 3'],
  ['**=', 'var a = 2; a **= 3'],
  ['computed key', 'var a = "x", b = {[a]: 1}'],
  ['computed key', 'class A { ["x"]() {} }'],
  ['label', 'outer: for (;;) { break outer }'],
  ['async function', 'async function f() {}'],
  ['async function', 'var f = async () => {}'],
  ['generator', 'function* f() {}'],
  ['private #field', 'class A { #b = 1 }'],
  ['static block', 'class A { static {} }'],
  ['tagged template', 'f`x`'],
  ['BigInt literal', 'var a = 1n'],
  ['Map', 'var a = new Map()'],
  ['Set', 'var a = new Set()'],
  ['Symbol', 'var a = Symbol.iterator'],
  ['Reflect', 'Reflect.ownKeys({})'],
  ['Number.isNaN', 'Number.isNaN(1)'],
  ['Array.from', 'Array.from([1])'],
  [
    'closure over i of a loop (not fresh per turn)',
    'var f = []; for (let i = 0; i < 3; i++) f.push(() => i)',
  ],
  ['closure over x of a loop (not fresh per turn)', 'for (const x of [1]) g(function () { return x })'],
  ['closure over y of a loop (not fresh per turn)', 'while (go()) { const y = 1; if (y) { g(() => y) } }'],
  ['function g used before its declaration (no hoisting)', 'function f() { return g(); function g() {} }'],
])('refuses %s: %s', (construct, code) => {
  expect(refusedByChip(code).map(refused => refused.construct)).toContain(construct)
})

test.each([
  'var f = (a, b) => a + b; class A extends Object { b = 1; static c = 2; get d() { return 1 } }',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the chip's template string.
  'var x = 5, s = `${x}`, o = {x, f() {}, get g() { return 1 }}; for (const i of [1]) { x = i }',
  'for (let i = 0; i < 3; i++) { x += i } function later() { return after() } function after() {}',
  'try { throw 1 } catch (e) { x = e ?? 2 } finally { x = 1_000 }',
  'var o = {Map: 1, set: 2}; o.Map; o.Set; new Uint8Array(2).set([1]); Promise.resolve(1).then(x => x)',
  'for (const x of [1]) { const f = function (x) { return 5 }; f(2) }',
])('runs %s', code => {
  expect(refusedByChip(code)).toEqual([])
})

test('a refusal names file, line and construct of the source', async () => {
  const entry = join(folder, 'bad.ts')
  await writeFile(entry, 'const a = 1\n\nconst f = (n: number = 5): number => n\nprint(f(), a)\n')
  const refused = await bundleFirmware('puckjs', entry).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(DialectRefused)
  expect((refused as DialectRefused).refusals).toHaveLength(1)
  expect((refused as DialectRefused).refusals[0]).toMatch(/bad\.ts:3:\d+: default parameter$/)
})

test('the firmware builds: a script the chip runs, without comments, and what goes into its flash', async () => {
  const all = await buildFirmware(folder)
  expect(all.map(({ board }) => board)).toEqual(['puckjs', 'mdbt42q', 'banglejs2'])
  for (const { board, bytes, bundle } of all) {
    expect(bytes, board).toBeLessThanOrEqual(BUNDLE_BYTES_MAX[board])
    const script = await readFile(bundle, 'utf8')
    expect(refusedByChip(script), board).toEqual([])
    expect(await builtBundle(board), 'what the other tests run').toBe(script)
  }
  const [built] = all
  const bundle = await readFile(built?.bundle ?? '', 'utf8')
  expect(Buffer.byteLength(bundle)).toBe(built?.bytes)
  expect(refusedByChip(bundle)).toEqual([])
  expect(bundle).not.toMatch(/\/\/|\/\*/)
  const program = await readFile(built?.program ?? '')
  expect(program.length).toBeLessThan(built?.bytes ?? 0)
  // Intel HEX of ten pages of 4 KB at 0x6C000: the program's name stands in its first file header.
  const image = await readFile(built?.image ?? '', 'latin1')
  expect(image).toMatch(/^:020000040006F4\r\n:10C00000/)
  expect(image).toContain(Buffer.from('.bootcde').toString('hex').toUpperCase())
})

// The simulated chip by itself, with scripts of a few lines in place of the firmware: it refuses what the chip refuses.
import { expect, test } from 'vitest'
import { steppedClock } from '../../../simulator/clock.ts'
import { type ChipStorage, memoryStorage } from '../../../simulator/espruino/chip/storage.ts'
import { createPendantHost } from '../../../simulator/espruino/host.ts'
import type { Advertisement } from '../../../simulator/ports.ts'

const chip = (bundle: string, storage?: ChipStorage) => {
  const clock = steppedClock()
  const address = 'c7:f9:36:dd:b0:ca'
  const host = createPendantHost({ bundle, address, clock, ...(storage === undefined ? {} : { storage }) })
  const sent: Advertisement[] = []
  host.onAdvertisement(advertisement => sent.push(advertisement))
  host.powerOn()
  return { clock, host, sent }
}
const said = (bundle: string): readonly string[] => {
  const { clock, host } = chip(bundle)
  clock.advance(1000)
  return host.console()
}

test.each([
  'Map',
  'Set',
  'Symbol',
  'Proxy',
  'WeakMap',
  'Reflect',
  'BigInt',
  'Intl',
  'setImmediate',
  'Buffer',
  'fetch',
])('there is no %s', name => {
  expect(said(`print(typeof ${name})`)).toEqual(['undefined'])
})

test.each([
  'Number.isNaN',
  'Array.from',
  '[].flatMap',
  '[].at',
  '"".at',
  '"".trimEnd',
  'Object.groupBy',
  'Math.trunc',
])('nor any %s', name => {
  expect(said(`print(typeof ${name})`)).toEqual(['undefined'])
})

test('an error nobody catches is printed and the rest goes on', () => {
  expect(said('setTimeout(() => { nothing() }, 1); setTimeout(() => print("on"), 2)')).toEqual([
    'Uncaught ReferenceError: nothing is not defined',
    'on',
  ])
})

test('a fresh chip advertises its name by itself, and what setAdvertising says from then on', () => {
  const { clock, sent } = chip(
    'setTimeout(() => NRF.setAdvertising({0xFCD2: [0x40, 1, 97]}, {showName: false, manufacturer: false, interval: 200}), 1000)',
  )
  clock.advance(1000)
  expect(Buffer.from(sent[0]?.data ?? []).toString('latin1')).toContain('Puck.js b0ca')
  const before = sent.length
  clock.advance(2000)
  expect(Buffer.from(sent.at(-1)?.data ?? []).toString('hex')).toBe('0201060616d2fc400161')
  expect(sent.length - before).toBeGreaterThanOrEqual(9)
  expect(sent.length - before).toBeLessThanOrEqual(11)
})

test('the maker is added to an object unless it is told not to, as on the chip since 2v26', () => {
  const { clock, sent } = chip('NRF.setAdvertising({}, {showName: false})')
  clock.advance(500)
  expect(Buffer.from(sent[0]?.data ?? []).toString('hex')).toBe('02010603ff9005')
})

test('each advertisement is put off by nought to ten milliseconds', () => {
  const { clock, sent } = chip('NRF.setAdvertising([2, 1, 6], {interval: 100, connectable: false})')
  clock.advance(30_000)
  const gaps = sent.slice(1).map(({ atMs }, i) => atMs - (sent[i]?.atMs ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100)
  expect(Math.max(...gaps)).toBeLessThanOrEqual(110)
  expect(Math.max(...gaps) - Math.min(...gaps)).toBeGreaterThan(5)
})

test.each([
  { why: 'too often for what nobody can connect to', call: '[2, 1, 6], {interval: 50, connectable: false}' },
  { why: 'too long', call: 'new Uint8Array(32), {interval: 100}' },
])('advertising $why is refused', ({ call }) => {
  expect(said(`try { NRF.setAdvertising(${call}) } catch (e) { print("refused") }`)).toEqual(['refused'])
})

/** What went out, first byte by first byte. */
const order = (bundle: string, forMs: number): string => {
  const { clock, sent } = chip(bundle)
  clock.advance(forMs)
  return sent.map(({ data }) => data[0]).join('')
}
const SLOWLY = '{interval: 1000, connectable: false}'

test('of a list of packets the first goes out twice, and from then on each in turn', () => {
  expect(order(`NRF.setAdvertising([[1, 0], new Uint8Array([2, 0])], ${SLOWLY})`, 6500)).toBe('1121212')
  expect(
    order(`NRF.setAdvertising([new Uint8Array([1]), [2], new Uint8Array([3]).buffer], ${SLOWLY})`, 7500),
  ).toBe('11231231')
})

test('a list begins anew with each call, and is over with one of a packet alone', () => {
  const each = `function each() { NRF.setAdvertising([[1], [2]], {interval: 300, connectable: false}) } setInterval(each, 1000); each()`
  expect(order(each, 2990)).toBe('112111211121')
  expect(
    order(`NRF.setAdvertising([[1], [2]], ${SLOWLY}); NRF.setAdvertising(new Uint8Array([3]))`, 3500),
  ).toBe('3333')
  expect(order(`NRF.setAdvertising([[1]], ${SLOWLY})`, 3500)).toBe('1111')
})

test('a buffer of a list stays its maker’s, who sees it on the air as it is after the event before; an array is taken as it is', () => {
  const change = (packet: string): string => `
    var a = ${packet};
    NRF.setAdvertising([[1], a], ${SLOWLY});
    setTimeout(() => { a[0] = 9 }, 500); setTimeout(() => { a[0] = 8 }, 1500)`
  expect(order(change('new Uint8Array([2])'), 3500)).toBe('1191')
  expect(order(change('[2]'), 3500)).toBe('1121')
})

test('what is no packet ends the turns, and the last good one stays', () => {
  expect(order(`NRF.setAdvertising([[1], [2], new Uint8Array(32)], ${SLOWLY})`, 5500)).toBe('112222')
})

test('the windows of a scan take their turns too', () => {
  const scanning = (ms: number): string =>
    `NRF.setAdvertising([[1], [2]], ${SLOWLY}); setTimeout(() => { NRF.setScan(() => 0); setTimeout(() => NRF.setScan(), ${ms}) }, 300)`
  expect(order(scanning(150), 3500)).toBe('1212')
  expect(order(scanning(250), 3500)).toBe('1121')
})

test('a scan hears only while it is on, and only what its filters let through', () => {
  const { host } = chip(`
    var hear = d => print(d.id + " " + d.rssi + " " + new Uint8Array(d.manufacturerData).length);
    setWatch(e => NRF.setScan(e.state ? hear : undefined, {filters: [{manufacturerData: {0x0590: {}}}]}), D2, {repeat: true, edge: "both"});
  `)
  const hear = (hex: string): void =>
    host.hear({
      address: 'f0:00:00:00:00:01',
      data: Uint8Array.from(Buffer.from(hex, 'hex')),
      rssiDbm: -71.6,
    })
  hear('0201060590ff9005aa')
  host.setPin('D2', 1)
  hear('02010604ff9005aa')
  hear('02010604ff4c00aa')
  hear('0201060616d2fc400161')
  hear('')
  host.setPin('D2', 0)
  hear('02010604ff9005aa')
  expect(host.console()).toEqual(['f0:00:00:00:00:01 -72 1'])
})

test('a watch waits until the pin stands still, tells an edge once, and only if it is a change', () => {
  const { clock, host } = chip(`
    setWatch(e => print("both " + e.state), D1, {repeat: true, edge: "both", debounce: 50});
    setWatch(e => print("rising " + e.state), D1, {repeat: false, edge: "rising", debounce: 50});
  `)
  for (const level of [1, 0, 1] as const) {
    host.setPin('D1', level)
    clock.advance(20)
  }
  expect(host.console()).toEqual([])
  clock.advance(31)
  expect(host.console()).toEqual(['both true', 'rising true'])
  host.setPin('D1', 0)
  clock.advance(10)
  host.setPin('D1', 1)
  clock.advance(1000)
  expect(host.console()).toHaveLength(2)
  host.setPin('D1', 0)
  clock.advance(60)
  host.setPin('D1', 1)
  clock.advance(60)
  expect(host.console().slice(2)).toEqual(['both false', 'both true'])
})

test('the lights are what was written to their pins, told once for each change', () => {
  const { host, clock } = chip(
    'setTimeout(() => { LED1.set(); digitalWrite(LED2, 1); LED1.set(); LED1.reset() }, 10)',
  )
  const seen: string[] = []
  host.onLights(({ red, green, blue }, atMs) => seen.push(`${atMs} ${red} ${green} ${blue}`))
  clock.advance(20)
  expect(seen).toEqual(['10 true false false', '10 true true false', '10 false true false'])
})

test('time is the clock of the simulator, for getTime and for Date', () => {
  const { clock, host } = chip(
    'setTimeout(() => print(getTime() + " " + Date.now() + " " + new Date().getTime()), 1500)',
  )
  clock.advance(2000)
  expect(host.console()).toEqual(['1.5 1500 1500'])
})

test('what one life wrote to the flash the next one reads, and its timers and variables are gone', () => {
  const storage = memoryStorage()
  const { clock, host } = chip(
    `var s = require("Storage"), n = parseInt(s.read("n") || "0", 10) + 1; s.write("n", "" + n);
     setInterval(() => print("life " + n), 100)`,
    storage,
  )
  clock.advance(250)
  host.powerOff()
  clock.advance(1000)
  host.powerOn()
  clock.advance(150)
  expect(host.console()).toEqual(['life 1', 'life 1', 'life 2'])
})

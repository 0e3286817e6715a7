// What a stranger's radio learns from a pendant in an hour of wearing: every packet that leaves the antenna, and what the
// bundle asks of the chip's radio. Nothing here opens a seal.
import { beforeAll, describe, expect, test } from 'vitest'
import { steppedClock } from '../../../simulator/clock.ts'
import { memoryStorage } from '../../../simulator/espruino/chip/storage.ts'
import { createPendantHost } from '../../../simulator/espruino/host.ts'
import type { Advertisement, PendantHost, SimClock } from '../../../simulator/ports.ts'
import { builtBundle } from '../../firmware/built.ts'

const HOUR_MS = 3_600_000
/** Flags; service data of 23 bytes, BTHome, sealed and trigger based: the same from every pendant, whatever it says. */
const CLEAR = '020106' + '1716d2fc' + '45'
const FRAME_BYTES = 27
const COUNTER_AT = FRAME_BYTES - 8

/** Tells on the chip's console what the radio is asked to do, before the bundle's first line. */
const LISTENING = `['setAdvertising','setScan'].forEach(function(name){
  var ask=NRF[name]
  NRF[name]=function(what,options){console.log('radio '+name+' '+JSON.stringify(options));return ask(what,options)}
});
`

type Lived = { sent: Advertisement[]; asked: string[]; printed: string[] }

/** An hour on a wrist: okays, an assistance, a test, a held button, a pulled cord, an hour's idling between. */
function live(bundle: string, pendant: { id: string; address: string; key: string }): Lived {
  const clock = steppedClock(1_800_000_000_000)
  const { id, address, key } = pendant
  const storage = memoryStorage({ 'tocsin.json': JSON.stringify({ id, key, timeoutMs: 300_000 }) })
  const lived: Lived = { sent: [], asked: [], printed: [] }
  const printed = (line: string) => {
    if (line.startsWith('radio ')) lived.asked.push(line)
    else lived.printed.push(line)
  }
  const host = createPendantHost({ bundle: LISTENING + bundle, address, clock, storage, printed })
  host.onAdvertisement(advertisement => lived.sent.push(advertisement))
  host.powerOn()
  wear(host, clock)
  return lived
}

function wear(host: PendantHost, clock: SimClock & { advance(ms: number): void }): void {
  const endAtMs = clock.nowMs() + HOUR_MS
  const press = (downMs: number, upMs: number): void => {
    host.setPin('BTN', 1)
    clock.advance(downMs)
    host.setPin('BTN', 0)
    clock.advance(upMs)
  }
  clock.advance(60_000)
  press(150, 60_000)
  press(150, 150)
  press(150, 400_000)
  for (let i = 0; i < 4; i++) press(150, 1_500)
  clock.advance(60_000)
  press(900, 400_000)
  host.setPin('D1', 1)
  clock.advance(400_000)
  host.setPin('D1', 0)
  clock.advance(endAtMs - clock.nowMs())
}

const hex = ({ data }: Advertisement): string => Buffer.from(data).toString('hex')
const counterOf = ({ data }: Advertisement): number => Buffer.from(data).readUInt32LE(COUNTER_AT)
const one = { id: 'p-07', address: 'c7:f9:36:dd:b0:ca', key: '231d39c1d7cc1ab1aee224cd096db932' }
const other = { id: 'p-42', address: 'd1:02:03:04:05:06', key: '000102030405060708090a0b0c0d0e0f' }

describe('an hour on the air', () => {
  let lived: Lived
  let beside: Lived
  beforeAll(async () => {
    const bundle = await builtBundle()
    lived = live(bundle, one)
    beside = live(bundle, other)
  })

  test('has bursts and idling in it, and the firmware complains of nothing', () => {
    expect(lived.sent.length).toBeGreaterThan(3_500)
    const gaps = lived.sent.slice(1).map(({ atMs }, i) => atMs - (lived.sent[i]?.atMs ?? 0))
    expect(Math.min(...gaps)).toBeLessThan(115)
    expect(Math.max(...gaps)).toBeGreaterThan(900)
    expect(lived.printed).toEqual([])
  })

  test('every packet, from the first, is flags and one sealed frame of 27 bytes: no name, no maker, nothing else', () => {
    for (const each of [...lived.sent, ...beside.sent]) {
      expect(each.data.length).toBe(FRAME_BYTES)
      expect(hex(each).startsWith(CLEAR)).toBe(true)
    }
  })

  test('an idle frame and an alarm have the same length and the same bytes in the clear', () => {
    expect(
      new Set(lived.sent.map(each => `${each.data.length} ${hex(each).slice(0, CLEAR.length)}`)).size,
    ).toBe(1)
  })

  test('two pendants worn alike differ in nothing that can be read but their addresses', () => {
    const clear = ({ sent }: Lived) => new Set(sent.map(each => hex(each).slice(0, CLEAR.length)))
    expect(clear(lived)).toEqual(clear(beside))
    const counters = ({ sent }: Lived) => [...new Set(sent.map(counterOf))]
    expect(counters(lived)).toEqual(counters(beside))
    const sealed = ({ sent }: Lived) => new Set(sent.map(each => hex(each).slice(CLEAR.length)))
    const both = sealed(beside)
    expect([...sealed(lived)].filter(each => both.has(each))).toEqual([])
  })

  test('a sealed frame stands under one counter only, and every counter has one frame', () => {
    const frames = new Set(lived.sent.map(hex))
    const counters = new Set(lived.sent.map(counterOf))
    expect(frames.size).toBe(counters.size)
  })

  test('neither id, key nor address is in any packet', () => {
    const secrets = [Buffer.from(one.id).toString('hex'), one.key, one.address.replaceAll(':', '')]
    const backwards = Buffer.from(one.address.replaceAll(':', ''), 'hex').reverse().toString('hex')
    const said = lived.sent.map(hex)
    for (const secret of [...secrets, backwards]) expect(said.some(each => each.includes(secret))).toBe(false)
  })

  test('nobody can connect to it or ask it for a scan response, and it asks nobody: it scans passively', () => {
    const advertising = lived.asked.filter(line => line.startsWith('radio setAdvertising '))
    const scanning = lived.asked.filter(line => line.startsWith('radio setScan '))
    expect(advertising.length).toBeGreaterThan(1_000)
    expect(scanning.length).toBeGreaterThan(100)
    for (const line of advertising) {
      const options: unknown = JSON.parse(line.slice('radio setAdvertising '.length))
      expect(options).toMatchObject({ connectable: false, scannable: false, manufacturer: false })
      expect(options).not.toHaveProperty('name')
    }
    expect(scanning.some(line => line.includes('active'))).toBe(false)
  })
})

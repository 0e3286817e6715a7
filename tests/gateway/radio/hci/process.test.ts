// What goes from the radio's process to whoever holds it: batches cut anywhere, and what the outside is told of a life of states.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PDU } from '../../../../gateway/radio/hci/codec/reports.ts'
import { openKernel } from '../../../../gateway/radio/hci/line/kernel.ts'
import { createBatcher, createUnbatcher } from '../../../../gateway/radio/hci/process/batch.ts'
import { createSteady } from '../../../../gateway/radio/hci/process/steady.ts'
import { createTold } from '../../../../gateway/radio/hci/process/told.ts'
import type { ScannerTell } from '../../../../gateway/radio/hci/scanner.ts'
import type { Heard, RadioState } from '../../../../gateway/radio/radio.ts'
import { steppedClock } from '../../../../simulator/clock.ts'

const one = fc.record({
  pdu: fc.constantFrom(...Object.values(PDU)),
  address: fc.uint8Array({ minLength: 6, maxLength: 6 }),
  rssi: fc.integer({ min: -128, max: 127 }),
  data: fc.uint8Array({ maxLength: 1650 }),
})

test('whatever is put into batches comes out of them, however they are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(one, { maxLength: 60 }), { maxLength: 5 }),
      fc.integer({ min: 1, max: 5000 }),
      (batches, cut) => {
        const batcher = createBatcher()
        const bytes = Buffer.concat(
          batches.map((batch, i) => {
            for (const { pdu, address, rssi, data } of batch)
              batcher.add(pdu, address, 0, rssi, data, 0, data.length)
            return batcher.take(i)
          }),
        )
        const heard: Heard[] = []
        const take = createUnbatcher(
          report => void heard.push(report),
          atMs => atMs + 1000,
        )
        for (let at = 0; at < bytes.length; at += cut) take(bytes.subarray(at, at + cut))
        const expected = batches.flatMap((batch, i) =>
          batch.map(({ address, rssi, data }) => ({
            address: Buffer.from(address)
              .reverse()
              .toString('hex')
              .replace(/..(?=.)/g, '$&:'),
            rssiDbm: rssi === 127 ? null : rssi,
            data,
            heardAtMs: i + 1000,
          })),
        )
        expect(heard.map(({ pdu: _, ...rest }) => rest)).toEqual(expected)
        expect(heard.map(({ pdu }) => pdu)).toEqual(batches.flat().map(({ pdu }) => NAMES[pdu]))
      },
    ),
    { numRuns: 50 },
  )
})
const NAMES = ['connectable', 'directed', 'scannable', 'nonconnectable', 'scan-response', 'extended']

const lives: [string, (ScannerTell | string)[], RadioState['kind'][]][] = [
  ['a life without trouble', [{ is: 'listening', why: '' }, { is: 'hearing' }], ['listening']],
  [
    'one that is deaf is not well until it hears',
    [{ is: 'deaf', why: 'a' }, { is: 'listening', why: '' }, { is: 'hearing' }, { is: 'hearing' }],
    ['deaf', 'recovered'],
  ],
  [
    'one that is gone is well when it listens; each cause is told once',
    [
      { is: 'over', kind: 'gone', why: 'a' },
      { is: 'over', kind: 'gone', why: 'b' },
      { is: 'over', kind: 'gone', why: 'b' },
      { is: 'listening', why: '' },
    ],
    ['gone', 'gone', 'recovered'],
  ],
  ['a crash', ['it crashed', { is: 'listening', why: '' }], ['restarting', 'recovered']],
  [
    'deaf through a new process',
    [{ is: 'over', kind: 'deaf', why: 'a' }, { is: 'listening', why: '' }, { is: 'hearing' }],
    ['deaf', 'recovered'],
  ],
  [
    'mute and back',
    [
      { is: 'mute', why: 'a' },
      { is: 'mute', why: null },
      { is: 'mute', why: null },
    ],
    ['mute', 'listening'],
  ],
]
test.each(lives)('%s', (_name, life, kinds) => {
  const states: RadioState[] = []
  const told = createTold(state => void states.push(state))
  for (const said of life) typeof said === 'string' ? told.lost(said) : told.said(said)
  expect(states.map(({ kind }) => kind)).toEqual(kinds)
})

const refusing = (message: string) => ({
  hasAdapter: () => true,
  socket: () => ({
    bindUser(): number {
      throw new Error(message)
    },
    start() {},
    write() {},
    on() {},
  }),
})
test.runIf(process.platform === 'linux').each([
  ['Operation not permitted', 'no permission: it takes the capabilities net_admin and net_raw'],
  [
    'Device or resource busy',
    'it is in use: stop bluetoothd, or take the adapter down (hciconfig hci0 down)',
  ],
  ['Address family not supported by protocol', 'this kernel has no Bluetooth'],
  [
    "Cannot find module '@stoprocent/bluetooth-hci-socket'",
    'is not installed, or has no library for this machine',
  ],
])('an adapter that cannot be had says what to do: %s', (message, why) => {
  expect(() => openKernel('hci0', refusing(message))).toThrow(why)
})

test('a name that is no radio is refused, and an adapter that is not there is gone', () => {
  expect(() => openKernel('bluetooth')).toThrow('expected a radio like hci0 or /dev/ttyACM0, came bluetooth')
  const kernel = { ...refusing(''), hasAdapter: () => false }
  if (process.platform === 'linux')
    expect(() => openKernel('hci7', kernel)).toThrow('the kernel has no adapter hci7')
})

/** A radio that is lost after each life, and what is told of it. */
function comingAndGoing() {
  const clock = steppedClock(0)
  const told: RadioState[] = []
  const out = createTold(state => told.push(state))
  const steady = createSteady(clock, out)
  const lives = (): void => {
    steady.said({ is: 'listening', why: 'a' })
    steady.said({ is: 'hearing' })
  }
  const lost = (): void => steady.lost('crashed')
  return { clock, told, steady, lives, lost, kinds: () => told.map(({ kind }) => kind) }
}

test('what is lost again and again is well once it has stayed, and not each time that it begins', () => {
  const { clock, told, steady, lives, lost, kinds } = comingAndGoing()
  for (let times = 0; times < 5; times++) {
    lives()
    clock.advance(4_000)
    lost()
    clock.advance(1_000)
  }
  const often = ['listening', 'restarting', 'recovered', 'restarting', 'recovered', 'restarting']
  expect(kinds()).toEqual(often)
  expect(told.at(-1)?.why).toBe('crashed; it comes and goes')
  lives()
  clock.advance(29_000)
  expect(kinds()).toEqual(often)
  clock.advance(1_000)
  expect(kinds()).toEqual([...often, 'recovered'])
  steady.close()
})

test('what is lost now and then, or had heard nothing, does not come and go', () => {
  const { clock, steady, lives, lost, kinds } = comingAndGoing()
  for (let times = 0; times < 4; times++) {
    lives()
    lost()
    clock.advance(150_001)
  }
  lives()
  expect(kinds().at(-1)).toBe('recovered')
  lost()
  clock.advance(400_000)
  for (let times = 0; times < 4; times++) {
    steady.said({ is: 'listening', why: 'a' })
    lost()
  }
  lives()
  expect(kinds().at(-1)).toBe('recovered')
})

test('of what comes and goes, that it has gone deaf meanwhile is told at once, and that it was well is not', () => {
  const { clock, steady, lives, lost, kinds } = comingAndGoing()
  for (let times = 0; times < 3; times++) {
    lives()
    lost()
  }
  lives()
  steady.said({ is: 'deaf', why: 'b' })
  clock.advance(60_000)
  expect(kinds().slice(-2)).toEqual(['restarting', 'deaf'])
})

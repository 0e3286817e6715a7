// The wiring, on a board that writes down what it is asked for, in order.
import { expect, test } from 'vitest'
import type { Board } from '../../firmware/board.ts'
import { run } from '../../firmware/main.ts'
import { aes } from './air/aes.ts'

const KEY = '231d39c1d7cc1ab1aee224cd096db932'

/** A board of lists. `fail` says which call throws; `more` are settings. */
const boardOf = (fail: (call: string) => boolean = () => false, more: object = {}) => {
  const files = new Map([['tocsin.json', JSON.stringify({ id: 'p-07', key: KEY, ...more })]])
  const aired: (Uint8Array | Uint8Array[])[] = []
  const asked: string[] = []
  const outside = {
    nowMs: 0,
    cord: (_isParted: number) => {},
    wake: () => {},
    uncaught: (_what: string) => {},
    delayMs: 0,
    sounding: 0,
  }
  const ask = (call: string): void => {
    asked.push(call)
    if (fail(call)) throw new Error(`${call} failed`)
  }
  const board: Board = {
    nowMs: () => outside.nowMs,
    address: () => [0xc7, 0xf9, 0x36, 0xdd, 0xb0, 0xca],
    batteryPercent: () => 97,
    readFile: name => files.get(name),
    writeFile: (name, text) => {
      ask(`write ${name}`)
      files.set(name, text)
      return true
    },
    fillFile: (name, text, at) => {
      ask(`note ${name}`)
      const file = files.get(name) ?? ''
      files.set(name, file.slice(0, at) + text + file.slice(at + text.length))
      return true
    },
    tidyFiles: () => ask('tidy'),
    aes,
    advertise: (data, intervalMs) => {
      ask(`advertise ${Array.isArray(data) ? `${data.length} in turn ` : ''}${intervalMs}`)
      aired.push(data)
    },
    setTxPower: () => {},
    scan: heard => ask(heard === null ? 'deaf' : 'scan'),
    watchCord: (_debounceMs, settled) => {
      outside.cord = settled
      return 0
    },
    pullCord: () => {},
    soundCord: () => outside.sounding,
    watchButton: () => 0,
    lights: () => ask('lights'),
    wake: (delayMs, then) => {
      outside.delayMs = delayMs
      outside.wake = then
    },
    watchdog: seconds => ask(`watchdog ${seconds}`),
    onUncaught: then => {
      outside.uncaught = then
    },
    log: text => asked.push(`log ${text}`),
  }
  return { board, asked, outside, files, aired }
}

test('the alarm number is in flash before the radio has it, and the radio before the lights', () => {
  const { board, asked, outside } = boardOf()
  run(board)
  expect(asked).toEqual(['watchdog 15', 'write tocsin.m0', 'advertise 2000'])
  asked.length = 0
  outside.cord(1)
  expect(asked).toEqual(['note tocsin.m0', 'advertise 100', 'scan', 'lights'])
})

test('the timer is asked for in whole milliseconds, at least one and at most ten thousand', () => {
  const { board, outside } = boardOf()
  run(board)
  expect(outside.delayMs).toBe(1980)
  outside.nowMs = 1979.2
  outside.wake()
  expect(outside.delayMs).toBe(1)
})

test('lights that throw cost the lights and not the alarm: the next frame is out a second later', () => {
  const { board, asked, outside } = boardOf(call => call === 'lights')
  run(board)
  outside.cord(1)
  expect(asked).toContain('advertise 100')
  expect(asked.at(-1)).toBe('log turn failed: Error: lights failed')
  expect(outside.delayMs).toBe(1000)
  asked.length = 0
  outside.nowMs = 1000
  outside.wake()
  expect(asked).toContain('advertise 100')
})

test('an error nobody caught is logged and the pendant goes on', () => {
  const { board, asked, outside } = boardOf()
  run(board)
  asked.length = 0
  outside.uncaught('ReferenceError: "x" is not defined')
  expect(asked[0]).toBe('log uncaught: ReferenceError: "x" is not defined')
  outside.nowMs = 1980
  outside.wake()
  expect(asked).toContain('advertise 2000')
})

const IDENTITY = { iBeacon: '0201061aff4c000215e5ca1adef007ba11000000000000000000640007c5' }

/** Booted, and one heartbeat on. */
const beating = (more: object = {}, fail?: (call: string) => boolean) => {
  const worn = boardOf(fail, { ...IDENTITY, ...more })
  const state = run(worn.board)
  worn.outside.nowMs = worn.outside.delayMs
  worn.outside.wake()
  return { ...worn, state }
}

test('an identity is on the air in turn with the frame of a heartbeat, and with no other', () => {
  const { board, asked } = boardOf(undefined, IDENTITY)
  run(board)
  expect(asked).toEqual(['watchdog 15', 'write tocsin.m0', 'advertise 670'])
  const worn = beating()
  expect(worn.asked.at(-1)).toBe('advertise 2 in turn 670')
  const packets = [worn.aired.at(-1) ?? []].flat().map(each => Buffer.from(each).toString('hex'))
  expect(packets).toEqual([expect.stringMatching(/^0201061716d2fc45/), IDENTITY.iBeacon])
  worn.asked.length = 0
  worn.outside.cord(1)
  expect(worn.asked).toEqual(['note tocsin.m0', 'advertise 100', 'scan', 'lights'])
  expect(worn.aired.at(-1)).toHaveLength(27)
})

test('a radio that does not take two gets the frame alone, and nothing is wrong', () => {
  const { asked, state, outside } = beating({}, call => call.includes('in turn'))
  expect(asked.slice(-2)).toEqual(['advertise 2 in turn 670', 'advertise 670'])
  expect(state().flags).toEqual(['hasKey'])
  expect(outside.delayMs).toBe(1980)
})

test.each([
  [{ heartbeatMs: 1980, idleMs: 2000 }, 670],
  [{ heartbeatMs: 2000, idleMs: 1000 }, 410],
  // As an MDBT42Q has it: six of the frame and five of the identity.
  [{ heartbeatMs: 10_000, idleMs: 2000 }, 920],
  [{ heartbeatMs: 500, idleMs: 100 }, 100],
])('with %j and an identity the packets are %d ms apart', (more, intervalMs) => {
  expect(beating({ askEveryMs: 0, ...more }).asked.at(-1)).toBe(`advertise 2 in turn ${intervalMs}`)
})

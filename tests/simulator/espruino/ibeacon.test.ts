// What is on the air of each board in each of its states, with and without an iBeacon identity: every packet that leaves
// the antenna, opened with node:crypto alone, or told from the identity byte by byte.
import { createDecipheriv } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { BoardName } from '../../../firmware/build/pack.ts'
import { BOARDS, bundleFirmware } from '../../../firmware/build.ts'
import { iBeaconSetting } from '../../../schemas/ibeacon.ts'
import { createPendant } from '../../../simulator/building/pendants.ts'
import { createWorld } from '../../../simulator/building/world.ts'
import { steppedClock } from '../../../simulator/clock.ts'
import { memoryStorage } from '../../../simulator/espruino/chip/storage.ts'
import { type ChipBoard, createPendantHost } from '../../../simulator/espruino/host.ts'
import { ADDRESS, enrolled, KEY } from './pendant.ts'

const CHIPS: Readonly<Record<BoardName, { chip: ChipBoard; cord: string | null; canFall: boolean }>> = {
  puckjs: { chip: 'PUCKJS', cord: 'D1', canFall: true },
  mdbt42q: { chip: 'MDBT42Q', cord: 'D3', canFall: false },
  banglejs2: { chip: 'BANGLEJS2', cord: null, canFall: true },
}
const IDENTITY = 'e5ca1ade-f007-ba11-0000-000000000000-100-7'
/** Flags; Apple's company number, type and length; UUID, major, minor, and -59 dBm at a metre. */
const PACKET = '0201061aff4c000215e5ca1adef007ba11000000000000000000640007c5'
const CLEAR = '0201061716d2fc45'

const bundles = new Map<BoardName, string>()
beforeAll(async () => {
  for (const board of BOARDS) bundles.set(board, await bundleFirmware(board))
})

const wear = (board: BoardName, more: Readonly<Record<string, unknown>>) => {
  const clock = steppedClock(1_800_000_000_000)
  const { chip, cord, canFall } = CHIPS[board]
  const storage = enrolled({ ...(canFall ? { manDown: 1 } : {}), timeoutMs: 300_000, ...more })
  const bundle = bundles.get(board) ?? ''
  const host = createPendantHost({ bundle, board: chip, address: ADDRESS, clock, storage })
  const sent: { hex: string; atMs: number }[] = []
  const startAtMs = clock.nowMs()
  host.onAdvertisement(({ data, atMs }) =>
    sent.push({ hex: Buffer.from(data).toString('hex'), atMs: atMs - startAtMs }),
  )
  if (cord !== null) host.setPin(cord, 0)
  host.powerOn()
  return { clock, host, sent, cord, canFall }
}

/** The kind in a sealed frame; throws for whatever else is on the air. */
const kindOf = (hex: string): number => {
  const data = Buffer.from(hex, 'hex')
  if (data.length !== 27 || !hex.startsWith(CLEAR)) throw new Error(`expected a sealed frame, came ${hex}`)
  const nonce = Buffer.concat([
    Buffer.from(`${ADDRESS.replaceAll(':', '')}d2fc45`, 'hex'),
    data.subarray(-8, -4),
  ])
  const decipher = createDecipheriv('aes-128-ccm', Buffer.from(KEY, 'hex'), nonce, { authTagLength: 4 })
  decipher.setAuthTag(data.subarray(-4))
  const plain = decipher.update(data.subarray(8, -8))
  decipher.final()
  return (plain[8] ?? 0) & 15
}

/** An hour and a half: an ask nobody answers, each gesture, the cord, a fall, idling, and the battery measured. */
const live = (board: BoardName, more: Readonly<Record<string, unknown>>) => {
  const worn = wear(board, more)
  const { clock, host, cord, canFall } = worn
  const press = (...lengthsMs: number[]): void => {
    for (const [i, lengthMs] of lengthsMs.entries()) {
      host.setPin('BTN', i % 2 === 0 ? 1 : 0)
      clock.advance(lengthMs)
    }
  }
  clock.advance(90_000)
  press(150, 30_000)
  press(150, 150, 150, 400_000)
  for (let i = 0; i < 4; i++) press(150, 1500)
  clock.advance(40_000)
  press(900, 5000, 150, 150, 150, 150, 150, 150, 2000, 60_000)
  press(900, 5000, 150, 150, 150, 150, 2000, 400_000)
  if (cord !== null) {
    host.setPin(cord, 1)
    clock.advance(400_000)
    host.setPin(cord, 0)
  }
  if (canFall) {
    for (let i = 0; i < 200; i++) {
      host.move({ x: 0, y: 1 + (i % 2) / 4, z: 0.1 })
      clock.advance(625)
    }
    host.move({ x: 0.1, y: 0, z: 1 })
    clock.advance(700_000)
  }
  clock.advance(3_700_000)
  return worn.sent
}

describe.each(BOARDS)('on %s', board => {
  test('without an identity every packet of every state is a sealed frame', () => {
    const sent = live(board, {})
    const kinds = new Set(sent.map(({ hex }) => kindOf(hex)))
    const { cord, canFall } = CHIPS[board]
    // Idle, cord, button, assist, man-down, duress, cancel, test, okay, ask.
    expect([...kinds].sort((a, b) => a - b)).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].filter(
        kind => (kind !== 1 || cord !== null) && (kind !== 4 || canFall),
      ),
    )
  })

  test('with one there is the frame and the identity, and the identity only beside an idle frame that is in no hurry', () => {
    const sent = live(board, { iBeacon: iBeaconSetting(IDENTITY) })
    let lastKind = -1
    let identities = 0
    const kinds = new Set<number>()
    for (const [i, { hex, atMs }] of sent.entries()) {
      if (hex === PACKET) {
        identities++
        expect(lastKind).toBe(0)
        expect(atMs - (sent[i - 1]?.atMs ?? 0)).toBeGreaterThan(500)
      } else {
        lastKind = kindOf(hex)
        kinds.add(lastKind)
      }
    }
    expect(kinds.size).toBeGreaterThanOrEqual(8)
    expect(identities).toBeGreaterThan(1000)
  })

  test('an idle minute has as many sealed frames as ever, and the identity each heartbeat or oftener', () => {
    const [bare, both] = [{}, { iBeacon: iBeaconSetting(IDENTITY) }].map(more => {
      const { clock, sent } = wear(board, { askEveryMs: 0, ...more })
      // The first frame after power-on is alone, and so is an MDBT42Q's for a minute.
      clock.advance(70_000)
      const settled = sent.length
      clock.advance(60_000)
      return sent.slice(settled).map(({ hex }) => hex === PACKET)
    })
    const sealed = (all: boolean[] | undefined): number => (all ?? []).filter(is => !is).length
    expect(sealed(both)).toBeGreaterThanOrEqual(sealed(bare))
    expect((both ?? []).filter(is => is).length).toBeGreaterThanOrEqual(29)
  })

  test.each(['zz'.repeat(30), KEY, 7])(
    'an identity that is none (%s) is a fault, and not on the air',
    iBeacon => {
      const { clock, host, sent } = wear(board, { iBeacon })
      clock.advance(10_000)
      for (const { hex } of sent) expect(kindOf(hex)).toBe(0)
      expect(host.console()).toEqual(['expected "iBeacon" of 60 hex digits in tocsin.json'])
    },
  )

  test('without a key there is no identity on the air either', () => {
    const { clock, sent } = wear(board, { key: 'none', iBeacon: iBeaconSetting(IDENTITY) })
    clock.advance(10_000)
    expect(sent.filter(({ hex }) => hex === PACKET)).toEqual([])
  })
})

/** As ESPresense reads it out of an advertisement: its own name for a device, or null. */
const espresenseId = (data: Uint8Array): string | null => {
  const hex = Buffer.from(data).toString('hex')
  const [, uuid, major, minor] =
    /1aff4c000215([0-9a-f]{32})([0-9a-f]{4})([0-9a-f]{4})[0-9a-f]{2}$/.exec(hex) ?? []
  if (uuid === undefined) return null
  const dashed = uuid.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  return `iBeacon:${dashed}-${parseInt(major ?? '', 16)}-${parseInt(minor ?? '', 16)}`
}

test('a receiver in the simulated building hears the identity that the site file gives, by the name ESPresense has for it', () => {
  const clock = steppedClock(1_000)
  const world = createWorld(clock)
  const pendant = { id: 'p-07', address: ADDRESS, key: KEY, wearer: 'ann', iBeacon: IDENTITY }
  const host = createPendant({ pendant, bundle: bundles.get('puckjs') ?? '', flash: memoryStorage(), clock })
  world.addPendant(host, { up: () => -60, down: () => null })
  const heard = new Set<string | null>()
  world.listen('a1', ({ data }) => heard.add(espresenseId(data)))
  host.powerOn()
  clock.advance(6000)
  expect([...heard]).toEqual([null, `iBeacon:${IDENTITY}`])
})

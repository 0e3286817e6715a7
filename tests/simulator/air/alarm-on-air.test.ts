// Which alarm a pendant's own frames tell of, held against frames that node:crypto and the real firmware made.
import { expect, it } from 'vitest'
import { alarmOnAir } from '../../../simulator/air/alarm-on-air.ts'
import { ADDRESS, KEY, plainFrame, sealedFrame } from '../../gateway/core/building.ts'

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex')
const sender = { address: ADDRESS, key: KEY }

it.each([
  [0, null],
  [1, 'cord'],
  [2, 'button'],
  [3, 'assist'],
  [4, 'man-down'],
  [5, 'duress'],
  [6, null],
  [7, null],
  [8, null],
  [9, null],
  [10, 'duress'],
  [11, 'duress'],
  [12, 'duress'],
  [13, 'duress'],
  [14, null],
])('kind %i, sealed and plain, is %s', (kind, alarm) => {
  expect(alarmOnAir(bytes(sealedFrame({ counter: 7, kind, alarmNumber: 1 })), sender)).toBe(alarm)
  expect(alarmOnAir(bytes(plainFrame({ counter: 7, kind, alarmNumber: 1 })), { address: ADDRESS })).toBe(
    alarm,
  )
})

it.each([
  '',
  '00',
  '0201',
  '0316d2fc',
  '0416d2fc45',
  '1716d2fc45',
  'ff16d2fc',
  sealedFrame({ counter: 1, kind: 1 }).slice(0, 40),
])('of %s it says nothing, and nothing is thrown', hex => {
  expect(alarmOnAir(bytes(hex), sender)).toBeNull()
})

it('of a frame under another key, or without one, it says nothing', () => {
  const frame = bytes(sealedFrame({ counter: 7, kind: 1, alarmNumber: 1 }))
  expect(alarmOnAir(frame, { address: ADDRESS, key: KEY.replace('2', '3') })).toBeNull()
  expect(alarmOnAir(frame, { address: ADDRESS })).toBeNull()
})

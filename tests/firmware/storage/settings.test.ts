import { expect, test } from 'vitest'
import { SETTING_FIELDS } from '../../../firmware/fields.ts'
import { numberLines } from '../../../firmware/storage/settings.ts'
import { iBeaconSetting } from '../../../schemas/ibeacon.ts'
import { hex } from '../air/aes.ts'
import { settingsIn } from '../driven.ts'

const KEY = '231D39c1d7cc1ab1aee224cd096db932'

test('the lines of the settings stand in the order of their fields', () => {
  expect(numberLines().map(line => line.split(' ')[0])).toEqual([...SETTING_FIELDS])
})

test('id and key are enough; the rest has defaults', () => {
  const { key, id, iBeacon, fault, ...numbers } = settingsIn(JSON.stringify({ id: 'p-07', key: KEY }))
  expect(id).toBe('p-07')
  expect(key === null ? null : hex(key)).toBe(KEY.toLowerCase())
  expect(fault).toBeNull()
  expect(iBeacon).toBeNull()
  expect(numbers).toMatchObject(
    Object.fromEntries(
      numberLines().map(line => {
        const [name, initial] = line.split(' ')
        return [name, Number(initial)]
      }),
    ),
  )
  expect(numbers).toMatchObject({ holdMs: 600, heartbeatMs: 1980, burstMs: 12_000 })
})

test.each([
  { file: undefined, fault: 'expected tocsin.json in Storage, found none' },
  { file: '', fault: 'expected JSON in tocsin.json, came 0 characters that are not' },
  { file: '{"id":', fault: 'expected JSON in tocsin.json, came 6 characters that are not' },
  { file: 'null', fault: 'expected JSON in tocsin.json, came 4 characters that are not' },
  { file: '{"id":"p-07"}', fault: 'expected "key" of 32 hex digits in tocsin.json' },
  { file: '{"key":"1234"}', fault: 'expected "key" of 32 hex digits in tocsin.json' },
  { file: `{"key":"${'1x'.repeat(16)}"}`, fault: 'expected "key" of 32 hex digits in tocsin.json' },
  { file: '{"key":5}', fault: 'expected "key" of 32 hex digits in tocsin.json' },
])('$file is a fault and no key', ({ file, fault }) => {
  expect(settingsIn(file)).toMatchObject({ fault, key: null, holdMs: 600 })
})

test('a number out of bounds comes to the nearer bound, and what is no number is a fault with the key kept', () => {
  const settings = settingsIn(JSON.stringify({ key: KEY, holdMs: 1, burstMs: 1, slowMs: 1e9, idleMs: '5' }))
  expect(settings).toMatchObject({ holdMs: 200, burstMs: 10_000, slowMs: 2000, idleMs: 2000 })
  expect(settings.fault).toBe('expected a number for "idleMs" in tocsin.json')
  expect(settings.key).not.toBeNull()
})

test('the packet of an iBeacon identity is taken whole; none, an empty one and one that is none are off, the last a fault', () => {
  const packet = iBeaconSetting('e5ca1ade-f007-ba11-0000-000000000000-100-7')
  const read = (iBeacon: unknown) => settingsIn(JSON.stringify({ key: KEY, iBeacon }))
  expect(read(packet).iBeacon?.map(hex)).toEqual([packet, packet])
  for (const none of [undefined, '']) expect(read(none)).toMatchObject({ iBeacon: null, fault: null })
  for (const wrong of [packet.slice(2), `${packet}00`, 'zz'.repeat(30), 7])
    expect(read(wrong)).toMatchObject({
      iBeacon: null,
      fault: 'expected "iBeacon" of 60 hex digits in tocsin.json',
      holdMs: 600,
    })
})

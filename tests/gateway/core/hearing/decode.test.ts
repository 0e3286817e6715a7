// The gateway opens what others sealed: every published vector, and the bytes that are nobody's frame.
import { describe, expect, it } from 'vitest'
import { open } from '../../../../gateway/core/hearing/authenticate.ts'
import { decode, decodeServiceData, readObjects } from '../../../../gateway/core/hearing/decode.ts'
import { sealBeacon } from '../../../../gateway/core/incident/beacon.ts'
import vectors from '../../../vectors/bthome.json' with { type: 'json' }
import { sealedFrame } from '../building.ts'

describe('every published vector', () => {
  it.each(vectors.bthome)('is opened: $name', ({ key, address, info, plain, counter, serviceData }) => {
    const frame = decodeServiceData(Buffer.from(serviceData, 'hex'))
    expect(frame).toMatchObject({ is: 'sealed', info, counter })
    if (frame.is !== 'sealed') return
    expect(open(frame, key, address)?.toString('hex')).toBe(plain)
    expect(open(frame, key, `00${address.slice(2)}`)).toBeNull()
    expect(open({ ...frame, info: frame.info ^ 4 }, key, address)).toBeNull()
  })

  it.each(vectors.beacon)(
    'is sealed: beacon $name',
    ({ key, address, told, number: alarmNumber, frameCounter, counter, data }) => {
      const beacon = { key, address, told, alarmNumber, frameCounter, beaconCounter: counter }
      expect(sealBeacon(beacon)).toContain(data)
    },
  )
})

describe('decode', () => {
  it('finds the frame among other AD structures, whatever stands before it', () => {
    const frame = sealedFrame({ counter: 7 })
    expect(decode(`03030fd2${frame}`)).toMatchObject({ is: 'sealed', counter: 7 })
    expect(decode(`${frame}0409502d37`)).toMatchObject({ is: 'sealed', counter: 7 })
  })

  it.each([
    ['a plain one', '0716d2fc40000101'],
    ['one of another version', '0416d2fc20'],
    ['one without an info byte', '0316d2fc'],
    ['a sealed one that is too short', '0816d2fc4500112233'],
  ])('finds the sealed frame beside %s, on either side of it', (_name, beside) => {
    const frame = sealedFrame({ counter: 7 })
    expect(decode(`${beside}${frame}`)).toMatchObject({ is: 'sealed', counter: 7 })
    expect(decode(`${frame}${beside}`)).toMatchObject({ is: 'sealed', counter: 7 })
    expect(decode(`${beside}03`), 'nor does a cut end hide the first').toEqual(decode(beside))
  })

  it('does not take the same two bytes elsewhere for a frame', () => {
    expect(decode('0201060bffd2fc4500112233445566')).toEqual({ is: 'foreign' })
    expect(decode('')).toEqual({ is: 'foreign' })
  })

  it('says what is wrong with half a frame', () => {
    expect(decode('0201061b16d2fc45')).toMatchObject({ is: 'malformed' })
    expect(decode('0316d2fc')).toMatchObject({ is: 'malformed', came: 'service data without an info byte' })
    expect(decode('0416d2fc20')).toMatchObject({ is: 'malformed', came: 'BTHome version 1, expected 2' })
  })
})

describe('readObjects', () => {
  const read = (hex: string) => readObjects(Buffer.from(hex, 'hex'))

  it('reads ours and steps over the others by their length', () => {
    expect(read('0007016102ca0903bf130c260b3a045403110905')).toEqual({
      packetId: 7,
      batteryPercent: 97,
      buttons: [4],
      alarm: { version: 1, kind: 1, alarmNumber: 9, flags: 5 },
    })
  })

  it('reads several buttons in their order', () => {
    expect(read('3a003a013a80')?.buttons).toEqual([0, 1, 0x80])
  })

  it('stops at an id it does not know and keeps what came before, and is null where an object is cut short', () => {
    expect(read('0161ee0203')).toEqual({ batteryPercent: 97, buttons: [] })
    expect(read('016154031109')).toBeNull()
    expect(read('0c26')).toBeNull()
    expect(read('54')).toBeNull()
  })
})

// Each gesture by its name, played on a pendant with the real firmware: what goes on the air is what was meant.
import { beforeAll, describe, expect, it } from 'vitest'
import { open } from '../../../gateway/core/hearing/authenticate.ts'
import { decode, readObjects } from '../../../gateway/core/hearing/decode.ts'
import * as frame from '../../../schemas/frame.ts'
import { createPendant } from '../../../simulator/building/pendants.ts'
import { steppedClock } from '../../../simulator/clock.ts'
import { memoryStorage } from '../../../simulator/espruino/chip/storage.ts'
import type { Gesture } from '../../../simulator/page/building.ts'
import { createHand } from '../../../simulator/people/hand.ts'
import { builtBundle } from '../../firmware/built.ts'

const pendant = {
  id: 'p-07',
  address: 'c7:f9:36:dd:b0:ca',
  key: '231d39c1d7cc1ab1aee224cd096db932',
  wearer: 'jane',
}
let bundle: string
beforeAll(async () => {
  bundle = await builtBundle()
})

/** A pendant worn for a while, and the kinds that it has sent, each as it changed. */
function wear() {
  const clock = steppedClock(1_800_000_000_000)
  const host = createPendant({ pendant, bundle, flash: memoryStorage(), clock })
  const kinds: number[] = []
  host.onAdvertisement(({ data }) => {
    const decoded = decode(Buffer.from(data).toString('hex'))
    if (decoded.is !== 'sealed') throw new Error(`expected a sealed frame, came ${decoded.is}`)
    const plain = open(decoded, pendant.key, pendant.address)
    const kind = plain === null ? undefined : readObjects(plain)?.alarm?.kind
    if (kind !== undefined && kinds.at(-1) !== kind) kinds.push(kind)
  })
  const hand = createHand('p-07', clock, isDown => host.setPin('BTN', isDown ? 1 : 0))
  host.setPin('D1', 0)
  host.setPin('BTN', 0)
  host.powerOn()
  clock.advance(25_000)
  // It has asked twice whether anybody listens, and asks again in twenty seconds.
  expect(kinds.splice(1)).toEqual([frame.KIND_ASK, frame.KIND_IDLE, frame.KIND_ASK, frame.KIND_IDLE])
  return { clock, host, hand, kinds }
}

describe('a gesture played by name', () => {
  it.each<[Gesture, number]>([
    ['okay', frame.KIND_OKAY],
    ['assist', frame.KIND_ASSIST],
    ['hold', frame.KIND_BUTTON],
  ])('%s', (gesture, kind) => {
    const { clock, hand, kinds } = wear()
    hand.gesture(gesture)
    clock.advance(4_000)
    expect(kinds).toEqual([frame.KIND_IDLE, kind])
  })

  it('test: three okays and then it is known to be one', () => {
    const { clock, hand, kinds } = wear()
    hand.gesture('test')
    clock.advance(8_000)
    expect(kinds.at(-1)).toBe(frame.KIND_TEST)
    expect(kinds.every(kind => [frame.KIND_IDLE, frame.KIND_OKAY, frame.KIND_TEST].includes(kind))).toBe(true)
  })

  it.each<[Gesture, number]>([
    ['cancel', frame.KIND_CANCEL],
    ['duress', frame.KIND_DURESS],
  ])('%s, in an alarm', (gesture, kind) => {
    const { clock, host, hand, kinds } = wear()
    host.setPin('D1', 1)
    clock.advance(3_000)
    hand.gesture(gesture)
    clock.advance(6_000)
    expect(kinds).toEqual([frame.KIND_IDLE, frame.KIND_CORD, kind])
  })
})

describe('one hand', () => {
  it('plays one gesture at a time, and takes no finger meanwhile', () => {
    const { clock, hand } = wear()
    hand.gesture('test')
    expect(() => hand.gesture('okay')).toThrow(/expected the button of p-07 to be up/)
    expect(() => hand.press(100)).toThrow(/expected the button of p-07 to be up/)
    expect(() => hand.button(true)).toThrow(/let alone while a gesture is played/)
    clock.advance(10_000)
    hand.button(true)
    expect(() => hand.gesture('okay')).toThrow(/expected the button of p-07 to be up/)
    hand.button(false)
    hand.gesture('okay')
  })

  it('lets go in the end of a button that nobody let go, and not of one pressed since', () => {
    const { clock, hand } = wear()
    hand.button(true)
    clock.advance(89_000)
    expect(hand.isDown()).toBe(true)
    hand.button(false)
    hand.button(true)
    clock.advance(89_000)
    expect(hand.isDown()).toBe(true)
    clock.advance(1_000)
    expect(hand.isDown()).toBe(false)
  })
})

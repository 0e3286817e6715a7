import { describe, expect, test } from 'vitest'
import { BLOCK, COUNTER_MAX, MEASURE_MS } from '../../firmware/state.ts'
import {
  MOOD_ACKNOWLEDGED,
  MOOD_BEGUN,
  MOOD_COMING,
  MOOD_FAULT,
  MOOD_STORED,
} from '../../firmware/wearer/lights.ts'
import {
  DAYS_LEFT_SHIFT,
  FLAG_BATTERY_LOW,
  FLAG_CORD_PARTED,
  FLAG_FAULT,
  FLAG_TOLD,
  KIND_BUTTON,
  KIND_CORD,
  KIND_DURESS,
  KIND_IDLE,
  TOLD_ACKNOWLEDGED,
  TOLD_COMING,
  TOLD_RESOLVED,
  TOLD_STORED,
} from '../../schemas/frame.ts'
import { drive, settingsIn, settingsWith } from './driven.ts'

const parted = { kind: 'cord', isParted: true } as const
const closed = { kind: 'cord', isParted: false } as const
const down = { kind: 'button', isDown: true } as const
const up = { kind: 'button', isDown: false } as const

const beacon = (counter: number, told: number, number: number, frameCounter: number) =>
  ({ kind: 'beacon', beacon: { counter, told, number, frameCounter } }) as const

const frame = (pendant: ReturnType<typeof drive>) => {
  const last = pendant.last()
  return last?.kind === 'advertise' ? last.frame : undefined
}

describe('idle', () => {
  test('a pendant advertises in its first turn, with its counters reserved before', () => {
    const pendant = drive()
    expect(pendant.done.slice(0, 2).map(({ effect }) => effect)).toEqual([
      { kind: 'reserve', counter: BLOCK, number: 0 },
      {
        kind: 'advertise',
        counter: 0,
        frame: { packetId: 1, battery: 97, button: 0, kind: KIND_IDLE, number: 0, flags: 0 },
        intervalMs: 1000,
      },
    ])
  })

  test('a new frame each heartbeat, its counter and packet id one on', () => {
    const pendant = drive()
    pendant.to(20_000)
    const frames = pendant.advertised()
    expect(frames.map(({ atMs }) => atMs)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20].map(s => s * 1000))
    expect(frames.map(({ counter }) => counter)).toEqual([...frames.keys()])
    expect(frames.map(({ frame }) => frame.packetId)).toEqual([...frames.keys()].map(i => i + 1))
  })

  test('the block used up, the next is reserved before its first counter is sealed', () => {
    const pendant = drive()
    pendant.to((BLOCK + 2) * 2000)
    const order = pendant.done.flatMap(({ effect }) =>
      effect.kind === 'reserve' || effect.kind === 'advertise' ? [`${effect.kind} ${effect.counter}`] : [],
    )
    const at = order.indexOf(`reserve ${2 * BLOCK}`)
    expect(order.slice(at - 1, at + 2)).toEqual([
      `advertise ${BLOCK - 1}`,
      `reserve ${2 * BLOCK}`,
      `advertise ${BLOCK}`,
    ])
  })

  test('counting goes on where Storage says, or where the settings say if that is more', () => {
    expect(drive({ counter: 500 }).advertised()[0]?.counter).toBe(500)
    expect(drive({ counter: 500 }, settingsWith({ counter: 900 })).advertised()[0]?.counter).toBe(900)
  })

  test('every hour, and never in an alarm, the battery is measured and the flash tidied; low shows in the frame', () => {
    const pendant = drive()
    pendant.to(MEASURE_MS)
    expect(pendant.done.filter(({ effect }) => effect.kind === 'measure').length).toBe(1)
    expect(pendant.done.some(({ effect }) => effect.kind === 'tidy')).toBe(true)
    pendant.at(MEASURE_MS, { kind: 'battery', percent: 15 })
    pendant.to(MEASURE_MS + 2000)
    expect(frame(pendant)).toMatchObject({ battery: 15, flags: FLAG_BATTERY_LOW | (1 << DAYS_LEFT_SHIFT) })
    pendant.at(MEASURE_MS + 3000, parted)
    pendant.to(MEASURE_MS + 1_500_000)
    expect(pendant.done.filter(({ effect }) => effect.kind === 'measure').length).toBe(1)
  })
})

describe('gestures', () => {
  test('a parted cord is an alarm at once: number written, then on the air, then the light and the ear', () => {
    const pendant = drive()
    const before = pendant.done.length
    pendant.at(500, parted)
    expect(pendant.done.slice(before).map(({ effect }) => effect)).toEqual([
      { kind: 'note', number: 1 },
      {
        kind: 'advertise',
        counter: 1,
        frame: { packetId: 2, battery: 97, button: 4, kind: KIND_CORD, number: 1, flags: FLAG_CORD_PARTED },
        intervalMs: 100,
      },
      { kind: 'scan', isOn: true },
      { kind: 'lights', colours: 1 },
      { kind: 'show', mood: MOOD_BEGUN },
    ])
  })

  test('putting the cord back cancels nothing, and pulling it again is the next alarm', () => {
    const pendant = drive()
    pendant.at(500, parted)
    pendant.at(5000, closed)
    pendant.to(8000)
    expect(frame(pendant)).toMatchObject({ kind: KIND_CORD, number: 1, flags: 0 })
    pendant.at(9000, parted)
    expect(frame(pendant)).toMatchObject({ kind: KIND_CORD, number: 2 })
  })

  test('a cord already parted at power-on is a fault, shown, until it has been in for a second; then it is armed', () => {
    const pendant = drive({ isCordParted: true })
    pendant.to(60_000)
    expect(frame(pendant)).toMatchObject({ kind: KIND_IDLE, number: 0, flags: FLAG_CORD_PARTED | FLAG_FAULT })
    expect(pendant.state().mood).toBe(MOOD_FAULT)
    // A plug that slides in touches, lets go and stays.
    pendant.at(61_000, closed)
    pendant.at(61_100, parted)
    pendant.at(61_200, closed)
    pendant.to(62_100)
    expect(frame(pendant)).toMatchObject({ kind: KIND_IDLE, number: 0, flags: FLAG_FAULT })
    pendant.to(62_200)
    expect(frame(pendant)).toMatchObject({ kind: KIND_IDLE, flags: 0 })
    pendant.at(62_300, parted)
    expect(frame(pendant)).toMatchObject({ kind: KIND_CORD, number: 1, flags: FLAG_CORD_PARTED })
  })

  test.each([
    { heldMs: 599, kind: KIND_IDLE },
    { heldMs: 600, kind: KIND_BUTTON },
    { heldMs: 5000, kind: KIND_BUTTON },
  ])('a button held $heldMs ms leaves kind $kind', ({ heldMs, kind }) => {
    const pendant = drive()
    pendant.at(1000, down)
    pendant.at(1000 + heldMs, up)
    pendant.to(10_000)
    expect(frame(pendant)).toMatchObject({ kind, number: kind === KIND_IDLE ? 0 : 1 })
  })

  test('a hold is an alarm while the button is still down, and one hold is one alarm', () => {
    const pendant = drive()
    pendant.at(1000, down)
    pendant.to(1600)
    expect(frame(pendant)).toMatchObject({ kind: KIND_BUTTON, number: 1 })
    pendant.to(30_000)
    expect(frame(pendant)).toMatchObject({ number: 1 })
  })

  test('a hold counts even where its release is heard before a late timer', () => {
    const pendant = drive()
    pendant.at(1000, down)
    // No timer ran in between: the chip was busy.
    pendant.state().lightAtMs = Number.POSITIVE_INFINITY
    pendant.at(1700, up)
    expect(frame(pendant)).toMatchObject({ kind: KIND_BUTTON, number: 1 })
  })

  test('a button down at power-on is a fault and no alarm, and works once it was let go', () => {
    const pendant = drive({ isButtonDown: true })
    pendant.at(100, down)
    pendant.to(5000)
    expect(frame(pendant)).toMatchObject({ kind: KIND_IDLE, flags: FLAG_FAULT })
    pendant.at(6000, up)
    pendant.at(7000, down)
    pendant.to(8000)
    expect(frame(pendant)).toMatchObject({ kind: KIND_BUTTON, flags: 0 })
  })

  test('alarm numbers go round from 255 to 1', () => {
    const pendant = drive({ number: 254 })
    for (let i = 0; i < 3; i++) {
      pendant.at(1000 + i * 4000, parted)
      pendant.at(1500 + i * 4000, closed)
    }
    const numbers = pendant.done.flatMap(({ effect }) =>
      effect.kind === 'reserve' || effect.kind === 'note' ? [effect.number] : [],
    )
    expect(numbers).toEqual([254, 255, 1, 2])
  })
})

describe('an alarm on the air', () => {
  test('100 ms for the burst, then 500 ms, sealed anew each second, for half an hour', () => {
    const pendant = drive()
    pendant.at(1000, parted)
    pendant.to(1_900_000)
    const frames = pendant.advertised().filter(({ frame }) => frame.kind === KIND_CORD)
    expect(frames.filter(({ atMs }) => atMs < 13_000).every(({ intervalMs }) => intervalMs === 100)).toBe(
      true,
    )
    expect(frames.filter(({ atMs }) => atMs >= 13_000).every(({ intervalMs }) => intervalMs === 500)).toBe(
      true,
    )
    expect(frames.length).toBe(1800)
    expect(frames.at(-1)?.atMs).toBe(1_800_000)
    expect(frame(pendant)).toMatchObject({ kind: KIND_IDLE, number: 1, flags: FLAG_CORD_PARTED })
  })

  test('it listens 150 ms of each second, and not at all when idle', () => {
    const pendant = drive()
    pendant.to(10_000)
    pendant.at(10_000, parted)
    pendant.to(14_000)
    const scans = pendant.done.flatMap(({ atMs, effect }) =>
      effect.kind === 'scan' ? [[atMs, effect.isOn]] : [],
    )
    expect(scans.slice(0, 5)).toEqual([
      [10_000, true],
      [10_150, false],
      [11_000, true],
      [11_150, false],
      [12_000, true],
    ])
  })
})

describe('what comes back', () => {
  const raised = () => {
    const pendant = drive()
    pendant.at(1000, parted)
    pendant.to(4500)
    return pendant
  }

  test.each([
    { told: TOLD_STORED, mood: MOOD_STORED, flags: FLAG_CORD_PARTED },
    { told: TOLD_ACKNOWLEDGED, mood: MOOD_ACKNOWLEDGED, flags: FLAG_CORD_PARTED | FLAG_TOLD },
    { told: TOLD_COMING, mood: MOOD_COMING, flags: FLAG_CORD_PARTED | FLAG_TOLD },
  ])('told $told shows as mood $mood at once, and in the next frame', ({ told, mood, flags }) => {
    const pendant = raised()
    pendant.at(4600, beacon(7, told, 1, 3))
    expect(pendant.state().mood).toBe(mood)
    expect(pendant.advertised().at(-1)).toMatchObject({ atMs: 4600, frame: { kind: KIND_CORD, flags } })
  })

  test.each([
    { about: 'another alarm', heard: beacon(7, TOLD_COMING, 2, 3) },
    { about: 'a frame before this alarm', heard: beacon(7, TOLD_COMING, 1, 0) },
    { about: 'a frame not yet sent', heard: beacon(7, TOLD_COMING, 1, 99) },
  ])('a beacon about $about is not believed, nor is its counter taken', ({ heard }) => {
    const pendant = raised()
    pendant.at(4600, heard)
    expect(pendant.state()).toMatchObject({ mood: MOOD_BEGUN, beaconCounter: -1 })
  })

  test('who was coming and gave it back is not shown as coming: the newest word counts, and an older beacon never', () => {
    const pendant = raised()
    pendant.at(4600, beacon(7, TOLD_COMING, 1, 3))
    pendant.at(4700, beacon(8, TOLD_STORED, 1, 3))
    expect(pendant.state().mood).toBe(MOOD_STORED)
    expect(pendant.advertised().at(-1)).toMatchObject({ atMs: 4700, frame: { flags: FLAG_CORD_PARTED } })
    pendant.at(4750, beacon(7, TOLD_COMING, 1, 3))
    expect(pendant.state().mood).toBe(MOOD_STORED)
    pendant.at(4800, beacon(8, TOLD_RESOLVED, 1, 3))
    expect(pendant.state().alarmKind).toBe(KIND_CORD)
  })

  test('coming: green a second alone and a second with red, of every three, slower on the air after the burst, still an alarm', () => {
    const pendant = raised()
    pendant.at(4650, beacon(7, TOLD_COMING, 1, 3))
    pendant.to(30_000)
    const lit = pendant.lit().filter(({ atMs }) => atMs >= 4650)
    expect(lit.slice(0, 4).map(({ atMs, colours }) => [atMs, colours])).toEqual([
      [4650, 2],
      [5650, 3],
      [6650, 0],
      [7650, 2],
    ])
    expect(pendant.last()).toMatchObject({ intervalMs: 1000, frame: { kind: KIND_CORD, number: 1 } })
  })

  test('resolved ends the alarm: idle frames, the ear shut, three short cyan blinks', () => {
    const pendant = raised()
    pendant.at(4650, beacon(7, TOLD_RESOLVED, 1, 3))
    expect(frame(pendant)).toMatchObject({ kind: KIND_IDLE, number: 1, flags: FLAG_CORD_PARTED })
    pendant.to(60_000)
    const lit = pendant.lit().filter(({ atMs }) => atMs >= 4650)
    expect(lit.map(({ colours }) => colours)).toEqual([6, 0, 6, 0, 6, 0])
    expect(pendant.state().isScanning).toBe(0)
  })

  test('a second pull starts over: nothing is told about it yet', () => {
    const pendant = raised()
    pendant.at(4600, beacon(7, TOLD_COMING, 1, 3))
    pendant.at(5000, closed)
    pendant.at(8000, parted)
    expect(pendant.state()).toMatchObject({ mood: MOOD_BEGUN, alarmKind: KIND_CORD, number: 2, told: 0 })
    pendant.at(8100, beacon(8, TOLD_COMING, 1, 3))
    expect(pendant.state().mood).toBe(MOOD_BEGUN)
  })

  test('while beacons are believed the alarm does not time out', () => {
    const pendant = raised()
    pendant.at(1_700_000, beacon(7, TOLD_COMING, 1, 3))
    pendant.to(3_400_000)
    expect(frame(pendant)).toMatchObject({ kind: KIND_CORD, number: 1 })
    pendant.to(3_600_000)
    expect(frame(pendant)).toMatchObject({ kind: KIND_IDLE, number: 1 })
  })
})

describe('faults', () => {
  test('a flash that cannot be written is flagged, tried again with each frame, and forgiven when it can', () => {
    const pendant = drive()
    pendant.at(100, { kind: 'storage', isWell: false })
    pendant.to(6000)
    expect(frame(pendant)?.flags).toBe(FLAG_FAULT)
    const reserved = pendant.done.filter(({ effect }) => effect.kind === 'reserve').length
    expect(reserved).toBeGreaterThanOrEqual(2)
    pendant.at(6100, { kind: 'storage', isWell: true })
    pendant.to(8100)
    expect(frame(pendant)?.flags).toBe(0)
  })

  test('marks that are lost leave the pendant plain and at fault, and are not written over', () => {
    const pendant = drive({ isMarkLost: true })
    pendant.at(1000, parted)
    pendant.to(20_000)
    expect(pendant.state().hasKey).toBe(0)
    expect(frame(pendant)).toMatchObject({ kind: KIND_CORD, flags: FLAG_CORD_PARTED | FLAG_FAULT })
    expect(pendant.done.some(({ effect }) => effect.kind === 'reserve')).toBe(false)
  })

  test('the last counter is never sealed under: the pendant goes on plain and at fault', () => {
    const pendant = drive({ counter: COUNTER_MAX - 2 })
    pendant.to(20_000)
    expect(pendant.state().hasKey).toBe(0)
    expect(frame(pendant)?.flags).toBe(FLAG_FAULT)
    expect(pendant.advertised().length).toBe(11)
  })

  test('an error thrown anywhere is shown in the next frame', () => {
    const pendant = drive()
    pendant.at(100, { kind: 'error' })
    pendant.to(2000)
    expect(frame(pendant)?.flags).toBe(FLAG_FAULT)
  })

  test('without a key everything else works the same', () => {
    const pendant = drive({}, settingsIn(undefined))
    pendant.at(1000, parted)
    expect(frame(pendant)).toMatchObject({ kind: KIND_CORD, flags: FLAG_CORD_PARTED | FLAG_FAULT })
  })
})

describe('an alarm that was on when the power went', () => {
  test.each([KIND_CORD, KIND_BUTTON])(
    'of kind %d goes on from the first frame: same number, burst, light and ear',
    kind => {
      const pendant = drive({ alarmKind: kind, number: 7, isCordParted: kind === KIND_CORD })
      expect(pendant.advertised()[0]).toMatchObject({ intervalMs: 100, frame: { kind, number: 7 } })
      expect((pendant.advertised()[0]?.frame.flags ?? 0) & FLAG_FAULT).toBe(0)
      expect(pendant.state()).toMatchObject({ mood: MOOD_BEGUN, isScanning: 1, told: 0 })
      pendant.to(5000)
      pendant.at(5000, beacon(1, TOLD_RESOLVED, 7, 3))
      expect(frame(pendant)).toMatchObject({ kind: KIND_IDLE, number: 7 })
      const noted = pendant.done.filter(({ effect }) => effect.kind === 'note')
      expect(noted.map(({ atMs }) => atMs)).toEqual([5000])
    },
  )

  test('hidden, it stays hidden: the frames of a duress, the ear open, no light at all', () => {
    const pendant = drive({ alarmKind: KIND_DURESS, number: 7 })
    pendant.to(60_000)
    expect(pendant.advertised().every(({ frame }) => frame.kind === KIND_DURESS && frame.number === 7)).toBe(
      true,
    )
    expect(pendant.advertised()[0]?.intervalMs).toBe(100)
    expect(pendant.lit()).toEqual([])
    expect(pendant.done.some(({ effect }) => effect.kind === 'scan' && effect.isOn)).toBe(true)
  })

  test('is not asked about before its own end, and times out after the usual silence', () => {
    const pendant = drive({ alarmKind: KIND_BUTTON, number: 7 }, settingsWith({ askEveryMs: 2_700_000 }))
    pendant.to(1_799_000)
    expect(pendant.advertised().every(({ frame }) => frame.kind === KIND_BUTTON)).toBe(true)
    pendant.to(1_801_000)
    expect(frame(pendant)).toMatchObject({ number: 7 })
    expect(pendant.state().alarmKind).toBe(0)
  })
})

// Pendants that are not ours: one press is one event, however often, by whom and in what order it is heard; and each
// known way to a phantom press or to a lost one.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decode } from '../../../../gateway/core/hearing/decode.ts'
import { advertised, BUTTON_ADDRESS, buttonBench, plainBench, plainButton, sealedButton } from '../buttons.ts'
import { type Bench, createBench } from '../engine.ts'
import { spoken } from '../spoken.ts'

const SECOND_MS = 1_000
const LONG_AGO_MS = 60_000
const hear = (bench: Bench, data: string, by: Parameters<Bench['data']>[1] = {}) =>
  bench.data(data, { address: BUTTON_ADDRESS, ...by })
const resolve = (bench: Bench, incident = 'i-0001') =>
  bench.hear({ kind: 'resolve', incident, by: 'Ann', outcome: 'false-alarm', reason: 'slipped' })
const presses = (bench: Bench): number => bench.incidents().reduce((sum, each) => sum + each.presses, 0)
const vectors: { bthome: { name: string; serviceData: string }[] } = JSON.parse(
  readFileSync(new URL('../../../vectors/bthome.json', import.meta.url), 'utf8'),
)
const longPress = vectors.bthome.find(({ name }) => name.startsWith('a long press'))?.serviceData ?? ''

describe('an iBeacon identity', () => {
  // Flags; Apple's company number, type and length; a UUID with BTHome's own bytes in it; major, minor, measured power.
  const iBeacon = '0201061aff4c000215e5ca1aded2fc4500d2fc000000000000000a0007c5'

  it('is nobody’s frame: from a pendant of ours it raises nothing, counts as no refusal and hides no press', () => {
    const bench = buttonBench()
    const { changes, pages, told } = hear(bench, iBeacon)
    expect({ changes, pages: [...pages], told: [...told] }).toEqual({ changes: [], pages: [], told: [] })
    expect(decode(iBeacon)).toEqual({ is: 'foreign' })
    hear(bench, advertised(longPress))
    hear(bench, iBeacon)
    expect(presses(bench)).toBe(1)
  })
})

describe('a sealed button', () => {
  it('the published long press raises an incident, pages, and tells the wearer nothing', () => {
    const bench = buttonBench()
    expect(longPress).toBe('4559dfe4ddd1f133221100772e864d')
    const { changes, pages, told } = hear(bench, advertised(longPress))
    expect(changes.map(change => change.is)).toEqual(['raised', 'page-due'])
    expect(pages).toMatchObject([{ target: '5150' }])
    expect(told).toEqual([])
    const incident = bench.incident()
    expect(incident).toMatchObject({ kind: 'button', pendant: 'b-01', isVerified: true, counter: 0x112233 })
    expect(incident.lines[0]?.text).toContain('This pendant cannot be told that it was heard')
    const resolved = resolve(bench)
    expect(resolved.told).toEqual([])
    expect([...bench.restart().hear({ kind: 'start' }).told]).toEqual([])
  })

  it('its repeats, by several receivers over seconds and after the incident is resolved, are one press', () => {
    const bench = buttonBench()
    const data = sealedButton(7, { packetId: 3 })
    for (let i = 0; i < 20; i++) {
      hear(bench, data, { receiver: i % 2 === 0 ? 'r-hall' : 'r-interview' })
      bench.wait(SECOND_MS)
    }
    resolve(bench)
    bench.wait(LONG_AGO_MS)
    hear(bench, data)
    expect(presses(bench)).toBe(1)
  })

  it('repeats sealed anew under the same packet id are one press, and the next packet id is another', () => {
    const bench = buttonBench()
    for (let counter = 7; counter < 12; counter++) hear(bench, sealedButton(counter, { packetId: 3 }))
    expect(presses(bench)).toBe(1)
    hear(bench, sealedButton(12, { packetId: 4 }))
    expect(presses(bench)).toBe(2)
  })

  it('without packet ids is told apart by its counter', () => {
    const bench = buttonBench()
    hear(bench, sealedButton(7, {}))
    hear(bench, sealedButton(7, {}), { receiver: 'r-hall' })
    hear(bench, sealedButton(8, {}))
    expect(presses(bench)).toBe(2)
  })

  it.each([0x41, 0x45])('with info byte 0x%s is opened with that byte in the nonce', info => {
    const bench = buttonBench()
    hear(bench, sealedButton(7, {}, info))
    expect(presses(bench)).toBe(1)
  })

  it('sealed for another info byte is refused as of another key', () => {
    const bench = buttonBench()
    expect(hear(bench, sealedButton(7, {}, 0x41, 0x45)).counted).toEqual(['wrong-key'])
    expect(bench.incidents()).toEqual([])
  })

  it('in plaintext is refused as a downgrade', () => {
    const bench = buttonBench()
    expect(hear(bench, plainButton({ packetId: 1 })).counted).toEqual(['downgrade'])
    expect(bench.incidents()).toEqual([])
  })

  it('played again after a newer frame, also across a restart, is refused and raises nothing', () => {
    const bench = buttonBench()
    hear(bench, sealedButton(7, { packetId: 3 }))
    bench.wait(LONG_AGO_MS)
    hear(bench, sealedButton(8, { packetId: 4 }))
    bench.wait(LONG_AGO_MS)
    expect(hear(bench, sealedButton(7, { packetId: 3 })).counted).toEqual(['replayed'])
    const after = bench.restart()
    expect(hear(after, sealedButton(7, { packetId: 3 })).counted).toEqual(['replayed'])
    expect(presses(after)).toBe(2)
  })

  it('the kept counter heard first after a restart is no press; a higher one is', () => {
    const bench = buttonBench()
    hear(bench, sealedButton(7, { packetId: 3 }))
    resolve(bench)
    bench.nowMs += LONG_AGO_MS
    const after = bench.restart()
    hear(after, sealedButton(7, { packetId: 3 }))
    expect(presses(after)).toBe(1)
    hear(after, sealedButton(8, { packetId: 4 }))
    expect(presses(after)).toBe(2)
  })

  it('the kept counter is no press though nothing else is known of it; the first above it is', () => {
    const { plan } = buttonBench().state
    const after = createBench({ plan, counters: new Map([['b-01', 7]]) })
    hear(after, sealedButton(7, { packetId: 3 }))
    expect(after.incidents()).toEqual([])
    hear(after, sealedButton(8, { packetId: 4 }))
    expect(presses(after)).toBe(1)
  })

  it('a press that a cut-off receiver heard before newer frames is still an alarm, once', () => {
    const bench = buttonBench()
    hear(bench, sealedButton(1, { packetId: 1, buttons: [0] }))
    bench.wait(10 * SECOND_MS)
    hear(bench, sealedButton(9, { packetId: 9, buttons: [0] }))
    bench.wait(LONG_AGO_MS)
    const ageMs = LONG_AGO_MS + 5 * SECOND_MS
    hear(bench, sealedButton(5, { packetId: 5 }), { ageMs })
    hear(bench, sealedButton(5, { packetId: 5 }), { ageMs, receiver: 'r-hall' })
    hear(bench, sealedButton(5, { packetId: 5 }), { wasRedelivered: true })
    expect(presses(bench)).toBe(1)
  })
})

describe('a plain button', () => {
  it('raises an alarm that is marked unverified and still pages', () => {
    const bench = plainBench()
    const { pages, told } = hear(bench, plainButton({ packetId: 1 }))
    expect(bench.incident().isVerified).toBe(false)
    expect(spoken(pages[0])).toContain('Unverified.')
    expect(told).toEqual([])
  })

  it('with info byte 0x40 is heard too', () => {
    const bench = plainBench()
    hear(bench, plainButton({ packetId: 1 }, 0x40))
    expect(presses(bench)).toBe(1)
  })

  it('periodic frames with button 00, with no button, or of a dimmer are no press', () => {
    const bench = plainBench()
    for (let packetId = 0; packetId < 300; packetId++) {
      hear(bench, plainButton({ packetId, buttons: packetId % 2 === 0 ? [0] : [] }))
      bench.wait(8 * SECOND_MS)
    }
    hear(bench, advertised('4400073c0105'))
    expect(bench.incidents()).toEqual([])
  })

  it('packet ids that go round at 255, or begin at 0 again, are new presses', () => {
    const bench = plainBench()
    for (const packetId of [254, 255, 0, 1]) hear(bench, plainButton({ packetId }))
    expect(presses(bench)).toBe(4)
    bench.wait(LONG_AGO_MS)
    hear(bench, plainButton({ packetId: 0 }))
    expect(presses(bench)).toBe(5)
  })

  it('a device that wakes with the same packet id each time presses again after half a minute of silence', () => {
    const bench = plainBench()
    hear(bench, plainButton({ packetId: 1 }))
    resolve(bench)
    bench.wait(29 * SECOND_MS)
    hear(bench, plainButton({ packetId: 1 }))
    expect(bench.incidents()).toHaveLength(1)
    bench.wait(31 * SECOND_MS)
    hear(bench, plainButton({ packetId: 1 }))
    expect(bench.incidents()).toHaveLength(2)
  })

  it('one press merged into 499 later advertisements by a stack that keeps old data is one press', () => {
    const bench = plainBench()
    for (let i = 0; i < 500; i++) {
      hear(bench, plainButton({ packetId: 7 }))
      bench.wait(2 * SECOND_MS)
    }
    expect(presses(bench)).toBe(1)
  })

  it('old data of one receiver between new data of another makes no further press', () => {
    const bench = plainBench()
    hear(bench, plainButton({ packetId: 7 }))
    for (let i = 0; i < 100; i++) {
      bench.wait(2 * SECOND_MS)
      hear(bench, plainButton({ packetId: 8 }), { receiver: 'r-hall' })
      hear(bench, plainButton({ packetId: 7 }))
    }
    expect(presses(bench)).toBe(2)
    resolve(bench)
    hear(bench, plainButton({ packetId: 7 }))
    expect(presses(bench)).toBe(2)
  })

  it('the same packet id with another button event is another press', () => {
    const bench = plainBench({ press: 'assist' })
    hear(bench, plainButton({ packetId: 0, buttons: [1] }))
    hear(bench, plainButton({ packetId: 0, buttons: [4] }))
    expect(bench.incident()).toMatchObject({ presses: 2, kind: 'button' })
  })

  it('a press first heard after a restart is an alarm: it may have begun while nobody listened', () => {
    const after = plainBench().restart()
    hear(after, plainButton({ packetId: 200 }))
    expect(presses(after)).toBe(1)
  })

  it('the press that is being dealt with goes on over a restart; of a resolved one it is an alarm', () => {
    const bench = plainBench()
    hear(bench, plainButton({ packetId: 7 }))
    bench.nowMs += LONG_AGO_MS
    const open = bench.restart()
    for (let i = 0; i < 10; i++) {
      hear(open, plainButton({ packetId: 7 }))
      open.wait(10 * SECOND_MS)
    }
    expect(presses(open)).toBe(1)
    resolve(bench)
    const resolved = bench.restart()
    hear(resolved, plainButton({ packetId: 7 }))
    expect(presses(resolved)).toBe(2)
  })

  it('delivered again by MQTT is one press while its incident is open', () => {
    const bench = plainBench()
    hear(bench, plainButton({ packetId: 7 }))
    bench.wait(5 * LONG_AGO_MS)
    hear(bench, plainButton({ packetId: 7 }), { wasRedelivered: true })
    expect(presses(bench)).toBe(1)
  })

  it('sealed frames from it are refused, for there is no key to open them', () => {
    const bench = plainBench()
    expect(hear(bench, sealedButton(1, {})).counted).toEqual(['wrong-key'])
  })
})

describe('what a press comes to', () => {
  const given = { press: 'okay', double: 'assist', triple: 'none', long: 'button' } as const

  it.each([
    ['double', 2, 'assist'],
    ['long', 4, 'button'],
    ['long double', 5, 'button'],
    ['long triple', 6, 'button'],
    ['hold', 0x80, 'button'],
  ])('%s (%i) is %s', (_, button, kind) => {
    const bench = plainBench(given)
    hear(bench, plainButton({ packetId: 1, buttons: [button] }))
    expect(bench.incident().kind).toBe(kind)
  })

  it('okay is counted once and none is nothing; neither raises an incident', () => {
    const bench = plainBench(given)
    expect(hear(bench, plainButton({ packetId: 1 })).heard).toEqual(['okay'])
    expect(hear(bench, plainButton({ packetId: 1 })).heard).toEqual([])
    expect(hear(bench, plainButton({ packetId: 2 })).heard).toEqual(['okay'])
    expect(hear(bench, plainButton({ packetId: 3, buttons: [3] })).heard).toEqual([])
    expect(bench.incidents()).toEqual([])
  })

  it('okays between two alarms do not bring the second its number too soon', () => {
    const bench = plainBench(given)
    hear(bench, plainButton({ packetId: 0, buttons: [4] }))
    for (let packetId = 1; packetId < 256; packetId++) hear(bench, plainButton({ packetId }))
    bench.wait(LONG_AGO_MS)
    hear(bench, plainButton({ packetId: 0, buttons: [4] }))
    expect(presses(bench)).toBe(2)
  })

  it('300 alarms are 300, though their numbers go round', () => {
    const bench = plainBench()
    for (let i = 0; i < 300; i++) {
      hear(bench, plainButton({ packetId: i & 0xff }))
      bench.wait(SECOND_MS)
    }
    expect(presses(bench)).toBe(300)
  })

  it('several buttons in a row are button 1, 2, 3: those that the site does not name mean nothing', () => {
    const bench = plainBench({ buttons: [2] })
    hear(bench, plainButton({ packetId: 1, buttons: [1, 0, 1, 1] }))
    expect(bench.incidents()).toEqual([])
    hear(bench, plainButton({ packetId: 2, buttons: [0, 1, 0, 0] }))
    expect(presses(bench)).toBe(1)
  })

  it('without such a list every button means something', () => {
    const bench = plainBench()
    hear(bench, plainButton({ packetId: 1, buttons: [0, 0, 0, 1] }))
    expect(presses(bench)).toBe(1)
  })

  it('0xFE is a hold of old Shelly firmware only where the site says so, and otherwise a technical alarm', () => {
    const declared = plainBench({ isOldShelly: true })
    hear(declared, plainButton({ packetId: 1, buttons: [0xfe] }))
    expect(presses(declared)).toBe(1)
    const other = plainBench()
    const { counted, changes } = hear(other, plainButton({ packetId: 1, buttons: [0xfe] }))
    expect(counted).toEqual(['unknown-kind'])
    expect(changes).toMatchObject([{ is: 'technical-raised', key: 'frame:b-01' }])
    expect(other.incidents()).toEqual([])
  })

  it('an assistance that becomes an attack is told anew', () => {
    const bench = buttonBench({ press: 'assist' })
    hear(bench, sealedButton(1, { packetId: 1, buttons: [1] }))
    const { changes } = hear(bench, sealedButton(2, { packetId: 2, buttons: [4] }))
    expect(changes.map(change => change.is)).toContain('worsened')
  })

  it('a battery nearly empty is a technical alarm, with or without a press', () => {
    const bench = plainBench()
    const { changes } = hear(bench, plainButton({ packetId: 1, buttons: [0], battery: 9 }))
    expect(changes).toMatchObject([{ is: 'technical-raised', key: 'pendant:b-01' }])
  })
})

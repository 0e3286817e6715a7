// What another system says of a button or a pendant: an incident that is marked unverified, once, whoever tells of it; and what a
// battery, a state that goes on or a thing that nobody named come to.
import { describe, expect, it } from 'vitest'
import { plainFrame } from '../../../../../gateway/core/hearing/named.ts'
import { planOf } from '../../../../../gateway/core/plan/plan.ts'
import { healthView } from '../../../../../gateway/core/view/health-view.ts'
import type { PressEvent } from '../../../../../gateway/ports.ts'
import { Site } from '../../../../../schemas/site.ts'
import { ADDRESS, site } from '../../building.ts'
import { createBench } from '../../engine.ts'

const foreign = [
  { id: 'z-1', room: 'hall', password: 'password-z-1', foreign: { kind: 'zigbee2mqtt' } },
  { id: 's-1', room: 'hall', password: 'password-s-1', foreign: { kind: 'shelly' } },
  { id: 's-2', room: 'hall', password: 'password-s-2', foreign: { kind: 'shelly' } },
]
const bench = (more: object = {}, receivers: object[] = site().receivers) =>
  createBench({
    plan: planOf(
      Site.parse({
        ...site(),
        receivers: [...receivers, ...foreign],
        pendants: [
          {
            id: 'b-01',
            address: ADDRESS,
            wearer: 'jane',
            bthome: { allowPlain: true, hold: 'okay' },
            knownTo: [
              { receiver: 's-1', as: 'bthomedevice:200' },
              { receiver: 's-2', as: 'bthomedevice:203' },
            ],
          },
        ],
        buttons: [
          {
            id: 'cord-214',
            knownTo: [
              { receiver: 'z-1', as: 'WC 214' },
              { receiver: 's-1', as: 'bthomedevice:201' },
            ],
            says: 'Pull cord, toilet 214',
            room: 'interview',
            alarm: 'cord',
            actions: { double: 'assist', off: 'none' },
            note: 'The key is at the desk.',
            ...more,
          },
        ],
      }),
    ),
  })
const press = (more: Partial<PressEvent> = {}): PressEvent => ({
  kind: 'press',
  receiver: 'z-1',
  of: { name: 'WC 214' },
  action: 'emergency',
  buttons: [],
  packetId: null,
  rssiDbm: null,
  batteryPercent: null,
  ...more,
})
const bthome = (receiver: string, name: string, more: Partial<PressEvent> = {}) =>
  press({ receiver, of: { name }, action: 'long_push', buttons: [4], ...more })

describe('a button that another system knows by a name', () => {
  it('raises an incident in its room, unverified, with what people are told in place of a name', () => {
    const here = bench()
    const { pages } = here.hear(press())
    expect(here.incident()).toMatchObject({
      kind: 'cord',
      isVerified: false,
      pendant: null,
      source: { of: 'input', id: 'cord-214' },
      wearer: 'Pull cord, toilet 214',
      sessionNote: 'The key is at the desk.',
      whereabouts: { room: 'interview' },
    })
    expect(pages[0]?.message).toMatchObject({ isVerified: false, wearer: 'Pull cord, toilet 214' })
  })

  it('is unverified after a restart too', () => {
    const here = bench()
    here.hear(press())
    expect(here.restart().incident().isVerified).toBe(false)
  })

  it('is one incident, whichever of two systems tells of it, and however often', () => {
    const here = bench()
    here.hear(press())
    here.hear(press({ receiver: 's-1', of: { name: 'bthomedevice:201' }, action: 'single_push' }))
    here.hear(press())
    expect(here.incident().presses).toBe(1)
  })

  it.each([
    ['double', 'assist'],
    ['single', 'cord'],
    ['1_single', 'cord'],
    ['something-new', 'cord'],
  ])('means by %j: %s', (action, kind) => {
    const here = bench()
    here.hear(press({ action }))
    expect(here.incident().kind).toBe(kind)
  })

  it.each(['off', 'release', 'hold_release', 'none', ''])('means nothing by %j', action => {
    const here = bench()
    here.hear(press({ action }))
    expect(here.incidents()).toEqual([])
  })

  it('means nothing by a state that goes on, unless it never leaves it', () => {
    const here = bench()
    here.hear(press({ action: 'sos', isStill: true }))
    expect(here.incidents()).toEqual([])
    const stuck = bench({ resets: false })
    stuck.hear(press({ action: 'sos', isStill: true }))
    expect(stuck.incidents()).toHaveLength(1)
  })

  it('that is low is a technical alarm once, mended by a new cell and not by a waver', () => {
    const here = bench()
    const low = (batteryPercent: number) => here.hear(press({ action: null, batteryPercent })).changes
    expect(low(9)).toMatchObject([{ is: 'technical-raised', key: 'button:cord-214' }])
    expect(low(8)).toEqual([])
    expect(low(12)).toEqual([])
    expect(low(100)).toMatchObject([{ is: 'technical-mended' }])
    expect(low(100)).toEqual([])
  })

  it('that nobody named is passed over', () => {
    const here = bench()
    expect(here.hear(press({ of: { name: 'lamp' } }))).toMatchObject({ changes: [], counted: [] })
  })
})

describe('a pendant that another system knows by a name', () => {
  it('is one incident, whichever of two tell of its press and whoever heard its frame', () => {
    const here = bench()
    here.hear(bthome('s-1', 'bthomedevice:200'))
    here.hear(bthome('s-2', 'bthomedevice:203'))
    here.data(plainFrame({ packetId: 29, batteryPercent: 90, buttons: [4] }), { address: ADDRESS })
    expect(here.incidents()).toMatchObject([{ kind: 'button', isVerified: false, pendant: 'b-01' }])
  })

  it('means by its presses what the site file says', () => {
    const here = bench()
    const { heard } = here.hear(bthome('s-1', 'bthomedevice:200', { action: 'hold_push', buttons: [0x80] }))
    expect([here.incidents(), heard]).toEqual([[], ['okay']])
  })

  it('is known by its address where that comes too, and by its name where nobody knows the address', () => {
    for (const address of [ADDRESS, 'c7:f9:36:dd:b0:00']) {
      const here = bench()
      here.hear(bthome('s-1', 'bthomedevice:200', { of: { name: 'bthomedevice:200', address } }))
      expect(here.incidents()).toHaveLength(1)
    }
    const { counted } = bench().hear(press({ of: { address: 'c7:f9:36:dd:b0:00' } }))
    expect(counted).toEqual(['unknown-pendant'])
  })

  it('is pressed also by a word that no number stands for', () => {
    const here = bench()
    here.hear(bthome('s-1', 'bthomedevice:200', { action: 'sos', buttons: [] }))
    expect(here.incidents()).toHaveLength(1)
  })
})

describe('a site whose alarms all come in by other systems', () => {
  const unarmed = (here: ReturnType<typeof bench>) =>
    healthView(here.state, [], new Set()).armed.reasons.filter(each => /receiver/i.test(each))

  it('lacks no receiver while one of them is there, and says so where none is', () => {
    const here = bench({}, [])
    here.hear({ kind: 'receiver-status', receiver: 'z-1', status: { status: 'online' } })
    here.wait(1_000)
    expect(unarmed(here)).toEqual([])
    for (const { id: receiver } of foreign)
      here.hear({ kind: 'receiver-status', receiver, status: { v: 1, status: 'offline' } })
    here.wait(1_000)
    expect(unarmed(here)).toEqual(['No receiver is there: no pendant can be heard.'])
  })

  it('misses the heartbeat of a Shelly with our script', () => {
    const script = {
      id: 's-3',
      room: 'hall',
      password: 'password-s-3',
      foreign: { kind: 'shelly', script: 'tocsin' },
    }
    const here = bench({}, [script])
    here.hear({ kind: 'receiver-status', receiver: 's-3', status: { status: 'online' } })
    here.wait(31_000)
    expect(here.state.technical.has('receiver:s-3')).toBe(true)
  })

  it('misses one that never came, and none for its silence once it has', () => {
    const here = bench({}, [])
    here.hear({ kind: 'receiver-status', receiver: 'z-1', status: { status: 'online' } })
    here.wait(3_600_000)
    const gone = [...here.state.technical.keys()].filter(key => key.startsWith('receiver:'))
    expect(gone).toEqual(['receiver:s-1', 'receiver:s-2'])
  })
})

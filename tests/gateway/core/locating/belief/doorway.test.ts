// A receiver in a doorway, and a room on several storeys: what the site file says of them, and what it does to the room.
import { describe, expect, it } from 'vitest'
import { copyOf, hear, newBelief } from '../../../../../gateway/core/locating/belief/belief.ts'
import { chancesAt, whereabouts } from '../../../../../gateway/core/locating/belief/whereabouts.ts'
import { type Layout, layoutOf } from '../../../../../gateway/core/locating/building/layout.ts'
import { modelOf } from '../../../../../gateway/core/locating/building/uncalibrated.ts'
import { planOf } from '../../../../../gateway/core/plan/plan.ts'
import { parseSite, SiteRefused } from '../../../../../gateway/site/read.ts'
import { Site } from '../../../../../schemas/site.ts'
import { site } from '../../building.ts'

const password = 'password-of-all'
const OFFICES = ['a', 'b', 'c', 'd']

/** Four offices along a corridor; the only receivers hang in their doors. */
const doors = (isAtDoor: boolean): Site =>
  Site.parse({
    ...site(),
    buildings: [
      {
        id: 'main',
        name: 'Northgate House',
        floors: [
          {
            id: 'ground',
            name: 'Ground floor',
            rooms: [
              { id: 'corridor', number: '0', adjacent: OFFICES },
              ...OFFICES.map((id, i) => ({ id, number: `${i + 1}` })),
            ],
          },
        ],
      },
    ],
    receivers: OFFICES.map((id, i) => ({
      id: `r-${id}`,
      room: 'corridor',
      password,
      at: [4 * i + 2, 2, 2.2],
      ...(isAtDoor ? { atDoorTo: id } : {}),
    })),
  })

/** Somebody passes a door: loud in its receiver for a moment, then fainter from beyond it. */
function passed(layout: Layout, office: string, restS: number) {
  const model = modelOf(layout)
  const belief = newBelief(model)
  const far = (receiver: string): number => -62 - 8 * Math.abs(receiver.charCodeAt(2) - office.charCodeAt(0))
  let atMs = 0
  const second = (loud: number): void => {
    atMs += 1_000
    for (const id of OFFICES) hear(belief, `r-${id}`, id === office ? loud : far(`r-${id}`) - 8, atMs)
  }
  for (let s = 0; s < 3; s++) second(-56)
  for (let s = 0; s < restS; s++) second(-64)
  return { model, belief, atMs }
}

describe('a receiver in a doorway', () => {
  it('hears the rooms on both sides with no wall between', () => {
    const { belief, atMs, model } = passed(layoutOf(planOf(doors(true))), 'c', 10)
    const chances = chancesAt(belief, atMs)
    const of = (id: string): number => chances[model.rooms.indexOf(id)] as number
    expect(of('c')).toBeGreaterThan(of('b') + of('d') + of('a'))
    const plain = passed(layoutOf(planOf(doors(false))), 'c', 10)
    const before = chancesAt(plain.belief, plain.atMs)[plain.model.rooms.indexOf('c')] as number
    expect(of('c')).toBeGreaterThan(before)
  })

  it('is the last that is known of somebody who is heard no more: one of the two rooms, for a while', () => {
    const { belief, atMs, model } = passed(layoutOf(planOf(doors(true))), 'c', 0)
    const eitherAt = (laterS: number): number => {
      const chances = chancesAt(copyOf(belief), atMs + 1_000 * laterS)
      return ['c', 'corridor'].reduce((sum, id) => sum + (chances[model.rooms.indexOf(id)] as number), 0)
    }
    const { room, runnerUp } = whereabouts(belief, atMs + 5_000)
    expect([room, runnerUp].sort()).toEqual(['c', 'corridor'])
    expect(eitherAt(1)).toBeGreaterThan(0.5)
    expect(eitherAt(60)).toBeLessThan(eitherAt(1))
  })
})

/** Two storeys; an atrium from the ground up to the gallery, with one receiver at the top of it. */
const atrium = (isOnBoth: boolean): Site =>
  Site.parse({
    ...site(),
    buildings: [
      {
        id: 'main',
        name: 'Northgate House',
        floors: [
          {
            id: 'ground',
            name: 'Ground floor',
            rooms: [
              {
                id: 'atrium',
                number: '1',
                adjacent: ['shop', 'gallery'],
                ...(isOnBoth ? { alsoOn: ['first'] } : {}),
              },
              { id: 'shop', number: '2' },
            ],
          },
          {
            id: 'first',
            name: 'First floor',
            rooms: [
              { id: 'gallery', number: '11', adjacent: ['office'] },
              { id: 'office', number: '12' },
            ],
          },
        ],
      },
    ],
    receivers: [
      { id: 'r-atrium', room: 'atrium', password: 'password-atrium', at: [4, 4, 5.5] },
      { id: 'r-shop', room: 'shop', password: 'password-shop', at: [12, 4, 2.2] },
      { id: 'r-office', room: 'office', password: 'password-office', at: [12, 12, 5.2] },
    ],
  })

describe('a room on two storeys', () => {
  /** Who stands at its top: near the receiver up there, and the floor between them and the shop below. */
  const upstairs = { 'r-atrium': -58, 'r-office': -82 }
  const chanceOf = (of: Site, levels: Record<string, number>): number => {
    const model = modelOf(layoutOf(planOf(of)))
    const belief = newBelief(model)
    for (let s = 1; s <= 10; s++)
      for (const [id, dbm] of Object.entries(levels)) hear(belief, id, dbm, 1_000 * s)
    return chancesAt(belief, 10_000)[model.rooms.indexOf('atrium')] as number
  }

  it('is found on either: nobody there is taken to be through a floor from its receiver', () => {
    expect(chanceOf(atrium(true), upstairs)).toBeGreaterThan(0.5)
    expect(chanceOf(atrium(true), upstairs)).toBeGreaterThan(chanceOf(atrium(false), upstairs) + 0.1)
    expect(chanceOf(atrium(true), { 'r-atrium': -69, 'r-shop': -80 })).toBeGreaterThan(0.4)
  })

  it('has spots on each of them, and its receivers hang where they hang', () => {
    const layout = layoutOf(planOf(atrium(true)))
    expect(layout.spans).toEqual(new Map([['atrium', [1]]]))
    const { cellRoom } = modelOf(layout)
    const single = modelOf(layoutOf(planOf(atrium(false)))).cellRoom
    const count = (rooms: Int32Array) => [...rooms].filter(room => room === 0).length
    expect(count(cellRoom)).toBe(2 * count(single))
  })

  it('is nowhere but in its own building, and on no floor twice', () => {
    const refused = (alsoOn: string[]): string => {
      const text = JSON.stringify(atrium(false)).replace(
        '"id":"atrium"',
        `"id":"atrium","alsoOn":${JSON.stringify(alsoOn)}`,
      )
      try {
        parseSite(text, 'site.yaml')
        return 'none'
      } catch (error) {
        if (error instanceof SiteRefused) return error.problems.map(each => each.expected).join()
        throw error
      }
    }
    expect(refused(['first'])).toBe('none')
    expect(refused(['ground'])).toBe('another floor of this building')
    expect(refused(['attic'])).toBe('another floor of this building')
  })
})

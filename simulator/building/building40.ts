// A building of forty rooms on two storeys, drawn by a seed: rooms on both sides of a corridor, stairs at its end, and
// receivers in fewer places than there are rooms. For tests of what one small flat cannot show.
import { Site } from '../../schemas/site.ts'
import type { Place } from '../air/radio.ts'
import { createRandom, type Random, seedOf } from '../air/random.ts'
import type { Rect } from '../page/building.ts'
import type { Adjacency } from '../people/walk.ts'
import { middleOf, type Plan, STOREY_METRES } from './plan.ts'

export type Building40 = {
  site: Site
  plan: Plan
  doors: Adjacency
  receivers: ReadonlyMap<string, Place>
}

export const ROOMS = 40
export const STOREYS = 2
const NORTH_ROOMS = 9
const SOUTH_ROOMS = 8
const CORRIDOR_METRES = 2.2
/** Offices and interview rooms. */
const WIDTH_METRES = { from: 3, to: 5.2 }
const DEPTH_METRES = 4.6
const STAIRS_METRES = 3
const CEILING_METRES = 2.6
/** A receiver in each corridor, and in every third room, set off by one upstairs: 15 for 40 rooms. */
const ROOMS_A_RECEIVER = 3

type Drawn = { id: string; number: string; name: string; storey: number; rect: Rect; adjacent: string[] }

/** Draws the building of this seed: the same seed, the same building. */
export function createBuilding40(seed: number): Building40 {
  const rooms = Array.from({ length: STOREYS }, (_, storey) => drawStorey(storey, seed)).flat()
  const placed = hangReceivers(rooms, createRandom(seedOf('receivers', seed)))
  return {
    site: siteOf(rooms, placed),
    plan: new Map(rooms.map(({ id, rect, storey }) => [id, { ...rect, storey }])),
    doors: new Map(rooms.map(({ id, adjacent }) => [id, adjacent])),
    receivers: new Map(placed.map(({ id, place }) => [id, place])),
  }
}

function drawStorey(storey: number, seed: number): Drawn[] {
  // Both storeys stand on the same walls, and the stairs on one another.
  const random = createRandom(seedOf('walls', seed))
  const north = drawRow(NORTH_ROOMS, DEPTH_METRES + CORRIDOR_METRES, random)
  const south = drawRow(SOUTH_ROOMS, 0, random)
  const length = Math.max(...[...north, ...south].map(({ x, width }) => x + width)) + STAIRS_METRES
  const middle = length / 2
  const corridor = { y: DEPTH_METRES, height: CORRIDOR_METRES }
  const west = { ...corridor, x: 0, width: middle }
  const east = { ...corridor, x: middle, width: length - middle }
  const stairs = { x: length - STAIRS_METRES, y: 0, width: STAIRS_METRES, height: DEPTH_METRES }
  const at = (what: string): string => `${what}-${storey}`
  const office = (rect: Rect, i: number): Drawn => ({
    id: at(`room-${i + 1}`),
    number: `${storey + 1}${String(i + 1).padStart(2, '0')}`,
    name: 'Office',
    storey,
    rect,
    adjacent: [at(middleOf(rect).x < middle ? 'west' : 'east')],
  })
  const offices = [...north, ...south].map(office)
  const hall = (side: string, rect: Rect, number: string, others: string[]): Drawn => ({
    id: at(side),
    number: `${storey + 1}${number}`,
    name: 'Corridor',
    storey,
    rect,
    adjacent: [
      ...offices.filter(({ adjacent }) => adjacent.includes(at(side))).map(({ id }) => id),
      ...others,
    ],
  })
  return [
    ...offices,
    hall('west', west, '90', [at('east')]),
    hall('east', east, '91', [at('west'), at('stairs')]),
    {
      id: at('stairs'),
      number: `${storey + 1}99`,
      name: 'Stairs',
      storey,
      rect: stairs,
      adjacent: [at('east'), ...[storey - 1, storey + 1].filter(isStorey).map(other => `stairs-${other}`)],
    },
  ]
}

const isStorey = (storey: number): boolean => storey >= 0 && storey < STOREYS

function drawRow(rooms: number, y: number, random: Random): Rect[] {
  let x = 0
  return Array.from({ length: rooms }, () => {
    const width = WIDTH_METRES.from + random() * (WIDTH_METRES.to - WIDTH_METRES.from)
    const rect = { x, y, width, height: DEPTH_METRES }
    x += width
    return rect
  })
}

function hangReceivers(rooms: readonly Drawn[], random: Random) {
  const hung = rooms.filter(({ id, storey }) => {
    const office = /^room-(\d+)-/.exec(id)?.[1]
    if (office === undefined) return !id.startsWith('stairs')
    return (Number(office) + storey) % ROOMS_A_RECEIVER === 0
  })
  return hung.map(({ id, storey, rect }, i) => ({
    id: `r-${String(i + 1).padStart(2, '0')}`,
    room: id,
    place: {
      x: rect.x + rect.width * (0.2 + 0.6 * random()),
      y: rect.y + rect.height * (0.2 + 0.6 * random()),
      height: storey * STOREY_METRES + CEILING_METRES,
    },
  }))
}

function siteOf(
  rooms: readonly Drawn[],
  placed: readonly { id: string; room: string; place: Place }[],
): Site {
  const floors = Array.from({ length: STOREYS }, (_, storey) => ({
    id: `storey-${storey}`,
    name: storey === 0 ? 'Ground floor' : 'First floor',
    rooms: rooms
      .filter(room => room.storey === storey)
      .map(({ id, number, name, adjacent }) => ({ id, number, name, adjacent })),
  }))
  return Site.parse({
    site: 'Forty rooms',
    buildings: [{ id: 'forty', name: 'Forty House', floors }],
    receivers: placed.map(({ id, room, place: { x, y, height } }) => ({
      id,
      room,
      password: `example-only-${id}`,
      at: [x, y, height],
    })),
    people: [{ id: 'walker', name: 'Wilma Walker' }],
    pendants: [
      { id: 'p-01', address: 'c7:f9:36:dd:b0:ca', key: '231d39c1d7cc1ab1aee224cd096db932', wearer: 'walker' },
    ],
    telephones: [{ number: '5150', name: 'Security desk', role: 'security' }],
    policies: [{ id: 'office', steps: [{ targets: [{ channel: 'sip', to: '5150' }] }] }],
    policy: 'office',
    sip: { server: '127.0.0.1', user: 'tocsin' },
  })
}

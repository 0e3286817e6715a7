// A generated site of any size for the bench: buildings of four storeys with twenty-five rooms each, receivers in as many rooms as
// there are, and pendants spread over the rooms. Written as a site file may be, without fields of newer versions, so that an older
// gateway can run it too.
import type { z } from 'zod'
import type { Pendant, Site } from '../../../schemas/site.ts'

export type Size = { pendants: number; receivers: number }
export type SiteInput = z.input<typeof Site>
/** A report of each pendant comes from so many receivers. */
export const HEARD_BY = 4
/** So many pendants press and send nothing else; the others send idle frames. */
export const PRESSERS = 40

/** Names are spoken ahead, each once: with so many that is soon over. */
const NAMES = 100
const ROOMS_PER_FLOOR = 25
const FLOORS = 4
const ROOM_M = 4

export const receiverId = (r: number): string => `r-${r}`
export const passwordOf = (r: number): string => `password-${r}`

export function pendantOf(p: number): Pick<Pendant, 'id' | 'address' | 'wearer'> & { key: string } {
  const hex = p.toString(16).padStart(8, '0')
  const [a, b, c, d] = hex.match(/../g) as string[]
  return {
    id: `p-${p}`,
    address: `c7:f9:${a}:${b}:${c}:${d}`,
    key: `231d39c1d7cc1ab1aee224cd${hex}`,
    wearer: `w-${p}`,
  }
}

/** The receivers that hear a pendant, the nearest first: those in the rooms about its own. */
export function hearersOf(p: number, { pendants, receivers }: Size): number[] {
  const nearest = Math.floor((p * receivers) / pendants)
  const from = Math.max(0, Math.min(receivers - HEARD_BY, nearest - 1))
  return Array.from({ length: HEARD_BY }, (_, i) => from + i).sort(
    (a, b) => Math.abs(a - nearest) - Math.abs(b - nearest),
  )
}

export function scaleSite(size: Size, sipPort: number): SiteInput {
  const { pendants, receivers } = size
  const perFloor = ROOMS_PER_FLOOR
  const floors = Math.ceil(receivers / perFloor)
  const roomId = (i: number): string => `room-${i}`
  const rooms = (floor: number) =>
    Array.from({ length: perFloor }, (_, i) => {
      const at = floor * perFloor + i
      return { id: roomId(at), number: String(at + 1), adjacent: i === 0 ? [] : [roomId(at - 1)] }
    })
  const buildings = Array.from({ length: Math.ceil(floors / FLOORS) }, (_, b) => ({
    id: `b-${b}`,
    name: `Building ${b + 1}`,
    floors: Array.from({ length: Math.min(FLOORS, floors - b * FLOORS) }, (_, f) => ({
      id: `floor-${f}`,
      name: `Floor ${f}`,
      rooms: rooms(b * FLOORS + f),
    })),
  }))
  const numbers = Array.from({ length: pendants }, (_, p) => p)
  return {
    site: 'A large site',
    buildings,
    receivers: Array.from({ length: receivers }, (_, r) => ({
      id: receiverId(r),
      room: roomId(r),
      password: passwordOf(r),
      at: [(r % perFloor) * ROOM_M, 2, 2.4] as [number, number, number],
    })),
    people: numbers.map(p => ({ id: `w-${p}`, name: `Wearer ${p % NAMES}` })),
    pendants: numbers.map(pendantOf),
    telephones: [{ number: '5150', name: 'Security desk', role: 'security' }],
    policies: [{ id: 'office', steps: [{ targets: [{ channel: 'sip', to: '5150' }] }] }],
    policy: 'office',
    sip: { server: '127.0.0.1', port: sipPort, user: 'tocsin' },
  }
}

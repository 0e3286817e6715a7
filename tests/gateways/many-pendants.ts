// The small building with many pendants, a press of each, and how often each press is in the journal.
import { openJournal } from '../../gateway/store/journal.ts'
import { KIND_CORD } from '../../schemas/frame.ts'
import type { Site } from '../../schemas/site.ts'
import { sealedFrame, site } from '../gateway/core/building.ts'
import type { Folder } from './gateway-process.ts'

const hex = (value: number): string => (value & 0xff).toString(16).padStart(2, '0')
export const addressOf = (i: number): string => `c7:f9:36:dd:${hex(i >> 8)}:${hex(i)}`
const keyOf = (i: number): string => `231d39c1d7cc1ab1aee224cd096d${hex(i >> 8)}${hex(i)}`

/** So many pendants and receivers; the telephone is one that is not there. */
export function manyPendants(pendants: number, receivers: number): Site {
  const base = site()
  const numbers = Array.from({ length: pendants }, (_, i) => i)
  return {
    ...base,
    receivers: Array.from({ length: receivers }, (_, i) => ({
      id: `r-${i}`,
      room: i % 2 === 0 ? 'hall' : 'interview',
      password: `password-${i}`,
    })),
    people: numbers.map(i => ({ id: `w-${i}`, name: `Wearer ${i}` })),
    pendants: numbers.map(i => ({ id: `p-${i}`, address: addressOf(i), key: keyOf(i), wearer: `w-${i}` })),
    sip: { ...base.sip, port: 9 },
  }
}

/** The one cord that this pendant pulls, as it seals it for the `seal`th time. */
export const pressOf = (i: number, seal = 0): string =>
  sealedFrame({ counter: 100 + seal, kind: KIND_CORD, alarmNumber: 1, key: keyOf(i), address: addressOf(i) })

export type WrittenPress = { pendant: string; alarmNumber: number | null }

/** How many presses of each were written down, by what `of` makes of one; by pendant where it is left out. */
export async function pressesIn(
  folder: Folder,
  of = ({ pendant }: WrittenPress): string => pendant,
): Promise<Map<string, number>> {
  const journal = openJournal(`${folder.data}/journal.sqlite`)
  const { entries } = await journal.load()
  await journal.close()
  const pendants = new Map<string, string>()
  const times = new Map<string, number>()
  for (const { change } of entries) {
    if (change.is === 'raised') pendants.set(change.incident, change.pendant)
    if (change.is !== 'raised' && change.is !== 'pressed-again') continue
    const { alarmNumber } = change
    const name = of({ pendant: pendants.get(change.incident) ?? '', alarmNumber })
    times.set(name, (times.get(name) ?? 0) + 1)
  }
  return times
}

// A building large enough to be busy: 200 pendants (the first half press, the others idle), 8 receivers.
import type { Pendant, Site } from '../../schemas/site.ts'
import { site } from '../gateway/core/building.ts'

export const PRESSERS = 100

const hex = (value: number) => value.toString(16).padStart(2, '0')
export const KEY_OF = (pendant: Pendant): string => pendant.key ?? ''

export function benchSite(sipPort: number): Site {
  const base = site()
  const numbers = Array.from({ length: 2 * PRESSERS }, (_, i) => i)
  return {
    ...base,
    receivers: Array.from({ length: 8 }, (_, i) => ({
      id: `r-${i}`,
      room: i % 2 === 0 ? 'hall' : 'interview',
      password: `password-${i}`,
    })),
    people: numbers.map(i => ({ id: `w-${i}`, name: `Wearer ${i}` })),
    pendants: numbers.map(i => ({
      id: `p-${i}`,
      address: `c7:f9:36:dd:00:${hex(i)}`,
      key: `231d39c1d7cc1ab1aee224cd096d${hex(i >> 8)}${hex(i)}`,
      wearer: `w-${i}`,
    })),
    sip: { ...base.sip, port: sipPort || 5060 },
  }
}

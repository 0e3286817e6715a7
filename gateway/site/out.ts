// What must fit together in what other systems are told, and what is odd in it. A parsed Site in, each problem at the path of the value
// to mend.
import type { Site } from '../../schemas/site.ts'
import { type Mismatch, shown } from './expected.ts'

/** A reader is an account beside those of the receivers: of one name there is one. */
export function outAmiss({ out, receivers }: Site): Mismatch[] {
  const taken = new Map(receivers.map(({ id }) => [id, 'a receiver of this site']))
  return (out?.readers ?? []).flatMap(({ id }, i): Mismatch[] => {
    const whose = taken.get(id)
    taken.set(id, 'a reader before it')
    const path = ['out', 'readers', i, 'id']
    return whose === undefined
      ? []
      : [{ path, expected: 'an id that nobody else has', came: `${shown(id)}, ${whose}` }]
  })
}

export function outAdvice({ out, broker }: Site): Mismatch[] {
  if (out === undefined) return []
  const found: Mismatch[] = []
  if (out.positions)
    found.push({
      path: ['out', 'positions'],
      expected: 'false: nobody is tracked until they ask for help',
      came: 'true: whoever may read it can follow each wearer from room to room',
    })
  if (broker !== undefined && out.readers.length > 0)
    found.push({
      path: ['out', 'readers'],
      expected: 'none beside a broker of your own, whose accounts and ACL count',
      came: `${out.readers.length}, which have no account there by this`,
    })
  if (broker === undefined && out.readers.length === 0)
    found.push({ path: ['out'], expected: 'readers', came: 'none: nobody may read what is told' })
  return found
}

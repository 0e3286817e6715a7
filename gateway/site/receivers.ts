// What is wrong with the receivers of a site by themselves: names that topics of the gateway have, and how each comes in. Whether
// one has an account is no matter of this file (accounts/advice.ts).
import { RESERVED_IDS } from '../../schemas/site/accounts.ts'
import type { Site } from '../../schemas/site.ts'
import { type Mismatch, shown } from './expected.ts'

export const receiversAmiss = (site: Site): Mismatch[] => [...namesAmiss(site), ...radiosAmiss(site)]

const namesAmiss = ({ receivers }: Site): Mismatch[] =>
  receivers.flatMap(({ id }, i): Mismatch[] => {
    const expected = `another id than ${RESERVED_IDS.join(', ')}, under which the gateway itself speaks`
    return RESERVED_IDS.includes(id) ? [{ path: ['receivers', i, 'id'], expected, came: shown(id) }] : []
  })

/** A receiver is either a box with an account or a radio of this machine. */
function radiosAmiss({ receivers }: Site): Mismatch[] {
  return receivers.flatMap(({ password, radio, espresense, foreign }, i): Mismatch[] => {
    const path = ['receivers', i]
    const expected = 'a password (a receiver with an account), or a radio (one of this machine)'
    if (password !== undefined && radio !== undefined) return [{ path, expected, came: 'both' }]
    if (radio === undefined || (espresense === undefined && foreign === undefined)) return []
    const none = 'none for a node of ESPresense or a gateway of another system'
    return [{ path: [...path, 'radio'], expected: none, came: shown(radio) }]
  })
}

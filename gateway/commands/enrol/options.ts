// What is wrong with the options of `tocsin enrol`, said of the options: nothing of a new pendant stands in the site file yet, so
// that no line of it could be named. In: the options and the site. Out: every problem, each a sentence.
import { existsSync } from 'node:fs'
import { Pendant, type Site } from '../../../schemas/site.ts'
import { shown } from '../../site/expected.ts'

/** The people that a message names. */
const PEOPLE_SHOWN_MAX = 12

export type Asked = { wearer: string; id: string | undefined; address: string | undefined }

/** Every problem of what was asked for with this site. None where a pendant can be made of it. */
export const optionsAmiss = (site: Site, { wearer, id, address }: Asked): string[] => [
  ...wearerAmiss(site, wearer),
  ...(id === undefined ? [] : idAmiss(site, id)),
  ...site.pendants
    .filter(pendant => pendant.address === address)
    .map(
      pendant => `--address: expected an address of no pendant yet, came ${address}, which ${pendant.id} has`,
    ),
]

/** The wearer has to be there first: a page without a name sends people to nobody. */
export function wearerAmiss({ people }: Site, wearer: string): string[] {
  if (people.some(({ id }) => id === wearer)) return []
  const ids = people.slice(0, PEOPLE_SHOWN_MAX).map(({ id }) => id)
  const more = people.length > ids.length ? `, and ${people.length - ids.length} more` : ''
  const there = ids.length === 0 ? 'nobody is' : `there are ${ids.join(', ')}${more}`
  return [`--wearer: expected an id under people of the site file (${there}), came ${shown(wearer)}`]
}

function idAmiss({ pendants }: Site, id: string): string[] {
  const parsed = Pendant.shape.id.safeParse(id)
  if (!parsed.success) return parsed.error.issues.map(({ message }) => `--id: ${message}, came ${shown(id)}`)
  return pendants
    .filter(pendant => pendant.id === id)
    .map(({ wearer }) => `--id: expected an id of no pendant yet, came ${id}, which ${wearer} wears`)
}

/** Files of another pendant where those of this one would go. */
export const filesAmiss = (paths: readonly string[]): string[] =>
  paths
    .filter(path => existsSync(path))
    .map(path => `--out: expected no file at ${path} yet, and there is one: it may hold a pendant's only key`)

// In: two plans of a site. Out: what came, went and changed between them, by id, and whether the building itself is another.
import type { SitePart } from './change.ts'
import type { Plan } from './plan.ts'
import { roomsOf } from './rooms.ts'

/** Names of one kind in a row; a site that is another altogether fills no row with thousands. */
const NAMED_MAX = 50

/** What differs between two plans; parts that are the same are left out. Neither keys nor passwords are in it. */
export function partsOf(before: Plan, after: Plan): SitePart[] {
  const [was, is] = [before.site, after.site]
  const rooms = (plan: Plan) => roomsOf(plan.site).map(({ room, path }) => [room.id, { room, path }] as const)
  const byId = <T extends { id: string }>(list: readonly T[]) => list.map(each => [each.id, each] as const)
  const telephones = (plan: Plan) => plan.site.telephones.map(each => [each.number, each] as const)
  const all: [SitePart['what'], Named, Named][] = [
    ['rooms', rooms(before), rooms(after)],
    ['receivers', byId(was.receivers), byId(is.receivers)],
    ['people', byId(was.people), byId(is.people)],
    ['pendants', byId(was.pendants), byId(is.pendants)],
    ['telephones', telephones(before), telephones(after)],
    ['policies', byId(was.policies), byId(is.policies)],
    ['settings', settingsOf(before), settingsOf(after)],
  ]
  return all.flatMap(([what, from, to]) => {
    const part = { what, ...difference(new Map(from), new Map(to)) }
    return part.added.length + part.removed.length + part.changed.length === 0 ? [] : [part]
  })
}

/** Both come out of one schema, so their fields stand in one order. */
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

type Named = readonly (readonly [name: string, value: unknown])[]

/** Compared thing by thing, above; what else there is in the file is a setting. */
const LISTS: ReadonlySet<string> = new Set([
  'buildings',
  'receivers',
  'people',
  'pendants',
  'telephones',
  'policies',
])

const settingsOf = ({ site }: Plan): Named => Object.entries(site).filter(([key]) => !LISTS.has(key))

function difference(
  from: ReadonlyMap<string, unknown>,
  to: ReadonlyMap<string, unknown>,
): Omit<SitePart, 'what'> {
  const few = (names: string[]): string[] => names.slice(0, NAMED_MAX)
  return {
    added: few([...to.keys()].filter(name => !from.has(name))),
    removed: few([...from.keys()].filter(name => !to.has(name))),
    changed: few([...to.keys()].filter(name => from.has(name) && !isSame(from.get(name), to.get(name)))),
  }
}

/** Whether rooms or receivers are others, or elsewhere: what was learnt of the old ones does not hold. */
export const hasMoved = (before: Plan, after: Plan): boolean => {
  if (before === after) return false
  const places = ({ site }: Plan) => [
    site.buildings.map(({ id, floors }) => ({
      id,
      floors: floors.map(floor => ({
        id: floor.id,
        rooms: floor.rooms.map(({ id: room, adjacent, alsoOn }) => ({ room, adjacent, alsoOn })),
      })),
    })),
    site.receivers.map(({ password: _, ...receiver }) => receiver),
  ]
  return !isSame(places(before), places(after))
}

/** What a person reads of it: "pendants: p-08 added; rooms: 214 changed". */
export function siteWords(parts: readonly SitePart[]): string {
  const said = parts.map(({ what, added, removed, changed }) => {
    const each = [
      [added, 'added'],
      [removed, 'removed'],
      [changed, 'changed'],
    ] as const
    const listed = each.flatMap(([names, verb]) =>
      names.length === 0 ? [] : [`${names.join(', ')} ${verb}`],
    )
    return `${what}: ${listed.join(', ')}`
  })
  return said.length === 0 ? 'nothing differs' : said.join('; ')
}

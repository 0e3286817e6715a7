// What the site file says of other systems: names that lead nowhere or are there twice, which no gateway starts with; and
// settings by which an alarm does not come through, or comes late, as data, which `tocsin check` warns of.
import type { KnownTo } from '../../schemas/site/foreign.ts'
import type { Receiver, Site } from '../../schemas/site.ts'
import { carriageOf } from '../core/plan/foreign.ts'
import { nameKey } from '../core/plan/plan.ts'
import { type Mismatch, shown } from './expected.ts'

type Path = readonly (string | number)[]

/** What contradicts itself. */
export function foreignAmiss(site: Site): Mismatch[] {
  return [...bothAtOnce(site), ...namesAmiss(site), ...buttonsAmiss(site), ...sealedByName(site)]
}

function bothAtOnce({ receivers }: Site): Mismatch[] {
  return receivers.flatMap(({ espresense, foreign }, i): Mismatch[] =>
    espresense === undefined || foreign === undefined
      ? []
      : [{ path: ['receivers', i, 'foreign'], expected: 'either espresense or foreign', came: 'both' }],
  )
}

/** A name is one that a receiver of another system has for one thing. */
function namesAmiss(site: Site): Mismatch[] {
  const first = new Set<string>()
  return namesIn(site).flatMap(({ receiver, as, path }): Mismatch[] => {
    const of = site.receivers.find(({ id }) => id === receiver)
    if (of === undefined)
      return [{ path: [...path, 'receiver'], expected: 'an id under receivers', came: shown(receiver) }]
    if (of.foreign === undefined)
      return [
        {
          path: [...path, 'receiver'],
          expected: 'a receiver of another system (foreign)',
          came: `${shown(receiver)}, which knows nobody by a name`,
        },
      ]
    const key = nameKey(receiver, as)
    if (first.has(key))
      return [
        { path: [...path, 'as'], expected: 'a name used once', came: `${shown(as)} of ${receiver} again` },
      ]
    first.add(key)
    return []
  })
}

const namesIn = ({ pendants, buttons }: Site): (KnownTo & { path: Path })[] => [
  ...pendants.flatMap(({ knownTo = [] }, i) => named(knownTo, ['pendants', i])),
  ...buttons.flatMap(({ knownTo }, i) => named(knownTo, ['buttons', i])),
]

const named = (all: readonly KnownTo[], of: Path): (KnownTo & { path: Path })[] =>
  all.map((each, n) => ({ ...each, path: [...of, 'knownTo', n] }))

function buttonsAmiss({ buttons, people, buildings, pendants }: Site): Mismatch[] {
  const rooms = new Set(
    buildings.flatMap(({ floors }) => floors.flatMap(each => each.rooms.map(({ id }) => id))),
  )
  const ids = new Set(pendants.map(({ id }) => id))
  return buttons.flatMap(({ id, wearer, room, alarm, actions }, i): Mismatch[] => {
    const at = (field: string, expected: string, came: string): Mismatch => ({
      path: ['buttons', i, field],
      expected,
      came,
    })
    const found: Mismatch[] = []
    if (ids.has(id)) found.push(at('id', 'an id that no pendant and no other button has', shown(id)))
    ids.add(id)
    if (wearer !== undefined && !people.some(each => each.id === wearer))
      found.push(at('wearer', 'an id under people', shown(wearer)))
    if (room !== undefined && !rooms.has(room)) found.push(at('room', 'a room of this site', shown(room)))
    const said = Object.values(actions)
    if (alarm === 'assist' && said.includes('alarm'))
      found.push(at('actions', 'alarm: button or cord, where an action is an alarm', 'alarm: assist'))
    return found
  })
}

/** What another system says of a pendant is never sealed: of one with a key it would be refused. */
function sealedByName({ pendants }: Site): Mismatch[] {
  return pendants.flatMap(({ knownTo, key, bthome }, i): Mismatch[] => {
    if (knownTo === undefined) return []
    const path = ['pendants', i, 'knownTo']
    if (key !== undefined)
      return [
        { path, expected: 'none for a pendant with a key', came: 'a name, whose presses come unsealed' },
      ]
    return bthome === undefined
      ? [{ path, expected: 'bthome with allowPlain: true beside it', came: 'no bthome' }]
      : []
  })
}

/** One setting of a receiver, or what it is, that keeps alarms from coming through or in time. */
export type SettingAdvice = {
  receiver: string
  index: number
  /** `alarms`: one that is sealed does not come through. `time`: it comes late. `presses`: some do not come through. */
  costs: 'alarms' | 'time' | 'presses'
  setting: string
  expected: string
  came: string
}

/** What to set otherwise at the receivers of a site that are not ours. */
export function settingsAdvice({ receivers }: Pick<Site, 'receivers'>): SettingAdvice[] {
  return receivers.flatMap((receiver, index) =>
    carriageOf(receiver).settings.map(({ name, expected, came, costs }) => ({
      receiver: receiver.id,
      index,
      costs,
      setting: name,
      expected,
      came,
    })),
  )
}

/** The same as warnings about the file, and what a receiver loses though all is set as it should be. */
export function foreignAdvice(site: Site): Mismatch[] {
  const sealed = site.pendants.filter(({ key }) => key !== undefined).length
  const settings = settingsAdvice(site).map(
    ({ index, setting, expected, came, costs, receiver }): Mismatch => {
      const words = {
        alarms: `${sealed === 1 ? 'the alarm of the pendant that seals does' : 'alarms of pendants that seal do'} not come through ${receiver}`,
        time: `an alarm may come through ${receiver} ${delayWords(site.receivers[index])} late`,
        presses: `not every press comes through ${receiver}`,
      }[costs]
      return {
        path: ['receivers', index, 'foreign'],
        expected: `${setting} ${expected}`,
        came: `${came}: ${words}`,
      }
    },
  )
  return [...settings, ...losses(site)]
}

function losses({ receivers }: Site): Mismatch[] {
  return receivers.flatMap((receiver, index) =>
    receiver.foreign === undefined
      ? []
      : carriageOf(receiver).loses.map(lost => ({
          path: ['receivers', index, 'foreign'],
          expected: 'a way in that loses nothing',
          came: `${receiver.id}, which loses ${lost}`,
        })),
  )
}

const delayWords = (receiver: Receiver | undefined): string => {
  const delayMs = receiver === undefined ? null : carriageOf(receiver).worstDelayMs
  return delayMs === null ? 'nobody knows how' : `${Math.ceil(delayMs / 1_000)} s`
}

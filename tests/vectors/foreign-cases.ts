// What gateways of other systems publish (tests/vectors/foreign, each file with its source), and what is to come of it; and the
// small building with one such gateway and the pendant or button that a case is about.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Site } from '../../schemas/site.ts'
import { ADDRESS, KEY, site } from '../gateway/core/building.ts'

export type Case = {
  system: string
  foreign: Record<string, unknown>
  says: string
  pendant: keyof typeof PENDANTS
  messages: { topic: string; payload: unknown }[]
  /** Incidents, as their kind and whether they are unverified. */
  raises: string[]
  presses?: number
  /** The level that its receiver heard the alarm at. */
  level?: number
  battery?: number
  /** Where the incident is said to be. */
  room?: string
  refused?: string
  /** The setting whose fault is told. */
  setting?: string
  battery_low?: true
}

const FOLDER = join(import.meta.dirname, 'foreign')
/** `set`: where a case is about another setting. */
type Vectors = Pick<Case, 'foreign'> & {
  source: string
  cases: (Omit<Case, 'system' | 'foreign'> & { set?: object })[]
}

export const cases: Case[] = readdirSync(FOLDER).flatMap(file => {
  const { foreign, cases: all, source }: Vectors = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'))
  if (source.length < 20) throw new Error(`expected the source of ${file}`)
  return all.map(({ set, ...each }) => ({
    ...each,
    system: file.replace('.json', ''),
    foreign: { ...foreign, ...set },
  }))
})

export const payloadOf = (payload: unknown): string =>
  typeof payload === 'string' ? payload : JSON.stringify(payload)

const plain = (more: object = {}, bthome: object = {}) => ({
  pendants: [
    { id: 'b-01', address: ADDRESS, wearer: 'jane', bthome: { allowPlain: true, ...bthome }, ...more },
  ],
})
const named = (as: string, bthome: object = {}) => plain({ knownTo: [{ receiver: 'x-1', as }] }, bthome)
const button = (more: object = {}) => ({
  pendants: [],
  buttons: [
    {
      id: 'cord-214',
      knownTo: [{ receiver: 'x-1', as: 'WC 214' }],
      says: 'Pull cord, toilet 214',
      room: 'interview',
      alarm: 'cord',
      actions: { double: 'assist', off: 'none' },
      ...more,
    },
  ],
})
const byName = (as: string, more: object = {}) => ({
  pendants: [],
  buttons: [{ id: 'sos', knownTo: [{ receiver: 'x-1', as }], wearer: 'jane', ...more }],
})

const PENDANTS = {
  sealed: { pendants: [{ id: 'p-07', address: ADDRESS, key: KEY, wearer: 'jane' }] },
  'sealed-button': { pendants: [{ id: 'b-01', address: ADDRESS, key: KEY, wearer: 'jane', bthome: {} }] },
  plain: plain(),
  'wall-switch': plain({}, { isWallSwitch: true }),
  named: named('bthomedevice:200'),
  'named-sensor': named('bthomesensor:201'),
  'named-wall-switch': byName('bthomedevice:200', { isWallSwitch: true }),
  'named-ha': {
    pendants: [],
    buttons: [
      {
        id: 'sos',
        knownTo: [
          { receiver: 'x-1', as: '9f1e' },
          { receiver: 'x-1', as: 'event.sos' },
        ],
        wearer: 'jane',
      },
    ],
  },
  cord: button(),
  'cord-stuck': button({ resets: false }),
} as const

export const PASSWORD = 'password-x-1'

/** The small building with this gateway in its interview room beside one receiver of ours in the hall. */
export function siteOf({ foreign, pendant }: Pick<Case, 'foreign' | 'pendant'>): Site {
  const { receivers, ...rest } = site()
  const x1 = { id: 'x-1', room: 'interview', password: PASSWORD, foreign }
  return Site.parse({ ...rest, ...PENDANTS[pendant], receivers: [receivers[0], x1] })
}

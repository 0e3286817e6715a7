// Zigbee2MQTT: <base>/<name> with the state of one thing, QoS 0. SOS buttons and pull cords have no field in common: most say an
// action, two say sos: true, which goes on being said with everything else until it is false again.
import type { Foreign } from '../../../schemas/site/foreign.ts'
import type { Message, Reading, System } from './adapter.ts'
import { type Fields, isFields, jsonIn, percentIn, presenceIn, remembered, unread } from './reading.ts'

type Setting = Extract<Foreign, { kind: 'zigbee2mqtt' }>

/** What it kept of all things is said again for so long after it began, and nothing is where only its connection is new. */
const KEPT_MS = 15_000
const SOS = 'sos'

export function zigbee2Mqtt({ base }: Setting): System {
  const bridge = `${base}/bridge/`
  /** Whether each thing was in its sos when it was last told of; doubtful where it may have ended unheard since. */
  const states = remembered<{ isOn: boolean; isDoubtful: boolean }>()
  let beganAtMs = Number.NEGATIVE_INFINITY
  let isAway = true
  let backAtMs = Number.NEGATIVE_INFINITY

  function read({ topic, payload, atMs, retain }: Message): Reading[] {
    if (isAway) backAtMs = atMs
    isAway = false
    if (topic === `${bridge}state`) {
      const presence = bridgeState(payload)
      if (presence.is === 'presence' && presence.isOnline && !retain) beganAtMs = atMs
      return [presence]
    }
    const value = jsonIn(payload)
    // Beside the things themselves: their availability, single fields, groups, the bridge.
    if (topic.startsWith(bridge) || !isFields(value)) return []
    return thing(topic.slice(base.length + 1), value, atMs, retain)
  }

  function thing(name: string, value: Fields, atMs: number, isKept: boolean): Reading[] {
    const { action, sos, battery } = value
    const before = states.get(name)
    if (typeof sos === 'boolean') states.keep(name, { isOn: sos, isDoubtful: false })
    const said = { of: { name }, buttons: [], packetId: null, rssiDbm: null } as const
    const about = { ...said, batteryPercent: percentIn(battery) }
    if (typeof action === 'string' && action !== '') return [{ is: 'press', ...about, action }]
    if (sos === true) {
      // The state that was kept over a restart of the bridge is no press; nor is one that was retained.
      if (before === undefined && atMs - beganAtMs < KEPT_MS) return quiet(about)
      const isKnown = before?.isDoubtful === false || atMs - backAtMs < KEPT_MS
      const isStill = before?.isOn === true && isKnown
      return [{ is: 'press', ...about, action: SOS, ...(isStill && { isStill }) }]
    }
    return isKept ? [] : quiet(about)
  }
  function left(): void {
    isAway = true
    for (const state of states.values()) state.isDoubtful = true
  }
  return { says: [`${base}/#`], also: ['homeassistant/#'], hears: [], told: [], read, left }
}

const quiet = (about: Omit<Extract<Reading, { is: 'press' }>, 'is' | 'action'>): Reading[] =>
  about.batteryPercent === null ? [] : [{ is: 'press', ...about, action: null }]

/** In words of before, and as JSON of today. */
function bridgeState(payload: Buffer): Reading {
  const value = jsonIn(payload)
  if (!isFields(value)) return presenceIn(payload)
  return typeof value.state === 'string'
    ? presenceIn(Buffer.from(value.state))
    : unread('bridge/state', 'a state', value.state)
}

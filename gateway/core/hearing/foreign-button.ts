// In: the buttons in a frame of a pendant that is not ours, and what was heard of it before. Out: which event they tell
// of, new or heard already, and the alarm object that is made up for it, since such a pendant sends none. The repeats of a press are
// no presses.
import {
  ALARM_VERSION,
  BUTTON_DOUBLE,
  BUTTON_HOLD,
  BUTTON_LONG,
  BUTTON_NONE,
  BUTTON_PRESS,
  BUTTON_TRIPLE,
  FLAG_BATTERY_LOW,
  KIND_ASSIST,
  KIND_BUTTON,
  KIND_IDLE,
  KIND_OKAY,
} from '../../../schemas/frame.ts'
import type { Bthome, PressKind } from '../../../schemas/site.ts'
import type { AlarmObject, Objects } from './decode.ts'

/** What tells one event from another, and when its frames were heard on the air. Bounded, newest last. */
export type Press = {
  id: number
  /** The counters that it came sealed under: one, or several from a device that seals each repeat anew. */
  counters: { lowest: number; highest: number } | null
  /** Packet id and buttons, as "7:04"; null from a sealed device without packet ids. */
  mark: string | null
  firstAtMs: number
  lastAtMs: number
}

/** One hearing of an event, as it is kept with the alarm that it made. */
export type PressHeard = { counter: number | null; mark: string | null; heardAtMs: number }

/**
 * Frames of one event follow each other closer than this: bursts last seconds. The same packet id after a longer silence
 * is a new press: the byte has gone round, or the device sleeps deeply and begins with the same one each time.
 */
export const PRESS_SILENCE_MS = 30_000
export const PRESSES_MAX = 64
const BATTERY_LOW_PERCENT = 10
const BUTTON_LONG_DOUBLE = 0x05
const BUTTON_LONG_TRIPLE = 0x06
const BUTTON_HOLD_OLD_SHELLY = 0xfe

type Name = 'press' | 'double' | 'triple' | 'long' | 'hold'
const NAMES: ReadonlyMap<number, Name> = new Map<number, Name>([
  [BUTTON_PRESS, 'press'],
  [BUTTON_DOUBLE, 'double'],
  [BUTTON_TRIPLE, 'triple'],
  [BUTTON_LONG, 'long'],
  [BUTTON_LONG_DOUBLE, 'long'],
  [BUTTON_LONG_TRIPLE, 'long'],
  [BUTTON_HOLD, 'hold'],
])

const GRAVEST_LAST: readonly PressKind[] = ['none', 'okay', 'assist', 'button']
const KINDS: Readonly<Record<PressKind, number>> = {
  none: KIND_IDLE,
  okay: KIND_OKAY,
  assist: KIND_ASSIST,
  button: KIND_BUTTON,
}

export type Meaning = { is: 'idle' } | { is: 'press'; kind: PressKind } | { is: 'unknown'; came: string }

const isHold = (button: number): boolean => button === BUTTON_HOLD || button === BUTTON_HOLD_OLD_SHELLY

/** What the buttons of one frame mean at this site. Of several at once the gravest counts. */
export function meaningOf(buttons: readonly number[], bthome: Bthome): Meaning {
  let kind: PressKind = 'none'
  for (const [i, button] of buttons.entries()) {
    if (bthome.isWallSwitch && isHold(button)) continue
    if (button === BUTTON_NONE || bthome.buttons?.includes(i + 1) === false) continue
    const name = button === BUTTON_HOLD_OLD_SHELLY && bthome.isOldShelly ? 'hold' : NAMES.get(button)
    if (name === undefined) return { is: 'unknown', came: `button event 0x${button.toString(16)}` }
    if (GRAVEST_LAST.indexOf(bthome[name]) > GRAVEST_LAST.indexOf(kind)) kind = bthome[name]
  }
  return kind === 'none' ? { is: 'idle' } : { is: 'press', kind }
}

/** The packet id with its buttons; sealed frames without one have their counter alone. */
export const markOf = ({ packetId, buttons }: Objects, isSealed: boolean): string | null =>
  packetId === undefined && isSealed ? null : `${packetId ?? '-'}:${Buffer.from(buttons).toString('hex')}`

/** The event that this hearing is of, if it was heard before: by its counter, or by its packet id within the silence. */
export const knownPress = (
  presses: readonly Press[],
  { counter, mark, heardAtMs }: PressHeard,
): Press | undefined =>
  presses.findLast(press => {
    const { counters, firstAtMs, lastAtMs } = press
    if (counter !== null && counters !== null && counter >= counters.lowest && counter <= counters.highest)
      return true
    if (mark === null || press.mark !== mark) return false
    return heardAtMs > firstAtMs - PRESS_SILENCE_MS && heardAtMs < lastAtMs + PRESS_SILENCE_MS
  })

export type PressContext = {
  presses: readonly Press[]
  /** The highest counter believed before this frame. */
  counter: number | null
  isLate: boolean
  /** False where MQTT delivered the report again: it was heard earlier than it says. */
  isAgeTrusted: boolean
  startedAtMs: number
  hasOpenIncident: boolean
}

/**
 * The event heard before that this one repeats; null where it is new. Where the radio alone cannot tell (a plain frame
 * delivered again, or the first since a restart), it is a repeat while its incident is open, since nothing is lost then, and a
 * press otherwise: rather a page too many than one too few.
 */
export function repeated(heard: PressHeard, so: PressContext): Press | 'older' | null {
  const known = knownPress(so.presses, heard)
  if (known !== undefined) return known
  const { counter, mark } = heard
  if (counter !== null) return isOlder(counter, so) ? 'older' : null
  if (!so.hasOpenIncident) return null
  const alike = so.presses.findLast(press => press.mark === mark)
  return alike !== undefined && (!so.isAgeTrusted || alike.lastAtMs < so.startedAtMs) ? alike : null
}

/** A sealed press is new only above the highest counter, or, late, where there is still memory to say that it is. */
function isOlder(counter: number, { counter: highest, isLate, presses }: PressContext): boolean {
  if (!isLate) return highest !== null && counter <= highest
  return presses.length >= PRESSES_MAX && presses.every(({ counters }) => counter < (counters?.lowest ?? 0))
}

/** The alarm object that stands for it: a new alarm is numbered next after the last, a repeat belongs to that one. */
export function alarmFor(
  kind: PressKind,
  isNew: boolean,
  lastNumber: number | null,
  batteryPercent: number | null,
): AlarmObject {
  const isAlarm = kind === 'button' || kind === 'assist'
  const alarmNumber = isAlarm && isNew ? ((lastNumber ?? 0) + 1) & 0xff : (lastNumber ?? 0)
  // What is not newer than what was believed, of no alarm that is known, begins none.
  const isOfNothing = isAlarm && !isNew && lastNumber === null
  const flags = batteryPercent !== null && batteryPercent <= BATTERY_LOW_PERCENT ? FLAG_BATTERY_LOW : 0
  return { version: ALARM_VERSION, kind: isOfNothing ? KIND_IDLE : KINDS[kind], alarmNumber, flags }
}

export const nextPressId = (presses: readonly Press[]): number => (presses.at(-1)?.id ?? 0) + 1

/** Takes a hearing into the memory (in place); answers the event's id. Heard twice, it is there once. */
export function rememberPress(presses: Press[], heard: PressHeard, of?: Press): number {
  const { counter, mark, heardAtMs } = heard
  const known = of ?? knownPress(presses, heard)
  if (known === undefined) {
    const counters = counter === null ? null : { lowest: counter, highest: counter }
    const id = nextPressId(presses)
    presses.push({ id, counters, mark, firstAtMs: heardAtMs, lastAtMs: heardAtMs })
    if (presses.length > PRESSES_MAX) presses.shift()
    return id
  }
  known.firstAtMs = Math.min(known.firstAtMs, heardAtMs)
  known.lastAtMs = Math.max(known.lastAtMs, heardAtMs)
  if (counter !== null && known.counters !== null) {
    known.counters.lowest = Math.min(known.counters.lowest, counter)
    known.counters.highest = Math.max(known.counters.highest, counter)
  }
  return known.id
}

// In: what a technical alarm is about, as values. Out: the sentence that people read.
import type { Change } from './change.ts'
import type { Complaint, Facts, Missing } from './facts.ts'
import { doorWords, isCall, type Plan, wearerName } from './plan.ts'

/** The room that a pendant is signed in for, by its id; null where it is signed in for none. */
export type BookedRoom = (pendant: string) => string | null

/** What stands in a row and in the log names no room. */
const NO_ROOM: BookedRoom = () => null

/**
 * A technical alarm in words; null for one that this gateway does not know (a newer one wrote it), whose own text stands.
 */
export function faultWords(plan: Plan, facts: Facts, roomOf: BookedRoom): string | null {
  switch (facts.of) {
    case 'not-armed':
      return `An alarm now might reach nobody. ${facts.missing.map(each => missingWords(plan, each)).join(' ')}`
    case 'receiver-gone':
      return goneWords(plan, facts)
    case 'receiver-deaf':
      return deafWords(plan, facts)
    case 'receiver-says':
      return `${receiverWords(plan, facts.receiver)} ${SAYS[facts.what]} (${facts.why})`
    case 'pendant-complains':
      return `${pendantWords(plan, facts.pendant)}: ${facts.complaints.map(each => COMPLAINTS[each]).join('; ')}`
    case 'pendant-silent':
      return silentWords(plan, facts, roomOf)
    case 'pendants-silent':
      return silentTogether(plan, facts, roomOf)
    default:
      facts satisfies never
      return null
  }
}

function goneWords(
  plan: Plan,
  { receiver, forMs, isOften, rooms }: Extract<Facts, { of: 'receiver-gone' }>,
): string {
  const who = receiverWords(plan, receiver)
  if (isOften) return `${who} comes and goes: what it hears may not arrive. Look at its power and its network`
  if (rooms === undefined) {
    const gone = forMs === null ? 'is offline' : `has said nothing for ${seconds(forMs)}`
    return `${who} ${gone}: what it hears does not arrive. Look at its power and its network`
  }
  const doors = rooms.map(room => doorWords(plan, room) ?? room)
  const named =
    doors.length > NAMED_MAX ? [...doors.slice(0, NAMED_MAX), `${doors.length - NAMED_MAX} more`] : doors
  const cover =
    named.length === 0 ? 'Other receivers hear its rooms' : `No alarm is heard in: ${named.join(', ')}`
  return `${who} is out of order: nothing of it for ${seconds(forMs ?? 0)}. ${cover}. Look at its power and its network`
}

function deafWords(plan: Plan, { receiver, forMs, radio }: Extract<Facts, { of: 'receiver-deaf' }>): string {
  const who = receiverWords(plan, receiver)
  if (radio !== undefined) return `${who} ${RADIO[radio.is]}: no alarm is heard through it (${radio.why})`
  return `${who} is there and has heard nothing for ${seconds(forMs)}: it may be deaf. Test a pendant beside it`
}

const RADIO = {
  deaf: 'is deaf, its radio hears nothing at all',
  gone: 'has lost its radio',
  refused: 'cannot use its radio',
  restarting: 'starts its radio again and again',
  starting: 'has a radio that does not answer',
} as const

const SAYS = {
  mute: 'hears, and cannot tell the wearers anything: what their pendants show may be old',
  spool: 'keeps nothing of what it hears over a restart',
  unread: 'could not read all that it had kept before it was started: an alarm may be among it',
} as const

/** The row that raises it: as values, and in words without a room. */
export const technicalRaised = (plan: Plan, key: string, facts: Facts): Change => ({
  is: 'technical-raised',
  key,
  text: faultWords(plan, facts, NO_ROOM) ?? key,
  facts,
})

/** What is missing, as a sentence. */
export function missingWords(plan: Plan, missing: Missing): string {
  switch (missing.of) {
    case 'desk':
      return DESK[missing.why]
    case 'targets':
      return unreachedWords(plan, missing.targets)
    case 'ears':
      return EARS[missing.why]
    default:
      return missing satisfies never
  }
}

function unreachedWords(plan: Plan, targets: Extract<Missing, { of: 'targets' }>['targets']): string {
  const areCalls = targets.every(({ channel }) => isCall(plan, channel))
  const each = targets.map(({ channel, address, fault }) => {
    if (fault === null) return `${address} has not been proven`
    return `${address} cannot be ${isCall(plan, channel) ? 'called' : 'reached'}: ${fault}`
  })
  return `${areCalls ? 'No telephone can be called' : 'Nobody can be paged'} (${each.join('; ')}).`
}

/** "Receiver r-2 (210 Hall)"; of one that no site names, its id alone. */
export function receiverWords(plan: Plan, id: string): string {
  const door = doorWords(plan, plan.receivers.get(id)?.room ?? null)
  return `Receiver ${id}${door === null ? '' : ` (${door})`}`
}

/** "Pendant p-07 (Jane Smith)". */
export const pendantWords = (plan: Plan, pendant: string): string =>
  `Pendant ${pendant} (${nameOf(plan, pendant)})`

const DESK = {
  none: 'No desk page is open.',
  silent: 'The desk page is silent: click on it once to switch its sound on.',
} as const

const EARS = {
  gone: 'No receiver is there: no pendant can be heard.',
  unproven: 'No receiver has been proven to hear yet.',
  quiet: 'No receiver hears anything: test a pendant.',
} as const

const COMPLAINTS: Readonly<Record<Complaint, string>> = {
  fault: 'it reports a fault (red and blue light): do not rely on it',
  'cord-out': 'its cord is out, and no alarm is on: put it back, or it cannot be pulled',
  'battery-low': 'its battery is low: change it',
  'battery-short': 'its battery has fewer than 7 days left: change it',
}

function silentWords(
  plan: Plan,
  { pendant, forMs, isEver }: Extract<Facts, { of: 'pendant-silent' }>,
  roomOf: BookedRoom,
): string {
  const since = isEver ? `for ${seconds(forMs)}` : 'since the gateway started'
  const booked = bookedWords(plan, pendant, roomOf)
  const who = `${pendantWords(plan, pendant)}${booked === '' ? '' : `${booked},`}`
  return `${who} has not been heard ${since}: ask ${nameOf(plan, pendant)}`
}

function silentTogether(
  plan: Plan,
  { pendants, isNobodyHearing }: Extract<Facts, { of: 'pendants-silent' }>,
  roomOf: BookedRoom,
): string {
  const more = pendants.length > NAMED_MAX ? ` and ${pendants.length - NAMED_MAX} more` : ''
  const named = pendants
    .slice(0, NAMED_MAX)
    .map(pendant => `${nameOf(plan, pendant)} (${pendant}${bookedWords(plan, pendant, roomOf)})`)
    .join(', ')
  const who = `${named}${more}`
  const count = pendants.length === 1 ? '1 pendant' : `${pendants.length} pendants`
  return isNobodyHearing
    ? `No receiver hears: nobody who is signed in could call for help by pendant. Ask each of them: ${who}`
    : `${count} of people who are signed in have not been heard: ask each of them: ${who}`
}

function bookedWords(plan: Plan, pendant: string, roomOf: BookedRoom): string {
  const room = roomOf(pendant)
  return room === null ? '' : `, signed in for ${doorWords(plan, room) ?? room}`
}

const nameOf = (plan: Plan, pendant: string): string =>
  wearerName(plan, plan.pendants.get(pendant)?.wearer ?? pendant)

/** Of so many at once each is named; whoever asks the others finds them in the list of sessions. */
const NAMED_MAX = 20

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`

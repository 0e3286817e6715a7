// A walk test by words: lines of a person (or a script) come in, what the gateway makes of each goes out, one line for one.
// It promises that a line that was not understood or not taken is said, and that nothing is kept that was not finished.
import type { WalkReport, WalksView } from '../../../schemas/api/walk.ts'
import { GatewayRefused, type WalkClient } from './client.ts'

export type RecordOptions = {
  client: WalkClient
  pendant: string
  /** One line each, until there are no more. */
  lines: AsyncIterable<string>
  say(text: string): void
}

/** How it ended: `isKept` where the walk stands. `complaints` are lines that were not understood or not taken. */
export type Recorded = { isKept: boolean; complaints: number }

const HELP = 'a room’s number or id, - between rooms, ? elsewhere, undo, done, discard'

/** Records one walk. Throws GatewayRefused where it cannot even begin; lines that end early discard what was recorded. */
export async function recordWalk({ client, pendant, lines, say }: RecordOptions): Promise<Recorded> {
  // Taken up before anything is awaited: readline forgets lines that nobody waits for.
  const iterator = lines[Symbol.asyncIterator]()
  const begun = await client.act(pendant, 'start')
  const session: Session = { client, pendant, say, kept: null, isOver: false }
  say(`Recording with ${pendant}. Enter: ${HELP}`)
  const rooms = byWord(begun)
  let complaints = 0
  for await (const line of { [Symbol.asyncIterator]: () => iterator }) {
    const word = line.trim()
    if (word === '') continue
    try {
      await carryOut(session, rooms, word)
    } catch (error) {
      if (!(error instanceof GatewayRefused)) throw error
      complaints += 1
      say(`Not taken: ${error.message}`)
    }
    if (session.isOver) break
  }
  if (session.kept === null && !session.isOver) {
    await client.act(pendant, 'discard')
    say('It ended without `done`: the walk is discarded')
  }
  return { isKept: session.kept !== null, complaints }
}

type Session = {
  client: WalkClient
  pendant: string
  say(text: string): void
  /** The walk that was stored; it may still be taken back. */
  kept: number | null
  isOver: boolean
}

async function carryOut(session: Session, rooms: ReadonlyMap<string, RoomWord>, word: string): Promise<void> {
  const { client, pendant, say } = session
  if (session.kept !== null) return afterwards(session, word)
  switch (word.toLowerCase()) {
    case '-':
      await client.act(pendant, 'between')
      return say('Between rooms')
    case '?':
      await client.act(pendant, 'enter', null)
      return say('Somewhere else')
    case 'undo':
      await client.act(pendant, 'undo')
      return say('The last tap is taken back')
    case 'discard':
      await client.act(pendant, 'discard')
      session.isOver = true
      return say('Discarded')
    case 'done':
      return keep(session)
    default:
      return enter(session, rooms, word)
  }
}

async function enter(
  { client, pendant, say }: Session,
  rooms: ReadonlyMap<string, RoomWord>,
  word: string,
): Promise<void> {
  const room = rooms.get(word.toLowerCase())
  if (room === undefined) throw new GatewayRefused(`expected ${HELP}; came ${word}`)
  if (room === 'ambiguous')
    throw new GatewayRefused(`expected the id of a room, since several have this number; came ${word}`)
  const { recordings } = await client.act(pendant, 'enter', room.id)
  const heard = recordings.find(each => each.pendant === pendant)?.hearing ?? []
  const by = heard.map(({ receiver, rssiDbm }) => `${receiver} ${Math.round(rssiDbm)}`).join(', ')
  say(`In ${room.door}; heard now by ${by === '' ? 'nobody' : by}`)
}

async function keep(session: Session): Promise<void> {
  const { client, pendant, say } = session
  const [newest] = (await client.act(pendant, 'finish')).walks
  if (newest === undefined) throw new GatewayRefused('expected the walk that was stored; came none')
  session.kept = newest.walk
  say(`Kept as walk ${newest.walk}: ${newest.readings} readings in ${newest.rooms} rooms`)
  for (const line of reportLines(await client.report(newest.walk))) say(line)
  say('`undo` takes it back; anything else ends')
}

async function afterwards(session: Session, word: string): Promise<void> {
  session.isOver = true
  if (session.kept === null || word.toLowerCase() !== 'undo') return
  await session.client.withdraw(session.kept)
  session.say(`Walk ${session.kept} is taken back`)
  session.kept = null
}

type RoomWord = { id: string; door: string } | 'ambiguous'

/** Rooms by id and by number, in lower case. Two buildings may number alike. */
function byWord({ rooms }: WalksView): Map<string, RoomWord> {
  const words = new Map<string, RoomWord>()
  for (const { id, door } of rooms) {
    const number = (door.split(' ')[0] ?? '').toLowerCase()
    words.set(number, words.has(number) ? 'ambiguous' : { id, door })
  }
  // An id is nobody else's, whatever the numbers are.
  for (const { id, door } of rooms) words.set(id, { id, door })
  return words
}

/** A report as lines of words. */
export function reportLines({ pairs, compared, apart, coverage, unwalked, advice }: WalkReport): string[] {
  return [
    ...(compared === 0 ? [] : [`${apart} of ${compared} pairs of rooms can be told apart`]),
    ...pairs.map(({ text }) => `  ${text}`),
    ...coverage.map(({ text }) => `  ${text}`),
    ...(unwalked.length === 0 ? [] : [`Not walked: ${unwalked.map(({ door }) => door).join(', ')}`]),
    ...(advice === null ? [] : [advice.text]),
  ]
}

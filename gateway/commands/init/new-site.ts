// A new site file of a few answers: one building, one floor, rooms in a row, a receiver in each third, an account for each. Text out,
// with what a person must look at again said in comments; nothing is written here.
import { newPassword } from '../../site/accounts/phc.ts'
import { type Answers, type Exchange, exchangeOf, listOf } from './answers.ts'

/** A receiver hears its own room and those next to it. */
const EACH = 3

export type Account = { id: string; room: string; password: string }
export type NewSite = { text: string; accounts: Account[]; people: string[] }

export function newSite(answers: Answers): NewSite {
  const numbers = listOf(answers.rooms)
  const roomIds = ids(numbers.map(number => `room-${number}`))
  const wearers = listOf(answers.people)
  const people = ids(wearers)
  const accounts = numbers.flatMap((number, i): Account[] => {
    const room = roomIds[i] ?? ''
    const isLast = i === numbers.length - 1 && i % EACH === 0
    if (i % EACH !== 1 && !isLast) return []
    return [{ id: `r-${slug(number)}`, room, password: newPassword() }]
  })
  const rooms = numbers.map((number, i) => roomLine(roomIds, number, i))
  const exchange = exchangeOf(answers.exchange)
  if (exchange === null) throw new Error(`an exchange that was not looked at: ${answers.exchange}`)
  const text = siteText({ answers, rooms, accounts, exchange, wearers, people })
  return { text, accounts, people }
}

/** In YAML a text in JSON's quotes is that text. */
const q = JSON.stringify

const roomLine = (roomIds: readonly string[], number: string, i: number): string => {
  const adjacent = [roomIds[i - 1], roomIds[i + 1]].filter(each => each !== undefined)
  return `          - { id: ${roomIds[i]}, number: ${q(number)}, name: ${q(`Room ${number}`)}, adjacent: [${adjacent.join(', ')}] }`
}

/** What an id may be made of; whatever else becomes a dash. */
const slug = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 26) || 'x'

/** Each its own: what would be there twice gets a number. */
function ids(texts: readonly string[]): string[] {
  const taken = new Set<string>()
  return texts.map(text => {
    let id = slug(text)
    for (let n = 2; taken.has(id); n++) id = `${slug(text)}-${n}`
    taken.add(id)
    return id
  })
}

type Parts = {
  answers: Answers
  rooms: string[]
  accounts: Account[]
  exchange: Exchange
  wearers: string[]
  people: string[]
}

const siteText = ({ answers, rooms, accounts, exchange, wearers, people }: Parts): string =>
  `# The site file: who is where, who is called. \`tocsin check\` says what is wrong in it, \`tocsin schema\` what may stand in it.
# It holds keys: keep it as one keeps a password (mode 600).
site: ${q(answers.building)}

buildings:
  - id: ${slug(answers.building)}
    name: ${q(answers.building)}
    floors:
      - id: ${slug(answers.floor)}
        name: ${q(answers.floor)}
        # Look at this again: each room is taken to have a door to the one before and the one after it.
        # Name them as people do: name: "Interview room A".
        # A note is read by whoever comes: note: "Locked from outside; the duty officer holds the key".
        rooms:
${rooms.join('\n')}

# Look at this again: where the receivers hang. Each has an account of its own: \`tocsin account\` makes and revokes them, and keeps
# them beside this file, as hashes.
receivers:
${accounts.map(({ id, room }) => `  - { id: ${id}, room: ${room} }`).join('\n')}

people:
${wearers.map((name, i) => `  - { id: ${people[i]}, name: ${q(name)} }`).join('\n')}

# \`tocsin enrol\` puts them here.
pendants: []

telephones:
  - { number: ${q(answers.extension)}, name: ${q(answers.desk)}, role: security }

policies:
  - id: always
    steps:
      - targets: [{ channel: sip, to: ${q(answers.extension)} }]
policy: always

# Where the exchange asks for a password: password: "…", and register: true where it wants us registered.
sip:
  server: ${q(exchange.server)}
  port: ${exchange.port}
  transport: ${exchange.transport}
  user: ${q(answers.user)}
`

// What a new site is made of, as it is asked for or given by flags: one list of questions, each with its flag, its words, what
// stands for no answer, and what is wrong with one.
import { hasPlainDigits, isHost, isVisible } from '../../../schemas/text.ts'

/** All as it was typed; lists are separated by commas. */
export type Answers = Readonly<Record<Name, string>>
export type Name = (typeof QUESTIONS)[number]['name']

type Question = {
  name: string
  flag: string
  what: string
  /** What stands for an empty answer; null where there must be one. */
  default: string | null
  /** Null where the answer will do, otherwise what was expected. */
  amiss(answer: string): string | null
}

const aName = (answer: string): string | null =>
  answer.trim() !== '' && answer.length <= 80 && isVisible(answer) ? null : 'a name of at most 80 characters'
const names = (answer: string): string | null =>
  listOf(answer).length > 0 && listOf(answer).every(each => aName(each) === null)
    ? null
    : 'names, separated by commas'
const aNumber = (answer: string): string | null =>
  /^[0-9*#+]{1,20}$/.test(answer) ? null : 'a telephone number of digits, * # +'
const roomNumbers = (answer: string): string | null => {
  const numbers = listOf(answer)
  if (new Set(numbers).size !== numbers.length) return 'each room once'
  const isFine =
    numbers.length > 0 && numbers.every(each => each.length <= 20 && isVisible(each) && hasPlainDigits(each))
  return isFine ? null : 'room numbers as on their doors, separated by commas'
}

const EXCHANGE = /^(sips?):([^\s:@;]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?(?:;transport=(tcp|tls))?$/i
const PORT_MAX = 65_535

export type Exchange = { server: string; port: number; transport: 'tcp' | 'tls' }

/** `sip:pbx.example`, `sip:pbx.example:5080;transport=tls`, `sips:pbx.example`; null where it is none of these. */
export function exchangeOf(text: string): Exchange | null {
  const [, scheme = '', server = '', port, asked] = EXCHANGE.exec(text) ?? []
  const transport = asked?.toLowerCase() === 'tls' || scheme.toLowerCase() === 'sips' ? 'tls' : 'tcp'
  const number = port === undefined ? (transport === 'tls' ? 5061 : 5060) : Number(port)
  return isHost(server) && number > 0 && number <= PORT_MAX ? { server, port: number, transport } : null
}

export const listOf = (text: string): string[] =>
  text
    .split(',')
    .map(each => each.trim())
    .filter(each => each !== '')

export const QUESTIONS = [
  {
    name: 'building',
    flag: '--building <name>',
    what: 'The building, as people call it',
    default: null,
    amiss: aName,
  },
  { name: 'floor', flag: '--floor <name>', what: 'The floor', default: 'Ground floor', amiss: aName },
  {
    name: 'rooms',
    flag: '--rooms <numbers>',
    what: 'Its rooms in the order in which one walks past them, as on their doors: 211, 212, …',
    default: null,
    amiss: roomNumbers,
  },
  {
    name: 'people',
    flag: '--people <names>',
    what: 'Who will wear a pendant, full names: Amina Rahman, Ben Whitlock, …',
    default: null,
    amiss: names,
  },
  {
    name: 'exchange',
    flag: '--exchange <address>',
    what: 'The telephone exchange: sip:pbx.example, or sip:pbx.example:5061;transport=tls',
    default: null,
    amiss: answer =>
      exchangeOf(answer) === null ? 'an address such as sip:pbx.example or sip:192.0.2.5:5060' : null,
  },
  {
    name: 'user',
    flag: '--user <extension>',
    what: "The gateway's own extension there",
    default: 'tocsin',
    amiss: answer => (/^[\w.+-]{1,64}$/.test(answer) ? null : 'an extension of letters and digits'),
  },
  {
    name: 'extension',
    flag: '--extension <number>',
    what: 'Whom to call: the number of security',
    default: '5150',
    amiss: aNumber,
  },
  {
    name: 'desk',
    flag: '--desk <name>',
    what: 'Whose telephone that is',
    default: 'Security desk',
    amiss: aName,
  },
] as const satisfies readonly Question[]

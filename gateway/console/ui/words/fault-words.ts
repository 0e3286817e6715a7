// What is wrong with the system and who may be trying something, as a guard would say it: keys and reasons of the gateway come
// in, sentences go out. Pure. A key or a reason that is not in the tables is said by its text, never by itself.
import type { SecurityEvent, TechnicalAlarm } from '../../../../schemas/api/desk.ts'
import { plain } from './plain.ts'
import { ended, sentence } from './words.ts'

/** What it means for whoever needs help, by the family of the key (what stands before the colon). Others say it themselves. */
const MEANS: Readonly<Record<string, string>> = {
  sip: 'The telephone exchange does not work as it should: calls may not go out. Alarms are still shown and sounded here: stay at the desk.',
  speech: 'The voice does not work as it should: calls may be silent, with no name and no room.',
  journal: 'What happens now is not being written down. People are called all the same.',
  model: 'What was learnt from the walk tests cannot be used: rooms may be named less well.',
  broker: 'The way in from the receivers does not work as it should: pendants may not be heard.',
  accounts: 'Some receivers may not come in: pendants beside them may not be heard.',
  queue: 'More comes in from the receivers than can be taken at once: some of it comes late.',
}

/** Families that nobody at a desk can mend. Of the others their text says what to do: ask somebody, change a battery, put a cord back. */
const FOR_ADMINISTRATORS: ReadonlySet<string> = new Set([
  ...[
    'accounts',
    'broker',
    'bug',
    'certificate',
    'disk',
    'journal',
    'journal-anew',
    'locating',
    'log',
    'model',
  ],
  ...['out', 'queue', 'receiver', 'receiver-deaf', 'receiver-flood', 'receiver-settings', 'sip', 'site'],
  ...[
    'broker-forgot',
    'receiver-dropped',
    'receiver-mute',
    'receiver-spool',
    'receiver-twice',
    'receiver-unread',
  ],
  ...['speech', 'stall'],
])
export const TELL = 'Tell whoever looks after the system.'

/** A fault in a few sentences, begun as a sentence, without codes: what it means, what it is, and what to do. */
export function faultWords({ key, text }: Pick<TechnicalAlarm, 'key' | 'text'>): string {
  const family = key.split(':')[0] ?? ''
  const said = [MEANS[family] ?? '', ended(sentence(plain(text))), FOR_ADMINISTRATORS.has(family) ? TELL : '']
  return said.filter(each => each !== '').join(' ')
}

type Reason = { words: string; isForAdministrators?: true }

/** Why something was refused: of receivers first, then of frames on the air. */
const REASONS: Readonly<Record<string, Reason>> = {
  malformed: { words: 'Something came that cannot be read', isForAdministrators: true },
  oversized: { words: 'A receiver sent far too much at once', isForAdministrators: true },
  retained: { words: 'Somebody left an old message where receivers report', isForAdministrators: true },
  stale: { words: 'A receiver sent old news', isForAdministrators: true },
  'wrong-topic': { words: 'A receiver spoke in another’s name', isForAdministrators: true },
  handshake: { words: 'A receiver cannot join as it is set', isForAdministrators: true },
  'wrong-password': {
    words: 'Somebody tried to join as a receiver with a wrong password',
    isForAdministrators: true,
  },
  revoked: { words: 'An account was revoked and lets nobody in any more', isForAdministrators: true },
  'wrong-key': { words: 'A pendant was imitated: its signal is not sealed with its key' },
  replayed: { words: 'An old signal of a pendant was played again' },
  downgrade: { words: 'A pendant was imitated: its signal came unsealed' },
  'unknown-kind': { words: 'A pendant says something that this gateway does not understand' },
}

/** What somebody may be trying; `detail` is for whoever looks after the system, and null where it is in the words. */
export function securityWords({ reason, text }: Pick<SecurityEvent, 'reason' | 'text'>): {
  words: string
  text: string
  isForAdministrators: boolean
} {
  const known = REASONS[reason]
  return {
    words: known?.words ?? 'Something was refused',
    text: plain(text),
    isForAdministrators: known?.isForAdministrators === true,
  }
}

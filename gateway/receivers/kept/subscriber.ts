// A subscriber, as an account of the gateway's own broker: it hears what other systems are told and nothing else, and says nothing. Pure.
import { OUT_PREFIX } from '../../../schemas/site/accounts.ts'
import { quoted, refused } from '../mqtt/intake.ts'
import type { Speaker } from '../speaker.ts'
import type { KeptSetting } from './setting.ts'

/** So much of what is told live may wait for it before anybody else does: some thousand documents. */
export const AHEAD_BYTES = 4 * 1024 * 1024

/** Home Assistant says that it is there on topics that are passed over; whatever else one says is refused. */
export function subscriberOf(id: string, kept: KeptSetting | null): Speaker {
  const readable = kept?.readable ?? [`${OUT_PREFIX}/`]
  const passedOver = kept?.passedOver ?? []
  const expected = `expected nothing of subscriber ${id}, who may only read`
  return {
    says: [],
    hear: ({ topic }) =>
      passedOver.includes(topic) ? [] : [refused('', 'wrong-topic', `${expected}, came ${quoted(topic)}`)],
    mayHear(filter) {
      if (readable.some(beginning => filter.startsWith(beginning))) return 'granted'
      // Home Assistant asks for what other things announce on other brokers.
      return kept === null || /^([#+$]|tocsin(\/|$))/.test(filter) ? 'refused' : 'passed'
    },
    hears: `${OUT_PREFIX}/…`,
  }
}

/** Whether a subscriber is handed this on: only what the gateway itself said, and only of what may be read. */
export const mayReach = (
  { topic, clientId }: { topic: string; clientId?: string | undefined },
  kept: KeptSetting | null | undefined,
): boolean => clientId === undefined && kept?.readable.some(beginning => topic.startsWith(beginning)) === true

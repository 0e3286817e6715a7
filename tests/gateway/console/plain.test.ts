// A guard's words: no codes of machines, no keys of ours.
import { describe, expect, test } from 'vitest'
import { refusalWords } from '../../../gateway/console/ui/answers.ts'
import { faultWords, securityWords } from '../../../gateway/console/ui/words/fault-words.ts'
import { plain } from '../../../gateway/console/ui/words/plain.ts'
import { pageWords } from '../../../gateway/console/ui/words/words.ts'
import type { FrameRefusal } from '../../../gateway/core/hearing/authenticate.ts'
import type { RimRefusal } from '../../../gateway/ports.ts'
import { PageOutcome, type PageView } from '../../../schemas/api/desk.ts'

/** What no guard would say: a code, a class, or two words of ours tied by a hyphen. */
const NO_WORDS =
  /\bE[A-Z]{3,}\b|SQLITE|ERR_|[a-z]Error\b|\b(hung-up|no-answer|wrong-\w+|unknown-kind|not-armed)\b/

describe('codes', () => {
  test.each([
    ['connect ECONNREFUSED 127.0.0.1:5060', 'nothing answers at 127.0.0.1:5060'],
    ['connect ECONNREFUSED ::1:5060', 'nothing answers at ::1:5060'],
    ['connect ETIMEDOUT 10.0.0.1:5060', 'no answer in time at 10.0.0.1:5060'],
    ['connect EHOSTUNREACH 10.0.0.1:5060', 'there is no way at 10.0.0.1:5060'],
    ['getaddrinfo ENOTFOUND pbx.example', 'nobody knows the name pbx.example'],
    ['getaddrinfo EAI_AGAIN pbx.example', 'names cannot be looked up now pbx.example'],
    ['read ECONNRESET', 'the connection was cut'],
    ['write EPIPE', 'the connection was cut'],
    ['spawn espeak-ng ENOENT', 'spawn espeak-ng the file is not there'],
    ['ENOSPC: no space left on device, write', 'the disk is full'],
    ["EACCES: permission denied, open '/var/lib/tocsin/journal.db'", 'it is not allowed'],
    ['EROFS: read-only file system, mkdir', 'the disk can only be read: read-only file system, mkdir'],
    ['(SQLITE_FULL)', '(the disk is full)'],
    ['SQLITE_IOERR_FSYNC', 'the disk is failing'],
    ['SqliteError: database or disk is full', 'database or disk is full'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'this computer reports a fault'],
    ['sip:pbx did not answer: Connection Error', 'sip:pbx did not answer: there is no connection'],
    ['5150 cannot be called: Request Timeout', '5150 cannot be called: no answer in time'],
    ['500 Server Internal Error', 'the exchange has a fault'],
    ['408 Request Timeout', 'no answer in time'],
    ['5150 cannot be called: 404 Not Found', '5150 cannot be called: the exchange does not know the number'],
  ])('%j reads as %j', (text, words) => {
    expect(plain(text)).toBe(words)
    expect(plain(text)).not.toMatch(NO_WORDS)
  })

  test.each([
    '404 Not far from the stairs',
    'Room 404',
    'ESP receivers',
    'EAST WING',
    'Nobody has answered i-0001',
  ])('%j is nobody’s code, and stays', text => {
    expect(plain(text)).toBe(text)
  })
})

describe('faults', () => {
  /** The families of keys that the gateway raises technical alarms under, each with the harshest text seen of it. */
  test.each([
    ['sip', '127.0.0.1:5060 cannot be reached: connect ECONNREFUSED 127.0.0.1:5060'],
    ['speech', 'speech cannot be rendered: SpeechFailed: spawn espeak-ng ENOENT'],
    ['journal', 'The journal cannot be written (SQLITE_FULL: database or disk is full): free the disk'],
    [
      'model',
      'The walk tests could not be learnt from (TypeError: x is undefined): rooms are named as before',
    ],
    [
      'log',
      "The gateway's log cannot be written: ENOSPC: no space left on device, write. Alarms go out as ever.",
    ],
    ['broker', 'listen EADDRINUSE: address already in use 127.0.0.1:1883'],
    ['queue', 'More comes in than can be carried out'],
    ['site', 'The changed site file was refused, and the one before it counts: rooms[0]: expected an id'],
    ['locating', 'Rooms cannot be worked out (TypeError: x is undefined): alarms are called without a room'],
    ['audit:i-0001', 'i-0001 (Mira Patel) stood still: nobody was being called. It is called about now'],
    ['rows-let-go', 'While the disk took nothing, 3 lesser rows were let go'],
    ['bug:learning', 'A fault of the program itself in learning (TypeError: x): everything else goes on'],
    ['stall', 'The gateway stood still for 6 s'],
    ['receiver-deaf:r-2', 'Receiver r-2 is there and has heard nothing for 120 s: it may be deaf'],
    ['pendant-silent:p-07', 'Pendant p-07 (Mira Patel) has not been heard for 100 s: ask Mira Patel'],
    ['not-armed', 'An alarm now might reach nobody. No telephone can be called (5150 connect ETIMEDOUT).'],
    ['receiver:r-2', 'Receiver r-2 is offline'],
    [
      'receiver-settings:omg-1',
      'Receiver omg-1 passes on no raw data: an alarm that a pendant seals does not come through it. Set pubadvdata to true on that OpenMQTTGateway',
    ],
    ['button:cord-214', 'Button cord-214 (Pull cord, toilet 214): its battery is low: change it'],
    ['pendant:p-07', 'Pendant p-07 (Mira Patel): its battery is low: change it'],
    ['unanswered:i-0001', 'Nobody has answered i-0001 (Mira Patel) after 3 rounds of pages'],
    ['frame:p-07', 'p-07 sends a frame this gateway does not know (kind 12): update the gateway'],
    ['walk-lost:p-07', 'the walk test was lost'],
    ['walk-drift:214', 'room 214 sounds different'],
    ['receiver-moved:r-2', 'r-2 seems to have been moved'],
    [
      'receiver-unread:r-2',
      'Receiver r-2 (214) could not read all that it had kept before it was started: an alarm may be among it (it lies there in …/var/lib/tocsin-receiver/r-2.spool.unread, and this is said until somebody takes it away)',
    ],
    ['one of tomorrow', 'EIO: i/o error, read'],
  ])('%s is said in plain sentences', (key, text) => {
    const words = faultWords({ key, text })
    expect(words).toMatch(/^\S.*\.$/)
    expect(words).not.toMatch(NO_WORDS)
    if (/[:-]/.test(key)) expect(words).not.toContain(key)
  })

  test('what it means for whoever needs help comes first', () => {
    expect(faultWords({ key: 'sip', text: 'connect ECONNREFUSED 127.0.0.1:5060' })).toBe(
      'The telephone exchange does not work as it should: calls may not go out. Alarms are still shown and sounded here: stay at the desk. Nothing answers at 127.0.0.1:5060. Tell whoever looks after the system.',
    )
  })

  test.each([
    'receiver:r-2',
    'receiver-deaf:r-2',
    'receiver-flood:r-2',
    'receiver-spool:r-2',
    'receiver-twice:r-2',
    'receiver-unread:r-2',
    'certificate',
    'accounts',
    'journal',
  ])('what nobody at the desk can mend says whom to tell: %s', key =>
    expect(faultWords({ key, text: 'it is amiss' })).toMatch(
      /It is amiss\. Tell whoever looks after the system\.$/,
    ),
  )

  test.each(['pendant-silent:p-07', 'pendant:p-07', 'unanswered:i-0001'])(
    'what the desk itself is to do stays the last word: %s',
    key => expect(faultWords({ key, text: 'ask Mira Patel' })).toBe('Ask Mira Patel.'),
  )
})

describe('security events', () => {
  /** A reason that is added without words fails the type check here. */
  const REASONS: Record<RimRefusal | FrameRefusal, true> = {
    malformed: true,
    oversized: true,
    retained: true,
    stale: true,
    'wrong-topic': true,
    'wrong-password': true,
    revoked: true,
    handshake: true,
    'wrong-key': true,
    replayed: true,
    downgrade: true,
    'unknown-kind': true,
  }

  test.each(Object.keys(REASONS))('%s has words of its own', reason => {
    const { words } = securityWords({ reason, text: 'connect ECONNRESET' })
    expect(words).toMatch(/^[A-Z][a-z’: ]+$/i)
    expect(words).not.toBe('Something was refused')
    expect(words).not.toMatch(NO_WORDS)
  })

  test('a reason that nobody knows yet is still said, and never by its key', () => {
    const said = securityWords({ reason: 'wrong-moon', text: 'It came from the moon.' })
    expect(said).toEqual({
      words: 'Something was refused',
      text: 'It came from the moon.',
      isForAdministrators: false,
    })
  })
})

describe('calls', () => {
  const call = (over: Partial<PageView>): PageView => ({
    id: 'pg-1',
    channel: 'sip',
    target: '5150',
    targetName: 'Security desk',
    said: '',
    step: 0,
    round: 0,
    attempt: 1,
    dueAtMs: 0,
    endedAtMs: 1,
    ...over,
  })

  test.each(PageOutcome.options)('that ended as %s are said without codes', outcome => {
    const { text } = pageWords(call({ outcome, detail: 'connect ECONNREFUSED 127.0.0.1:5060' }), 5)
    expect(text).toMatch(/^[a-z]/)
    expect(text).not.toMatch(NO_WORDS)
  })

  test('a call that could not be made says why', () => {
    const of = (detail: string) => pageWords(call({ outcome: 'unreachable', detail }), 5).text
    expect(of('connect ECONNREFUSED 127.0.0.1:5060')).toBe(
      'not reachable (nothing answers at 127.0.0.1:5060)',
    )
    expect(of('404 Not Found')).toBe('not reachable (the exchange does not know the number)')
  })
})

describe('refused answers', () => {
  const why = { error: 'x', expected: 'a raised incident', came: 'a resolved one' }
  test.each([
    [
      503,
      { ...why, came: 'SqliteError: database or disk is full' },
      /^Not carried out: use the telephone\. Database or disk is full\.$/,
    ],
    [
      404,
      why,
      /^Not done: the gateway does not know it any more\. Expected a raised incident; came a resolved one\.$/,
    ],
    [409, why, /^Not done: it is no longer possible\. Expected/],
    [400, why, /^Not taken: this page and the gateway do not fit\. Load the page again\. Expected/],
    [500, null, /^Not taken:/],
  ] as const)('HTTP %d says what became of it first', (status, refusal, words) => {
    expect(refusalWords(status, refusal)).toMatch(words)
    expect(refusalWords(status, refusal)).not.toMatch(NO_WORDS)
  })
})

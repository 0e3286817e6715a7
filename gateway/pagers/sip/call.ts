// One page as a call, in the worker: dials, speaks once answered, tells what happens, and ends exactly once.
import type { Speech } from '../speech/speech.ts'
import type { Agent, Dialled } from './agent.ts'
import { type Leg, openLeg } from './leg.ts'
import type { Ending, FromWorker, Reply } from './messages.ts'
import { createRecital, FRAME_SAMPLES, type Recital, type Recited } from './recital.ts'
import type { Remote } from './sdp.ts'

/** Said where nobody has decided what a key means yet: it is no thanks, and no silence. */
export const KEY_HEARD = 'Key pressed. Please wait.'
const KEY_ANSWER_MS = 2000

/** Not even 100 Trying: the exchange is dead although the connection is open. */
const FIRST_ANSWER_MS = 4000
/** With the line down, a call goes on as long as the telephone's sound keeps coming. */
const SOUND_GAP_MS = 1000
const SOUND_CHECK_MS = 250
/** A telephone holds the newest sound back a little: who hangs up with the last of it cuts the last word. */
const LAST_SOUND_MS = 500
/** Last words take 2 s, with a room that changed 8 s. */
const LAST_WORDS_MS = 15_000

export type Call = {
  end(): void
  /** Says this from now on, or once it is answered. */
  reply(reply: Reply): void
  /** The line went down; it may still be carried by its sound. */
  lineLost(): void
}

const silence = new Int16Array(FRAME_SAMPLES)

export type CallOrder = { page: string; target: string; phrases: readonly string[] }

export function placeCall(
  order: CallOrder,
  agent: Agent,
  speech: Speech,
  report: (message: FromWorker) => void,
): Call {
  const { page } = order
  let leg: Leg | null = null
  let dialled: Dialled | null = null
  let recital: Recital | null = null
  let isHeard = true
  let isAnswered = false
  let isRinging = false
  let isEnding = false
  let isOver = false
  let firstAnswer: NodeJS.Timeout | null = null
  let soundCheck: NodeJS.Timeout | null = null
  let keyAnswer: NodeJS.Timeout | null = null
  let lastWords: NodeJS.Timeout | null = null
  let isSayingNews = false
  let hasStray = false
  const early: string[] = []
  let { phrases } = order

  const over = (ending: Ending): void => {
    if (isOver) return
    isOver = true
    if (firstAnswer) clearTimeout(firstAnswer)
    if (soundCheck) clearInterval(soundCheck)
    if (keyAnswer) clearTimeout(keyAnswer)
    if (lastWords) clearTimeout(lastWords)
    leg?.close()
    report({ is: 'over', page, atMs: Date.now(), ending: isEnding ? { by: 'us' } : ending })
  }

  const end = (): void => {
    isEnding = true
    dialled?.end()
    over({ by: 'us' })
  }

  const giveUp = (ending: Ending): void => {
    dialled?.end()
    over(ending)
  }

  const onRemote = (remote: Remote): void => {
    const wasHeard = isHeard
    isHeard = remote.direction === 'sendrecv' || remote.direction === 'recvonly'
    if (isHeard && !wasHeard) recital?.restart()
  }

  const onAnswered = (): void => {
    if (isAnswered || isOver) return
    isAnswered = true
    if (firstAnswer) clearTimeout(firstAnswer)
    report({ is: 'answered', page, atMs: Date.now() })
    recite({ phrases })
    for (const key of early.splice(0)) onKey(key)
  }

  /** On hold nobody listens: what is being said waits. */
  const recite = (recited: Recited): void => {
    const said = createRecital(recited, speech.phrase)
    recital = said
    leg?.speak(() => {
      const samples = isHeard ? said.next() : null
      if (isHeard && samples === null && lastWords) {
        clearTimeout(lastWords)
        lastWords = setTimeout(end, LAST_SOUND_MS)
        recital = null
        leg?.speak(() => silence)
      }
      return samples
    })
  }

  const awaitAnswer = (): void => {
    if (keyAnswer) clearTimeout(keyAnswer)
    keyAnswer = setTimeout(() => recite({ words: [KEY_HEARD], phrases }), KEY_ANSWER_MS)
  }

  const onRinging = (): void => {
    if (isRinging || isAnswered || isOver) return
    isRinging = true
    if (firstAnswer) clearTimeout(firstAnswer)
    report({ is: 'ringing', page, atMs: Date.now() })
  }

  const onKey = (key: string): void => {
    if (!isAnswered || isOver) return
    report({ is: 'key', page, key, atMs: Date.now() })
    if (!isSayingNews && !lastWords) awaitAnswer()
  }

  /** By INFO, a key is of the dialog that was answered, though the answer may still be on its way through. */
  const onInfoKey = (key: string): void => {
    if (isAnswered) onKey(key)
    else early.push(key)
  }

  const onStray = (from: string): void => {
    if (hasStray || !isAnswered || isOver) return
    hasStray = true
    report({ is: 'stray', page, from })
  }

  const onSent = (atMs: number): void => {
    report({ is: 'invited', page, atMs })
    firstAnswer = setTimeout(() => {
      if (dialled?.isTaken()) return
      agent.ping()
      giveUp({ by: 'line', detail: `no answer of any kind within ${FIRST_ANSWER_MS} ms` })
    }, FIRST_ANSWER_MS)
  }

  const dial = async (): Promise<void> => {
    // What failed before is tried again, and what is not there yet goes before all that is rendered ahead.
    void speech.prepare(order.phrases)
    for (const phrase of order.phrases) speech.phrase(phrase)
    const line = await agent.ready()
    if (isOver) return
    if ('fault' in line) return over({ by: 'line', detail: line.fault })
    const opened = await openLeg(line.local.host, { onKey, onStray })
    if (isOver) return opened.close()
    leg = opened
    const hooks = { onSent, onRinging, onAnswered, onKey: onInfoKey, onOver: over }
    dialled = agent.dial(order.target, { leg: opened, onRemote }, hooks)
  }

  /** What it was to say last is not the last: it goes on with this. */
  const goOn = (next: readonly string[]): void => {
    phrases = next
    if (lastWords) clearTimeout(lastWords)
    lastWords = null
  }

  dial().catch(error => over({ by: 'fault', detail: String(error?.message ?? error) }))

  return {
    end,
    reply({ words, phrases: next, isLast, news }) {
      if (isOver) return
      if (keyAnswer) clearTimeout(keyAnswer)
      void speech.prepare([...words, ...next])
      if (isLast && !isAnswered) return end()
      if (!isLast) goOn(next)
      if (!isAnswered) return
      if (isLast) lastWords ??= setTimeout(end, LAST_WORDS_MS)
      isSayingNews = news !== null
      const onSaid = (): void => {
        isSayingNews = false
        if (news !== null) report({ is: 'said', page, news, atMs: Date.now() })
      }
      recite({ words, phrases: next, onSaid, ...(isLast ? { rounds: 1 } : {}) })
    },
    lineLost() {
      if (!isAnswered || soundCheck) return
      soundCheck = setInterval(() => {
        const heardAtMs = leg?.heardAtMs() ?? null
        if (agent.isConnected()) stopChecking()
        else if (heardAtMs === null || performance.now() - heardAtMs > SOUND_GAP_MS) {
          over({ by: 'line', detail: 'the line and the sound of the call were lost' })
        }
      }, SOUND_CHECK_MS)
    },
  }

  function stopChecking(): void {
    if (soundCheck) clearInterval(soundCheck)
    soundCheck = null
  }
}

// One page as a call, in the worker: dials, speaks once answered, tells what happens, and ends exactly once.
import type { Speech } from '../speech/speech.ts'
import type { Agent, Dialled } from './agent.ts'
import { type Leg, openLeg } from './media/leg.ts'
import type { Remote } from './media/sdp.ts'
import type { Ending, FromWorker, Placing, Reply } from './messages.ts'
import { createRecital, FRAME_SAMPLES, type Recital, type Recited } from './recital.ts'

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

/** What is told of this call, whose page is added. */
type Told<Message> = Message extends { page: string } ? Omit<Message, 'page'> : never
type Step = Told<FromWorker>

/** What the call hears of the worker and says to it. */
type Around = { agent: Agent; speech: Speech; report(message: FromWorker): void }

export function placeCall(
  order: Placing,
  agent: Agent,
  speech: Speech,
  report: (message: FromWorker) => void,
): Call {
  const call = new Placed(order, { agent, speech, report })
  call.begin()
  return call
}

type Timers = Partial<Record<'firstAnswer' | 'soundCheck' | 'keyAnswer' | 'lastWords', NodeJS.Timeout>>

class Placed implements Call {
  readonly #order: Placing
  readonly #around: Around
  readonly #timers: Timers = {}
  /** Keys of the dialog that was answered, whose answer is still on its way. */
  readonly #early: string[] = []
  #phrases: readonly string[]
  #leg: Leg | null = null
  #dialled: Dialled | null = null
  #recital: Recital | null = null
  #isHeard = true
  #isAnswered = false
  #isRinging = false
  #isEnding = false
  #isOver = false
  #isSayingNews = false
  #hasStray = false

  constructor(order: Placing, around: Around) {
    this.#order = order
    this.#around = around
    this.#phrases = order.phrases
  }

  begin(): void {
    this.#dial().catch(error => this.#over({ by: 'fault', detail: String(error?.message ?? error) }))
  }

  end(): void {
    this.#isEnding = true
    this.#dialled?.end()
    this.#over({ by: 'us' })
  }

  reply({ words, phrases, isLast, news }: Reply): void {
    if (this.#isOver) return
    this.#stop('keyAnswer')
    void this.#around.speech.prepare([...words, ...phrases])
    if (isLast && !this.#isAnswered) this.end()
    else if (!isLast) this.#goOn(phrases)
    if (!this.#isAnswered) return
    if (isLast) this.#timers.lastWords ??= setTimeout(() => this.end(), LAST_WORDS_MS)
    this.#isSayingNews = news !== null
    const onSaid = (): void => {
      this.#isSayingNews = false
      if (news !== null) this.#report({ is: 'said', news, atMs: Date.now() })
    }
    this.#recite({ words, phrases, onSaid, ...(isLast ? { rounds: 1 } : {}) })
  }

  lineLost(): void {
    if (!this.#isAnswered || this.#timers.soundCheck) return
    this.#timers.soundCheck = setInterval(() => {
      const heardAtMs = this.#leg?.heardAtMs() ?? null
      if (this.#around.agent.isConnected()) this.#stop('soundCheck')
      else if (heardAtMs === null || performance.now() - heardAtMs > SOUND_GAP_MS) {
        this.#over({ by: 'line', detail: 'the line and the sound of the call were lost' })
      }
    }, SOUND_CHECK_MS)
  }

  async #dial(): Promise<void> {
    const { agent, speech } = this.#around
    const { phrases, target } = this.#order
    // What failed before is tried again, and what is not there yet goes before all that is rendered ahead.
    void speech.prepare(phrases)
    for (const phrase of phrases) speech.phrase(phrase)
    const line = await agent.ready()
    if (this.#isOver) return
    if ('fault' in line) return this.#over({ by: 'line', detail: line.fault })
    const leg = await openLeg(line.local.host, {
      onKey: key => this.#onKey(key),
      onStray: from => this.#onStray(from),
    })
    if (this.#isOver) return leg.close()
    this.#leg = leg
    const setting = { leg, onRemote: (remote: Remote) => this.#onRemote(remote) }
    this.#dialled = agent.dial(target, setting, {
      onSent: atMs => this.#onSent(atMs),
      onRinging: () => this.#onRinging(),
      onAnswered: () => this.#onAnswered(),
      onKey: key => this.#onInfoKey(key),
      onOver: ending => this.#over(ending),
    })
  }

  #onSent(atMs: number): void {
    this.#report({ is: 'invited', atMs })
    this.#timers.firstAnswer = setTimeout(() => {
      if (this.#dialled?.isTaken()) return
      this.#around.agent.ping()
      this.#dialled?.end()
      this.#over({ by: 'line', detail: `no answer of any kind within ${FIRST_ANSWER_MS} ms` })
    }, FIRST_ANSWER_MS)
  }

  #onRinging(): void {
    if (this.#isRinging || this.#isAnswered || this.#isOver) return
    this.#isRinging = true
    this.#stop('firstAnswer')
    this.#report({ is: 'ringing', atMs: Date.now() })
  }

  #onAnswered(): void {
    if (this.#isAnswered || this.#isOver) return
    this.#isAnswered = true
    this.#stop('firstAnswer')
    this.#report({ is: 'answered', atMs: Date.now() })
    this.#recite({ phrases: this.#phrases })
    for (const key of this.#early.splice(0)) this.#onKey(key)
  }

  #onRemote({ direction }: Remote): void {
    const wasHeard = this.#isHeard
    this.#isHeard = direction === 'sendrecv' || direction === 'recvonly'
    if (this.#isHeard && !wasHeard) this.#recital?.restart()
  }

  #onKey(key: string): void {
    if (!this.#isAnswered || this.#isOver) return
    this.#report({ is: 'key', key, atMs: Date.now() })
    if (this.#isSayingNews || this.#timers.lastWords) return
    this.#stop('keyAnswer')
    const wait = (): void => this.#recite({ words: [KEY_HEARD], phrases: this.#phrases })
    this.#timers.keyAnswer = setTimeout(wait, KEY_ANSWER_MS)
  }

  /** By INFO, a key is of the dialog that was answered, though the answer may still be on its way through. */
  #onInfoKey(key: string): void {
    if (this.#isAnswered) this.#onKey(key)
    else this.#early.push(key)
  }

  #onStray(from: string): void {
    if (this.#hasStray || !this.#isAnswered || this.#isOver) return
    this.#hasStray = true
    this.#report({ is: 'stray', from })
  }

  /** On hold nobody listens: what is being said waits. */
  #recite(recited: Recited): void {
    const said = createRecital(recited, this.#around.speech.phrase)
    this.#recital = said
    this.#leg?.speak(() => {
      const samples = this.#isHeard ? said.next() : null
      if (this.#isHeard && samples === null && this.#timers.lastWords) this.#fallSilent()
      return samples
    })
  }

  /** The last words are said: their sound is given the time to arrive. */
  #fallSilent(): void {
    this.#stop('lastWords')
    this.#timers.lastWords = setTimeout(() => this.end(), LAST_SOUND_MS)
    this.#recital = null
    this.#leg?.speak(() => silence)
  }

  /** What it was to say last is not the last: it goes on with this. */
  #goOn(phrases: readonly string[]): void {
    this.#phrases = phrases
    this.#stop('lastWords')
  }

  #over(ending: Ending): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const name of ['firstAnswer', 'soundCheck', 'keyAnswer', 'lastWords'] as const) this.#stop(name)
    this.#leg?.close()
    this.#report({ is: 'over', atMs: Date.now(), ending: this.#isEnding ? { by: 'us' } : ending })
  }

  #stop(name: keyof Timers): void {
    clearTimeout(this.#timers[name])
    delete this.#timers[name]
  }

  #report(step: Step): void {
    this.#around.report({ ...step, page: this.#order.page })
  }
}

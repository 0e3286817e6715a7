// The interpreter's console over a wire, as questions and answers. In: an expression of the chip's language. Out: its
// value. One question at a time, each bounded in time; what the pendant prints in between is left aside. Question and answer
// stand under a CRC-32 each: what was garbled on the way is never run and never believed, but asked again.
import { crc32 } from 'node:zlib'
import { type Wire, WireEnded } from './serial.ts'

/** Nothing, or nothing sensible, came back. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

/** The chip understood the question and threw. */
export class ChipRefused extends Error {
  override readonly name = 'ChipRefused'
}

export type ChipConsole = {
  /**
   * The value of an expression on the chip, asked again where no answer comes: asking twice must do no harm. Throws NoAnswer, ChipRefused, WireEnded. `isSecret`: nothing of what came
   * may be shown, because an echo of the question would hold the key.
   */
  ask(expression: string, options?: AskOptions): Promise<unknown>
  /** Gets the console's attention, by Ctrl-C where it does not answer. Throws NoAnswer. */
  wake(): Promise<void>
  /** As `wake`, for a chip that is just starting: patient, and never with Ctrl-C. */
  waitForStart(): Promise<void>
  /** Sends a statement that is not answered, such as a reboot; garbled on the way, it does nothing. */
  tell(statement: string): Promise<void>
  close(): Promise<void>
}
export type AskOptions = { timeoutMs?: number; isSecret?: boolean }

/** At 9600 baud a line of 800 characters takes 0.8 s; a page erased in between, 0.1 s; a compaction, 2 s. */
const ANSWER_MS = 8_000
const HELLO_MS = 1_500
/** Boot of the interpreter and of the firmware, with the loader's checks. */
const START_MS = 20_000
const INTERRUPTS_MAX = 3
/** A byte lost on the way costs a question, not the whole. */
const QUESTIONS_MAX = 3
const SHOWN_MAX = 160
const KEPT_MAX = 16_384

/** Echo off for this line [README_Protocol.md of Espruino: DLE at the start of a line]. */
const QUIET = '\x10'
/** Erases a line that somebody left half-typed. */
const ERASE_LINE = '\x1b[2H'
const INTERRUPT = '\x03'

/** What came, fit to be read: no control characters, no end of a long tale. */
const shown = (text: string): string => {
  const plain = text.replaceAll(/[^\x20-\x7e]+/g, ' ').trim()
  if (plain === '') return 'nothing'
  return `"${plain.length > SHOWN_MAX ? `…${plain.slice(-SHOWN_MAX)}` : plain}"`
}

const crcOf = (text: string): number => crc32(Buffer.from(text, 'latin1'))

/** As the arguments of a function of the chip: a text, and the CRC-32 that the chip is to find in it. */
const checked = (text: string): string => `${JSON.stringify(text)},${crcOf(text)}`

/** A letter lost from a question would otherwise be another question: `"Strage"` throws, `384` for `3840` answers. */
const GARBLED = '~'

/**
 * Built so that the question's own echo is never taken for its answer, and so that no letter lost from it answers
 * something else: `eval()`, without its `q`, would be `undefined`.
 */
const question = (id: number, expression: string): string =>
  `${QUIET}(function(i,q,c){var a="${GARBLED}";if(E.CRC32(q)==c)try{a=""+JSON.stringify(eval(""+q))}catch(e){a="!"+e}print("@"+"@"+i+" "+a+" "+E.CRC32(a)+"@"+"@")})(${id},${checked(expression)})\n`

const statementLine = (statement: string): string =>
  `${QUIET}(function(q,c){if(E.CRC32(q)==c)eval(q)})(${checked(statement)})\n`

/** The answer without its CRC-32; null where that does not fit, or where the question did not come as it was sent. */
const wholeAnswer = (came: string): string | null => {
  const at = came.lastIndexOf(' ')
  const text = came.slice(0, Math.max(0, at))
  return text === GARBLED || came.slice(at + 1) !== `${crcOf(text)}` ? null : text
}

const parsed = (text: string): unknown => (text === 'undefined' ? undefined : JSON.parse(text))

type Pending = { id: number; resolve: (value: unknown) => void; reject: (error: Error) => void }

type Question = (expression: string, options: AskOptions) => Promise<unknown>

/** One question over `wire`, asked once; its answer is found in what comes. */
const questionsOver = (wire: Wire): Question => {
  let came = ''
  let pending: Pending | null = null
  // Not from 1, so that an answer to a session that was cut is not taken for one of ours.
  let count = Math.floor(Math.random() * 1_000_000)

  const settle = (): void => {
    if (pending === null) return
    const mark = `@@${pending.id} `
    const from = came.indexOf(mark)
    const to = from < 0 ? -1 : came.indexOf('@@', from + mark.length)
    if (to < 0) return
    const text = wholeAnswer(came.slice(from + mark.length, to))
    const { resolve, reject } = pending
    pending = null
    try {
      if (text === null) reject(new NoAnswer('expected an answer of the chip, came garbled bytes'))
      else if (text.startsWith('!')) reject(new ChipRefused(`the chip says ${shown(text.slice(1))}`))
      else resolve(parsed(text))
    } catch {
      reject(new NoAnswer('expected JSON of the chip, came something else'))
    }
  }

  wire.onBytes(bytes => {
    came = (came + bytes).slice(-KEPT_MAX)
    settle()
  })
  wire.onEnd(why => {
    const waiting = pending
    pending = null
    waiting?.reject(new WireEnded(`expected an answer of the chip, came the end of the wire: ${why}`))
  })

  const answerTo = (id: number, timeoutMs: number, isSecret: boolean): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        pending = null
        const what = isSecret ? `${came.length} characters that are not shown` : shown(came)
        reject(new NoAnswer(`expected an answer of an Espruino within ${timeoutMs / 1000} s, came ${what}`))
      }, timeoutMs)
      const done =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer)
          then(value)
        }
      pending = { id, resolve: done(resolve), reject: done(reject) }
    })

  return (expression, options) => {
    if (pending !== null) return Promise.reject(new Error('one question at a time'))
    const id = ++count
    came = ''
    const answer = answerTo(id, options.timeoutMs ?? ANSWER_MS, options.isSecret === true)
    wire.write(question(id, expression)).catch((error: Error) => {
      const waiting = pending
      pending = null
      waiting?.reject(error)
    })
    return answer
  }
}

/** A console over `wire`. Ask one question at a time. */
export const openConsole = (wire: Wire): ChipConsole => {
  const askOnce = questionsOver(wire)

  const ask = async (expression: string, options: AskOptions = {}): Promise<unknown> => {
    for (let i = 1; ; i++) {
      try {
        return await askOnce(expression, options)
      } catch (error) {
        // A letter lost from what stands around the expression can make the chip throw, too.
        const mayBeTheWire = error instanceof NoAnswer || error instanceof ChipRefused
        if (!mayBeTheWire || i === QUESTIONS_MAX) throw error
        await wire.write(ERASE_LINE)
      }
    }
  }

  const isThere = async (timeoutMs = HELLO_MS): Promise<Error | null> => {
    try {
      await wire.write(ERASE_LINE)
      await askOnce('1', { timeoutMs })
      return null
    } catch (error) {
      if (error instanceof NoAnswer || error instanceof ChipRefused) return error
      throw error
    }
  }

  return {
    ask,
    wake: async () => {
      let failed = await isThere()
      for (let i = 0; failed !== null && i < INTERRUPTS_MAX; i++) {
        await wire.write(INTERRUPT)
        failed = await isThere()
      }
      if (failed !== null) throw failed
    },
    waitForStart: async () => {
      const endsAtMs = Date.now() + START_MS
      // The first questions mostly come too early, and are lost: short ones first, an answer that is late is passed over.
      let timeoutMs = HELLO_MS / 16
      let failed = await isThere(timeoutMs)
      while (failed !== null && Date.now() < endsAtMs) {
        timeoutMs = Math.min(HELLO_MS, timeoutMs * 2)
        failed = await isThere(timeoutMs)
      }
      if (failed !== null) throw failed
    },
    tell: statement => wire.write(statementLine(statement)),
    close: () => wire.close(),
  }
}

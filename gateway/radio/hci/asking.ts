// Commands one after the other: each waits for the controller's leave (its credits) and for its answer, and for neither for ever.
// In: a command. Out: its result, or why there is none: refused (its status), unanswered, or the radio was closed.
import type { Clock } from '../../ports.ts'
import { type Command, encodeCommand } from './codec/commands.ts'
import { type ControllerEvent, statusWords } from './codec/events.ts'

/** A controller answers within some ms; the longest, a Reset, takes a few hundred. */
const ANSWER_MS_MAX = 2000

/** Answers nothing: it only gives leave. */
const NO_OPERATION = 0

/** The controller answered, and did not do it. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused'
  readonly status: number
  constructor(command: Command, status: number) {
    super(`the controller refused ${command.name}: ${statusWords(status)}`)
    this.status = status
  }
}

/** The controller did not answer in time, or gave no leave to ask. */
export class CommandUnanswered extends Error {
  override readonly name = 'CommandUnanswered'
}

type Answer = Extract<ControllerEvent, { is: 'answer' }>

export type Asking = {
  /** Throws CommandRefused, CommandUnanswered. */
  ask(command: Command): Promise<Uint8Array>
  /** Asks at once, whatever was asked before and without leave: a Reset takes nothing else into account. */
  askFirst(command: Command): Promise<Uint8Array>
  /** False: nobody asked for this, so it is none, or comes too late. */
  heard(answer: Answer): boolean
  /** Everything that waits is unanswered. */
  close(why: string): void
}

type Waiting = {
  command: Command
  isSent: boolean
  done: (result: Uint8Array) => void
  failed: (error: Error) => void
  cancel: () => void
}

export type AskingOptions = {
  send(bytes: Uint8Array): void
  clock: Clock
  /** A command's time ran out; told beside what its asker is told. */
  onUnanswered(why: string): void
}

export function createAsking({ send, clock, onUnanswered }: AskingOptions): Asking {
  const queue: Waiting[] = []
  let credits = 1

  const leave = (waiting: Waiting): void => {
    waiting.cancel()
    const at = queue.indexOf(waiting)
    if (at >= 0) queue.splice(at, 1)
  }

  /** Sends the first one where it may be sent. Its time runs from when it is the first. */
  const next = (): void => {
    const first = queue[0]
    if (first === undefined || first.isSent) return
    first.cancel()
    first.cancel = clock.after(ANSWER_MS_MAX, () => unanswered(first))
    if (credits === 0) return
    credits -= 1
    first.isSent = true
    send(encodeCommand(first.command))
  }

  const unanswered = (waiting: Waiting): void => {
    leave(waiting)
    const seconds = ANSWER_MS_MAX / 1000
    const { name } = waiting.command
    const why = waiting.isSent
      ? `the controller did not answer ${name} within ${seconds} s`
      : `the controller gave no leave to send ${name} for ${seconds} s`
    // A controller that lost a command may have lost its leave with it: the next one is tried.
    credits = 1
    waiting.failed(new CommandUnanswered(why))
    onUnanswered(why)
    next()
  }

  const add = (command: Command, put: (waiting: Waiting) => void): Promise<Uint8Array> =>
    new Promise((done, failed) => {
      put({ command, isSent: false, done, failed, cancel: () => {} })
      next()
    })

  const close = (why: string): void => {
    for (const waiting of queue.splice(0)) {
      waiting.cancel()
      waiting.failed(new CommandUnanswered(why))
    }
  }

  return {
    ask: command => add(command, waiting => queue.push(waiting)),
    askFirst(command) {
      close('the controller is being reset')
      credits = 1
      return add(command, waiting => queue.unshift(waiting))
    },
    heard(answer) {
      const first = queue[0]
      const isAsked = first?.isSent === true && answer.opcode === first.command.opcode
      if (!isAsked && answer.opcode !== NO_OPERATION) return false
      credits = answer.credits
      if (isAsked) {
        leave(first)
        if (answer.status === 0) first.done(answer.result)
        else first.failed(new CommandRefused(first.command, answer.status))
      }
      next()
      return true
    },
    close,
  }
}

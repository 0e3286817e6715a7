// Acknowledgements that are owed: what a message asks for was carried out, people are called, and the disk does not take it yet. The sender's
// connection goes on, so that the next alarm comes through it; nothing is carried out again. Promises that what is owed is acknowledged no
// sooner than it is on disk, and that so little is owed at once that no sender stops sending for it.
import type { Clock, NotKeptAbout, Submit } from '../../ports.ts'

/** The disk is asked again each so long. */
const AGAIN_MS = 1_000
/**
 * So much at once of one sender. With more it may send nothing any more: many have at most 10 or 20 on their way without an
 * acknowledgement (Paho, mosquitto). An alarm that people are called for and that may be lost is less bad than one that nobody hears of.
 */
const OWED_MAX = 8

export type Owing = {
  /**
   * To this account. Of more about the same only the first is owed, and beyond the most the oldest, alarms last, is acknowledged unkept.
   * So whoever comes back and sends it again is acknowledged at once: it may send nothing else before (mqtt.js).
   */
  add(sender: string, error: Error, acknowledge: () => void): void
  /** It is owed nothing any more, and what it sends again is owed anew. */
  left(sender: string): void
  close(): void
}

type Owed = NotKeptAbout & { acknowledge(): void }

/** Acknowledgement of a message at QoS 1, and the first one at QoS 2 (MQTT 3.1.1 §3.4, §3.5). */
export const puback = (messageId: number): Buffer => Buffer.from([0x40, 2, messageId >> 8, messageId & 0xff])
export const pubrec = (messageId: number): Buffer => Buffer.from([0x50, 2, messageId >> 8, messageId & 0xff])

/** Whether it was carried out, and only the disk did not take it (engine/writer). */
export const isNotKept = (error: Error): boolean => error.name === 'NotKept'

const aboutOf = (error: Error): NotKeptAbout =>
  'about' in error ? (error.about as NotKeptAbout) : { isAlarm: true, names: [error.message] }

/** Of the parts of one message: that one was not carried out comes before that all of it is only not kept. */
export function errorOf(parts: readonly Error[]): Error {
  const abouts = parts.map(aboutOf)
  const about: NotKeptAbout = {
    isAlarm: abouts.some(({ isAlarm }) => isAlarm),
    names: abouts.flatMap(({ names }) => names),
  }
  return (
    parts.find(error => !isNotKept(error)) ??
    Object.assign(new Error(parts[0]?.message), { name: 'NotKept', about })
  )
}

/** Of all senders, so that the disk is asked once for all. */
export function owing(clock: Clock, submit: Submit): Owing {
  const owed = new Map<string, Owed[]>()
  let cancel: (() => void) | null = null
  let isClosed = false

  function ask(): void {
    const asked = [...owed].flatMap(([sender, its]) => its.map(each => ({ sender, each })))
    void submit({ kind: 'flush' }).then(() => {
      for (const { sender, each } of asked) settle(sender, each)
      askLater()
    }, askLater)
  }

  function askLater(): void {
    cancel = !isClosed && owed.size > 0 ? clock.after(AGAIN_MS, ask) : null
  }

  function settle(sender: string, one: Owed): void {
    const left = owed.get(sender)
    if (left === undefined || !left.includes(one)) return
    if (left.length === 1) owed.delete(sender)
    else
      owed.set(
        sender,
        left.filter(each => each !== one),
      )
    one.acknowledge()
  }

  return {
    add(sender, error, acknowledge) {
      if (isClosed) return
      const about = aboutOf(error)
      const before = owed.get(sender) ?? []
      if (about.names.every(name => before.some(({ names }) => names.includes(name)))) return acknowledge()
      const its = [...before, { ...about, acknowledge }]
      owed.set(sender, its)
      const [oldest] = its
      if (oldest !== undefined && its.length > OWED_MAX)
        settle(sender, its.find(({ isAlarm }) => !isAlarm) ?? oldest)
      if (cancel === null) askLater()
    },
    left: sender => void owed.delete(sender),
    close() {
      isClosed = true
      cancel?.()
      owed.clear()
    },
  }
}

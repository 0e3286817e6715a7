// A second channel, for tests only: each page is a letter, one line of JSON over TCP to a letterbox, which may answer with a
// line of its own. It puts the facts in its own words, as any channel does, and knows nothing of telephones.
import { createConnection, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { sentenceParts, WRITTEN } from '../../../../gateway/core/incident/sentence.ts'
import type { Message } from '../../../../gateway/core/plan/message.ts'
import { pagedTargets } from '../../../../gateway/core/state/armed.ts'
import type { Channel } from '../../../../gateway/pagers/channel.ts'
import type { PageProgress, Pager, Submit } from '../../../../gateway/ports.ts'

export const LETTER = 'letter'

export type Letter =
  | { is: 'page'; page: string; to: string; message: Message; text: string }
  | { is: 'reply'; page: string; to: string; what: string; text: string | null; isLast: boolean }
/** `with`, and `by` where it is signed, answer a page; without them it was only opened, or came back. */
export type Answer = { page: string; with?: string; by?: string; isReturned?: boolean }

/** Letters go to the letterbox on this port of loopback. */
export const letterChannel = (port: number): Channel => ({
  name: LETTER,
  make: ({ plan, clock }) => {
    const addresses = pagedTargets(plan).filter(({ channel }) => channel === LETTER)
    return submit => {
      const post = createPost(port, clock.nowMs, submit)
      for (const { address } of addresses) post.prove(address)
      return post
    }
  },
  isOtherwise: (before, after) =>
    JSON.stringify(pagedTargets(before)) !== JSON.stringify(pagedTargets(after)),
})

function createPost(port: number, nowMs: () => number, submit: Submit): Pager & { prove(to: string): void } {
  const open = new Map<string, string>()
  const socket: Socket = createConnection(port, '127.0.0.1')
  const isThere = new Promise<string | null>(resolve => {
    socket.once('connect', () => resolve(null)).once('error', error => resolve(error.message))
  })
  const told = (page: string, progress: PageProgress): void => {
    if (!open.has(page)) return
    if (progress.step === 'ended') open.delete(page)
    submit({ kind: 'page', page, atMs: nowMs(), progress }).catch(() => undefined)
  }
  createInterface({ input: socket }).on('line', line => {
    const { page, with: key, by, isReturned }: Answer = JSON.parse(line)
    if (isReturned) return told(page, { step: 'ended', outcome: 'unreachable', detail: 'returned' })
    told(page, { step: 'reached' })
    if (key !== undefined) told(page, { step: 'answered', with: key, ...(by === undefined ? {} : { by }) })
  })
  const post = (letter: Letter): void => void socket.write(`${JSON.stringify(letter)}\n`)
  return {
    channel: LETTER,
    place({ page, target, message }) {
      open.set(page, target)
      void isThere.then(fault => {
        if (fault !== null) return told(page, { step: 'ended', outcome: 'unreachable', detail: fault })
        told(page, { step: 'sent' })
        post({ is: 'page', page, to: target, message, text: sentenceParts(message, WRITTEN).join(' ') })
        told(page, { step: 'accepted' })
      })
    },
    withdraw(page) {
      told(page, { step: 'ended', outcome: 'withdrawn', detail: 'no longer needed' })
    },
    reply({ page, is, message, isLast }) {
      const to = open.get(page)
      if (to === undefined) return
      const text = message === null ? null : sentenceParts(message, WRITTEN).join(' ')
      post({ is: 'reply', page, to, what: is, text, isLast })
      if (isLast)
        told(page, { step: 'ended', outcome: is === 'taken' ? 'withdrawn' : 'acknowledged', detail: is })
    },
    prepare: async () => true,
    async close() {
      open.clear()
      socket.destroy()
    },
    prove(target) {
      void isThere.then(fault =>
        submit({ kind: 'target', channel: LETTER, target, fault }).catch(() => undefined),
      )
    },
  }
}

// Sending again where the network may lose packets, and answering again what was asked again (RFC 3261 section 17).
// Over TCP nothing is lost, so only the 200 to an INVITE is repeated there (section 13.3.1.4).

const T1_MS = 500
const T2_MS = 4000
/** 64 × T1: after that the other side is gone. */
const GIVE_UP_MS = 32_000
/** Answers kept for repeated requests; the oldest goes first. */
const KEPT_REPLIES = 256

export type Repeater = { stop(): void }

/** Calls `send` now and again at T1, doubling up to T2, until stopped; tells `onGivenUp` after 64 × T1. */
export function repeat(send: () => void, onGivenUp: () => void): Repeater {
  let timer: NodeJS.Timeout
  const again = (waitMs: number, spentMs: number): void => {
    timer = setTimeout(() => {
      if (spentMs + waitMs >= GIVE_UP_MS) return onGivenUp()
      send()
      again(Math.min(waitMs * 2, T2_MS), spentMs + waitMs)
    }, waitMs)
  }
  send()
  again(T1_MS, 0)
  return { stop: () => clearTimeout(timer) }
}

export type ReplyMemory = {
  /** The answer given to this request before, if it is a repeated one; null while it is still being thought about. */
  recall(key: string): string | null | undefined
  note(key: string, reply: string | null): void
}

export function createReplyMemory(): ReplyMemory {
  const replies = new Map<string, string | null>()
  return {
    recall: key => replies.get(key),
    note(key, reply) {
      replies.delete(key)
      replies.set(key, reply)
      const oldest = replies.keys().next().value
      if (replies.size > KEPT_REPLIES && oldest !== undefined) replies.delete(oldest)
    },
  }
}

// What one receiver says at a broker outside, as events. Promises that a message at QoS 1 is acknowledged after its commit, in the
// order they came; that one whose commit failed is delivered again; that what had waited at the broker counts as of no known time;
// and that a receiver that sends more than it may is slowed, and what is dropped of it is said.
import type { IPublishPacket } from 'mqtt'
import { markTopicOf } from '../../../schemas/site/broker.ts'
import type { Receiver } from '../../../schemas/site.ts'
import type { Clock, EngineEvent, Log, Submit } from '../../ports.ts'
import { inTurn } from '../payload/in-turn.ts'
import { isNotKept, type Owing } from '../payload/owing.ts'
import { carrying, floodFault } from '../payload/parts.ts'
import { turns } from '../payload/turns.ts'
import { speakerOf } from '../speaker.ts'
import type { Connection } from './connection.ts'
import { atMost, dropping } from './dropped.ts'

/** Messages at QoS 0 that wait to be carried out. What comes beyond that is dropped and said; at QoS 1 the broker keeps it. */
const DROPPABLE_MAX = 512
/** Bytes at QoS 1 that wait to be carried out. Beyond that nothing is read, and more waits at the broker. */
const HELD_BYTES_MAX = 8 * 1024 * 1024
/** Where one waits for so long, others may wait at the broker, which does not say for how long. */
const WAITED_LONG_MS = 1_000
/** Until it is known what had waited. */
const UNKNOWN = 'unknown'

export type Hearing = {
  filters(): string[]
  setReceiver(receiver: Receiver): void
  /** It listens: what the broker had kept comes before the mark that is published now. */
  began(connection: Connection, sessionPresent: boolean): void
  hear(connection: Connection, packet: IPublishPacket, next: () => void): void
  /** The connection is gone. */
  gone(): void
  close(): void
}

export type HearingOptions = {
  submit: Submit
  clock: Clock
  log: Log
  owing: Owing
  onCame(receiver: string): void
  /** The broker has no session any more that it had. */
  onForgotten(): void
}

export function hearing(
  { submit, clock, log, owing, onCame, onForgotten }: HearingOptions,
  first: Receiver,
): Hearing {
  const { id } = first
  const markTopic = markTopicOf(id)
  let speaker = speakerOf(first)
  let kind = kindOf(first)
  let mark: string | null = UNKNOWN
  let hasCome = false
  let hasSession = false
  const settled = inTurn()
  const held = holding()
  const notCommitted = (error: unknown): void => log.error({ error }, 'event not committed')
  const tell = (event: EngineEvent): void => void submit(event).catch(notCommitted)
  const lane = turns(clock, (_, isFlooding) => tell(floodFault(id, isFlooding)))
  const dropped = dropping(id, clock, tell)
  const droppable = atMost(DROPPABLE_MAX, dropped.one)

  function carryOut(packet: IPublishPacket): Promise<unknown> {
    const { topic, retain } = packet
    const [payload, dup] = [Buffer.from(packet.payload), packet.dup || mark !== null]
    const hear = () => speaker.hear({ topic, payload, retain, dup }, clock.nowMs())
    const { read } = carrying({ arrivedAtMs: clock.nowMs(), hear }, { submit, clock })
    return lane.add(id, { bytes: payload.length, read })
  }

  function markNow(connection: Connection): void {
    mark = `${clock.nowMs()}-${Math.random()}`
    connection.publish({ topic: markTopic, payload: mark, retain: false })
  }

  return {
    filters: () => [...speaker.says, markTopic],
    setReceiver(receiver) {
      const next = kindOf(receiver)
      // One whose part of the site file is as before goes on with what it remembers.
      if (next !== kind) speaker = speakerOf(receiver)
      kind = next
    },
    began(connection, sessionPresent) {
      if (sessionPresent) markNow(connection)
      else mark = null
      if (hasSession && !sessionPresent) onForgotten()
      hasSession = true
    },
    hear(connection, packet, next) {
      if (packet.topic === markTopic) {
        if (packet.payload.toString() === mark) mark = null
        if (packet.qos === 1) connection.acknowledge(packet)
        return next()
      }
      if (!hasCome) {
        hasCome = true
        onCame(id)
      }
      if (packet.qos !== 1) {
        droppable(() => carryOut(packet).catch(notCommitted))
        return next()
      }
      if (mark === null && held.longestMs(clock.nowMs()) > WAITED_LONG_MS) markNow(connection)
      const release = held.add(clock.nowMs(), packet.payload.length, next)
      const done = carryOut(packet)
      done.then(release, release)
      settled(connection, done, error => {
        const acknowledge = () => connection.acknowledge(packet)
        if (error === null) acknowledge()
        else if (!isNotKept(error)) {
          log.warn({ receiver: id, why: error.message }, 'not committed: the broker is to deliver it again')
          connection.cut('what came could not be written down: it is to be delivered again')
        } else owing.add(id, error, acknowledge)
      })
    },
    gone() {
      owing.left(id)
      mark = UNKNOWN
      speaker.left?.()
      if (hasCome) tell({ kind: 'receiver-status', receiver: id, status: { v: 1, status: 'offline' } })
      hasCome = false
    },
    close() {
      for (const each of [lane, dropped]) each.close()
    },
  }
}

const kindOf = ({ espresense, foreign }: Receiver): string => JSON.stringify([espresense, foreign])

/** Messages at QoS 1 on their way: since when, and whether more may come. */
function holding() {
  const held = new Set<{ atMs: number }>()
  let bytes = 0
  let resume: (() => void) | null = null
  return {
    longestMs(nowMs: number): number {
      const [oldest] = held
      return oldest === undefined ? 0 : nowMs - oldest.atMs
    },
    /** Calls `next` once more may come; the answer is for when this one is carried out. */
    add(atMs: number, length: number, next: () => void): () => void {
      const one = { atMs }
      held.add(one)
      bytes += length
      if (bytes < HELD_BYTES_MAX) next()
      else resume = next
      return () => {
        held.delete(one)
        bytes -= length
        if (bytes >= HELD_BYTES_MAX) return
        resume?.()
        resume = null
      }
    },
  }
}

// What comes from a broker outside, as events: whose topic it is says who speaks. Promises that a message at QoS 1 is acknowledged
// after its commit, in the order they came; that one whose commit failed is delivered again; and that what had waited there counts
// as of no known time.
import type { IPublishPacket, MqttClient } from 'mqtt'
import { GATEWAY_MARK_TOPIC, GATEWAY_TOPICS } from '../../../schemas/site/broker.ts'
import type { Receiver } from '../../../schemas/site.ts'
import type { Clock, EngineEvent, Log, Submit } from '../../ports.ts'
import { quoted, refused } from '../mqtt/intake.ts'
import { inTurn } from '../payload/in-turn.ts'
import { aged, inParts } from '../payload/parts.ts'
import { type Speaker, speakerOf } from '../speaker.ts'
import { speakerOn } from './subscribed.ts'

/** Messages of one receiver that wait to be carried out. What comes at QoS 0 beyond that is dropped, as QoS 0 may be. */
const WAITING_MAX = 512

export type HeardOutside = {
  setReceivers(receivers: readonly Receiver[]): void
  /** What comes until the gateway hears itself was kept there, where a session was. */
  connected(sessionPresent: boolean): void
  subscribed(): void
  close(): void
}

export type HeardOptions = { submit: Submit; clock: Clock; log: Log; onCame(receiver: string): void }

export function heardOutside(client: MqttClient, { submit, clock, log, onCame }: HeardOptions): HeardOutside {
  let speakers = new Map<string, Speaker>()
  let whose: (topic: string) => string | null = () => null
  let mark: string | null = null
  let isClosed = false
  const settled = inTurn()
  const lanes = lanesOf()
  const came = new Set<string>()

  function read(packet: IPublishPacket): EngineEvent[] {
    const id = whose(packet.topic)
    const speaker = id === null ? undefined : speakers.get(id)
    if (id === null || speaker === undefined)
      return [refused('', 'wrong-topic', `expected a receiver of the site, came ${quoted(packet.topic)}`)]
    if (!came.has(id)) {
      came.add(id)
      onCame(id)
    }
    const payload = Buffer.from(packet.payload)
    // How long it has waited there, nobody says.
    const dup = packet.dup || mark !== null
    return speaker.hear({ topic: packet.topic, payload, retain: packet.retain, dup }, clock.nowMs())
  }

  function carryOut(packet: IPublishPacket): Promise<unknown> {
    const arrivedAtMs = clock.nowMs()
    const events = read(packet)
    const of = whose(packet.topic) ?? ''
    const parts = events.flatMap(inParts)
    return lanes.add(
      of,
      parts.map(part => () => submit(aged(part, clock.nowMs() - arrivedAtMs))),
    )
  }

  /** mqtt.js goes on to the next message only when this one is called back, and acknowledges it then: here each for itself. */
  client.handleMessage = (packet, done) => {
    // Its own status comes back too: whoever listens to every receiver's hears it.
    if (packet.topic.startsWith(GATEWAY_TOPICS)) {
      if (packet.topic === GATEWAY_MARK_TOPIC && packet.payload.toString() === mark) mark = null
      return done()
    }
    const { stream } = client
    if (packet.qos !== 1) {
      if (packet.qos === 2 || lanes.waiting(whose(packet.topic) ?? '') < WAITING_MAX)
        carryOut(packet).catch(error => log.error({ error }, 'event not committed'))
      return done()
    }
    settled(client, carryOut(packet), error => {
      // Of another connection: it comes again by this one.
      if (isClosed || client.stream !== stream) return
      if (error === null) acknowledge(client, packet)
      else {
        log.warn({ why: error.message }, 'not committed: the broker is to deliver it again')
        stream.destroy()
      }
    })
    done(ANSWERED_LATER)
  }

  return {
    setReceivers(receivers) {
      speakers = new Map(receivers.map(each => [each.id, speakerOf(each)]))
      whose = speakerOn(receivers)
    },
    connected(sessionPresent) {
      came.clear()
      mark = sessionPresent ? `${clock.nowMs()}-${Math.random()}` : null
    },
    subscribed() {
      if (mark !== null) client.publish(GATEWAY_MARK_TOPIC, mark, { qos: 1 })
    },
    close() {
      isClosed = true
    },
  }
}

/** Keeps mqtt.js from acknowledging by itself. */
const ANSWERED_LATER = new Error('acknowledged after the commit')

/** Not of its public face; its version is fixed (package.json), and a test against a real broker holds it. */
function acknowledge(client: MqttClient, { messageId }: IPublishPacket): void {
  const inner = client as unknown as { _sendPacket(packet: object, done: () => void): void }
  inner._sendPacket({ cmd: 'puback', messageId }, () => undefined)
}

/**
 * A receiver's messages are begun in their order, the parts of one after each other; the next message does not wait for the end of
 * the one before.
 */
function lanesOf() {
  const lanes = new Map<string, { begun: Promise<void>; count: number }>()
  return {
    waiting: (account: string): number => lanes.get(account)?.count ?? 0,
    add(account: string, parts: readonly (() => Promise<unknown>)[]): Promise<unknown> {
      const lane = lanes.get(account) ?? { begun: Promise.resolve(), count: 0 }
      lanes.set(account, lane)
      lane.count += 1
      const ends: Promise<unknown>[] = []
      const begun = lane.begun.then(async () => {
        for (const carryOut of parts) {
          await ends.at(-1)?.catch(() => undefined)
          ends.push(carryOut())
        }
      })
      lane.begun = begun
      return begun
        .then(() => Promise.all(ends))
        .finally(() => {
          lane.count -= 1
          if (lane.count === 0) lanes.delete(account)
        })
    },
  }
}

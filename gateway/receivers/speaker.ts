// What one account may say and hear, and what is made of what it says: a receiver of ours, an ESPresense node, or a gateway of
// another system; a subscriber, which only reads, is in kept/. One for each account; only a gateway of another system has a memory of its own.
import { deviceTopic, nodeStatusTopic, nodeTelemetryTopic } from '../../schemas/espresense.ts'
import { JOURNAL_TOPIC, TOPIC_PREFIX, topicOf } from '../../schemas/report.ts'
import type { Receiver } from '../../schemas/site.ts'
import type { EngineEvent } from '../ports.ts'
import type { Adapter } from './foreign/adapter.ts'
import { foreignOf } from './foreign/systems.ts'
import { intake, type Published } from './mqtt/intake.ts'
import { hearNode, isNodesWish, nodeOf } from './payload/espresense.ts'

export type Speaker = {
  /** Where it says what we listen to, as MQTT filters: what is subscribed to for it on a broker that is not ours. */
  readonly says: readonly string[]
  /** One message as events, in their order; `atMs` by a clock that only goes forward. */
  hear(published: Published, atMs: number): EngineEvent[]
  /** `passed`: asked for by its own accord, neither granted nor a security matter. */
  mayHear(filter: string): 'granted' | 'passed' | 'refused'
  /** What it may subscribe to, in words. */
  readonly hears: string
  /** Its last connection has ended. */
  left?(): void
}

export function speakerOf(receiver: Receiver): Speaker {
  const { id } = receiver
  const node = nodeOf(receiver)
  if (node !== null)
    return {
      says: [deviceTopic('+', node), nodeStatusTopic(node), nodeTelemetryTopic(node)],
      hear: published => listOf(hearNode(id, node, published)),
      mayHear: filter => (isNodesWish(filter, node) ? 'passed' : 'refused'),
      hears: OWN_BEACON,
    }
  const adapter = foreignOf(receiver)
  if (adapter === null) return ours(id)
  const isOurScript = receiver.foreign?.kind === 'shelly' && receiver.foreign.script === 'tocsin'
  return isOurScript ? both(ours(id), foreign(adapter)) : foreign(adapter)
}

const OWN_BEACON = 'its own …/beacon'

const ours = (id: string): Speaker => ({
  says: [topicOf(id, 'reports'), topicOf(id, 'status')],
  hear: published => [intake(id, published)],
  mayHear: filter => (filter === topicOf(id, 'beacon') || filter === JOURNAL_TOPIC ? 'granted' : 'refused'),
  hears: OWN_BEACON,
})

const foreign = ({ hear, hears, says, left }: Adapter): Speaker => ({
  says,
  left,
  hear: (published, atMs) => hear({ ...published, atMs }),
  hears: OWN_BEACON,
  mayHear(filter) {
    if (hears.some(own => filter === own || filter.startsWith(own.replace(/#$/, '')))) return 'granted'
    // Each asks for much that nobody here says; whoever asks for ours, or for all, is none of them.
    return filter.startsWith('#') || isOurs(filter) ? 'refused' : 'passed'
  },
})

const isOurs = (topic: string): boolean =>
  topic === TOPIC_PREFIX || topic.startsWith('tocsin/') || topic.startsWith('+')

/** A Shelly with our script: the script says and hears what a receiver of ours does, and its firmware goes on beside it. */
const both = (script: Speaker, firmware: Speaker): Speaker => ({
  says: [...script.says, ...firmware.says],
  hear: (published, atMs) => (isOurs(published.topic) ? script : firmware).hear(published, atMs),
  mayHear: filter => (isOurs(filter) ? script : firmware).mayHear(filter),
  hears: OWN_BEACON,
  left: () => firmware.left?.(),
})

const listOf = (event: EngineEvent | null): EngineEvent[] => (event === null ? [] : [event])

// What the gateway asks a broker outside for, and whose message one is: there the topic alone says who speaks, so that the broker's
// ACL must hold who may publish on it. Pure.

import { deviceTopic, nodeStatusTopic, nodeTelemetryTopic } from '../../../schemas/espresense.ts'
import { TOPIC_PREFIX } from '../../../schemas/report.ts'
import { GATEWAY_MARK_TOPIC } from '../../../schemas/site/broker.ts'
import type { Receiver } from '../../../schemas/site.ts'
import { isIn } from '../foreign/adapter.ts'
import { foreignOf } from '../foreign/systems.ts'
import { nodeOf } from '../payload/espresense.ts'

const OURS = ['reports', 'status'].map(leaf => `${TOPIC_PREFIX}/+/${leaf}`)

/** Every filter, once. */
export const filtersOf = (receivers: readonly Receiver[]): string[] => [
  ...new Set([...OURS, GATEWAY_MARK_TOPIC, ...receivers.flatMap(filtersOfOther)]),
]

/** Of one that is not ours, or not ours alone. */
function filtersOfOther(receiver: Receiver): readonly string[] {
  const node = nodeOf(receiver)
  if (node !== null) return [deviceTopic('+', node), nodeStatusTopic(node), nodeTelemetryTopic(node)]
  return foreignOf(receiver)?.says ?? []
}

/** The id of whoever speaks on this topic; null where it is nobody of the site. */
export function speakerOn(receivers: readonly Receiver[]): (topic: string) => string | null {
  const ids = new Set(receivers.map(({ id }) => id))
  const others = receivers.map(receiver => ({ id: receiver.id, filters: filtersOfOther(receiver) }))
  return topic => {
    const [root, version, id = ''] = topic.split('/')
    if (`${root}/${version}` === TOPIC_PREFIX && ids.has(id)) return id
    return others.find(({ filters }) => filters.some(filter => isIn(topic, filter)))?.id ?? null
  }
}

// In: what there is to be told of. Out: the announcements by which Home Assistant has it without being set: one for each device
// (MQTT discovery, "Device discovery payload", since Home Assistant 2024.12). Pure.
import { outTopics } from '../../schemas/api/out.ts'
import type { Out } from '../../schemas/site/out.ts'

export type Announced = { topic: string; payload: object }

type Component = { platform: 'sensor' | 'binary_sensor' } & Record<string, unknown>

/** A minute longer than health is said again: one that is lost is no fault. */
const HEALTH_EXPIRES_S = 90

/** The filter under which all announcements of this gateway stand. */
export const announcedFilter = ({ id, discoveryPrefix }: Out): string =>
  `${discoveryPrefix}/device/tocsin_${id}/+/config`

const topicOf = ({ id, discoveryPrefix }: Out, device: string): string =>
  `${discoveryPrefix}/device/tocsin_${id}/${device}/config`

/** What is announced of the gateway itself: whether it is armed and well, and how many alarms are open. */
export function announceGateway(out: Out, site: string): Announced {
  const { health, incidents } = outTopics(out.id)
  const ofHealth = { state_topic: health, expire_after: HEALTH_EXPIRES_S }
  return announcement(out, 'gateway', `Tocsin ${site}`, {
    armed: {
      ...isTrue('Armed', 'value_json.isArmed'),
      ...ofHealth,
      icon: 'mdi:shield-check',
      json_attributes_topic: health,
      json_attributes_template:
        "{{ {'reasons': value_json.reasons, 'uncovered': value_json.uncovered} | tojson }}",
    },
    fault: {
      ...isTrue('Fault', 'not value_json.isOk'),
      ...ofHealth,
      device_class: 'problem',
      json_attributes_topic: health,
      json_attributes_template:
        "{{ {'technical': value_json.technical | map(attribute='text') | list, 'unproven': value_json.unproven} | tojson }}",
    },
    // A duress is in neither: what hangs on them lights up or sounds beside the wearer.
    alarm: {
      ...isTrue('Alarm', 'value_json.count > value_json.silent'),
      state_topic: incidents,
      device_class: 'safety',
    },
    open: {
      platform: 'sensor',
      name: 'Open alarms',
      state_topic: incidents,
      value_template: '{{ value_json.count - value_json.silent }}',
      state_class: 'measurement',
      icon: 'mdi:alarm-light',
    },
    duress: {
      ...isTrue('Duress', 'value_json.silent > 0'),
      state_topic: incidents,
      device_class: 'safety',
      enabled_by_default: false,
    },
  })
}

export function announceReceiver(out: Out, id: string, door: string): Announced {
  const state_topic = outTopics(out.id).receiver(id)
  const components: Record<string, Component> = {
    online: {
      ...isTrue('Online', 'value_json.isOnline'),
      state_topic,
      device_class: 'connectivity',
      entity_category: 'diagnostic',
    },
    fault: {
      ...isTrue('Fault', 'value_json.isDeaf or value_json.faults | length > 0'),
      state_topic,
      device_class: 'problem',
      json_attributes_topic: state_topic,
      json_attributes_template: "{{ {'faults': value_json.faults} | tojson }}",
    },
    heard: {
      platform: 'sensor',
      name: 'Last heard',
      state_topic,
      value_template: instant('heardAtMs'),
      device_class: 'timestamp',
      entity_category: 'diagnostic',
    },
  }
  return announcement(out, `receiver_${id}`, `Receiver ${id}`, components, { suggested_area: door })
}

/** Under the wearer's name only where names are told. */
export function announcePendant(out: Out, id: string, wearer: string): Announced {
  const state_topic = outTopics(out.id).pendant(id)
  return announcement(out, `pendant_${id}`, out.names ? `Pendant ${id} (${wearer})` : `Pendant ${id}`, {
    battery: {
      platform: 'sensor',
      name: 'Battery',
      state_topic,
      value_template: '{{ value_json.batteryPercent }}',
      device_class: 'battery',
      unit_of_measurement: '%',
      state_class: 'measurement',
      entity_category: 'diagnostic',
    },
    reach: {
      platform: 'sensor',
      name: 'Reach',
      state_topic,
      value_template: '{{ value_json.reach }}',
      device_class: 'enum',
      options: ['heard', 'late', 'silent', 'never-heard', 'unsupervised'],
      entity_category: 'diagnostic',
    },
    fault: {
      ...isTrue('Fault', 'value_json.complaints | length > 0'),
      state_topic,
      device_class: 'problem',
      json_attributes_topic: state_topic,
      json_attributes_template: "{{ {'complaints': value_json.complaints} | tojson }}",
    },
    // A platform alone takes back what was announced while positions were told.
    room: out.positions
      ? {
          platform: 'sensor',
          name: 'Room',
          state_topic,
          value_template: '{{ value_json.room }}',
          icon: 'mdi:map-marker',
        }
      : { platform: 'sensor' },
  })
}

function announcement(
  out: Out,
  device: string,
  name: string,
  components: Record<string, Component>,
  about: Record<string, string> = {},
): Announced {
  const own = `tocsin_${out.id}`
  const identifier = device === 'gateway' ? own : `${own}_${device}`
  const named = Object.entries(components).map(([key, component]) => [
    key,
    Object.keys(component).length === 1
      ? component
      : {
          ...component,
          unique_id: `${identifier}_${key}`,
          default_entity_id: `${component.platform}.${slug(`${identifier}_${key}`)}`,
        },
  ])
  const payload = {
    device: {
      identifiers: [identifier],
      name,
      manufacturer: 'Tocsin',
      ...(device !== 'gateway' && { via_device: own }),
      ...about,
    },
    origin: { name: 'Tocsin' },
    availability: [
      { topic: outTopics(out.id).status, payload_available: 'online', payload_not_available: 'offline' },
    ],
    components: Object.fromEntries(named),
  }
  return { topic: topicOf(out, device), payload }
}

const isTrue = (name: string, condition: string) =>
  ({
    platform: 'binary_sensor',
    name,
    value_template: `{{ 'ON' if ${condition} else 'OFF' }}`,
  }) as const

/** Milliseconds as Home Assistant reads an instant; None is not known. */
const instant = (field: string): string =>
  `{{ (value_json.${field} / 1000) | as_datetime if value_json.${field} else None }}`

/** What an entity id may be made of. */
const slug = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '_')

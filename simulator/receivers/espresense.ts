// A receiver that runs ESPresense: hears what is on the air, smooths its level and tells it by MQTT at QoS 0, in the words
// and at the pace of that firmware (v4: BleFingerprint.cpp, AdaptivePercentileRSSI.cpp). It never tells what was said.
import { connect, type MqttClient } from 'mqtt'
import type { Receiver } from '../../gateway/radio/receiver.ts'
import { deviceTopic, nodeStatusTopic, nodeTelemetryTopic } from '../../schemas/espresense.ts'
import type { Heard } from '../building/world.ts'
import type { SimClock } from '../ports.ts'

export type EspresenseOptions = {
  /** Its account on the broker. */
  id: string
  password: string
  /** Its room as a slug, as it stands in its topics. */
  node: string
  broker: { host: string; port: number }
  clock: SimClock
  /** Addresses that are told as known:<mac>, as its setting `known_macs` has it. An iBeacon is told as such. */
  knownMacs: ReadonlySet<string>
  onLink?: (isConnected: boolean, reason: string) => void
}

/** Defaults of its include/defaults.h. */
const SKIP_MS = 5_000
const SKIP_METRES = 0.5
const ABSORPTION = 2.7
const REF_RSSI_DBM = -65
const MAX_METRES = 16
/** Its smoothing: the mean of this long, less what lies 1.5 quartile ranges off. */
const WINDOW_MS = 15_000
const READINGS_MAX = 200
const FENCE = 1.5
const TELEMETRY_MS = 15_000
const RECONNECT_MS = 500
const KEEPALIVE_SECONDS = 15

type Device = { readings: { rssiDbm: number; atMs: number }[]; nextAtMs: number; lastMetres: number }

/** Its connection, with the last will that a node leaves. */
function opened({ id, node, password, broker }: EspresenseOptions): MqttClient {
  const will = {
    topic: nodeStatusTopic(node),
    payload: Buffer.from('offline'),
    qos: 0,
    retain: true,
  } as const
  return connect({
    ...broker,
    clientId: `espresense-${id}`,
    username: id,
    password,
    will,
    reconnectPeriod: 0,
    keepalive: KEEPALIVE_SECONDS,
  })
}

/** What a node says and asks for when it has come in. */
function greet(own: MqttClient, node: string): void {
  own.subscribe([
    'espresense/rooms/*/+/set',
    `espresense/rooms/${node}/+/set`,
    'espresense/settings/+/config',
  ])
  own.publish(nodeStatusTopic(node), 'online', { retain: true })
  own.publish(`espresense/rooms/${node}/absorption`, String(ABSORPTION), { retain: true })
}

export function createEspresense(options: EspresenseOptions): Omit<Receiver, 'say'> {
  const { id, node, clock, knownMacs, onLink } = options
  const devices = new Map<string, Device>()
  const counted = { heard: 0, published: 0 }
  const timers = new Map<string, () => void>()
  let client: MqttClient | null = null
  let isStopped = false

  const after = (name: string, delayMs: number, run: () => void) => {
    timers.get(name)?.()
    timers.set(name, clock.after(delayMs, run))
  }
  const telemetry = () => {
    client?.publish(nodeTelemetryTopic(node), JSON.stringify({ ip: '127.0.0.1', adverts: counted.heard }))
    after('telemetry', TELEMETRY_MS, telemetry)
  }
  const join = () => {
    const own = opened(options)
    client = own
    let reason = 'the connection was closed'
    own.on('connect', () => {
      greet(own, node)
      onLink?.(true, 'connected')
      telemetry()
    })
    own.on('error', error => {
      reason = error.message
    })
    own.once('close', () => {
      own.end(true)
      client = null
      timers.get('telemetry')?.()
      onLink?.(false, reason)
      if (!isStopped) after('reconnect', RECONNECT_MS, join)
    })
  }
  const tell = (name: string, body: object) => {
    counted.published++
    client?.publish(deviceTopic(name, node), JSON.stringify(body))
  }
  const silence = () => {
    isStopped = true
    for (const cancel of timers.values()) cancel()
  }
  join()

  const receiver = {
    id,
    hear(heard: Heard) {
      const name = nameOf(heard, knownMacs)
      if (isStopped || name === null) return
      counted.heard++
      const device = devices.get(name) ?? { readings: [], nextAtMs: 0, lastMetres: Number.POSITIVE_INFINITY }
      devices.set(name, device)
      const body = smoothed(device, heard)
      if (body !== null && client?.connected === true) tell(name, body)
    },
    isConnected: () => client?.connected === true,
    counters: () => ({ ...counted, dropped: 0, waiting: 0, misunderstood: 0 }),
    async stop() {
      silence()
      await client?.endAsync(true)
    },
    cut() {
      silence()
      client?.end(true)
    },
    /** Nothing is confirmed at QoS 0. */
    unconfirmed: () => 0,
  }
  return receiver
}

/** What it is told as: an iBeacon by its numbers, else a known address. Null for all others, which we leave out. */
function nameOf({ address, data }: Heard, knownMacs: ReadonlySet<string>): string | null {
  const hex = Buffer.from(data).toString('hex')
  const beacon = /1aff4c000215([0-9a-f]{32})([0-9a-f]{4})([0-9a-f]{4})/.exec(hex)
  if (beacon !== null) {
    const [, uuid = '', major = '', minor = ''] = beacon
    const parts = [
      uuid.slice(0, 8),
      uuid.slice(8, 12),
      uuid.slice(12, 16),
      uuid.slice(16, 20),
      uuid.slice(20),
    ]
    return `iBeacon:${parts.join('-')}-${Number.parseInt(major, 16)}-${Number.parseInt(minor, 16)}`
  }
  return knownMacs.has(address) ? `known:${address.replaceAll(':', '')}` : null
}

/** The message that this packet brings, if one is due: each 5 s, and sooner for whoever moves. */
function smoothed(device: Device, { rssiDbm, heardAtMs, address }: Heard): object | null {
  device.readings.push({ rssiDbm, atMs: heardAtMs })
  device.readings = device.readings.filter(({ atMs }) => heardAtMs - atMs < WINDOW_MS).slice(-READINGS_MAX)
  const rssi = withinFence(device.readings.map(reading => reading.rssiDbm))
  const distance = 10 ** ((REF_RSSI_DBM - rssi) / (10 * ABSORPTION))
  const hasMoved = Math.abs(distance - device.lastMetres) >= SKIP_METRES
  const isEarly = heardAtMs >= device.nextAtMs - SKIP_MS / 2
  if (distance > MAX_METRES || (heardAtMs < device.nextAtMs && !(hasMoved && isEarly))) return null
  device.nextAtMs = heardAtMs + SKIP_MS
  device.lastMetres = distance
  const mac = address.replaceAll(':', '')
  return {
    mac,
    'rssi@1m': REF_RSSI_DBM,
    rssi: Number(rssi.toFixed(2)),
    distance: Number(distance.toFixed(2)),
  }
}

function withinFence(levels: readonly number[]): number {
  const sorted = [...levels].sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] as number
  const range = at(0.75) - at(0.25)
  const inside = sorted.filter(dbm => dbm >= at(0.25) - FENCE * range && dbm <= at(0.75) + FENCE * range)
  return inside.reduce((sum, dbm) => sum + dbm, 0) / inside.length
}

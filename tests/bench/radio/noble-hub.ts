// For `relay.ts`: a receiver as EspruinoHub is one: noble hears, and what it discovers is published as it comes, QoS 0, the level before
// the bytes, the same bytes of a device once a minute. Arguments: the radio's pty, the broker's port, account, password.
import { createRequire } from 'node:module'
import mqtt from 'mqtt'

const [, , path = '', port = '', username = '', password = ''] = process.argv
const PREFIX = '/ble'
const SAME_MS = 60_000

type Peripheral = {
  address: string
  rssi: number
  advertisement: { localName?: string; serviceData?: { uuid: string; data: Buffer }[] }
}

const say = (msg: string): void => void process.stdout.write(`${JSON.stringify({ level: 'info', msg })}\n`)
const client = mqtt.connect({
  ...{ host: '127.0.0.1', port: Number(port), username, password, reconnectPeriod: 1_000 },
  will: { topic: `${PREFIX}/state`, payload: 'offline', qos: 0, retain: true },
})
client.on('connect', () => {
  client.publish(`${PREFIX}/state`, 'online', { retain: true })
  say('connected to the broker')
})
client.on('error', () => undefined)

const { withBindings } = createRequire(import.meta.url)('@stoprocent/noble')
const noble = withBindings('hci', {
  hciDriver: 'uart',
  bindParams: { uart: { port: path, baudRate: 1_000_000 } },
})
const sent = new Map<string, { bytes: string; atMs: number }>()
noble.on('discover', ({ address, rssi, advertisement }: Peripheral) => {
  client.publish(`${PREFIX}/advertise/${address}`, JSON.stringify({ rssi, serviceUuids: [] }))
  for (const { uuid, data } of advertisement.serviceData ?? []) {
    const topic = `${PREFIX}/advertise/${address}/${uuid}`
    const bytes = data.toString('utf8')
    const before = sent.get(topic)
    if (before?.bytes === bytes && performance.now() - before.atMs < SAME_MS) continue
    sent.set(topic, { bytes, atMs: performance.now() })
    client.publish(topic, JSON.stringify([...data]))
  }
})
process.on('SIGTERM', () => process.exit(0))
await noble.waitForPoweredOnAsync()
await noble.startScanningAsync([], true)
say('the radio: listening')

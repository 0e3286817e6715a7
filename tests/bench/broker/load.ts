// One kind of hostile or heavy load on the broker's port, bounded, in a process of its own. Arguments: port, kind. Says "flowing"
// once it flows; ended by its pid. It gives way to whoever else wants the machine: a flood comes from elsewhere.
import { connect, type Socket } from 'node:net'
import { setPriority } from 'node:os'
import mqtt, { type MqttClient } from 'mqtt'
import { topicOf } from '../../../schemas/report.ts'
import { type Kind, passwordOf, RECEIVERS, STORM_FIRST } from './site.ts'

setPriority(19)
const [port = 0, kind] = [Number(process.argv[2]), process.argv[3] as Kind]
const TICK_MS = 20
const at = { host: '127.0.0.1', port }
/** What the wire does not take is not offered again: a flood does not wait. */
const UNSENT_BYTES_MAX = 4_000_000
const CONNECTIONS_MAX = 256
const FLOODER = 'r-1'

let counted = 0
process.on('SIGTERM', () => {
  process.stdout.write(`counted ${counted}\n`, () => process.exit(0))
})
const flowing = (): void => void process.stdout.write('flowing\n')

/** So many a second, as the clock goes. */
function each(perSecond: number, act: (n: number) => void): void {
  const startedAtMs = performance.now()
  let done = 0
  setInterval(() => {
    const due = (perSecond * (performance.now() - startedAtMs)) / 1000
    // After a standstill nobody is to be paid back all at once.
    for (let n = 0; done < due && n < perSecond; n++, done++) act(done)
  }, TICK_MS)
}

const joined = (username: string, password: string): Promise<MqttClient> =>
  new Promise(resolve => {
    const client = mqtt.connect({ ...at, username, password, clientId: username, reconnectPeriod: 100 })
    client.on('error', () => undefined)
    client.once('connect', () => resolve(client))
  })

async function publishing(perSecond: number, payload: (n: number) => string | Buffer): Promise<void> {
  const client = await joined(FLOODER, passwordOf(FLOODER))
  flowing()
  const { stream } = client as unknown as { stream: { writableLength: number } }
  each(perSecond, n => {
    if (!client.connected || stream.writableLength > UNSENT_BYTES_MAX) return
    counted += 1
    client.publish(topicOf(FLOODER, 'reports'), payload(n), { qos: 0 })
  })
}

/** Sockets, of which the oldest goes where there are too many. */
const sockets = new Set<Socket>()
function open(say: Buffer): void {
  const socket = connect(at)
  sockets.add(socket)
  counted += 1
  socket.on('error', () => undefined)
  socket.on('close', () => sockets.delete(socket))
  if (say.length > 0) socket.write(say)
  const [oldest] = sockets
  if (sockets.size > CONNECTIONS_MAX) oldest?.destroy()
}

/** Joins once and goes as soon as it is answered. */
function visit(username: string, password: string, done: () => void = () => undefined): void {
  const socket = connect(at)
  socket.on('error', () => undefined)
  socket.on('close', done)
  socket.once('data', () => {
    counted += 1
    socket.destroy()
  })
  socket.write(connectPacket(username, password))
}

function connectPacket(username: string, password: string, clientId = 'visitor'): Buffer {
  const text = (value: string) => {
    const bytes = Buffer.from(value)
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
  }
  const body = Buffer.concat([
    text('MQTT'),
    Buffer.from([4, 0xc2, 0, 30]),
    text(clientId),
    text(username),
    text(password),
  ])
  if (body.length > 127) throw new Error(`a CONNECT of one length byte, came ${body.length} bytes`)
  return Buffer.concat([Buffer.from([0x10, body.length]), body])
}

/** What no client sends: cut, over-long, of no type, out of turn, before and after a password that is right. */
function malformed(n: number): Buffer {
  const whole = connectPacket(FLOODER, passwordOf(FLOODER), `m-${n % 8}`)
  const noise = Buffer.from(Array.from({ length: 64 }, (_, i) => (n * 31 + i * 17 + (n >> 3) * i) & 0xff))
  const shapes = [
    noise,
    whole.subarray(0, 5 + (n % (whole.length - 5))),
    Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x7f]),
    Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]),
    Buffer.concat([whole, whole]),
    Buffer.concat([whole, noise]),
    Buffer.concat([whole, Buffer.from([0x30, 0x04, 0x00, 0x20, 0x61, 0x62])]),
    Buffer.concat([whole, Buffer.from([0x82, 0x05, 0x00, 0x00, 0x00, 0x00, 0x03])]),
    Buffer.concat([whole, Buffer.from([0x00, 0x00, 0xf0, 0x00])]),
    Buffer.concat([Buffer.from([0xc0, 0x00]), whole]),
  ]
  return shapes[n % shapes.length] ?? noise
}

const receiverOf = (n: number): string => `r-${STORM_FIRST + (n % (RECEIVERS - STORM_FIRST))}`

const KINDS: Record<Kind, () => void> = {
  payload: () => void publishing(20, n => Buffer.alloc(512_000, `{"reports":[{"address":"${n}",`)),
  rate: () => void publishing(4_000, n => `{"v":1,"reports":[{"address":"${n}"}]}`),
  connections: () => {
    each(400, () => open(Buffer.alloc(0)))
    flowing()
  },
  malformed: () => {
    each(400, n => open(malformed(n)))
    flowing()
  },
  storm: () => {
    // 500 receivers that come and go for ever, each every 2 s.
    each(250, n => visit(receiverOf(n), passwordOf(receiverOf(n))))
    flowing()
  },
  wrong: () => {
    each(200, n => visit(receiverOf(n * 7), `guess number ${n}`))
    flowing()
  },
  unknown: () => {
    each(200, n => visit(`x-${n}`, `guess number ${n}`))
    flowing()
  },
}
KINDS[kind]()

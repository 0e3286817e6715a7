// What other systems are told on the gateway's own broker: offline before anybody can read, and a subscriber that reads nothing of what
// it asked for keeps neither receivers nor other subscribers waiting.
import { connect as connectSocket, type Socket } from 'node:net'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { keptSetting } from '../../../../gateway/receivers/kept/setting.ts'
import { type OwnBroker, startBroker } from '../../../../gateway/receivers/mqtt/broker.ts'
import { COST_OF_MADE, hashOf } from '../../../../gateway/site/accounts/phc.ts'
import { outTopics } from '../../../../schemas/api/out.ts'
import { topicOf } from '../../../../schemas/report.ts'
import { Out } from '../../../../schemas/site/out.ts'
import { type Reader, startReader } from '../../../gateways/reader.ts'
import { PATIENCE } from '../../../patience.ts'
import { type Engine, standInEngine } from '../stand-in-engine.ts'

const topics = outTopics('gateway')
const PASSWORD = 'password-of-dash'
const HOST = '127.0.0.1'
const DOCUMENT_BYTES = 100_000
/** Far more than it may be behind and what sockets hold. */
const DOCUMENTS = 200

let engine: Engine
let broker: OwnBroker
let reader: Reader | null
let receiver: MqttClient
let ended: string[]
beforeEach(async () => {
  engine = standInEngine()
  ended = []
  reader = null
  broker = await startBroker({
    host: HOST,
    port: 0,
    submit: engine.submit,
    log: { info: (_fields, text) => ended.push(text), warn: () => undefined, error: () => undefined },
    site: {
      receivers: [{ id: 'rx-1', room: 'r-1', password: 'password of rx-1' }],
      accounts: [
        { id: 'dash', role: 'subscriber', addedAtMs: 0, hash: await hashOf(PASSWORD, COST_OF_MADE) },
      ],
      kept: keptSetting(Out.parse({})),
    },
  })
  receiver = await mqtt.connectAsync({
    host: HOST,
    port: broker.port,
    username: 'rx-1',
    password: 'password of rx-1',
  })
})
afterEach(async () => {
  await reader?.close()
  await receiver.endAsync(true)
  await broker.close()
})

const read = () => startReader({ host: HOST, port: broker.port }, { username: 'dash', password: PASSWORD })

it('whoever comes before anything was told finds that it is offline', async () => {
  reader = await read()
  await reader.until(() => reader?.standing().size === 1)
  expect([...(reader?.standing() ?? [])]).toEqual([[topics.status, 'offline']])
  expect(reader?.said[0]?.isRetained).toBe(true)
})

it('one that stops reading is cut off; meanwhile reports are taken and others are told', async () => {
  const stuck = await stuckReader(broker.port)
  reader = await read()
  for (let i = 0; i < DOCUMENTS; i++) {
    const document = JSON.stringify({ i, filled: 'x'.repeat(DOCUMENT_BYTES) })
    // As they are handed over: without waiting for whoever is slow.
    void broker.publish(topics.incident(`i-${i % 16}`), document, true)
    if (i % 20 === 0) {
      await receiver.publishAsync(topicOf('rx-1', 'status'), '{"v":1,"status":"online"}', { qos: 1 })
      await engine.next('receiver-status')
    }
  }
  await reader.until(
    () => reader?.on<{ i: number }>(topics.incident(`i-${(DOCUMENTS - 1) % 16}`))?.i === DOCUMENTS - 1,
  )
  await vi.waitFor(() => expect(ended).toContain('connection ended'), PATIENCE)
  stuck.destroy()
})

/** CONNECT and SUBSCRIBE as bytes (MQTT 3.1.1, 3.1 and 3.8), and then nothing is read. */
async function stuckReader(port: number): Promise<Socket> {
  const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)])
  const packet = (type: number, body: Buffer) => Buffer.concat([Buffer.from([type, body.length]), body])
  const flags = Buffer.from([4, 0xc2, 0, 120])
  const socket: Socket = connectSocket(port, HOST)
  socket.on('error', () => undefined)
  const hello = Buffer.concat([text('MQTT'), flags, text('stuck'), text('dash'), text(PASSWORD)])
  const came = () => new Promise<void>(resolve => socket.once('data', () => resolve()))
  socket.write(packet(0x10, hello))
  await came()
  socket.write(
    packet(0x82, Buffer.concat([Buffer.from([0, 1]), text(`${topics.incidents}/#`), Buffer.from([0])])),
  )
  await came()
  socket.pause()
  return socket
}

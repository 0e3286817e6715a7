// needs: mosquitto_pub
// What must never become an incident, thrown at a whole gateway: each is counted by its reason, and shown where somebody
// may be trying something. The gateway goes on as if nothing had happened.
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KIND_CORD } from '../../schemas/frame.ts'
import { topicOf } from '../../schemas/report.ts'
import { ADDRESS, KEY, plainFrame, sealedFrame } from '../gateway/core/building.ts'
import {
  deskOf,
  type GatewayProcess,
  metric,
  type ReceiverClient,
  untilIncident,
} from '../gateways/gateway-process.ts'
import { type SmallBuilding, startSmallBuilding } from '../gateways/small-building.ts'

let small: SmallBuilding
let gateway: GatewayProcess
let receiver: ReceiverClient

beforeAll(async () => {
  small = await startSmallBuilding()
  gateway = small.gateway
  receiver = await small.receiver('r-interview')
})
afterAll(() => small?.stop())

const cord = { counter: 1_000, kind: KIND_CORD, alarmNumber: 1 }
const refusals = (reason: string) => metric(gateway.url, 'tocsin_refused_total', `{reason="${reason}"}`)
const publish = (payload: string | Buffer, retain = false) =>
  receiver.client.publishAsync(topicOf('r-interview', 'reports'), payload, { qos: 1, retain })
const batch = (data: string, address = ADDRESS, ageMs = 0) =>
  JSON.stringify({ v: 1, reports: [{ address, rssiDbm: -60, data, ageMs }] })

type Case = { name: string; reason: string; isSecurity: boolean; send: () => Promise<unknown> }
const cases: Case[] = [
  {
    name: 'a replayed frame',
    reason: 'replayed',
    isSecurity: true,
    send: async () => {
      // Heard five seconds ago, so that what comes now with a lower counter was played again, not delayed.
      await publish(batch(sealedFrame({ counter: 950 }), ADDRESS, 5_000))
      await publish(batch(sealedFrame({ counter: 900 })))
    },
  },
  {
    name: 'a wrong key',
    reason: 'wrong-key',
    isSecurity: true,
    send: () => publish(batch(sealedFrame({ ...cord, key: KEY.replace('2', '3') }))),
  },
  {
    name: 'an unknown pendant',
    reason: 'unknown-pendant',
    isSecurity: false,
    send: () => publish(batch(sealedFrame(cord), 'c7:00:00:00:00:01')),
  },
  {
    name: 'plaintext from a keyed pendant',
    reason: 'downgrade',
    isSecurity: true,
    send: () => publish(batch(plainFrame(cord))),
  },
  {
    name: 'a retained message',
    reason: 'retained',
    isSecurity: true,
    send: () => publish(batch(sealedFrame(cord)), true),
  },
  {
    name: 'malformed JSON',
    reason: 'malformed',
    isSecurity: false,
    send: () => publish('{"v":1,"reports":[{'),
  },
  {
    name: 'a payload of 1 MB',
    reason: 'oversized',
    isSecurity: false,
    send: () => publish(Buffer.alloc(1_048_576, 0x20)),
  },
]

describe('never an incident:', () => {
  it.each(cases)('$name', async ({ reason, isSecurity, send }) => {
    const before = await refusals(reason)
    await send()
    expect(await refusals(reason)).toBe(before + 1)
    const desk = await deskOf(gateway.url)
    expect(desk.incidents).toEqual([])
    expect(desk.security.some(event => event.reason === reason)).toBe(isSecurity)
  })
})

describe('mosquitto_pub', () => {
  const pub = (...args: string[]) => {
    const at = [
      '-h',
      gateway.mqtt.host,
      '-p',
      String(gateway.mqtt.port),
      '-t',
      topicOf('r-hall', 'reports'),
      '-q',
      '1',
    ]
    return spawnSync('mosquitto_pub', [...at, ...args], { encoding: 'utf8' })
  }

  it('with a wrong password is refused and shown', async () => {
    expect(pub('-u', 'r-hall', '-P', 'guessed-guessed', '-m', batch(sealedFrame(cord))).status).not.toBe(0)
    const desk = await deskOf(gateway.url)
    expect(desk.security).toContainEqual(
      expect.objectContaining({ reason: 'wrong-password', receiver: 'r-hall' }),
    )
    expect(desk.incidents).toEqual([])
  })

  it('with its account raises an incident through the broker', async () => {
    const { status, stderr } = pub('-u', 'r-hall', '-P', 'password-hall', '-m', batch(sealedFrame(cord)))
    expect([status, stderr]).toEqual([0, ''])
    const incident = await untilIncident(gateway.url, each => each.state === 'raised')
    expect(incident).toMatchObject({ wearer: 'Jane Smith', kind: 'cord', roomNumber: '1', verified: true })
  })
})

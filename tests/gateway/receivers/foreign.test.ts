// The files of other systems by themselves: no bytes under any topic throw, bounds hold, each says its own topics alone, and
// whatever is kept or old comes out as a refusal.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EngineEvent } from '../../../gateway/ports.ts'
import { type Adapter, isIn } from '../../../gateway/receivers/foreign/adapter.ts'
import { foreignOf } from '../../../gateway/receivers/foreign/systems.ts'
import { speakerOf } from '../../../gateway/receivers/speaker.ts'
import { type Case, cases, payloadOf, siteOf } from '../../vectors/foreign-cases.ts'

const receiverOf = (each: Pick<Case, 'foreign' | 'pendant'>) => {
  const receiver = siteOf(each).receivers.find(({ id }) => id === 'x-1')
  if (receiver === undefined) throw new Error('expected x-1')
  return receiver
}
const adapterFor = (each: Pick<Case, 'foreign' | 'pendant'>): Adapter => {
  const adapter = foreignOf(receiverOf(each))
  if (adapter === null) throw new Error('expected a gateway of another system')
  return adapter
}
const one = (system: string): Case => {
  const found = cases.find(each => each.system === system)
  if (found === undefined) throw new Error(`expected a case of ${system}`)
  return found
}
const systems = [...new Set(cases.map(({ system }) => system))].map(one)
const said = (
  { hear }: Adapter,
  topic: string,
  payload: string | Buffer,
  { retain = false, dup = false, atMs = 1_000_000 } = {},
): EngineEvent[] => hear({ topic, payload: Buffer.from(payload), retain, dup, atMs })
const kinds = (events: readonly EngineEvent[]) => events.map(({ kind }) => kind)

describe.each(systems)('$system', each => {
  it('may say its own topics and nobody else’s', () => {
    for (const topic of [
      'tocsin/v1/x-1/reports',
      'tocsin/v1/rx-1/beacon',
      'tocsin/v1/gateway/journal',
      'home/other/BTtoMQTT/C7F936DDB0CA',
      'tele/other/BLE',
      'somebody/events/rpc',
      '$SYS/x',
    ])
      expect([topic, said(adapterFor(each), topic, '{}')]).toMatchObject([
        topic,
        [{ kind: 'refused', reason: 'wrong-topic', receiver: 'x-1' }],
      ])
  })

  it('hears nothing of ours, and asks for what is its own system’s without being told of', () => {
    const { mayHear } = speakerOf(receiverOf(each))
    for (const filter of [
      '#',
      '+/v1/x-1/beacon',
      'tocsin/#',
      'tocsin/v1/x-1/beacon',
      'tocsin/v1/gateway/journal',
    ])
      expect([filter, mayHear(filter)]).toEqual([filter, 'refused'])
    expect(mayHear('homeassistant/#')).toBe('passed')
  })

  it('says too much at once, and that is refused', () => {
    const { topic } = each.messages[0] ?? { topic: '' }
    if (each.system === 'shelly-universal-blu-to-mqtt') return
    expect(said(adapterFor(each), topic, `"${'x'.repeat(17_000)}"`)).toMatchObject([
      { kind: 'refused', reason: 'oversized' },
    ])
  })

  it('has groups of fields where texts and numbers should be, and nothing of it throws', () => {
    const strange = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(strange)
      if (typeof value !== 'object' || value === null) return { toString: 1 }
      return Object.fromEntries(Object.entries(value).map(([field, of]) => [field, strange(of)]))
    }
    for (const { topic, payload } of each.messages) {
      if (typeof payload !== 'object' || payload === null) continue
      // One field at a time: what stands before it is read as ever.
      for (const field of Object.keys(payload)) {
        const one = { ...payload, [field]: strange((payload as Record<string, unknown>)[field]) }
        expect(said(adapterFor(each), topic, JSON.stringify(one))).toEqual(expect.any(Array))
      }
    }
  })

  it('says anything at all under its topics, and nothing of it throws or is a report without an address', () => {
    const adapter = adapterFor(each)
    const topics = fc.oneof(
      fc.constantFrom(...each.messages.map(({ topic }) => topic)),
      fc.constantFrom(...adapter.says.map(filter => filter.replace(/[+#]/g, 'x'))),
      fc.string(),
    )
    const known = fc.constantFrom(...cases.flatMap(({ messages }) => messages.map(({ payload }) => payload)))
    const broken = fc
      .tuple(known, fc.nat(400))
      .map(([payload, length]) => payloadOf(payload).slice(0, length))
    const payloads = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
      fc.json(),
      broken,
      fc
        .tuple(known, fc.string(), fc.anything())
        .map(([payload, field, value]) =>
          JSON.stringify(
            { ...(payload as object), [field]: typeof value === 'bigint' ? 0 : value },
            (_, v) => (typeof v === 'bigint' ? 0 : v),
          ),
        ),
    )
    fc.assert(
      fc.property(topics, payloads, fc.boolean(), fc.boolean(), (topic, payload, retain, dup) => {
        for (const event of said(adapter, topic, payload, { retain, dup })) {
          expect(['reports', 'press', 'receiver-status', 'refused', 'fault']).toContain(event.kind)
          if (event.kind === 'press' || event.kind === 'reports') expect(retain).toBe(false)
          if (event.kind === 'press') expect(dup).toBe(false)
          if (event.kind !== 'reports') continue
          for (const { address, data } of event.reports)
            expect(`${address} ${data}`).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2} ([0-9a-f]{2})+$/)
        }
      }),
      { numRuns: 300 },
    )
  })
})

it.each(cases.filter(({ battery }) => battery !== undefined))(
  '$system: $says: with its battery',
  ({ battery, ...each }) => {
    const adapter = adapterFor({ ...each })
    const events = each.messages.flatMap(({ topic, payload }) => said(adapter, topic, payloadOf(payload)))
    const told = events.flatMap(event => (event.kind === 'press' ? [event.batteryPercent] : []))
    const inFrames = events.some(({ kind }) => kind === 'reports')
    expect(told.includes(battery ?? null) || inFrames).toBe(true)
  },
)

it.each(cases)(
  'what $system says stands under topics that can be subscribed to: $says',
  ({ messages, ...each }) => {
    const { says } = speakerOf(receiverOf(each))
    const others = [
      '/ble/presence',
      '/ble/json',
      '/ble/advertise/jane/a',
      'home/TheengsGateway/presence',
      'tele/tas/STATE',
    ]
    for (const { topic } of messages) {
      const isPassedOver = others.some(other => topic.startsWith(other)) || /^([0-9a-f]{2}:){5}/.test(topic)
      if (!isPassedOver) expect([topic, says.some(filter => isIn(topic, filter))]).toEqual([topic, true])
    }
  },
)

it('a receiver of ours and a node of ESPresense say theirs', () => {
  const [hall] = siteOf(one('tasmota')).receivers
  if (hall === undefined) throw new Error('expected a receiver')
  expect(speakerOf(hall).says).toEqual(['tocsin/v1/r-hall/reports', 'tocsin/v1/r-hall/status'])
  const node = { ...hall, espresense: { node: 'hall', rssiAt1m: -59, absorption: 2.7 } }
  expect(speakerOf(node).says).toContain('espresense/devices/+/hall')
})

describe('a gateway of another system', () => {
  const omg = () => adapterFor(one('openmqttgateway'))

  it('is there by its own word, retained or not, and gone by it', () => {
    expect(said(omg(), 'home/omg/LWT', 'online', { retain: true })).toMatchObject([
      { kind: 'receiver-status', status: { status: 'online' } },
    ])
    expect(said(omg(), 'home/omg/LWT', 'offline', { retain: true })).toMatchObject([
      { kind: 'receiver-status', status: { status: 'offline' } },
    ])
    expect(said(omg(), 'home/omg/LWT', 'perhaps')).toMatchObject([
      { kind: 'refused', reason: 'malformed' },
      { kind: 'receiver-status' },
    ])
  })

  it('is noted as there each 5 s at most, with how much it has heard', () => {
    const adapter = omg()
    const heard = (atMs: number) =>
      said(adapter, 'home/omg/BTtoMQTT/608757', '{"id":"60:87:57:4C:9B:C2","mac_type":1,"rssi":-78}', {
        atMs,
      })
    expect(heard(0)).toMatchObject([{ kind: 'fault', text: null }, { status: { heard: 1 } }])
    expect(kinds(heard(4_000))).toEqual([])
    expect(heard(5_000)).toMatchObject([{ status: { status: 'online', heard: 3 } }])
  })

  it('may leave behind what is no press, and nothing comes of it', () => {
    const status = '{"id":200,"battery":9,"packet_id":21}'
    const shelly = () => adapterFor(one('shelly-native'))
    const topic = 'shelly-1/status/bthomedevice:200'
    expect(kinds(said(shelly(), topic, status, { retain: true }))).toEqual(['receiver-status'])
    expect(said(shelly(), topic, status)).toMatchObject([{ kind: 'press', batteryPercent: 9 }, {}])
  })

  it('is told of a wrong setting once, and once that it is mended', () => {
    const adapter = omg()
    const tell = (more: string) =>
      said(adapter, 'home/omg/BTtoMQTT/C7F936DDB0CA', `{"id":"C7:F9:36:DD:B0:CA"${more},"rssi":-71}`)
    expect(tell('')[0]).toMatchObject({
      kind: 'fault',
      key: 'receiver-settings:x-1',
      text: expect.any(String),
    })
    expect(kinds(tell(''))).toEqual([])
    expect(tell(',"mac_type":1')[0]).toMatchObject({ kind: 'fault', text: null })
  })

  it('is told its settings, as the site file has them, and only where that says so', () => {
    expect(omg().told).toEqual([
      {
        topic: 'home/omg/commands/MQTTtoBT/config',
        payload:
          '{"pubadvdata":true,"adaptivescan":false,"interval":100,"intervalacts":100,"scanduration":1000}',
      },
    ])
    expect(adapterFor({ ...one('openmqttgateway'), foreign: { kind: 'openmqttgateway' } }).told).toEqual([])
  })

  it('has a topic by its filter, part for part', () => {
    expect(isIn('a/b/c', 'a/+/c')).toBe(true)
    expect(isIn('a/b/c', 'a/#')).toBe(true)
    expect(isIn('/a', '+/a')).toBe(true)
    for (const [topic, filter] of [
      ['a/b', 'a/+/c'],
      ['a/b/c/d', 'a/+/c'],
      ['ab/c', 'a/#'],
      ['x/a', 'a/#'],
    ] as const)
      expect([topic, filter, isIn(topic, filter)]).toEqual([topic, filter, false])
  })
})

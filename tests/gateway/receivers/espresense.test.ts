// What an ESPresense node publishes, as an event: readings of the shape its firmware sends, and everything else refused
// with its reason or passed over. No bytes throw, and none become a report.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hearNode, isNodesWish } from '../../../gateway/receivers/payload/espresense.ts'

const DEVICE = 'iBeacon:e5ca1ade-f007-ba11-0000-000000000000-100-7'
const TOPIC = `espresense/devices/${DEVICE}/group-room`
/** As ESPresense v4 sends it. */
const READING =
  '{"mac":"c7f936ddb0ca","id":"iBeacon:e5ca1ade-f007-ba11-0000-000000000000-100-7","name":"P-7","rssi@1m":-59,"rssi":-71.25,"rssiVar":2.10,"distance":2.84,"var":0.20,"int":412}'
const said = (
  topic: string,
  payload: string | Buffer,
  { retain = false, dup = false }: { retain?: boolean; dup?: boolean } = {},
) => hearNode('n-1', 'group-room', { topic, payload: Buffer.from(payload), retain, dup })

describe('a reading', () => {
  it('is taken at its level, not at the distance made of it', () => {
    expect(said(TOPIC, READING)).toEqual({
      kind: 'hint',
      receiver: 'n-1',
      device: DEVICE,
      heard: { rssiDbm: -71.25 },
    })
  })

  it('without a level is taken at its distance, with the level at one metre where it tells that', () => {
    expect(said(TOPIC, '{"distance":2.84,"rssi@1m":-61}')).toMatchObject({
      heard: { distanceM: 2.84, atOneMetreDbm: -61 },
    })
    expect(said(TOPIC, '{"distance":0}')).toMatchObject({ heard: { distanceM: 0, atOneMetreDbm: null } })
  })

  it('has null for absent, and what cannot be read of it is left out where the rest is one', () => {
    expect(said(TOPIC, '{"rssi":-70.5,"distance":null}')).toMatchObject({ heard: { rssiDbm: -70.5 } })
    expect(said(TOPIC, '{"rssi":-70.5,"distance":"far","rssi@1m":null}')).toMatchObject({
      heard: { rssiDbm: -70.5 },
    })
    for (const rssi of [null, 127, 45, '"loud"'])
      expect(said(TOPIC, `{"rssi":${rssi},"distance":2,"rssi@1m":99}`)).toMatchObject({
        heard: { distanceM: 2, atOneMetreDbm: null },
      })
  })

  it.each<[string, string, object, string, string]>([
    ['neither level nor distance', '{"id":"x"}', {}, 'malformed', 'expected rssi or distance'],
    ['a level in words', '{"rssi":"loud"}', {}, 'malformed', 'rssi: expected a number, came "loud"'],
    ['a level no radio has', '{"rssi":-4000}', {}, 'malformed', 'rssi'],
    ['a distance behind it', '{"distance":-3}', {}, 'malformed', 'distance'],
    ['no JSON', '{"rssi":', {}, 'malformed', 'which is not JSON'],
    ['nothing', '', {}, 'malformed', 'came ""'],
    ['a list', '[1]', {}, 'malformed', 'expected'],
    ['too much', `{"rssi":-60,"name":"${'x'.repeat(2_100)}"}`, {}, 'oversized', 'at most 2048 bytes'],
    ['what was retained', READING, { retain: true }, 'retained', 'not retained'],
    ['what was sent before', READING, { dup: true }, 'stale', 'a reading of now'],
  ])('of %s is refused with its reason', (_name, payload, flags, reason, detail) => {
    const event = said(TOPIC, payload, flags)
    expect(event).toMatchObject({ kind: 'refused', reason, receiver: 'n-1' })
    expect(event?.kind === 'refused' && event.detail).toContain(detail)
  })

  it('of another node is refused: a node speaks for itself', () => {
    expect(said(`espresense/devices/${DEVICE}/hall`, READING)).toMatchObject({ reason: 'wrong-topic' })
  })

  it('that is about a device’s sensors is passed over', () => {
    expect(said(`${TOPIC}/miflora`, '{"moisture":3}')).toBeNull()
  })
})

describe('a node', () => {
  it('is there or is gone, retained or not; each telemetry is a sign of life', () => {
    const status = 'espresense/rooms/group-room/status'
    expect(said(status, 'online', { retain: true })).toMatchObject({ status: { status: 'online' } })
    expect(said(status, 'offline', { retain: true })).toMatchObject({ status: { status: 'offline' } })
    expect(said(status, 'perhaps')).toMatchObject({ kind: 'refused', reason: 'malformed' })
    expect(said('espresense/rooms/group-room/telemetry', '{"uptime":5}')).toMatchObject({
      kind: 'receiver-status',
      status: { status: 'online' },
    })
  })

  it.each([
    'espresense/rooms/group-room/max_distance',
    'espresense/rooms/group-room/name',
    'espresense/settings/irk:1/config',
    'homeassistant/binary_sensor/espresense_1/connectivity/config',
  ])('may say %s, which nobody hears', topic => {
    expect(said(topic, 'x', { retain: true })).toBeNull()
  })

  it.each([
    'tocsin/v1/n-1/reports',
    'tocsin/v1/n-1/status',
    'espresense/rooms/hall/status',
    'espresense/companion/x',
    'espresense',
    '$SYS/x',
    '',
  ])('may not say %j', topic => {
    expect(said(topic, READING)).toMatchObject({ kind: 'refused', reason: 'wrong-topic' })
  })

  it('asks to hear its settings, and nothing else is its to ask', () => {
    expect(isNodesWish('espresense/rooms/*/+/set', 'hall')).toBe(true)
    expect(isNodesWish('espresense/rooms/hall/+/set', 'hall')).toBe(true)
    expect(isNodesWish('espresense/settings/+/config', 'hall')).toBe(true)
    expect(isNodesWish('espresense/devices/#', 'hall')).toBe(false)
  })
})

it('no bytes under any topic throw, and none are a report', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
    fc.json().map(text => Buffer.from(text)),
    fc
      .record({ rssi: fc.double(), distance: fc.double(), 'rssi@1m': fc.anything() })
      .map(value => Buffer.from(JSON.stringify(value) ?? '')),
  )
  const topics = fc.oneof(
    fc.constantFrom(TOPIC, 'espresense/rooms/group-room/status', 'tocsin/v1/n-1/reports'),
    fc.string(),
  )
  fc.assert(
    fc.property(topics, anything, fc.boolean(), fc.boolean(), (topic, payload, retain, dup) => {
      const event = hearNode('n-1', 'group-room', { topic, payload, retain, dup })
      if (event?.kind === 'hint' && 'rssiDbm' in event.heard)
        expect(event.heard.rssiDbm).toBeGreaterThan(-129)
      if (event !== null) expect(['hint', 'receiver-status', 'refused']).toContain(event.kind)
    }),
  )
})

// Whatever a receiver writes beside it, an alarm that can be read is called: a real MQTT client, the broker, the engine, the
// order to call. What cannot be read is acknowledged, counted, and shown where it keeps coming.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KIND_CORD } from '../../../schemas/frame.ts'
import { PAYLOAD_BYTES_MAX, topicOf } from '../../../schemas/report.ts'
import { ADDRESS, sealedFrame, site } from '../../gateway/core/building.ts'
import { spoken } from '../../gateway/core/spoken.ts'
import { type Gateway, startHere } from './in-process-gateway.ts'

let gateway: Gateway
beforeEach(async () => {
  gateway = await startHere(site())
})
afterEach(() => gateway.close())

const MINUTE_MS = 60_000
const FAR = 2 ** 32 - 1
const frame = (counter: number, kind = 0, alarmNumber = 0, ageMs: unknown = 0) => ({
  address: ADDRESS,
  rssiDbm: -60,
  data: sealedFrame({ counter, kind, alarmNumber }),
  ageMs,
})
const cord = (counter: number, alarmNumber = 1, ageMs: unknown = 0) =>
  frame(counter, KIND_CORD, alarmNumber, ageMs)
const alarm = cord(10)
const neighbour = { address: 'd0:00:00:00:00:01', rssiDbm: -80, data: '0201061aff4c00', ageMs: 3 }
const batch = (...reports: unknown[]) => JSON.stringify({ v: 1, reports })
const said = () => gateway.placed.map(spoken)
async function publish(payload: string | Buffer, receiver = 'r-interview'): Promise<void> {
  const client = await gateway.connect(receiver)
  await gateway.publish(client, receiver, payload)
  await client.endAsync()
}

describe('an alarm is called that stands', () => {
  it.each<[string, string | Buffer]>([
    ['beside a level of 127', batch({ ...neighbour, rssiDbm: 127 }, alarm)],
    ['beside an age over an hour', batch(alarm, { ...neighbour, ageMs: 3_600_001 })],
    ['beside extended data', batch({ ...neighbour, data: 'ab'.repeat(256) }, alarm)],
    ['beside an address in capitals', batch({ ...neighbour, address: 'D0:00:00:00:00:01' }, alarm)],
    ['beside a field of its own', batch({ ...neighbour, channel: 37 }, alarm)],
    ['beside half a millisecond', batch({ ...neighbour, ageMs: 12.5 }, alarm)],
    [
      'beside nothing but nulls',
      batch(null, { address: null, data: null, rssiDbm: null, ageMs: null }, alarm),
    ],
    [
      'in a report of 127, capitals, and an age of the future',
      batch({
        ...alarm,
        address: ADDRESS.toUpperCase(),
        data: alarm.data.toUpperCase(),
        rssiDbm: 127,
        ageMs: -5,
      }),
    ],
    ['in a report with nothing but address and data', batch({ address: ADDRESS, data: alarm.data })],
    ['in a batch of another version', JSON.stringify({ v: 2, reports: [alarm] })],
    ['at the end of a batch of 2,000', batch(...Array(2_000).fill(neighbour), alarm)],
    [
      'at the end of 500 extended advertisements',
      batch(...Array(500).fill({ ...neighbour, data: 'ab'.repeat(255) }), alarm),
    ],
    ['with a level that is no number', batch(alarm).replace('-60', 'NaN')],
    ['under reports, not in a list', JSON.stringify({ v: 1, reports: alarm })],
    ['in the first of two lists', batch(alarm).replace('}]}', '}],"reports":null}')],
    ['in a list in the list', batch([[alarm]])],
    ['beside lists in lists', batch(alarm).replace('[{', `[${'['.repeat(50_000)}${']'.repeat(50_000)},{`)],
    ['in a text', JSON.stringify({ v: 1, reports: batch(alarm) })],
    ['with half a byte after its data', batch({ ...alarm, data: `${alarm.data}0` })],
    ['in UTF-16', Buffer.from(`\ufeff${batch(alarm)}`, 'utf16le')],
    ['in UTF-16 the other way', Buffer.from(`\ufeff${batch(alarm)}`, 'utf16le').swap16()],
    ['in a message that is cut short', batch(alarm, neighbour).slice(0, -20)],
    ['in a message that is longer than any may be', batch(alarm).padEnd(PAYLOAD_BYTES_MAX + 5_000)],
  ])('%s', async (_, payload) => {
    await publish(payload)
    expect(said()).toHaveLength(1)
    expect(said()[0]).toContain('Jane Smith.')
    expect(said()[0]).not.toContain('Suspect, check.')
  })
})

it('what cannot be read is acknowledged, counted by receiver, shown where it keeps coming, and mended when it stops', async () => {
  const key = 'receiver-garbled:r-hall'
  const shown = () => gateway.engine.desk.snapshot().technical.find(each => each.key === key)?.text
  for (const payload of [
    '{"v":1,"reports":[{',
    batch({ ...neighbour, data: 'f' }, neighbour),
    batch({ ...neighbour, rssiDbm: 45 }),
  ]) {
    expect(shown()).toBeUndefined()
    await publish(payload, 'r-hall')
  }
  expect(shown()).toContain('reports[0].rssiDbm: expected a level of -127 to 20 dBm, came 45')
  expect(await gateway.metric('tocsin_unread_total{receiver="r-hall"}')).toBe(3)
  expect(await gateway.metric('tocsin_refused_total{reason="malformed"}')).toBe(3)
  gateway.clock.advance(6 * MINUTE_MS)
  await publish(batch(neighbour))
  expect(shown()).toBeUndefined()
})

describe('under a strange counter', () => {
  it('the pendant’s alarm is called after a frame under the highest counter, and a copy beside it is named', async () => {
    const client = await gateway.connect('r-interview')
    const send = async (...reports: object[]) => {
      await gateway.publish(client, 'r-interview', batch(...reports))
      gateway.clock.advance(1_000)
    }
    await send(frame(100))
    await send(frame(FAR))
    await send(frame(101))
    await send(cord(102))
    expect(said()).toHaveLength(1)
    expect(said()[0]).not.toContain('Suspect, check.')
    for (let i = 0; i < 4; i++) {
      await send(frame(50_000 + i))
      await send(frame(110 + i))
    }
    const desk = gateway.engine.desk.snapshot()
    expect(desk.technical.map(({ key }) => key)).toContain('clone:p-07')
    expect(desk.security.map(({ reason }) => reason)).toContain('two-senders')
    await send(cord(120, 2))
    const [incident] = gateway.engine.desk.snapshot().incidents
    expect(incident?.lines.find(({ text }) => text.startsWith('Pressed again'))?.text).toContain(
      'Suspect, check',
    )
  })

  it('the pendant’s alarm is called though a copy ahead of it had one of the same number, which is resolved', async () => {
    const send = async (report: object) => {
      await publish(batch(report))
      gateway.clock.advance(2_000)
    }
    await send(frame(900))
    await send(cord(1_000))
    await gateway.engine.submit({
      kind: 'resolve',
      incident: 'i-0001',
      by: 'Ann',
      outcome: 'false-alarm',
      reason: 'nobody there',
    })
    for (let counter = 901; counter <= 930; counter++) await send(frame(counter))
    expect(said()).toHaveLength(1)
    await send(cord(931))
    expect(said()).toHaveLength(2)
    expect(said()[1]).toContain('Suspect, check.')
  })

  it('an alarm is called, marked for people as suspect, and once however often it is played', async () => {
    await publish(batch(frame(5_000)))
    gateway.clock.advance(MINUTE_MS)
    for (let i = 0; i < 5; i++) await publish(batch(cord(10 + (i % 2))))
    expect(said()).toHaveLength(1)
    const [incident] = gateway.engine.desk.snapshot().incidents
    expect(incident).toMatchObject({ presses: 1, state: 'raised' })
    expect(incident?.suspicion).toContain('Suspect, check')
    expect(incident?.lines[0]?.text).toContain('Suspect, check')
  })
})

it('an alarm that only a cut-off receiver heard is called, late, after a restart and before the pendant’s next frame', async () => {
  for (const dup of [false, true]) {
    await publish(batch(frame(5_000 + (dup ? 1 : 0))))
    gateway.clock.advance(10 * MINUTE_MS)
    gateway = await gateway.restart()
    gateway.clock.advance(MINUTE_MS)
    const client = await gateway.connect('r-hall')
    const payload = batch(cord(dup ? 4_800 : 4_900, dup ? 8 : 7, dup ? 0 : 70 * MINUTE_MS))
    await client.publishAsync(topicOf('r-hall', 'reports'), payload, { qos: 1, dup })
    expect(said()).toHaveLength(1)
    const incident = gateway.engine.desk.snapshot().incidents.at(-1)
    expect(incident?.suspicion).toBeUndefined()
    if (!dup) expect(incident?.lines[0]?.text).toContain('Heard 70 min ago')
    for (const { id } of gateway.engine.desk.snapshot().incidents)
      await gateway.engine.submit({
        kind: 'resolve',
        incident: id,
        by: 'Ann',
        outcome: 'test',
        reason: 'over',
      })
  }
})

it('under one account’s flood of forged frames another’s alarm is called before the flood is through, and nothing of it is lost', async () => {
  const flood = await gateway.connect('r-hall')
  const honest = await gateway.connect('r-interview')
  const forged = {
    ...alarm,
    data: sealedFrame({ counter: 7, kind: KIND_CORD, alarmNumber: 9, key: 'ff'.repeat(16) }),
  }
  const messages = 100
  let through = 0
  const all = Array.from({ length: messages }, () =>
    gateway.publish(flood, 'r-hall', batch(...Array(200).fill(forged))).then(() => {
      through += 1
    }),
  )
  await gateway.publish(honest, 'r-interview', batch(alarm))
  expect(said()).toHaveLength(1)
  expect(through).toBeLessThan(messages)
  await Promise.all(all)
  expect(await gateway.metric('tocsin_refused_total{reason="wrong-key"}')).toBe(messages * 200)
  expect(said()).toHaveLength(1)
  expect(gateway.engine.desk.snapshot().security).toHaveLength(1)
})

// Receivers whose clocks are wrong, on the real broker: ahead, behind, and set by hours in the middle of it. They say how
// long ago they heard something and never when, so that a press is an incident at once and in its room all the same.
import { afterEach, describe, expect, it } from 'vitest'
import { planOf } from '../../../gateway/core/plan/plan.ts'
import { startEngine } from '../../../gateway/engine/engine.ts'
import { createLog } from '../../../gateway/log.ts'
import { createMetrics } from '../../../gateway/metrics.ts'
import type { EngineEvent } from '../../../gateway/ports.ts'
import { createLink } from '../../../gateway/radio/link.ts'
import { createReceiver } from '../../../gateway/radio/receiver.ts'
import { startBroker } from '../../../gateway/receivers/mqtt/broker.ts'
import { memoryJournal } from '../../../gateway/store/memory.ts'
import { KIND_CORD } from '../../../schemas/frame.ts'
import { steppedClock } from '../../../simulator/clock.ts'
import { ADDRESS, sealedFrame, site } from '../../gateway/core/building.ts'

const T0 = 1_790_000_000_000
const HOUR_MS = 3_600_000
const log = createLog({ level: 'silent', pretty: false })
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A gateway with right time, and the two receivers of the test site with the time that `hallOffMs` makes of it. */
async function building(hallOffMs: () => number) {
  const clock = steppedClock(T0)
  const effects = { place() {}, withdraw() {}, reply() {}, tell() {} }
  const parts = { plan: planOf(site()), journal: memoryJournal(), clock, effects, log }
  const engine = await startEngine({ ...parts, metrics: createMetrics() })
  ends.push(() => engine.close())
  const events: EngineEvent[] = []
  const waiting: (() => void)[] = []
  const broker = await startBroker({
    host: '127.0.0.1',
    port: 0,
    site: site(),
    log,
    submit: async event => {
      const decided = await engine.submit(event)
      events.push(event)
      for (const wake of waiting.splice(0)) wake()
      return decided
    },
  })
  ends.push(() => broker.close())
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise<void>(wake => waiting.push(wake))
  }
  const receiver = (room: string, offMs: () => number) => {
    const account = { id: `r-${room}`, password: `password-${room}` }
    const at = { broker: { host: '127.0.0.1', port: broker.port } }
    const made = createReceiver({
      id: account.id,
      connect: events => createLink({ ...account, ...at }, events),
      clock: { ...clock, nowMs: () => clock.nowMs() + offMs() },
      broadcast: () => undefined,
    })
    ends.push(() => made.stop())
    return { hear: made.hear, offMs }
  }
  const [hall, interview] = [receiver('hall', hallOffMs), receiver('interview', () => 0)]
  await until(() => engine.desk.snapshot().receivers.every(({ isOnline }) => isOnline))
  let counter = 0
  /** How often this receiver has told of this frame. */
  const told = (receiver: string, data: string): number =>
    events.reduce((sum, each) => {
      if (each.kind !== 'reports' || each.receiver !== receiver) return sum
      return sum + each.reports.filter(report => report.data === data).length
    }, 0)
  /** One frame and its repeat, which both hear: the hall's loudly. `waiting` happens while the repeat is not published. */
  const send = async (kind: number, isWaiting: () => void): Promise<void> => {
    counter += 1
    const hex = sealedFrame({ counter, kind, alarmNumber: kind === 0 ? 0 : 1 })
    const data = Buffer.from(hex, 'hex')
    for (const [{ hear, offMs }, rssiDbm] of [
      [hall, -50],
      [interview, -75],
    ] as const)
      for (let i = 0; i < 2; i++)
        hear({ address: ADDRESS, data, rssiDbm, heardAtMs: clock.nowMs() + offMs() })
    isWaiting()
    clock.advance(500)
    // A repeat that a clock made hours old is dropped by its own receiver; the fresh frame went before.
    await until(() => told('r-interview', hex) === 2 && told('r-hall', hex) >= 1)
  }
  return { engine, events, send, clock }
}

/** Ten idle frames and a press; `isWaiting` is called while something of each waits in the receivers. */
const press = async (hallOffMs: () => number, isWaiting: () => void = () => undefined) => {
  const { engine, send, events } = await building(hallOffMs)
  for (let i = 0; i < 10; i++) await send(0, isWaiting)
  await send(KIND_CORD, isWaiting)
  const { incidents, security } = engine.desk.snapshot()
  return { incidents, security, refused: events.filter(({ kind }) => kind === 'refused') }
}

describe('a receiver whose clock', () => {
  it.each([
    ['is 5 s ahead', 5_000],
    ['is 5 s behind', -5_000],
    ['has never been set', -T0],
  ])('%s places a press as well as one with the right time', async (_name, offMs) => {
    const { incidents, security, refused } = await press(() => offMs)
    expect(incidents).toMatchObject([{ whereabouts: { room: 'hall' } }])
    expect(incidents[0]?.whereabouts.because.map(({ receiver }) => receiver)).toEqual([
      'r-hall',
      'r-interview',
    ])
    expect([security, refused]).toEqual([[], []])
  })

  it.each([
    ['5 s', 5_000],
    ['five hours', 5 * HOUR_MS],
  ])('is set forward and back by %s, again and again, loses no press and no room', async (_name, jumpMs) => {
    let offMs = 0
    const { incidents, refused } = await press(
      () => offMs,
      () => {
        offMs = jumpMs - offMs
      },
    )
    expect(incidents).toMatchObject([{ whereabouts: { room: 'hall' } }])
    expect(refused).toEqual([])
  })
})

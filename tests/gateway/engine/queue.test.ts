// The engine's queue: what people say first, receivers in turn, and bounds that are said.
import { expect, it } from 'vitest'
import { createQueue, Overrun, WAITING_MAX } from '../../../gateway/engine/queue.ts'
import type { EngineEvent } from '../../../gateway/ports.ts'
import { KIND_IDLE } from '../../../schemas/frame.ts'
import { cord, heldJournal, report, startBench } from './engine-bench.ts'

const of = (receiver: string): EngineEvent => ({
  kind: 'reports',
  receiver,
  reports: [],
  wasRedelivered: false,
})
const answer: EngineEvent = { kind: 'acknowledge', incident: 'i-0001', by: 'Ann' }
const presence: EngineEvent = { kind: 'desk', desk: 'd', by: null, isAudible: true }

/** A queue whose work is done one by one, as the test lets it. */
function held() {
  const done: string[] = []
  const queue = createQueue({
    nowMs: () => 7,
    work: async (event, arrivedAtMs) => {
      expect(arrivedAtMs).toBe(7)
      done.push('receiver' in event ? event.receiver : event.kind)
      return { refused: null }
    },
    onError: () => {},
  })
  return { queue, done }
}

it('an answer goes before a thousand reports that came before it, and a quiet receiver before a loud one', async () => {
  const { queue, done } = held()
  for (let i = 0; i < 200; i++) void queue.add(of('loud'))
  void queue.add(of('quiet'))
  void queue.add(answer)
  void queue.add(presence)
  await queue.settled()
  expect(done.slice(0, 5)).toEqual(expect.arrayContaining(['acknowledge', 'desk', 'quiet', 'loud']))
  expect(done).toHaveLength(203)
})

it('whoever tries a receiver’s name without its password takes none of its room, and no turn of it', async () => {
  const { queue, done } = held()
  const guess: EngineEvent = { kind: 'refused', receiver: 'quiet', reason: 'wrong-password', detail: '' }
  for (let i = 0; i < 2 * WAITING_MAX.perReceiver; i++) void queue.add(guess).catch(() => {})
  const heard = queue.add(of('quiet')).then(() => done.length)
  await queue.settled()
  expect(await heard).toBeLessThanOrEqual(4)
})

it('what may be an alarm goes before 500 receivers that came and went, and these wait for no flood of it', async () => {
  const { queue, done } = held()
  const online = (receiver: string): EngineEvent => ({
    kind: 'receiver-status',
    receiver,
    status: { status: 'online' },
  })
  for (let i = 0; i < 500; i++) void queue.add(online(`r-${i}`))
  // It has just come itself.
  void queue.add(online('pressed'))
  const heard = queue.add(of('pressed')).then(() => done.length)
  await queue.settled()
  expect(await heard).toBeLessThanOrEqual(4)
  expect(done).toHaveLength(502)
  done.length = 0
  for (let i = 0; i < 200; i++) void queue.add(of('loud'))
  void queue.add(online('quiet'))
  await queue.settled()
  expect(done.indexOf('quiet')).toBeLessThan(20)
})

it('of one receiver everything is carried out in its order; of what people say too', async () => {
  const order: string[] = []
  const queue = createQueue({
    nowMs: () => 0,
    work: async event => {
      order.push(event.kind === 'refused' ? event.detail : event.kind)
      return { refused: null }
    },
    onError: () => {},
  })
  const said = (detail: string): EngineEvent => ({
    kind: 'refused',
    receiver: 'r',
    reason: 'malformed',
    detail,
  })
  for (const detail of ['1', '2', '3']) void queue.add(said(detail))
  void queue.add({ kind: 'receiver-status', receiver: 'r', status: { status: 'online' } })
  await queue.settled()
  expect(order).toEqual(['1', '2', '3', 'receiver-status'])
})

it('nothing waits for ever behind people who never stop', async () => {
  const { queue, done } = held()
  for (let i = 0; i < 100; i++) void queue.add(answer)
  void queue.add(of('r'))
  await queue.settled()
  expect(done.indexOf('r')).toBeLessThan(20)
})

it('a receiver with too much waiting is refused at once, and no other', async () => {
  const { queue } = held()
  const sent = Array.from({ length: WAITING_MAX.perReceiver }, () => queue.add(of('loud')))
  await expect(queue.add(of('loud'))).rejects.toThrow(Overrun)
  await expect(queue.add(of('quiet'))).resolves.toEqual({ refused: null })
  await Promise.all(sent)
})

it('what is refused for want of room is counted, said on the desk, and over when it has not happened for a minute', async () => {
  const journal = heldJournal()
  const bench = await startBench({ journal })
  const flood = Array.from({ length: WAITING_MAX.perReceiver + 44 }, (_, i) =>
    bench.submit(report({ counter: 100 + i, kind: KIND_IDLE })).then(
      () => 'taken',
      error => (error instanceof Overrun ? 'refused' : 'failed'),
    ),
  )
  const alarm = bench.submit(cord(1_000)).then(
    () => 'taken',
    () => 'refused',
  )
  const other = bench.submit({ ...cord(1_000), receiver: 'r-hall' })
  const came = await Promise.all(flood)
  expect(came.filter(each => each === 'refused')).toHaveLength(44)
  expect(await alarm, 'sent again, as it got no PUBACK').toBe('refused')
  await other
  expect(bench.engine.desk.snapshot().incidents).toHaveLength(1)
  expect(await bench.metrics.render()).toContain('tocsin_refused_total{reason="overrun"} 45')
  await bench.wait(250)
  expect(bench.keys()).toContain('queue')
  await bench.wait(60_500)
  expect(bench.keys()).not.toContain('queue')
  await bench.engine.close()
})

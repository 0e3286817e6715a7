// Only a whole key 1 from the telephone that was called is told as key 1: each way in that a telephone, a second one, or a
// stranger on the network had, over a real line with a telephone that is scripted to the letter.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { endOf, order, type Rig, startRig } from '../rig.ts'
import {
  described,
  type Ear,
  eventPayload,
  type Invited,
  openEar,
  type Scripted,
  startScripted,
} from '../scripted.ts'

let line: Scripted
let rig: Rig
let ear: Ear
let stranger: Ear
let pages = 0
beforeAll(async () => {
  line = await startScripted()
  // Nobody decides here what a key means: the call goes on until a test ends it.
  rig = await startRig(line.port, { decide: () => {} })
})
afterAll(async () => {
  await rig.close()
  await line.close()
})
beforeEach(async () => {
  ;[ear, stranger] = [await openEar(), await openEar()]
})
afterEach(() => {
  for (const each of [ear, stranger]) each.close()
})

type Call = { page: string; call: Invited }

async function place(): Promise<Call> {
  pages += 1
  const page = `page-${pages}`
  rig.pager.place(order(page))
  return { page, call: await line.invited() }
}

/** Answered under tag a, with this description. */
async function answered(sdp = described(ear.port)): Promise<Call> {
  const { page, call } = await place()
  call.respond('200 OK', { tag: 'a', sdp })
  await rig.step(page, 'reached')
  return { page, call }
}

const keysOf = (page: string): string =>
  rig.events
    .flatMap(event =>
      event.kind === 'page' && event.page === page && event.progress.step === 'answered'
        ? [event.progress.with]
        : [],
    )
    .join('')

/** Resolves once this key has been told; the same line carried what came before it. */
const untilKey = (page: string, key: string): Promise<unknown> =>
  rig.until(
    event =>
      event.kind === 'page' &&
      event.page === page &&
      event.progress.step === 'answered' &&
      event.progress.with === key,
  )

async function hangUp({ page, call }: Call): Promise<void> {
  await call.request('BYE', { tag: 'a' })
  expect(endOf(await rig.step(page, 'ended')).outcome).toBe('hung-up')
}

const relay = (body: string) => ({ tag: 'a', type: 'application/dtmf-relay', body })

describe('two telephones answer one INVITE', () => {
  test('each is acknowledged in its own dialog, the surplus one is hung up, and the first goes on until it ends the page', async () => {
    const { page, call } = await place()
    for (const tag of ['a', 'b']) call.respond('180 Ringing', { tag })
    call.respond('200 OK', { tag: 'a', sdp: described(ear.port) })
    await call.until('ACK a')
    const routes = ['<sip:near.example;lr>', '<sip:far.example;lr>']
    call.respond('200 OK', { tag: 'b', sdp: described(stranger.port), contact: 'sip:b@10.9.8.7', routes })
    const bye = await call.until('BYE b')
    expect(call.asked()).toEqual(['ACK a', 'ACK b', 'BYE b'])
    expect(bye).toMatch(/^BYE sip:b@10\.9\.8\.7 SIP\/2\.0\r\n/)
    expect([...bye.matchAll(/^Route: (.*)\r$/gm)].map(([, route]) => route)).toEqual(routes.toReversed())
    call.respond('200 OK', { tag: 'b', sdp: described(stranger.port) })
    call.respond('200 OK', { tag: 'a', sdp: described(ear.port) })
    expect(await call.request('INFO', { ...relay('Signal=1'), tag: 'b' })).toBe(481)
    expect(await call.request('INFO', relay('Signal=5'))).toBe(200)
    await untilKey(page, '5')
    expect(keysOf(page)).toBe('5')
    expect(call.asked().filter(asked => asked === 'BYE a' || asked === 'BYE b')).toEqual(['BYE b'])
    await ear.hears()
    await hangUp({ page, call })
  })

  test('a third too; and one that answers when the first has hung up already', async () => {
    const one = await answered()
    one.call.respond('200 OK', { tag: 'c', sdp: described(stranger.port) })
    await one.call.until('BYE c')
    await hangUp(one)
    one.call.respond('200 OK', { tag: 'd', sdp: described(stranger.port) })
    await one.call.until('BYE d')
  })

  test('the 200’s own Contact is called from then on, not that of its 180', async () => {
    const { page, call } = await place()
    call.respond('180 Ringing', { tag: 'a', contact: 'sip:early@10.0.0.1' })
    call.respond('200 OK', { tag: 'a', sdp: described(ear.port), contact: 'sip:late@10.0.0.2' })
    expect(await call.until('ACK a')).toMatch(/^ACK sip:late@10\.0\.0\.2/)
    rig.pager.withdraw(page)
    expect(await call.until('BYE a')).toMatch(/^BYE sip:late@10\.0\.0\.2/)
    await rig.step(page, 'ended')
  })
})

describe('INFO', () => {
  test('is read whole, in any order and spelling, and what is no key is none', async () => {
    const call = await answered()
    const bodies = [
      'Signal=11\n',
      'Signal=10',
      'Signal=16',
      'Signal=1x',
      'Signal=1\r\nSignal=2',
      'Signal=111',
    ]
    for (const body of bodies) expect(await call.call.request('INFO', relay(body))).toBe(200)
    for (const body of ['Duration=160\r\nSignal=1\r\n', '\r\nsignal = 2'])
      expect(await call.call.request('INFO', relay(body))).toBe(200)
    await untilKey(call.page, '2')
    expect(keysOf(call.page)).toBe('#*12')
    await hangUp(call)
  })

  test('sent again is one press, and an older one is refused', async () => {
    const call = await answered()
    const again = { ...relay('Signal=3'), cseq: 7, branch: 'same' }
    for (const _ of [1, 2]) expect(await call.call.request('INFO', again)).toBe(200)
    expect(await call.call.request('INFO', { ...relay('Signal=1'), cseq: 6 })).toBe(500)
    expect(await call.call.request('INFO', { ...relay('Signal=4'), cseq: 8 })).toBe(200)
    await untilKey(call.page, '4')
    expect(keysOf(call.page)).toBe('34')
    await hangUp({ ...call })
  })

  test.each([
    ['another telephone’s tag', { tag: 'z' }],
    ['another tag of ours', { theirTag: 'z' }],
  ])('of %s is of no call', async (_name, other) => {
    const call = await answered()
    expect(await call.call.request('INFO', { ...relay('Signal=1'), ...other })).toBe(481)
    expect(await call.call.request('INFO', relay('Signal=6'))).toBe(200)
    await untilKey(call.page, '6')
    expect(keysOf(call.page)).toBe('6')
    await hangUp(call)
  })

  test('is heard in a long call, however many others came and went meanwhile', async () => {
    const talking = await answered()
    for (let i = 0; i < 300; i += 1) {
      const { page, call } = await place()
      call.respond('486 Busy Here', { tag: 'b' })
      await rig.step(page, 'ended')
    }
    expect(await talking.call.request('INFO', relay('Signal=4'))).toBe(200)
    await untilKey(talking.page, '4')
    expect(await talking.call.request('INFO', { ...relay('Signal=1'), tag: 'z' })).toBe(481)
    await hangUp(talking)
  })

  test('before anybody has answered is no key, and just after the 200 is one', async () => {
    const { page, call } = await place()
    call.respond('183 Session Progress', { tag: 'a', sdp: described(ear.port) })
    expect(await call.request('INFO', relay('Signal=1'))).toBe(200)
    call.respond('200 OK', { tag: 'a', sdp: described(ear.port) })
    const info = call.request('INFO', relay('Signal=8'))
    await untilKey(page, '8')
    expect([await info, keysOf(page), rig.steps(page)]).toEqual([200, '8', 'sent accepted reached answered'])
    await hangUp({ page, call })
  })
})

describe('keys within the sound', () => {
  const press = (
    from: Ear,
    { call }: Call,
    code: number,
    more: Partial<Parameters<Ear['send']>[1]> = {},
  ): void => {
    const { sequence = 10, timestamp = 1000 } = more
    for (const [i, payload] of [
      eventPayload(code),
      eventPayload(code, true),
      eventPayload(code, true),
    ].entries())
      from.send(call.rtp, {
        type: 101,
        isMarked: i === 0,
        ...more,
        timestamp,
        sequence: sequence + i,
        payload,
      })
  }

  test('under our number and under theirs, whatever the answer says', async () => {
    const call = await answered(described(ear.port, 96))
    press(ear, call, 3)
    press(ear, call, 4, { type: 96, sequence: 20, timestamp: 3000 })
    await untilKey(call.page, '4')
    expect(keysOf(call.page)).toBe('34')
    await hangUp(call)
  })

  test('under the timestamp of the key before, and under an earlier one', async () => {
    const call = await answered()
    press(ear, call, 2)
    press(ear, call, 1, { sequence: 20 })
    press(ear, call, 2, { sequence: 30, timestamp: 500 })
    press(ear, call, 2, { sequence: 40, timestamp: 500 })
    press(ear, call, 9, { sequence: 50, timestamp: 400 })
    await untilKey(call.page, '9')
    expect(keysOf(call.page)).toBe('21229')
    await hangUp(call)
  })

  test('of a stranger, before the telephone’s own first packet, acknowledge nothing and deafen nobody; the page says so', async () => {
    const { page, call } = await answered()
    for (let i = 0; i < 60; i += 1)
      stranger.send(call.rtp, { type: 0, sequence: i, timestamp: 160 * i, payload: Buffer.alloc(160) })
    press(stranger, { page, call }, 1, { sequence: 61 })
    press(ear, { page, call }, 7)
    await untilKey(page, '7')
    press(stranger, { page, call }, 1, { sequence: 13 })
    press(ear, { page, call }, 8, { sequence: 20, timestamp: 4000 })
    await untilKey(page, '8')
    expect(keysOf(page)).toBe('78')
    await hangUp({ page, call })
  })

  test('of no whole event, or of sound under the number of keys, are none', async () => {
    const call = await answered()
    for (const [i, payload] of [Buffer.from([1, 10, 0]), Buffer.alloc(5, 1), Buffer.alloc(160, 1)].entries())
      ear.send(call.call.rtp, { type: 101, sequence: i, timestamp: 1000 * i, payload })
    press(ear, call, 6, { sequence: 20, timestamp: 9000 })
    await untilKey(call.page, '6')
    expect(keysOf(call.page)).toBe('6')
    await hangUp(call)
  })

  test('sound goes where the description says, though theirs comes from elsewhere', async () => {
    const { page, call } = await answered()
    for (let i = 0; i < 60; i += 1)
      stranger.send(call.rtp, { type: 0, sequence: i, timestamp: 160 * i, payload: Buffer.alloc(160) })
    // A second of it: long after all of these have come.
    for (let frames = 0; frames < 50; frames += 1) await ear.hears()
    await hangUp({ page, call })
  })
})

test('a key from elsewhere alone is said where the page ends without one', async () => {
  const own = await startScripted()
  const other = await startRig(own.port, { decide: () => {} })
  other.pager.place(order('page-a', { talkMs: 3000 }))
  const call = await own.invited()
  call.respond('200 OK', { tag: 'a', sdp: described(ear.port) })
  await other.step('page-a', 'reached')
  stranger.send(call.rtp, { type: 101, sequence: 1, timestamp: 1, payload: eventPayload(1) })
  expect(endOf(await other.step('page-a', 'ended')).detail).toBe(
    `answered, but no key within 3 s (but one from 127.0.0.1:${stranger.port}, which is not the telephone’s place)`,
  )
  await other.close()
  await own.close()
})

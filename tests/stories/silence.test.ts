// Nothing fails silently: each failure of receivers, pendants, the exchange and the way in is said on the desk and on
// /healthz within the time that gateway/README.md has for it. A whole gateway on a clock that is moved on.
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { SessionView } from '../../schemas/api/session.ts'
import { KIND_CORD } from '../../schemas/frame.ts'
import { createPhone } from '../../simulator/phones/phone.ts'
import type { Phone } from '../../simulator/ports.ts'
import { ADDRESS, sealedFrame, site } from '../gateway/core/building.ts'
import {
  type ForwardedGateway,
  healthOf,
  keysOf,
  startForwarded,
  untilHealth,
} from '../gateways/forwarded.ts'
import {
  connectReceiver,
  deskOf,
  type Folder,
  type ReceiverClient,
  siteFolder,
  untilIncident,
} from '../gateways/gateway-process.ts'
import { PATIENCE } from '../patience.ts'
import { freePort } from '../rim/telephone/port.ts'

/** The way to the telephone: it lets nothing through until it is opened, and can be cut or fall silent. */
type Exchange = { server: Server; port: number; isMute: boolean; open(): void; cut(): void }

async function startExchange(to: number): Promise<Exchange> {
  const sockets = new Set<Socket>()
  let waiting: (() => void)[] | null = []
  const server = createServer(caller => {
    const called = connect(to, '127.0.0.1')
    for (const [from, into] of [
      [caller, called],
      [called, caller],
    ] as const) {
      sockets.add(from)
      from.on('data', chunk => {
        if (waiting === null) exchange.isMute || into.write(chunk)
        else waiting.push(() => into.write(chunk))
      })
      from.on('error', () => undefined)
      from.on('close', () => into.destroy())
    }
  })
  const port = await freePort()
  const exchange: Exchange = {
    server,
    port,
    isMute: false,
    open() {
      for (const pass of waiting ?? []) pass()
      waiting = null
    },
    cut() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return exchange
}

const STEP_MS = 5_000
let phone: Phone
let exchange: Exchange
let folder: Folder
let gateway: ForwardedGateway
let receivers: { hall: ReceiverClient; interview: ReceiverClient }
let counter = 0

beforeAll(async () => {
  phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'manual' })
  exchange = await startExchange(phone.address.port)
  const small = site()
  folder = siteFolder({ ...small, sip: { ...small.sip, port: exchange.port } })
  gateway = await startForwarded(folder)
})
afterAll(async () => {
  for (const receiver of Object.values(receivers ?? {})) await receiver.close()
  await gateway?.stop()
  exchange?.cut()
  await phone?.close()
  folder?.remove()
})

/** What the others bring; and where the clock is moved on while the disk is asked, it has taken that long (stories/disk). */
const BESIDE = ['not-armed', 'disk', 'journal']

const send = async (path: string, body: object): Promise<Response> =>
  fetch(new URL(path, gateway.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const present = () => send('/api/desk/present', { desk: 'a page', by: 'Ann', isAudible: true })
const connected = (id: 'hall' | 'interview') => connectReceiver(gateway.mqtt, `r-${id}`, `password-${id}`)
const heard = (how = ++counter) => receivers.hall.report(ADDRESS, sealedFrame({ counter: how }))
/** Time goes by while those of the receivers that are named hear on, and a desk page is open. */
async function goOn(ms: number, hearing: readonly ('hall' | 'interview')[], each = async () => {}) {
  for (let left = ms; left > 0; left -= STEP_MS) {
    for (const id of hearing) await receivers[id].beat()
    await present()
    await each()
    await gateway.forward(Math.min(STEP_MS, left))
  }
}
const BOTH = ['hall', 'interview'] as const
/** The telephone is asked in real time: on a clock that was moved on, that it was proven is soon too long ago. */
const all = async () => {
  const { health } = await healthOf(gateway.url)
  const desk = await deskOf(gateway.url)
  expect(keysOf(desk), 'the desk says what /healthz says').toEqual(keysOf(health))
  return { health, desk, keys: keysOf(health).filter(key => !BESIDE.includes(key)) }
}

/** What the desk says of what works again, oldest first. */
const again = async () => (await deskOf(gateway.url)).mended.map(({ key, text }) => [key, text] as const)

it('a gateway that has just started is well in nothing, and says what is not proven', async () => {
  const { status, health } = await healthOf(gateway.url)
  expect([status, health.isOk, health.armed?.isArmed]).toEqual([503, false, false])
  expect(health.armed.reasons).toEqual([
    'No desk page is open.',
    expect.stringMatching(/^No telephone can be called/),
    'No receiver has been proven to hear yet.',
  ])
  exchange.open()
})

it('is well once desk, telephone, receivers, disk, voice and the way in are proven', async () => {
  receivers = { hall: await connected('hall'), interview: await connected('interview') }
  for (let i = 0; i < 2; i++) for (const id of BOTH) await receivers[id].beat()
  await present()
  const health = await untilHealth(gateway.url, (_, status) => status === 200)
  expect(health).toEqual({
    isOk: true,
    armed: { isArmed: true, reasons: [], sinceMs: expect.any(Number) },
    technical: [],
    unproven: [],
    site: 'Test site',
    wayIn: expect.stringMatching(/^MQTT on 127\.0\.0\.1:\d+$/),
  })
})

it('one receiver gone: at once partly armed, with the room as on its door', async () => {
  await receivers.interview.close()
  const health = await untilHealth(gateway.url, ({ armed }) => armed.uncovered !== undefined)
  expect(health).toMatchObject({ isOk: false, armed: { isArmed: true, uncovered: ['214 Interview room'] } })
  expect(keysOf(health)).toEqual(['receiver:r-interview'])
  expect((await deskOf(gateway.url)).armed.uncovered).toEqual(['214 Interview room'])
})

it('every receiver gone: at once not armed', async () => {
  await receivers.hall.close()
  const health = await untilHealth(gateway.url, ({ armed }) => armed.uncovered === undefined)
  expect(health.armed).toMatchObject({
    isArmed: false,
    reasons: ['No receiver is there: no pendant can be heard.'],
  })
  expect((await all()).keys).toEqual(['receiver:r-hall', 'receiver:r-interview'])
  receivers = { hall: await connected('hall'), interview: await connected('interview') }
  await goOn(STEP_MS, BOTH)
  await goOn(STEP_MS, BOTH)
  expect((await all()).keys).toEqual([])
  const receiversAgain = (await again()).filter(([key]) => key.startsWith('receiver:'))
  expect(new Map(receiversAgain)).toEqual(
    new Map([
      ['receiver:r-hall', 'Receiver r-hall (1) is heard again'],
      ['receiver:r-interview', 'Receiver r-interview (214 Interview room) is heard again'],
    ]),
  )
})

it('a receiver that is there and deaf: within 75 s, though its heartbeats come', async () => {
  const status = JSON.stringify({
    v: 1,
    status: 'online',
    uptimeMs: 1,
    heard: 1_000,
    published: 0,
    dropped: 0,
  })
  const deaf = () =>
    receivers.interview.client.publishAsync('tocsin/v1/r-interview/status', status, { qos: 1 })
  await deaf()
  await goOn(75_000, ['hall'], async () => void (await deaf()))
  const { keys, health, desk } = await all()
  expect(keys).toEqual(['receiver-deaf:r-interview'])
  expect(health.armed.uncovered).toEqual(['214 Interview room'])
  expect(desk.armed.uncovered).toEqual(['214 Interview room'])
  await receivers.interview.report(ADDRESS, sealedFrame({ counter: ++counter }))
  await goOn(STEP_MS, BOTH)
  expect((await all()).keys).toEqual([])
  expect(await again()).toContainEqual([
    'receiver-deaf:r-interview',
    'Receiver r-interview (214 Interview room) hears again',
  ])
})

it('who signs in with a pendant that was not heard is told at once, and so is the desk', async () => {
  await goOn(100_000, BOTH)
  const said = { by: 'Sam Reed', pendant: 'p-07', room: 'interview', minutes: 60 }
  const response = await send('/api/sessions', said)
  const [session] = (await response.json()) as SessionView[]
  expect([response.status, session?.pendantState]).toEqual([200, 'silent'])
  await goOn(STEP_MS, BOTH)
  const { keys, desk } = await all()
  expect(keys).toEqual(['pendant-silent:p-07'])
  expect(desk.technical.find(({ key }) => key === 'pendant-silent:p-07')?.text).toMatch(
    /^Pendant p-07 \(Jane Smith\), signed in for 214 Interview room, has not been heard for \d+ s: ask Jane Smith$/,
  )
  await heard()
  await goOn(STEP_MS, BOTH)
  expect((await all()).keys).toEqual([])
})

it('a pendant on duty is late at 60 s and said at 100 s, though a radio repeats its last frame', async () => {
  await heard()
  const last = counter
  const again = () => heard(last)
  const stateNow = async () => (await deskOf(gateway.url)).sessions[0]?.pendantState
  expect(await stateNow()).toBe('heard')
  await goOn(65_000, BOTH)
  expect([await stateNow(), (await all()).keys]).toEqual(['late', []])
  await goOn(40_000, BOTH, again)
  expect([await stateNow(), (await all()).keys]).toEqual(['silent', ['pendant-silent:p-07']])
  await heard()
  await goOn(STEP_MS, BOTH)
  expect([await stateNow(), (await all()).keys]).toEqual(['heard', []])
})

it('the way in for receivers gone: at once, and it is opened anew on the same port', async () => {
  await gateway.kill('receivers/')
  const health = await untilHealth(gateway.url, each => keysOf(each).includes('broker'))
  expect(health.isOk).toBe(false)
  expect(keysOf(await deskOf(gateway.url))).toContain('broker')
  await untilHealth(gateway.url, each => !keysOf(each).includes('broker'))
  await receivers.hall.beat()
})

const unreachable = /No telephone can be called \(5150 cannot be called/
const cannotCall = () =>
  untilHealth(gateway.url, ({ armed }) => armed.reasons.some(reason => unreachable.test(reason)))

it('the exchange gone: at once', async () => {
  exchange.cut()
  const health = await cannotCall()
  expect([keysOf(health).includes('sip'), health.isOk]).toEqual([true, false])
  const desk = await deskOf(gateway.url)
  expect(keysOf(desk)).toContain('sip')
  expect(desk.armed.reasons.join(' ')).toMatch(unreachable)
})

it('the exchange started again but mute: a connection is no answer; it is mended by its answer', async () => {
  exchange.isMute = true
  const connected = once(exchange.server, 'connection')
  exchange.server.listen(exchange.port, '127.0.0.1')
  await connected
  expect(keysOf((await healthOf(gateway.url)).health)).toContain('sip')
  exchange.cut()
  exchange.isMute = false
  exchange.server.listen(exchange.port, '127.0.0.1')
  await untilHealth(gateway.url, each => !keysOf(each).includes('sip'))
})

it('the exchange falls mute: within 20 s, though its connection stands', async () => {
  exchange.isMute = true
  const health = await untilHealth(gateway.url, each => keysOf(each).includes('sip'))
  expect(health.isOk).toBe(false)
  expect(keysOf(await deskOf(gateway.url))).toContain('sip')
  exchange.isMute = false
})

it.each([
  ['dies', () => gateway.kill('pagers/sip')],
  ['hangs', () => gateway.hang('pagers/sip')],
] as const)('the telephone worker %s: within 5 s, and it is replaced', async (_how, fail) => {
  await untilHealth(gateway.url, each => !keysOf(each).includes('sip'))
  await fail()
  const health = await untilHealth(gateway.url, each => keysOf(each).includes('sip'))
  expect(health.armed.isArmed).toBe(false)
  expect(keysOf(await deskOf(gateway.url))).toContain('sip')
  await untilHealth(gateway.url, each => !keysOf(each).includes('sip'))
})

it('the telephone worker hangs in a call, its sound coming in: the gateway goes on, calls again, and takes the key', async () => {
  await phone.setMode('answer')
  const before = phone.calls().length
  const talking = (calls: number) =>
    vi.waitFor(
      () =>
        expect(
          phone
            .calls()
            .slice(before)
            .map(({ state }) => state)[calls - 1],
        ).toBe('talking'),
      { ...PATIENCE, interval: 50 },
    )
  counter += 1
  await receivers.hall.report(ADDRESS, sealedFrame({ counter, alarmNumber: 1, kind: KIND_CORD }))
  await talking(1)
  await gateway.hang('pagers/sip')
  await talking(2)
  phone.press('1')
  const incident = await untilIncident(gateway.url, ({ state }) => state === 'acknowledged')
  expect(incident.pages.map(({ outcome }) => outcome)).toEqual(['interrupted', 'acknowledged'])
})

it('a voice that is not there: said as soon as the phrases were to be rendered', async () => {
  const mute = siteFolder({ ...site(), speech: { voice: 'zz-nobody', wordsPerMinute: 150 } })
  const other = await startForwarded(mute)
  const health = await untilHealth(other.url, each => keysOf(each).includes('speech'))
  expect(health.isOk).toBe(false)
  expect(keysOf(await deskOf(other.url))).toContain('speech')
  await other.stop()
  mute.remove()
})

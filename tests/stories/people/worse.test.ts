// needs: kamailio, baresip, espeak-ng
// It grows worse while a guard is on the telephone: a cord, the call answered, then a duress. Key 1 before the guard has heard
// of it acknowledges nothing, key 1 after it does, and the wearer is told each only when it is so. The telephone is baresip
// with one line, behind kamailio.
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createCache } from '../../../gateway/pagers/speech/cache.ts'
import { readWav } from '../../../gateway/pagers/speech/wav.ts'
import {
  KIND_CORD,
  KIND_DURESS,
  TOLD_ACKNOWLEDGED,
  TOLD_COMING,
  TOLD_RESOLVED,
  TOLD_STORED,
} from '../../../schemas/frame.ts'
import { topicOf } from '../../../schemas/report.ts'
import type { Site } from '../../../schemas/site.ts'
import { openBeacon } from '../../gateway/core/beacons.ts'
import { ADDRESS, sealedFrame, site } from '../../gateway/core/building.ts'
import {
  atDesk,
  connectReceiver,
  type Folder,
  type GatewayProcess,
  type ReceiverClient,
  siteFolder,
  startGatewayProcess,
  untilDesk,
  untilIncident,
} from '../../gateways/gateway-process.ts'
import { PATIENCE } from '../../patience.ts'
import { type Baresip, startBaresip } from '../../rim/telephone/baresip.ts'
import { type Kamailio, startKamailio } from '../../rim/telephone/kamailio.ts'
import { likeness } from '../../rim/telephone/likeness.ts'

const SECURITY = '5150'
const PASSWORDS = { tocsin: 'gateway-secret', [SECURITY]: 'guard-secret' }
/** As slowly as it speaks at all: a key pressed at once is pressed before the news was heard, on any machine. */
const SLOWLY = { wordsPerMinute: 80, voice: 'en-gb' }
const WORSE = 'It has grown worse: duress.'
const THANKS = 'Acknowledged. Thank you.'

function siteOf(port: number): Site {
  const base = site()
  const targets = [{ channel: 'sip' as const, to: SECURITY }]
  const ladder = { targets, attempts: 9, ringSeconds: 20, talkSeconds: 120, pauseSeconds: 60 }
  const policies = [{ id: 'office', steps: [ladder], rounds: 1, onwardSeconds: 60 }]
  const sip = { ...base.sip, port, register: true, password: PASSWORDS.tocsin }
  return { ...base, policies, sip, speech: SLOWLY }
}

let exchange: Kamailio
let phone: Baresip
let folder: Folder
let gateway: GatewayProcess
let receiver: ReceiverClient
/** What the wearer was told, in order, with the alarm that each is about. */
const told: string[] = []

beforeAll(async () => {
  exchange = await startKamailio({ passwords: PASSWORDS })
  const account = { user: SECURITY, password: PASSWORDS[SECURITY], answer: 'manual' as const }
  phone = await startBaresip({ registrar: exchange, ...account, lines: 1 })
  folder = siteFolder(siteOf(exchange.port))
  gateway = await startGatewayProcess(folder)
  await untilDesk(gateway.url, desk => !desk.technical.some(alarm => alarm.key === 'sip'))
  receiver = await connectReceiver(gateway.mqtt, 'r-interview', 'password-interview')
  receiver.client.on('message', (_topic, payload) => {
    for (const { data } of JSON.parse(payload.toString()).beacons) {
      const { told: what, alarmNumber } = openBeacon(data)
      if (told.at(-1) !== `${what} of ${alarmNumber}`) told.push(`${what} of ${alarmNumber}`)
    }
  })
  await receiver.client.subscribeAsync(topicOf('r-interview', 'beacon'))
  await phrasesRendered()
})
afterAll(async () => {
  await receiver?.close()
  await gateway?.stop()
  folder?.remove()
  await phone?.stop()
  await exchange?.stop()
})

const press = (counter: number, kind: number, alarmNumber: number): Promise<void> =>
  receiver.report(ADDRESS, sealedFrame({ counter, kind, alarmNumber }))
const logged = (message: string): Promise<void> =>
  vi.waitFor(() => expect(gateway.lines.map(({ msg }) => msg)).toContain(message), PATIENCE)
const phrasesRendered = (): Promise<void> => logged('every phrase of this site is rendered')

it('a cord is answered at 5150', async () => {
  await press(10, KIND_CORD, 1)
  await phone.until('CALL_INCOMING')
  await phone.command('accept')
  await untilIncident(gateway.url, ({ pages }) => pages[0]?.answeredAtMs !== undefined)
  await phone.hears(1)
})

it('a duress follows: key 1 before it was heard has nothing, and says so at the desk', async () => {
  await press(20, KIND_DURESS, 2)
  await phone.press('1')
  const incident = await untilIncident(gateway.url, ({ pages }) => pages[0]?.key === '1')
  expect(incident).toMatchObject({ state: 'raised', kind: 'duress', presses: 2, acknowledged: null })
  expect(incident.pages[0]?.endedAtMs, 'and the call goes on').toBeUndefined()
  expect(incident.lines.map(({ text }) => text)).toContain(
    '5150 Security desk pressed 1, not having heard yet that it grew worse: nobody has it',
  )
  await logged('page said')
})

it('key 1 after it was heard has it: thanked, and the wearer told that somebody has it', async () => {
  // The call that was placed for the duress met a telephone that is busy, and is closed already.
  const past = phone.events().length
  await phone.press('1')
  const incident = await untilIncident(gateway.url, ({ state }) => state === 'acknowledged')
  expect(incident).toMatchObject({ acknowledged: { by: '5150 Security desk (key 1)' }, nextPageAtMs: null })
  expect(incident.pages[0]).toMatchObject({ outcome: 'acknowledged', detail: 'key 1 pressed' })
  expect(incident.lines.map(({ text }) => text)).toContain(
    'In a duress the pendant stays dark: do not count on the wearer being shown: somebody has it',
  )
  await phone.until('CALL_CLOSED', past)
  const cache = createCache(`${folder.data}/speech`, 'espeak-ng', SLOWLY)
  for (const phrase of [WORSE, THANKS]) {
    const sound = await cache.find(phrase)
    // The telephone goes on writing its recording for a moment after the call.
    await vi.waitFor(async () => {
      const { samples } = readWav(await phone.heard())
      expect(likeness(sound ?? new Int16Array(1), samples), phrase).toBeGreaterThanOrEqual(0.95)
    }, PATIENCE)
  }
})

it('attended at the desk, the wearer is told that somebody is coming, and never was before', async () => {
  expect(await atDesk(gateway.url, 'i-0001', 'attend', { by: 'Ann' })).toBe(200)
  await vi.waitFor(() => expect(told.at(-1)).toBe(`${TOLD_COMING} of 2`), PATIENCE)
  const body = { by: 'Ann', outcome: 'assistance-given', reason: 'went there' }
  expect(await atDesk(gateway.url, 'i-0001', 'resolve', body)).toBe(200)
  await vi.waitFor(() => expect(told.at(-1)).toBe(`${TOLD_RESOLVED} of 2`), PATIENCE)
  expect(told).toEqual([
    `${TOLD_STORED} of 1`,
    `${TOLD_STORED} of 2`,
    `${TOLD_ACKNOWLEDGED} of 2`,
    `${TOLD_COMING} of 2`,
    `${TOLD_RESOLVED} of 2`,
  ])
})

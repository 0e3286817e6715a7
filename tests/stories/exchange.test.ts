// needs: kamailio, baresip, sipp, mosquitto_pub, espeak-ng
// The whole chain against telephones that are not ours: a report by mosquitto_pub, the gateway in its own process,
// kamailio as the exchange, baresip and sipp as the telephones. Up the ladder, and again, until a human presses 1.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createCache } from '../../gateway/pagers/speech/cache.ts'
import { readWav } from '../../gateway/pagers/speech/wav.ts'
import { KIND_CORD } from '../../schemas/frame.ts'
import { topicOf } from '../../schemas/report.ts'
import type { Site } from '../../schemas/site.ts'
import { ADDRESS, sealedFrame, site } from '../gateway/core/building.ts'
import {
  deskOf,
  type Folder,
  type GatewayProcess,
  siteFolder,
  startGatewayProcess,
  untilDesk,
  untilIncident,
} from '../gateways/gateway-process.ts'
import { startBaresip } from '../rim/telephone/baresip.ts'
import { startKamailio } from '../rim/telephone/kamailio.ts'
import { likeness } from '../rim/telephone/likeness.ts'
import { answersWithKeyOne, startSipp } from '../rim/telephone/sipp.ts'

const BUSY = '5999'
const NOT_REGISTERED = '5151'
const SECURITY = '5150'
const PASSWORDS = { tocsin: 'gateway-secret', [SECURITY]: 'guard-secret', [NOT_REGISTERED]: 'nobody' }

const step = (to: string) => ({
  targets: [{ channel: 'sip' as const, to }],
  attempts: 2,
  ringSeconds: 2,
  talkSeconds: 60,
  pauseSeconds: 0.2,
})

function siteWith(sip: Partial<Site['sip']>, ladder: string[]): Site {
  const base = site()
  const telephones = [
    { number: BUSY, name: 'Always busy', role: 'person' as const },
    { number: NOT_REGISTERED, name: 'Not there', role: 'person' as const },
    { number: SECURITY, name: 'Security desk', role: 'security' as const },
  ]
  const policies = [{ id: 'office', steps: ladder.map(step), rounds: 1, onwardSeconds: 5 }]
  return { ...base, telephones, policies, sip: { ...base.sip, ...sip } }
}

let closers: (() => unknown)[]
beforeEach(() => {
  closers = []
})
afterEach(async () => {
  for (const close of closers.reverse()) await close()
})

async function start(site: Site): Promise<{ gateway: GatewayProcess; folder: Folder }> {
  const folder = siteFolder(site)
  closers.push(() => folder.remove())
  const gateway = await startGatewayProcess(folder)
  closers.push(() => gateway.stop())
  await untilDesk(gateway.url, desk => !desk.technical.some(alarm => alarm.key === 'sip'))
  return { gateway, folder }
}

/** Pulls the cord: the sealed frame as any MQTT client of the receiver's account would publish it. */
function pullCord(gateway: GatewayProcess): void {
  const data = sealedFrame({ counter: 10, kind: KIND_CORD, alarmNumber: 1 })
  const payload = JSON.stringify({ v: 1, reports: [{ address: ADDRESS, rssiDbm: -55, data, ageMs: 0 }] })
  const { host, port } = gateway.mqtt
  const account = ['-u', 'r-interview', '-P', 'password-interview']
  const args = [
    '-h',
    host,
    '-p',
    String(port),
    ...account,
    '-q',
    '1',
    '-t',
    topicOf('r-interview', 'reports'),
    '-m',
    payload,
  ]
  const { status, stderr } = spawnSync('mosquitto_pub', args, { encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
}

it('busy, not registered and unanswered are each tried as the policy says; then it is loud, goes on, and key 1 ends it', async () => {
  const exchange = await startKamailio({ passwords: PASSWORDS, busy: [BUSY] })
  closers.push(() => exchange.stop())
  const phone = await startBaresip({
    registrar: exchange,
    user: SECURITY,
    password: PASSWORDS[SECURITY],
    answer: 'manual',
  })
  closers.push(() => phone.stop())
  const sip = { port: exchange.port, register: true, password: PASSWORDS.tocsin }
  const { gateway, folder } = await start(siteWith(sip, [BUSY, NOT_REGISTERED, SECURITY]))
  pullCord(gateway)

  const desk = await untilDesk(
    gateway.url,
    desk => desk.technical.some(alarm => alarm.key === 'unanswered:i-0001') && desk,
  )
  const pages = desk.incidents[0]?.pages.map(
    ({ target, round, attempt, outcome }) => `${round}.${attempt} ${target} ${outcome}`,
  )
  expect(pages).toEqual([
    '1.1 5999 busy',
    '1.2 5999 busy',
    '1.1 5151 unreachable',
    '1.2 5151 unreachable',
    '1.1 5150 no-answer',
    '1.2 5150 no-answer',
  ])
  expect(desk.incidents[0]?.state).toBe('raised')

  const past = phone.events().length
  await phone.until('CALL_INCOMING', past)
  await phone.command('accept')
  const answered = await untilIncident(gateway.url, ({ pages }) => pages.at(-1)?.answeredAtMs !== undefined)
  expect(answered.state, 'answered is not acknowledged').toBe('raised')
  await phone.hears(8)
  await phone.press('1')
  const incident = await untilIncident(gateway.url, ({ state }) => state === 'acknowledged')
  expect(incident).toMatchObject({ acknowledged: { by: '5150 Security desk (key 1)' }, nextPageAtMs: null })
  expect(incident.pages.at(-1)).toMatchObject({ target: '5150', round: 2, key: '1' })
  expect((await deskOf(gateway.url)).technical.map(alarm => alarm.key)).not.toContain('unanswered:i-0001')

  await phone.until('CALL_CLOSED', past)
  const heard = readWav(await phone.heard())
  const cache = createCache(join(folder.data, 'speech'), 'espeak-ng', site().speech)
  for (const phrase of ['Personal alarm.', 'Jane Smith.', 'Northgate House, room 2 1 4,', 'or room 1.']) {
    const sent = await cache.find(phrase)
    expect(sent, `"${phrase}" was rendered ahead`).not.toBeNull()
    expect(likeness(sent as Int16Array, heard.samples)).toBeGreaterThanOrEqual(0.95)
  }
})

it('a telephone behind the exchange that sends its keys by INFO acknowledges too', async () => {
  const phone = await startSipp(answersWithKeyOne)
  closers.push(() => phone.stop())
  const routes = { [SECURITY]: `sip:${SECURITY}@127.0.0.1:${phone.port};transport=tcp` }
  const exchange = await startKamailio({ passwords: { tocsin: PASSWORDS.tocsin }, routes })
  closers.push(() => exchange.stop())
  const sip = { port: exchange.port, register: true, password: PASSWORDS.tocsin }
  const { gateway } = await start(siteWith(sip, [SECURITY]))
  pullCord(gateway)
  const incident = await untilIncident(gateway.url, ({ state }) => state === 'acknowledged')
  expect(incident).toMatchObject({ acknowledged: { by: '5150 Security desk (key 1)' } })
  expect(await phone.finished(), phone.printed()).toBe(true)
})

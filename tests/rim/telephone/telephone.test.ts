// needs: kamailio, baresip, sipp, espeak-ng
// Real telephones: kamailio as the exchange with digest, baresip and sipp as the telephones at extension 5150.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCache } from '../../../gateway/pagers/speech/cache.ts'
import { readWav } from '../../../gateway/pagers/speech/wav.ts'
import {
  endOf,
  isLineFault,
  order,
  PHRASES,
  type Rig,
  saysFault,
  startRig,
} from '../../gateway/pagers/sip/rig.ts'
import { type Baresip, startBaresip } from './baresip.ts'
import { type Kamailio, startKamailio } from './kamailio.ts'
import { likeness } from './likeness.ts'
import {
  answersWithKeyOne,
  dtmfRecording,
  reinvite,
  request,
  respond,
  scenario,
  startSipp,
  takeInvite,
} from './sipp.ts'

const PASSWORDS = { tocsin: 'gateway-secret', 5150: 'guard-secret', 5151: 'nobody' }
const SPEECH = { voice: 'en-gb', wordsPerMinute: 150 }

function sipAt(port: number, password = PASSWORDS.tocsin) {
  const displayName = 'Personal alarm'
  return {
    server: '127.0.0.1',
    port,
    transport: 'tcp' as const,
    user: 'tocsin',
    password,
    register: true,
    displayName,
  }
}

describe('5150 behind an exchange', () => {
  let exchange: Kamailio
  let phone: Baresip
  let rig: Rig

  beforeAll(async () => {
    exchange = await startKamailio({ passwords: PASSWORDS, busy: ['5999'] })
    phone = await startBaresip({
      registrar: exchange,
      user: '5150',
      password: PASSWORDS[5150],
      answer: 'manual',
    })
    rig = await startRig(exchange.port, { sip: sipAt(exchange.port) })
    await rig.pager.prepare(PHRASES)
    await rig.until(event => event.kind === 'fault' && event.key === 'sip' && event.text === null)
  })
  afterAll(async () => {
    await rig.close()
    await phone.stop()
    await exchange.stop()
  })

  test('it rings, answers, hears the sentence, and key 1 by RFC 4733 acknowledges', async () => {
    const past = phone.events().length
    rig.pager.place(order('page-said'))
    await rig.step('page-said', 'accepted')
    await phone.until('CALL_INCOMING', past)
    await phone.command('accept')
    await rig.step('page-said', 'reached')
    const cache = createCache(rig.cacheDir, 'espeak-ng', SPEECH)
    const sounds = await Promise.all(PHRASES.map(phrase => cache.find(phrase)))
    const samples = sounds.reduce((sum, sound) => sum + (sound?.length ?? 0), 0)
    await phone.hears(samples / 8000 + 1)
    await phone.press('1')
    expect(endOf(await rig.step('page-said', 'ended')).outcome).toBe('acknowledged')
    expect(rig.steps('page-said')).toBe('sent accepted reached answered ended')
    await phone.until('CALL_CLOSED', past)
    const heard = readWav(await phone.heard())
    expect(heard.rateHz).toBe(8000)
    for (const sound of sounds) {
      const alike = likeness(sound ?? new Int16Array(1), heard.samples)
      expect(alike).toBeGreaterThanOrEqual(0.95)
    }
  })

  test('unanswered, it ends after our ring time and the telephone sees the CANCEL', async () => {
    const past = phone.events().length
    rig.pager.place(order('page-unanswered', { ringMs: 500 }))
    await phone.until('CALL_INCOMING', past)
    expect(endOf(await rig.step('page-unanswered', 'ended')).outcome).toBe('no-answer')
    await exchange.routed('CANCEL', '5150')
    await phone.until('CALL_CLOSED', past)
  })

  test('a telephone that refuses the call is busy', async () => {
    const past = phone.events().length
    rig.pager.place(order('page-refused'))
    await phone.until('CALL_INCOMING', past)
    await phone.command('hangup')
    expect(endOf(await rig.step('page-refused', 'ended')).outcome).toBe('busy')
  })

  test('a busy number is busy', async () => {
    rig.pager.place(order('page-busy', { target: '5999' }))
    expect(endOf(await rig.step('page-busy', 'ended'))).toEqual({ outcome: 'busy', detail: '486 Busy Here' })
  })

  test('a telephone that is not registered cannot be reached', async () => {
    rig.pager.place(order('page-unregistered', { target: '5151' }))
    expect(endOf(await rig.step('page-unregistered', 'ended'))).toEqual({
      outcome: 'unreachable',
      detail: '480 Temporarily Unavailable',
    })
  })

  test('a number that does not exist cannot be reached', async () => {
    rig.pager.place(order('page-unknown', { target: '4711' }))
    expect(endOf(await rig.step('page-unknown', 'ended'))).toEqual({
      outcome: 'unreachable',
      detail: '404 Not Found',
    })
  })

  test('who answers and hangs up has not acknowledged', async () => {
    const past = phone.events().length
    rig.pager.place(order('page-hung-up'))
    await phone.until('CALL_INCOMING', past)
    await phone.command('accept')
    await rig.step('page-hung-up', 'reached')
    await phone.command('hangup')
    expect(endOf(await rig.step('page-hung-up', 'ended')).outcome).toBe('hung-up')
  })

  test('withdrawn, the telephone stops ringing', async () => {
    const past = phone.events().length
    rig.pager.place(order('page-withdrawn'))
    await phone.until('CALL_INCOMING', past)
    rig.pager.withdraw('page-withdrawn')
    expect(endOf(await rig.step('page-withdrawn', 'ended')).outcome).toBe('withdrawn')
    await phone.until('CALL_CLOSED', past)
  })
})

describe('an exchange in trouble', () => {
  test('a wrong password is a fault, and pages fail with what the exchange said', async () => {
    const exchange = await startKamailio({ passwords: PASSWORDS })
    const rig = await startRig(exchange.port, { sip: sipAt(exchange.port, 'wrong') })
    await rig.until(saysFault('401'))
    rig.pager.place(order('page-a'))
    expect(endOf(await rig.step('page-a', 'ended'))).toMatchObject({ outcome: 'failed' })
    await rig.close()
    await exchange.stop()
  })

  test('an exchange that goes and comes back is a fault, then mended, and pages go through again', async () => {
    const exchange = await startKamailio({ passwords: PASSWORDS, busy: ['5999'] })
    const rig = await startRig(exchange.port, { sip: sipAt(exchange.port) })
    await rig.until(event => event.kind === 'fault' && event.text === null)
    await exchange.stop()
    await rig.until(isLineFault)
    rig.pager.place(order('page-a'))
    expect(endOf(await rig.step('page-a', 'ended')).outcome).toBe('unreachable')
    const past = rig.events.length
    const again = await startKamailio({ passwords: PASSWORDS, busy: ['5999'], port: exchange.port })
    await rig.until(
      event => rig.events.indexOf(event) >= past && event.kind === 'fault' && event.text === null,
    )
    await again.registered('tocsin')
    rig.pager.place(order('page-b', { target: '5999' }))
    expect(endOf(await rig.step('page-b', 'ended')).outcome).toBe('busy')
    await rig.close()
    await again.stop()
  })
})

describe('a telephone that does everything', () => {
  test('early sound, keys by INFO of both kinds and RFC 4733, hold and back, and its own BYE', async () => {
    const phone = await startSipp(
      scenario(
        takeInvite,
        respond('100 Trying'),
        respond('183 Session Progress', 'sendrecv'),
        '<pause milliseconds="100"/>',
        respond('200 OK', 'sendrecv'),
        '<recv request="ACK"></recv>',
        request('INFO', 1, { type: 'application/dtmf-relay', text: 'Signal=5\nDuration=160' }),
        request('INFO', 2, { type: 'application/dtmf', text: '9' }),
        `<nop><action><exec play_pcap_audio="${dtmfRecording('7')}"/></action></nop>`,
        '<pause milliseconds="1500"/>',
        reinvite('sendonly', 3, 'a=recvonly'),
        reinvite('sendrecv', 4, 'a=sendrecv'),
        request('BYE', 5, null),
      ),
    )
    const rig = await startRig(phone.port)
    await rig.until(event => event.kind === 'fault' && event.text === null)
    rig.pager.place(order('page-a'))
    const end = endOf(await rig.step('page-a', 'ended'))
    expect(await phone.finished()).toBe(true)
    expect(end.outcome).toBe('hung-up')
    const keys = rig.events.flatMap(event =>
      event.kind === 'page' && event.progress.step === 'answered' ? [event.progress.with] : [],
    )
    expect(keys).toEqual(['5', '9', '7'])
    expect(rig.steps('page-a')).toBe('sent accepted reached answered answered answered ended')
    await rig.close()
    await phone.stop()
  })

  test('key 1 by INFO through an exchange acknowledges, and we say goodbye', async () => {
    const phone = await startSipp(answersWithKeyOne)
    const routes = { 5150: `sip:5150@127.0.0.1:${phone.port};transport=tcp` }
    const exchange = await startKamailio({ passwords: { tocsin: PASSWORDS.tocsin }, routes })
    const rig = await startRig(exchange.port, { sip: sipAt(exchange.port) })
    rig.pager.place(order('page-a'))
    expect(endOf(await rig.step('page-a', 'ended')).outcome).toBe('acknowledged')
    expect(await phone.finished()).toBe(true)
    await rig.close()
    await exchange.stop()
    await phone.stop()
  })
})

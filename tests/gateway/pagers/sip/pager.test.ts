// The pager against the simulated telephone: every way a call can go, each told in order and ended exactly once.
import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PagerMisconfigured, startSipWorker } from '../../../../gateway/pagers/sip/pager.ts'
import { createPhone } from '../../../../simulator/phones/phone.ts'
import type { Phone } from '../../../../simulator/ports.ts'
import { endOf, order, PHRASES, type Rig, startRig, untilCall, untilPhone } from './rig.ts'

describe('a page by telephone', () => {
  let phone: Phone
  let rig: Rig
  let pages = 0
  const place = (more: Parameters<typeof order>[1] = {}): string => {
    pages += 1
    rig.pager.place(order(`page-${pages}`, more))
    return `page-${pages}`
  }

  beforeAll(async () => {
    phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'manual' })
    rig = await startRig(phone.address.port)
    await rig.pager.prepare(PHRASES)
  })
  beforeEach(() => phone.setMode('manual'))
  afterAll(async () => {
    await rig.close()
    await phone.close()
  })

  test('rings, is answered, and key 1 acknowledges it', async () => {
    const page = place()
    await rig.step(page, 'accepted')
    expect((await untilCall(phone, call => call.state === 'ringing')).from).toBe('Personal alarm')
    phone.answer()
    await rig.step(page, 'reached')
    phone.press('1')
    expect(endOf(await rig.step(page, 'ended'))).toEqual({
      outcome: 'acknowledged',
      detail: 'acknowledged, and thanked',
    })
    expect(rig.steps(page)).toBe('sent accepted reached answered ended')
    await untilCall(phone, call => call.state === 'ended')
  })

  test.each(['rfc4733', 'info', 'info-relay'] as const)('takes a key pressed by %s', async by => {
    await phone.setMode('answer')
    const page = place()
    await rig.step(page, 'reached')
    await untilCall(phone, call => call.state === 'talking')
    phone.press('5', by)
    const key = await rig.step(page, 'answered')
    expect(key.progress).toEqual({ step: 'answered', with: '5' })
    phone.press('1', by)
    expect(endOf(await rig.step(page, 'ended')).outcome).toBe('acknowledged')
    expect(rig.steps(page)).toBe('sent accepted reached answered answered ended')
  })

  test('an answer without a key is not an acknowledgement', async () => {
    await phone.setMode('answer')
    const page = place({ talkMs: 300 })
    expect(endOf(await rig.step(page, 'ended'))).toEqual({
      outcome: 'no-answer',
      detail: 'answered, but no key within 0.3 s',
    })
    await untilCall(phone, call => call.state === 'ended')
  })

  test('who hangs up without a key has hung up', async () => {
    await phone.setMode('answer')
    const page = place()
    await rig.step(page, 'reached')
    phone.hangUp()
    expect(endOf(await rig.step(page, 'ended')).outcome).toBe('hung-up')
  })

  test('a busy telephone says so', async () => {
    await phone.setMode('busy')
    const page = place()
    expect(endOf(await rig.step(page, 'ended'))).toEqual({ outcome: 'busy', detail: '486 Busy Here' })
    expect(rig.steps(page)).toBe('sent ended')
  })

  test('a declined call says so', async () => {
    const page = place()
    await rig.step(page, 'accepted')
    phone.hangUp()
    expect(endOf(await rig.step(page, 'ended'))).toEqual({ outcome: 'declined', detail: '603 Decline' })
  })

  test('nobody there ends after our own ring time, and the telephone stops ringing', async () => {
    const page = place({ ringMs: 300 })
    expect(endOf(await rig.step(page, 'ended'))).toEqual({
      outcome: 'no-answer',
      detail: 'no answer within 0.3 s',
    })
    await untilCall(phone, call => call.state === 'ended')
  })

  test('a telephone that never rings ends after our own ring time too', async () => {
    await phone.setMode('silent')
    const page = place({ ringMs: 300 })
    expect(endOf(await rig.step(page, 'ended')).outcome).toBe('no-answer')
    expect(rig.steps(page)).toBe('sent ended')
    await untilCall(phone, call => call.state === 'ended')
  })

  test('an exchange that takes long to ring is given the whole ring time', async () => {
    await phone.setMode('silent')
    const page = place({ ringMs: 4500 })
    expect(endOf(await rig.step(page, 'ended')).outcome).toBe('no-answer')
  })

  test('withdrawn while ringing, the telephone stops ringing', async () => {
    const page = place()
    await rig.step(page, 'accepted')
    rig.pager.withdraw(page)
    expect(endOf(await rig.step(page, 'ended')).outcome).toBe('withdrawn')
    await untilCall(phone, call => call.state === 'ended')
  })

  test('withdrawn while talking, the call is hung up', async () => {
    await phone.setMode('answer')
    const page = place()
    await rig.step(page, 'reached')
    rig.pager.withdraw(page)
    expect(endOf(await rig.step(page, 'ended')).outcome).toBe('withdrawn')
    await untilCall(phone, call => call.state === 'ended')
  })

  test('an unknown page is withdrawn without a word', () => {
    const before = rig.events.length
    rig.pager.withdraw('page-unknown')
    expect(rig.events).toHaveLength(before)
  })

  test('a page placed twice rings once', async () => {
    const before = phone.calls().length
    const page = place()
    rig.pager.place(order(page))
    await rig.step(page, 'accepted')
    rig.pager.withdraw(page)
    await rig.step(page, 'ended')
    expect(phone.calls()).toHaveLength(before + 1)
    expect(rig.steps(page)).toBe('sent accepted ended')
  })

  test('two calls at once each go their own way', async () => {
    const [one, two] = [place(), place()]
    await Promise.all([rig.step(one, 'accepted'), rig.step(two, 'accepted')])
    phone.answer()
    phone.answer()
    await Promise.all([rig.step(one, 'reached'), rig.step(two, 'reached')])
    rig.pager.withdraw(one)
    expect(endOf(await rig.step(one, 'ended')).outcome).toBe('withdrawn')
    // The INVITE of either may have come first, and the BYE may still be on its way.
    await untilPhone(phone, () => phone.calls().filter(call => call.state === 'talking').length === 1)
    phone.press('1')
    expect(endOf(await rig.step(two, 'ended')).outcome).toBe('acknowledged')
  })

  test('the instants of a call are those of the wire', async () => {
    // The CANCEL of a call before may still be on its way.
    const earlier = phone.calls().map(({ id }) => id)
    // Two clocks of one machine, each in whole milliseconds.
    const beforeMs = Date.now() - 2
    const page = place()
    const invited = await rig.step(page, 'sent')
    const call = await untilCall(phone, each => each.state === 'ringing' && !earlier.includes(each.id))
    expect(invited.atMs).toBeGreaterThanOrEqual(beforeMs)
    expect(invited.atMs).toBeLessThanOrEqual((await rig.step(page, 'accepted')).atMs)
    expect(call.invitedAtMs).toBeGreaterThanOrEqual(beforeMs)
    rig.pager.withdraw(page)
    await rig.step(page, 'ended')
  })

  test('a telephone that cannot be reached ends the page at once and raises a fault, mended when it is back', async () => {
    const isFault = (text: boolean) => (event: Rig['events'][number]) =>
      event.kind === 'fault' && event.key === 'sip' && (event.text !== null) === text
    const ringing = place()
    await rig.step(ringing, 'accepted')
    const before = rig.events.length
    await phone.setMode('down')
    expect(endOf(await rig.step(ringing, 'ended')).outcome).toBe('unreachable')
    await rig.until(isFault(true))
    const page = place()
    const end = endOf(await rig.step(page, 'ended'))
    expect(end.outcome).toBe('unreachable')
    expect(end.detail).toMatch(/cannot be reached: nothing listens there$/)
    expect(rig.steps(page)).toBe('ended')
    await phone.setMode('manual')
    await rig.until(event => rig.events.indexOf(event) >= before && isFault(false)(event))
    const again = place({ ringMs: 200 })
    await rig.step(again, 'accepted')
    await rig.step(again, 'ended')
  })

  test('a call whose line and sound are cut is given up', async () => {
    await phone.setMode('answer')
    const page = place()
    await rig.step(page, 'reached')
    await phone.setMode('down')
    expect(endOf(await rig.step(page, 'ended')).outcome).toBe('unreachable')
  })
})

describe('the pager itself', () => {
  test('udp is refused with what was expected', () => {
    const sip = {
      server: '127.0.0.1',
      port: 5060,
      transport: 'udp' as const,
      user: 'a',
      register: false,
      displayName: 'A',
    }
    return expect(startRig(5060, { sip })).rejects.toThrow(PagerMisconfigured)
  })

  test('a worker that dies interrupts its calls and is replaced', async () => {
    const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'answer' })
    const workers: ChildProcess[] = []
    const rig = await startRig(phone.address.port, {
      startWorker: () => {
        const worker = startSipWorker()
        workers.push(worker)
        return worker
      },
    })
    rig.pager.place(order('page-a'))
    await rig.step('page-a', 'reached')
    workers[0]?.kill('SIGKILL')
    expect(endOf(await rig.step('page-a', 'ended')).outcome).toBe('interrupted')
    // Placed while there is no worker at all, it waits for the next one.
    rig.pager.place(order('page-b'))
    rig.pager.place(order('page-c'))
    rig.pager.withdraw('page-c')
    expect(endOf(await rig.step('page-c', 'ended')).outcome).toBe('withdrawn')
    await rig.step('page-b', 'reached')
    expect(workers).toHaveLength(2)
    await rig.close()
    await phone.close()
  })

  test('closing hangs up, and says nothing of it: the page is for whoever starts next', async () => {
    const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'answer' })
    const rig = await startRig(phone.address.port)
    rig.pager.place(order('page-a'))
    await rig.step('page-a', 'reached')
    await rig.close()
    expect(rig.steps('page-a')).toBe('sent accepted reached')
    expect(phone.calls().at(-1)?.state).toBe('ended')
    await phone.close()
  })

  test('a page withdrawn before its INVITE left never leaves', async () => {
    const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'manual' })
    const rig = await startRig(phone.address.port)
    rig.pager.place(order('page-a'))
    rig.pager.withdraw('page-a')
    expect(endOf(await rig.step('page-a', 'ended')).outcome).toBe('withdrawn')
    expect(rig.steps('page-a')).toBe('ended')
    // A later page comes through, and its call is the only one.
    rig.pager.place(order('page-b'))
    await rig.step('page-b', 'accepted')
    expect(phone.calls()).toHaveLength(1)
    await rig.close()
    await phone.close()
  })

  test('a page placed before the line is up waits for it', async () => {
    const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'answer' })
    const rig = await startRig(phone.address.port)
    rig.pager.place(order('page-a'))
    await rig.step('page-a', 'reached')
    await rig.close()
    await phone.close()
  })
})

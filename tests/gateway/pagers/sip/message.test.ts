// needs: espeak-ng
// What the telephone hears: the message as it was rendered, again and again, and an alert where words are missing.
import { afterEach, describe, expect, test } from 'vitest'
import { alertTone } from '../../../../gateway/pagers/sip/media/tone.ts'
import { createCache } from '../../../../gateway/pagers/speech/cache.ts'
import { createPhone } from '../../../../simulator/phones/phone.ts'
import type { Phone } from '../../../../simulator/ports.ts'
import { likeness } from '../../../rim/telephone/likeness.ts'
import { endOf, order, type Rig, startRig, untilCall } from './rig.ts'

describe('what is heard', () => {
  let phone: Phone
  let rig: Rig

  afterEach(async () => {
    await rig.close()
    await phone.close()
  })

  async function hear(phrases: string[], seconds: number): Promise<Int16Array> {
    rig.pager.place(order('page-a', { phrases }))
    const call = await untilCall(phone, each => each.heardSeconds >= seconds)
    phone.press('1')
    expect(endOf(await rig.step('page-a', 'ended')).outcome).toBe('acknowledged')
    return phone.heard(call.id)
  }

  test('phrases never rendered before are rendered alongside the call and spoken', async () => {
    phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'answer' })
    rig = await startRig(phone.address.port)
    const phrases = ['Personal alarm.', 'Room 7.']
    const heard = await hear(phrases, 4)
    const cache = createCache(rig.cacheDir, 'espeak-ng', { voice: 'en-gb', wordsPerMinute: 150 })
    for (const phrase of phrases) {
      const rendered = await cache.find(phrase)
      expect(likeness(rendered ?? new Int16Array(1), heard)).toBeGreaterThan(0.99)
    }
  })

  test('where nothing can be rendered, an alert sounds, the key still acknowledges, and the fault is told', async () => {
    phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'answer' })
    rig = await startRig(phone.address.port, { speech: { voice: 'xx-nowhere', wordsPerMinute: 150 } })
    const heard = await hear(['Personal alarm.'], 3)
    expect(likeness(alertTone(), heard)).toBeGreaterThan(0.99)
    const fault = await rig.until(event => event.kind === 'fault' && event.key === 'speech')
    expect(fault).toMatchObject({ text: expect.stringContaining('speech cannot be rendered') })
  })
})

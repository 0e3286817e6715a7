// The simulated telephone as any caller meets it: raw SIP over TCP and UDP, garbage included.
import { createSocket } from 'node:dgram'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createPhone } from '../../../simulator/phones/phone.ts'
import type { Phone } from '../../../simulator/ports.ts'
import { PATIENCE } from '../../patience.ts'
import { ask, type Line, sdp, tagOf, tcpLine, udpLine } from './line.ts'

let phone: Phone
let line: Line

beforeEach(async () => {
  phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'manual' })
})
afterEach(async () => {
  line.close()
  await phone.close()
})

test('one connection carries any number of calls without a warning, and all that ring end with it', async () => {
  const warnings: string[] = []
  const warned = (warning: Error): void => void warnings.push(warning.name)
  process.on('warning', warned)
  try {
    line = await tcpLine(phone.address.port)
    const ids = Array.from({ length: 12 }, (_, i) => `call-${i}`)
    for (const id of ids) {
      line.send(ask(id, { method: 'INVITE', body: sdp(4000), branch: `z9hG4bK${id}` }))
      await line.until(/^SIP\/2.0 180/)
    }
    line.close()
    await vi.waitFor(
      () => expect(phone.calls().map(({ state }) => state)).toEqual(ids.map(() => 'ended')),
      PATIENCE,
    )
    expect(warnings).toEqual([])
  } finally {
    process.off('warning', warned)
  }
})

describe.each([
  ['TCP', tcpLine],
  ['UDP', udpLine],
] as const)('over %s', (_protocol, open) => {
  beforeEach(async () => {
    line = await open(phone.address.port)
  })

  test('it rings, is answered, and the caller hangs up', async () => {
    line.send(ask('call-a', { method: 'INVITE', body: sdp(4000) }))
    await line.until(/^SIP\/2.0 100/)
    await line.until(/^SIP\/2.0 180/)
    expect(phone.calls()).toMatchObject([{ id: 'call-a', from: 'Caller', state: 'ringing' }])
    phone.answer()
    const ok = await line.until(/^SIP\/2.0 200/)
    expect(ok).toMatch(/m=audio \d+ RTP\/AVP 0 101\r\n/)
    const toTag = tagOf(ok)
    line.send(ask('call-a', { method: 'ACK', toTag }))
    line.send(ask('call-a', { method: 'BYE', cseq: 2, toTag }))
    await line.until(/^SIP\/2.0 200 OK[\s\S]*CSeq: 2 BYE/)
    expect(phone.calls()[0]?.state).toBe('ended')
  })

  test('a CANCEL ends the ringing with 487', async () => {
    line.send(ask('call-a', { method: 'INVITE', body: sdp(4000), branch: 'z9hG4bKsame' }))
    await line.until(/^SIP\/2.0 180/)
    line.send(ask('call-a', { method: 'CANCEL', branch: 'z9hG4bKsame' }))
    await line.until(/^SIP\/2.0 200 OK[\s\S]*CSeq: 1 CANCEL/)
    await line.until(/^SIP\/2.0 487[\s\S]*CSeq: 1 INVITE/)
    expect(phone.calls()[0]?.state).toBe('ended')
  })

  test('hanging up while talking sends BYE to the caller', async () => {
    await phone.setMode('answer')
    line.send(
      ask('call-a', { method: 'INVITE', body: sdp(4000), lines: ['Record-Route: <sip:proxy@127.0.0.1;lr>'] }),
    )
    line.send(ask('call-a', { method: 'ACK', toTag: tagOf(await line.until(/^SIP\/2.0 200/)) }))
    phone.hangUp()
    const bye = await line.until(/^BYE sip:caller@127.0.0.1:9 /)
    expect(bye).toContain('Route: <sip:proxy@127.0.0.1;lr>\r\n')
    expect(bye).toMatch(/To: .*;tag=caller\r\n/)
  })

  test('hold is answered recvonly, and back again', async () => {
    await phone.setMode('answer')
    line.send(ask('call-a', { method: 'INVITE', body: sdp(4000) }))
    const toTag = tagOf(await line.until(/^SIP\/2.0 200/))
    line.send(ask('call-a', { method: 'ACK', toTag }))
    line.send(ask('call-a', { method: 'INVITE', cseq: 2, toTag, body: sdp(4000, 'a=sendonly') }))
    expect(await line.until(/CSeq: 2 INVITE/)).toContain('a=recvonly')
    line.send(ask('call-a', { method: 'ACK', cseq: 2, toTag }))
    line.send(ask('call-a', { method: 'INVITE', cseq: 3, toTag, body: sdp(4000) }))
    expect(await line.until(/CSeq: 3 INVITE/)).toContain('a=sendrecv')
  })

  test.each([
    ['busy', /^SIP\/2.0 486/],
    ['silent', /^SIP\/2.0 100/],
    ['answer', /^SIP\/2.0 200/],
  ] as const)('%s does as it says', async (mode, reply) => {
    await phone.setMode(mode)
    line.send(ask('call-a', { method: 'INVITE', body: sdp(4000) }))
    await line.until(reply)
    // What follows is answered after anything the INVITE could still have brought.
    line.send(ask('call-b', { method: 'OPTIONS' }))
    await line.until(/CSeq: 1 OPTIONS/)
    if (mode === 'silent')
      expect(line.received().filter(text => text.includes('CSeq: 1 INVITE'))).toHaveLength(1)
  })

  test.each([
    ['OPTIONS', undefined, 200],
    ['MESSAGE', undefined, 405],
    ['BYE', 'unknown', 481],
    ['CANCEL', undefined, 481],
    ['INVITE', 'unknown', 481],
  ])('%s outside a call (to tag %s) is answered %i', async (method, toTag, status) => {
    line.send(ask('call-x', { method, ...(toTag ? { toTag } : {}) }))
    await line.until(new RegExp(`^SIP/2.0 ${status} `))
  })

  test('an offer without a codec we speak is answered 488', async () => {
    await phone.setMode('answer')
    const body = sdp(4000).replace('RTP/AVP 0 101', 'RTP/AVP 9')
    line.send(ask('call-a', { method: 'INVITE', body }))
    await line.until(/^SIP\/2.0 488/)
  })

  test('what is half SIP is answered 400, in words', async () => {
    line.send(ask('call-a', { method: 'INVITE' }).replace('CSeq: 1 INVITE', 'CSeq: 1 BYE'))
    expect(await line.until(/^SIP\/2.0 400/)).toContain('expected CSeq of INVITE')
  })

  test('a repeated request is answered the same and rings once', async () => {
    const invite = ask('call-a', { method: 'INVITE', body: sdp(4000) })
    line.send(invite)
    const first = await line.until(/^SIP\/2.0 180/)
    line.send(invite)
    expect(await line.until(/^SIP\/2.0 180/, 1)).toBe(first)
    expect(phone.calls()).toHaveLength(1)
  })
})

describe('what goes wrong', () => {
  test('over UDP, a 200 without its ACK is sent again', async () => {
    line = await udpLine(phone.address.port)
    await phone.setMode('answer')
    line.send(ask('call-a', { method: 'INVITE', body: sdp(4000) }))
    const first = await line.until(/^SIP\/2.0 200/)
    expect(await line.until(/^SIP\/2.0 200/, 1)).toBe(first)
  })

  test('over UDP, a BYE without its answer is sent again', async () => {
    line = await udpLine(phone.address.port)
    await phone.setMode('answer')
    line.send(ask('call-a', { method: 'INVITE', body: sdp(4000) }))
    line.send(ask('call-a', { method: 'ACK', toTag: tagOf(await line.until(/^SIP\/2.0 200/)) }))
    phone.hangUp()
    const bye = await line.until(/^BYE /)
    expect(await line.until(/^BYE /, 1)).toBe(bye)
  })

  test('messages may come in pieces and together', async () => {
    line = await tcpLine(phone.address.port)
    const both = ask('call-a', { method: 'OPTIONS' }) + ask('call-b', { method: 'OPTIONS' })
    line.send(both.slice(0, 50))
    line.send(`${both.slice(50)}\r\n\r\n`)
    await line.until(/Call-ID: call-b/)
    await line.until(/^\r\n$/)
  })

  test('a stream that is not SIP is closed', async () => {
    line = await tcpLine(phone.address.port)
    line.send('x'.repeat(20_000))
    await line.until(/^closed$/)
  })

  test('no garbage stops it', async () => {
    line = await udpLine(phone.address.port)
    const whole = ask('call-a', { method: 'INVITE', body: sdp(4000) })
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), fc.string(), async (at, junk) => {
        line.send(whole.slice(0, at) + junk + whole.slice(at + junk.length))
      }),
    )
    line.send(ask('call-last', { method: 'OPTIONS' }))
    await line.until(/Call-ID: call-last/)
  })

  test('with its plug pulled nobody answers, and connections end at once', async () => {
    line = await tcpLine(phone.address.port)
    await phone.setMode('down')
    await line.until(/^closed$/)
    await expect(tcpLine(phone.address.port)).rejects.toThrow('ECONNREFUSED')
    await phone.setMode('manual')
    const again = await tcpLine(phone.address.port)
    again.send(ask('call-a', { method: 'OPTIONS' }))
    await again.until(/^SIP\/2.0 200/)
    again.close()
  })

  test('a caller whose connection is gone stops ringing: nobody is left to answer', async () => {
    line = await tcpLine(phone.address.port)
    line.send(ask('call-a', { method: 'INVITE', body: sdp(4000) }))
    await line.until(/^SIP\/2.0 180/)
    const ended = new Promise<void>(resolve => {
      phone.onChange(() => phone.calls()[0]?.state === 'ended' && resolve())
    })
    line.close()
    await ended
    expect(() => phone.answer()).toThrow('expected a ringing call at 5150, came none')
  })

  test('hands that come too early are told so', async () => {
    line = await udpLine(phone.address.port)
    expect(() => phone.answer()).toThrow('expected a ringing call at 5150')
    expect(() => phone.hangUp()).toThrow('expected a call at 5150')
    expect(() => phone.press('1')).toThrow('expected a talking call at 5150')
    expect(() => phone.heard('nobody')).toThrow('expected the Call-ID of a call')
  })
})

describe('sound', () => {
  test('what is sent is heard, in its place, and keys go out by RFC 4733', async () => {
    line = await udpLine(phone.address.port)
    await phone.setMode('answer')
    const sound = createSocket('udp4')
    const packets: Buffer[] = []
    await new Promise<void>(resolve => sound.bind(0, '127.0.0.1', resolve))
    const ended = new Promise<void>(resolve => {
      sound.on('message', packet => {
        packets.push(packet)
        if (events(packets).filter(isEnd).length === 3) resolve()
      })
    })
    line.send(ask('call-a', { method: 'INVITE', body: sdp(sound.address().port) }))
    const ok = await line.until(/^SIP\/2.0 200/)
    line.send(ask('call-a', { method: 'ACK', toTag: tagOf(ok) }))
    const port = Number(/m=audio (\d+)/.exec(ok)?.[1])
    // The second packet is lost, the fourth comes before the third.
    const all = [0, 2, 3].map(i => rtp(i, 1000 + i * 160, 0x80))
    for (const packet of [all[0], all[2], all[1]]) sound.send(packet ?? Buffer.alloc(0), port, '127.0.0.1')
    await new Promise<void>(resolve => {
      const look = (): void => void (phone.heard('call-a').length === 640 && resolve())
      sound.on('message', look)
    })
    const heard = phone.heard('call-a')
    expect([0, 200, 400, 600].map(at => heard[at] !== 0)).toEqual([true, false, true, true])
    phone.press('#')
    await ended
    const pressed = events(packets)
    expect(new Set(pressed.map(packet => packet.readUInt32BE(4))).size).toBe(1)
    expect(pressed.map(packet => packet[12])).toEqual(pressed.map(() => 11))
    expect(pressed.map(packet => packet.readUInt16BE(14))).toEqual([160, 320, 480, 640, 800, 960, 960, 960])
    expect(pressed.map(packet => (packet[1] ?? 0) >> 7)).toEqual([1, 0, 0, 0, 0, 0, 0, 0])
    sound.close()
  })

  const events = (packets: Buffer[]): Buffer[] => packets.filter(packet => ((packet[1] ?? 0) & 0x7f) === 101)
  const isEnd = (packet: Buffer): boolean => ((packet[13] ?? 0) & 0x80) !== 0

  function rtp(sequence: number, timestamp: number, byte: number): Buffer {
    const packet = Buffer.alloc(12 + 160, byte)
    packet.writeUInt16BE(0x8000, 0)
    packet.writeUInt16BE(sequence, 2)
    packet.writeUInt32BE(timestamp, 4)
    packet.writeUInt32BE(42, 8)
    return packet
  }
})

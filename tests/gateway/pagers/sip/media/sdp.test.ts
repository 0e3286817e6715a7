// Session descriptions: what we offer, what we read of others', how hold is answered.
import { describe, expect, test } from 'vitest'
import { answer, mirrored, offer, readRemote } from '../../../../../gateway/pagers/sip/media/sdp.ts'

const LOCAL = { host: '192.0.2.7', port: 4000, version: 1, direction: 'sendrecv' as const }
const audio = (...lines: string[]): string =>
  ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...lines, ''].join('\r\n')

describe('what others say', () => {
  test('our own offer reads back as it was meant', () => {
    expect(readRemote(offer(LOCAL))).toEqual({
      host: '192.0.2.7',
      port: 4000,
      codec: 'PCMU',
      payloadType: 0,
      eventType: 101,
      direction: 'sendrecv',
    })
  })

  test('the first codec we speak is taken, and events under their own number', () => {
    const text = audio(
      'm=audio 5004 RTP/AVP 9 8 96 0',
      'a=rtpmap:9 G722/8000',
      'a=rtpmap:96 telephone-event/8000',
    )
    expect(readRemote(text)).toMatchObject({ codec: 'PCMA', payloadType: 8, eventType: 96 })
  })

  test("an audio line's own address goes before the session's", () => {
    expect(readRemote(audio('m=audio 5004 RTP/AVP 0', 'c=IN IP4 198.51.100.9')).host).toBe('198.51.100.9')
  })

  test('a video line after it changes nothing', () => {
    const text = audio('m=audio 5004 RTP/AVP 0', 'm=video 5006 RTP/AVP 31', 'a=sendonly')
    expect(readRemote(text)).toMatchObject({ port: 5004, direction: 'sendrecv' })
  })

  test.each([
    ['sendonly', 'recvonly'],
    ['recvonly', 'sendonly'],
    ['inactive', 'inactive'],
    ['sendrecv', 'sendrecv'],
  ] as const)('%s is answered %s', (theirs, ours) => {
    const remote = readRemote(audio('m=audio 5004 RTP/AVP 0', `a=${theirs}`))
    expect(remote.direction).toBe(theirs)
    expect(answer({ ...LOCAL, direction: mirrored(remote.direction) }, remote)).toContain(`a=${ours}\r\n`)
  })

  test('a connection to nowhere is hold', () => {
    expect(readRemote(audio('m=audio 5004 RTP/AVP 0', 'c=IN IP4 0.0.0.0')).direction).toBe('inactive')
  })

  test.each([
    ['no audio', audio('m=video 5006 RTP/AVP 31'), 'expected an audio line'],
    ['audio refused', audio('m=audio 0 RTP/AVP 0'), 'expected an audio line'],
    ['no codec of ours', audio('m=audio 5004 RTP/AVP 9', 'a=rtpmap:9 G722/8000'), 'expected PCMU or PCMA'],
    ['encrypted only', audio('m=audio 5004 RTP/SAVP 0'), 'expected an audio line'],
    ['nothing', '', 'expected an audio line'],
  ])('%s is refused in words', (_name, text, words) => {
    expect(() => readRemote(text)).toThrow(words)
  })
})

test('an answer keeps their numbers', () => {
  const remote = readRemote(audio('m=audio 5004 RTP/AVP 8 96', 'a=rtpmap:96 telephone-event/8000'))
  expect(answer(LOCAL, remote)).toContain('m=audio 4000 RTP/AVP 8 96\r\n')
})

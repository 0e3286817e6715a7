// The line between pager and telephone when it misbehaves: dead but open, cut under a call, answers that cross.
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createPhone } from '../../../../../simulator/phones/phone.ts'
import type { Phone } from '../../../../../simulator/ports.ts'
import { PATIENCE } from '../../../../patience.ts'
import {
  endOf,
  isLineFault,
  order,
  type Rig,
  saysFault,
  saysWorkerIsSlow,
  startRig,
  untilCall,
} from '../rig.ts'

describe('a line that misbehaves', () => {
  const closers: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  async function serve(
    onSocket: (socket: Socket) => void,
  ): Promise<{ port: number; cut(): void; server: Server }> {
    const sockets = new Set<Socket>()
    const server = createServer(socket => {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
      onSocket(socket)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const cut = (): void => {
      for (const socket of sockets) socket.destroy()
    }
    closers.push(async () => {
      cut()
      await new Promise(resolve => server.close(resolve))
    })
    return { port: (server.address() as { port: number }).port, cut, server }
  }

  async function rigAt(port: number): Promise<Rig> {
    const rig = await startRig(port)
    closers.push(() => rig.close())
    return rig
  }

  async function newPhone(mode: 'answer' | 'manual'): Promise<Phone> {
    const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode })
    closers.push(() => phone.close())
    return phone
  }

  test('an exchange that takes the connection and says nothing is a fault within seconds, and no page waits for it', async () => {
    const dead = await serve(socket => socket.resume())
    const rig = await rigAt(dead.port)
    rig.pager.place(order('page-a'))
    expect(endOf(await rig.step('page-a', 'ended')).outcome).toBe('unreachable')
    await rig.until(saysFault('no answer to OPTIONS'))
  })

  test('a stream that is not SIP is a fault', async () => {
    const web = await serve(socket => socket.on('data', () => socket.write(Buffer.alloc(70_000, 'x'))))
    const rig = await rigAt(web.port)
    await rig.until(saysFault('expected a SIP head'))
  })

  const refusal = (request: string): string => {
    const kept = request.split('\r\n').filter(line => /^(Via|From|To|Call-ID|CSeq):/i.test(line))
    return ['SIP/2.0 503 Service Unavailable', ...kept, 'Content-Length: 0', '', ''].join('\r\n')
  }

  test.each([
    [
      'says nothing, however it does',
      [
        (socket: Socket) => socket.destroy(),
        (socket: Socket) => socket.resetAndDestroy(),
        (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n'),
      ],
      ['it takes connections and does not answer on them'],
    ],
    [
      'is no telephone exchange',
      [
        (socket: Socket) => socket.end('\r\n'),
        (socket: Socket) => socket.end('\r\n\r\n'),
        (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
      ],
      ['it takes connections and does not answer on them'],
    ],
    [
      'answers 503 first',
      [(socket: Socket, request: string) => socket.end(refusal(request))],
      [null, 'the connection was closed'],
    ],
  ])(
    'one that takes each connection and ends it, and %s, is one fault, and is tried less and less often',
    async (_, ends, expected) => {
      let connections = 0
      const closing = await serve(socket => {
        connections += 1
        const end = ends[connections % ends.length]
        socket.once('data', request => end?.(socket, String(request)))
      })
      const rig = await rigAt(closing.port)
      const beganAtMs = performance.now()
      await vi.waitFor(() => expect(connections).toBe(5), PATIENCE)
      // After 250, 500, 1000 and 2000 ms.
      expect(performance.now() - beganAtMs).toBeGreaterThan(3_000)
      const faults = rig.events.flatMap(event =>
        event.kind === 'fault' && event.key === 'sip' && !saysWorkerIsSlow(event) ? [event.text] : [],
      )
      expect(faults).toEqual(expected.map(text => (text === null ? null : expect.stringContaining(text))))
    },
  )

  test('one message that nobody can read leaves the connection and the call on it as they are', async () => {
    let connections = 0
    const odd = await serve(socket => {
      connections += 1
      const take = (request: string): void => {
        const kept = request.split('\r\n').filter(line => /^(Via|From|To|Call-ID|CSeq):/i.test(line))
        const answer = (status: string, lines: readonly string[]): void =>
          void socket.write([`SIP/2.0 ${status}`, ...lines, 'Content-Length: 0', '', ''].join('\r\n'))
        if (!request.startsWith('INVITE ')) {
          answer('200 OK', kept)
          return
        }
        // The number is missing.
        answer('180 Ringing', [...kept.filter(line => !line.startsWith('CSeq')), 'CSeq: INVITE'])
        answer('486 Busy Here', kept)
      }
      // Several requests may come at once.
      socket.on('data', chunk => {
        for (const request of String(chunk).split(/(?<=\r\n)(?=[A-Z]+ sip:)/)) take(request)
      })
    })
    const rig = await rigAt(odd.port)
    rig.pager.place(order('page-a'))
    expect(endOf(await rig.step('page-a', 'ended'))).toMatchObject({ outcome: 'busy' })
    expect(connections).toBe(1)
  })

  /** A cable to this telephone; what the pager sends through it is kept. */
  async function cableTo(phone: Phone) {
    let sent = ''
    const between = await serve(socket => {
      const onward = connect(phone.address)
      onward.on('error', () => {})
      socket.on('data', chunk => {
        sent += chunk
      })
      socket.pipe(onward).pipe(socket)
    })
    return {
      ...between,
      methods: () => [...sent.matchAll(/^(INVITE|CANCEL|ACK|BYE) /gm)].map(([, each]) => each),
    }
  }

  test('closing takes a call back that rings, and says nothing of it', async () => {
    const phone = await newPhone('manual')
    const cable = await cableTo(phone)
    const rig = await rigAt(cable.port)
    rig.pager.place(order('page-a'))
    await rig.step('page-a', 'accepted')
    await rig.pager.close()
    expect(cable.methods()).toEqual(['INVITE', 'CANCEL', 'ACK'])
    expect(rig.steps('page-a')).toBe('sent accepted')
    rig.pager.place(order('page-b'))
    rig.pager.withdraw('page-a')
    expect(rig.steps('page-a') + rig.steps('page-b')).toBe('sent accepted')
  })

  test('with the line cut under it, a call whose sound goes on is still acknowledged', async () => {
    const phone = await newPhone('answer')
    const between = await cableTo(phone)
    const rig = await rigAt(between.port)
    rig.pager.place(order('page-a'))
    await rig.step('page-a', 'reached')
    const call = await untilCall(phone, each => each.state === 'talking')
    between.server.close()
    between.cut()
    await rig.until(isLineFault)
    // Longer than a call without sound is kept.
    await untilCall(phone, each => each.heardSeconds > Math.floor(call.heardSeconds) + 2)
    expect(rig.steps('page-a')).toBe('sent accepted reached')
    phone.press('1')
    expect(endOf(await rig.step('page-a', 'ended')).outcome).toBe('acknowledged')
  })

  test('an answer that crosses our CANCEL is acknowledged and hung up, so that nobody talks to the air', async () => {
    const seen: string[] = []
    const phone = await serve(socket => {
      let invite = ''
      socket.on('data', chunk => {
        for (const text of chunk.toString('utf8').split(/(?=^(?:INVITE|CANCEL|ACK|BYE|OPTIONS) )/m)) {
          const method = text.split(' ')[0] ?? ''
          if (method !== 'OPTIONS') seen.push(method)
          if (method === 'INVITE') invite = text
          if (method === 'INVITE') socket.write(reply(text, '180 Ringing'))
          else if (method === 'CANCEL') {
            socket.write(reply(invite, '200 OK', ANSWER))
            socket.write(reply(text, '200 OK'))
          } else if (method !== 'ACK') socket.write(reply(text, '200 OK'))
          if (method === 'BYE') hungUp()
        }
      })
    })
    let hungUp: () => void = () => {}
    const bye = new Promise<void>(resolve => {
      hungUp = resolve
    })
    const rig = await rigAt(phone.port)
    rig.pager.place(order('page-a', { ringMs: 200 }))
    expect(endOf(await rig.step('page-a', 'ended')).outcome).toBe('no-answer')
    await bye
    expect(seen).toEqual(['INVITE', 'CANCEL', 'ACK', 'BYE'])
    expect(rig.steps('page-a')).toBe('sent accepted ended')
  })

  const ANSWER =
    'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n'

  function reply(request: string, status: string, body = ''): string {
    const kept = request.split('\r\n').filter(line => /^(Via|From|Call-ID|CSeq):/i.test(line))
    const to = /^To:.*$/m.exec(request)?.[0].trim() ?? ''
    return [
      `SIP/2.0 ${status}`,
      ...kept,
      to.includes('tag=') ? to : `${to};tag=callee`,
      'Contact: <sip:5150@127.0.0.1;transport=tcp>',
      ...(body ? ['Content-Type: application/sdp'] : []),
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n')
  }
})

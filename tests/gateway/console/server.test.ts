// The desk's routes: what they answer, and what they refuse in which words.
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConsoleFailed, startConsole } from '../../../gateway/console/server.ts'
import { DeskSnapshot, IncidentView, Refusal } from '../../../schemas/api/desk.ts'
import { ask, post } from './client.ts'
import { type Running, runConsole } from './running.ts'
import { incidentOf } from './scripted-desk.ts'

let it: Running
beforeEach(async () => {
  it = await runConsole()
})
afterEach(() => it.close())

describe('what the desk reads', () => {
  test('the desk is one snapshot, as the contract says', async () => {
    it.desk.put(incidentOf())
    const answer = await ask(`${it.url}/api/desk`)
    expect(answer.status).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(DeskSnapshot.parse(answer.json()).incidents.map(({ wearer }) => wearer)).toEqual(['Mira Patel'])
  })

  test('metrics come as they were rendered', async () => {
    const answer = await ask(`${it.url}/metrics`)
    expect(answer.text).toBe('tocsin_up 1\n')
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
  })

  test('health is 200 while all works, and 503 with what does not', async () => {
    expect((await ask(`${it.url}/healthz`)).status).toBe(200)
    it.desk.isOk = false
    it.desk.tell({ kind: 'technical', technical: [{ key: 'sip', text: 'no PBX', sinceMs: 1 }] })
    const ill = await ask(`${it.url}/healthz`)
    expect(ill.status).toBe(503)
    expect(ill.json()).toMatchObject({ isOk: false, technical: [{ key: 'sip', text: 'no PBX', sinceMs: 1 }] })
  })

  test('the page is served with rules that let it load nothing but itself', async () => {
    const page = await ask(`${it.url}/`)
    expect(page.text).toContain('<title>desk</title>')
    expect(page.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'")
    expect(page.headers['cache-control']).toBe('no-cache')
    expect(page.headers['x-content-type-options']).toBe('nosniff')
  })

  test('a page that was never built says how to build it, and the alarms go on', async () => {
    const bare = await runConsole({ uiDir: '/nowhere/at-all' })
    try {
      const page = await ask(`${bare.url}/`)
      expect([page.status, page.text]).toEqual([503, expect.stringContaining('npm run build')])
      expect((await ask(`${bare.url}/api/desk`)).status).toBe(200)
      expect(bare.said).toContainEqual({ level: 'error', text: expect.stringContaining('npm run build') })
    } finally {
      await bare.close()
    }
  })

  test('an address that nobody serves is refused in words', async () => {
    const answer = await ask(`${it.url}/api/nothing`)
    expect(answer.status).toBe(404)
    expect(Refusal.parse(answer.json()).came).toBe('GET /api/nothing')
  })

  test('no path leads out of the page’s folder', async () => {
    const answer = await ask(`${it.url}/..%2f..%2fetc%2fpasswd`)
    expect([403, 404]).toContain(answer.status)
  })
})

describe('a desk page that is here', () => {
  const present = (body: unknown) => post(`${it.url}/api/desk/present`, body)

  test('is told to the engine', async () => {
    const said = { desk: 'a', by: null, isAudible: true }
    expect((await present(said)).status).toBe(204)
    const leaving = { ...said, isLeaving: true }
    expect((await present(leaving)).status).toBe(204)
    expect(it.desk.presences).toEqual([said, leaving])
  })

  test.each([
    ['without sound said', { desk: 'a', by: null }, /^isAudible: /],
    ['without a name of its own', { desk: '', by: null, isAudible: true }, /^desk: /],
    ['with a name too long', { desk: 'x'.repeat(65), by: null, isAudible: true }, /^desk: /],
  ])('%s is refused', async (_what, body, expected) => {
    const answer = await present(body)
    expect([answer.status, Refusal.parse(answer.json()).expected]).toEqual([
      400,
      expect.stringMatching(expected),
    ])
    expect(it.desk.presences).toEqual([])
  })
})

describe('a person’s answer', () => {
  const by = 'Sam Reed'
  beforeEach(() => it.desk.put(incidentOf()))

  test.each([
    ['acknowledge', { by }, { kind: 'acknowledge', incident: 'i-1', by }],
    ['attend', { by }, { kind: 'attend', incident: 'i-1', by }],
    [
      'resolve',
      { by, outcome: 'false-alarm', reason: 'Door handle' },
      { kind: 'resolve', incident: 'i-1', by, outcome: 'false-alarm', reason: 'Door handle' },
    ],
  ])('%s goes to the engine and comes back as the incident now is', async (verb, body, event) => {
    const answer = await post(`${it.url}/api/incidents/i-1/${verb}`, body)
    expect(answer.status).toBe(200)
    expect(it.desk.submitted).toEqual([event])
    expect(IncidentView.parse(answer.json())).toEqual(
      it.desk.snapshot().incidents.find(({ id }) => id === 'i-1'),
    )
  })

  test('names and reasons are kept on one line, without what nobody can see', async () => {
    const reason = 'Door\u202e handle\nagain\u0000'
    const body = { by: ' Sam\u200b Reed ', outcome: 'false-alarm', reason }
    await post(`${it.url}/api/incidents/i-1/resolve`, body)
    expect(it.desk.submitted).toMatchObject([{ by, reason: 'Door handle again' }])
  })

  // Fillers, blank Braille, selectors, and a mark with nothing to stand on.
  test.each([
    '\u3164',
    '\uffa0',
    '\u115f',
    '\u2800',
    '\u034f',
    '\ufe0f',
    '\u180b',
    '\u17b4',
    '\u0301',
    '\u{e0fff}',
  ])('a name of %j, which shows nothing, is none', async blank => {
    const answer = await post(`${it.url}/api/incidents/i-1/attend`, { by: blank })
    expect([answer.status, it.desk.submitted]).toEqual([400, []])
  })

  test.each([
    [
      'a name of nothing that shows',
      'attend',
      { by: '\u200b\u200d ' },
      /^by: the name of whoever does this$/,
    ],
    [
      'a reason of nothing that shows',
      'resolve',
      { by, outcome: 'test', reason: '\u2060' },
      /^reason: a reason/,
    ],
    ['no body', 'acknowledge', undefined, /^a JSON object as the body$/],
    ['no name', 'acknowledge', {}, /^by: /],
    ['a blank name', 'attend', { by: '  ' }, /^by: the name of whoever does this$/],
    ['a name too long', 'attend', { by: 'x'.repeat(81) }, /^by: /],
    ['no reason', 'resolve', { by, outcome: 'test', reason: ' ' }, /^reason: a reason/],
    ['an outcome nobody knows', 'resolve', { by, outcome: 'fine', reason: 'ok' }, /^outcome: /],
    ['a field nobody knows', 'acknowledge', { by, force: true }, /^force: no field of this name$/],
    ['a name that is a number', 'acknowledge', { by: 7 }, /^by: text \(in quotes\)$/],
    ['a list', 'acknowledge', [by], /^body: a group of fields$/],
  ])('%s is refused with what was expected', async (_what, verb, body, expected) => {
    const answer = await post(`${it.url}/api/incidents/i-1/${verb}`, body)
    expect(answer.status).toBe(400)
    expect(Refusal.parse(answer.json()).expected).toMatch(expected)
    expect(it.desk.submitted).toEqual([])
  })

  test('text that is no JSON is refused', async () => {
    const answer = await ask(`${it.url}/api/incidents/i-1/acknowledge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"by":',
    })
    expect([answer.status, Refusal.parse(answer.json()).error]).toEqual([400, 'malformed'])
  })

  test('a body of 1 MB is refused unread', async () => {
    const answer = await post(`${it.url}/api/incidents/i-1/acknowledge`, { by: 'x'.repeat(1_000_000) })
    expect([answer.status, Refusal.parse(answer.json()).expected]).toEqual([
      413,
      expect.stringMatching(/size/),
    ])
  })

  test('an incident nobody knows is 404, with the engine’s own words', async () => {
    const answer = await post(`${it.url}/api/incidents/i-99/acknowledge`, { by })
    expect([answer.status, Refusal.parse(answer.json()).expected]).toEqual([404, 'an incident that exists'])
  })

  test('what is not possible in this state is 409, with the engine’s own words', async () => {
    it.desk.refuseWith = { expected: 'a raised incident', came: 'a resolved one', isUnknown: false }
    const answer = await post(`${it.url}/api/incidents/i-1/acknowledge`, { by })
    expect(answer.status).toBe(409)
    expect(answer.json()).toEqual({
      error: 'not possible now',
      expected: 'a raised incident',
      came: 'a resolved one',
    })
  })

  test('an answer that could not be stored is never confirmed', async () => {
    it.desk.failWith = new Error('disk full')
    const answer = await post(`${it.url}/api/incidents/i-1/acknowledge`, { by })
    expect(answer.status).toBe(503)
    expect(Refusal.parse(answer.json())).toMatchObject({ error: 'not carried out', came: 'disk full' })
    expect(it.said).toContainEqual({ level: 'error', text: 'the console failed to answer' })
  })

  test('an answer that was carried out and is not on disk yet is 202, with the incident as it is and why', async () => {
    it.desk.put(incidentOf({ id: 'i-1' }))
    it.desk.failWith = Object.assign(new Error('the journal cannot be written'), { name: 'NotKept' })
    const answer = await post(`${it.url}/api/incidents/i-1/acknowledge`, { by })
    expect(answer.status).toBe(202)
    expect(answer.json()).toMatchObject({
      id: 'i-1',
      error: 'carried out, not yet stored',
      expected: expect.stringContaining('carried out'),
      came: 'the journal cannot be written',
    })
    const session = await post(`${it.url}/api/sessions/s-1/sign-out`, { by })
    expect([session.status, session.json()]).toEqual([202, it.desk.snapshot().sessions])
  })

  test('each field that is wrong is named, with what stood there', async () => {
    const answer = await post(`${it.url}/api/incidents/i-1/resolve`, { by, outcome: 'fine', reason: 5 })
    expect(answer.json()).toEqual({
      error: 'malformed',
      expected:
        'outcome: one of "violent-incident", "near-miss", "assistance-given", "false-alarm", "test"; reason: text (in quotes)',
      came: 'outcome: "fine"; reason: 5',
    })
  })

  test.each([
    ['SqliteError: database or disk is full', 'database or disk is full'],
    [
      'TypeError: x is not a function\n    at submit (/srv/engine.ts:5:1)\n    at next',
      'x is not a function',
    ],
    ['JournalFailed: Error: no space\n    at x', 'no space'],
    ['', 'no reason was given'],
  ])(
    'a failure that says %j comes without the name of a class and without a stack',
    async (message, came) => {
      it.desk.failWith = new Error(message)
      const answer = await post(`${it.url}/api/incidents/i-1/acknowledge`, { by })
      expect([answer.status, Refusal.parse(answer.json()).came]).toEqual([503, came])
    },
  )
})

describe('what reaches no route', () => {
  const raw = async (text: string): Promise<{ status: number; body: unknown }> => {
    const { hostname, port } = new URL(it.url)
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.on('data', part => {
      answer += part
    })
    socket.write(text.replace('HOST', `${hostname}:${port}`))
    await once(socket, 'close')
    return {
      status: Number(answer.split(' ')[1]),
      body: JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)),
    }
  }

  test.each([
    ['an address that is none', 'GET /%zz HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n', 400],
    ['what is no HTTP', 'HELLO desk\r\n\r\n', 400],
    ['a header without end', `GET / HTTP/1.1\r\nHost: HOST\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
    ['a length that lies', 'POST /api/sessions HTTP/1.1\r\nHost: HOST\r\nContent-Length: x\r\n\r\n', 400],
  ])('%s is refused in the same shape', async (_what, text, status) => {
    const answer = await raw(text)
    expect(answer.status).toBe(status)
    expect(Refusal.parse(answer.body).error).toBe('malformed')
    expect(JSON.stringify(answer.body)).not.toMatch(/Error|FST_|HPE_|\bat \//)
  })
})

describe('strangers', () => {
  const path = '/api/incidents/i-1/acknowledge'
  beforeEach(() => it.desk.put(incidentOf()))

  test.each([
    'evil.example',
    'evil.example:8080',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'evil-localhost',
    '10.0.0.7',
  ])('the host %s is refused, because a name can be bent to this machine', async host => {
    const answer = await ask(`${it.url}/api/desk`, { headers: { host } })
    expect([answer.status, Refusal.parse(answer.json()).error]).toEqual([421, 'foreign host'])
  })

  test.each(['localhost:9000', '127.0.0.1', '[::1]:8080'])('the host %s is this machine', async host => {
    expect((await ask(`${it.url}/api/desk`, { headers: { host } })).status).toBe(200)
  })

  test.each(['http://evil.example', 'null', 'http://localhost:1', 'https://127.0.0.1'])(
    'a page of %s cannot answer in the desk’s name',
    async origin => {
      const answer = await post(`${it.url}${path}`, { by: 'Mallory' }, { origin })
      expect([answer.status, Refusal.parse(answer.json()).error]).toEqual([403, 'foreign origin'])
      expect(it.desk.submitted).toEqual([])
    },
  )

  test('our own page can', async () => {
    const answer = await post(`${it.url}${path}`, { by: 'Sam' }, { origin: it.url })
    expect(answer.status).toBe(200)
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'a form’s %s is not read',
    async type => {
      const answer = await ask(`${it.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: '{"by":"Mallory"}',
      })
      expect([answer.status, Refusal.parse(answer.json()).expected]).toEqual([
        415,
        'Content-Type: application/json',
      ])
      expect(it.desk.submitted).toEqual([])
    },
  )
})

describe('where it listens', () => {
  const start = (host: string, port = 0) =>
    startConsole({
      host,
      port,
      desk: it.desk,
      renderMetrics: async () => '',
      uiDir: it.uiDir,
      log: { info() {}, warn() {}, error() {} },
    })

  test.each(['0.0.0.0', '::', '192.168.1.5', 'gateway.example', ''])(
    'the host %j is refused until there is sign-in',
    async host => {
      await expect(start(host)).rejects.toThrow(/expected a loopback host .*no sign-in/)
    },
  )

  test('a port that is taken is a named error', async () => {
    await expect(start('127.0.0.1', Number(new URL(it.url).port))).rejects.toThrow(ConsoleFailed)
  })

  test('a closed console gives its port back', async () => {
    const first = await start('127.0.0.1')
    const port = Number(new URL(first.url).port)
    await first.close()
    const second = await start('127.0.0.1', port)
    expect(second.url).toBe(first.url)
    await second.close()
  })
})

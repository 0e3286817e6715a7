// A channel beside the telephone: what it takes to have one is a folder and a line, and it is given the same incident with all
// its facts. A real engine, a real letterbox, and a real telephone in the same step of the ladder.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, it } from 'vitest'
import { systemClock } from '../../../../gateway/clock.ts'
import type { Message } from '../../../../gateway/core/plan/message.ts'
import { type Plan, planOf, targetKey } from '../../../../gateway/core/plan/plan.ts'
import { startEngine } from '../../../../gateway/engine/engine.ts'
import { createLog } from '../../../../gateway/log.ts'
import { createMetrics } from '../../../../gateway/metrics.ts'
import { CHANNELS } from '../../../../gateway/pagers/channels.ts'
import { startPagers } from '../../../../gateway/pagers/pagers.ts'
import type { EngineEvent, Submit } from '../../../../gateway/ports.ts'
import { memoryJournal } from '../../../../gateway/store/memory.ts'
import type { IncidentView } from '../../../../schemas/api/desk.ts'
import { KIND_CORD, KIND_DURESS } from '../../../../schemas/frame.ts'
import { Site } from '../../../../schemas/site.ts'
import { createPhone } from '../../../../simulator/phones/phone.ts'
import type { Phone } from '../../../../simulator/ports.ts'
import { PLAIN_ADDRESS, plainFrame, site as small } from '../../core/building.ts'
import { report } from '../../engine/engine-bench.ts'
import { type Answer, LETTER, type Letter, letterChannel } from './letters.ts'

const TO = 'duty@northgate.example'
const NOTE = 'Door locked from outside'
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** Two floors, a note on a door, and a step that calls the desk and writes to the duty officer. */
function planWith(port: number): Plan {
  const base = small()
  const floors = [
    { id: 'ground', name: 'Ground floor', rooms: [{ id: 'hall', number: '1', adjacent: ['interview'] }] },
    {
      id: 'first',
      name: 'First floor',
      rooms: [{ id: 'interview', number: '214', note: NOTE, adjacent: ['hall'] }],
    },
  ]
  const site = Site.parse({
    ...base,
    buildings: [{ id: 'main', name: 'Northgate House', floors }],
    sip: { ...base.sip, port },
  })
  const plan = planOf(site)
  const [policy] = site.policies
  const targets = [
    { channel: 'sip', to: '5150' },
    { channel: LETTER, to: TO },
  ]
  const step = { ...policy?.steps[0], targets, pauseSeconds: 0 }
  return {
    ...plan,
    // What the site file's shape would bring with the channel.
    channels: new Map([...plan.channels, [LETTER, { isCall: false }]]),
    targets: new Map([
      ...plan.targets,
      [targetKey(LETTER, TO), { channel: LETTER, address: TO, name: 'Duty officer', role: 'person' }],
    ]),
    policies: new Map([['office', { ...policy, steps: [step] } as never]]),
  }
}

/** Takes letters and answers them. */
async function openLetterbox() {
  const letters: Letter[] = []
  const sockets = new Set<Socket>()
  const waiting = new Set<() => void>()
  const server = createServer(socket => {
    sockets.add(socket)
    createInterface({ input: socket }).on('line', line => {
      letters.push(JSON.parse(line))
      for (const look of waiting) look()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closers.push(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as { port: number }
  return {
    port,
    until: (fits: (letter: Letter) => boolean): Promise<Letter> =>
      new Promise(resolve => {
        const look = (): void => {
          const letter = letters.find(fits)
          if (letter === undefined) return
          waiting.delete(look)
          resolve(letter)
        }
        waiting.add(look)
        look()
      }),
    answer(answer: Answer): void {
      for (const socket of sockets) socket.write(`${JSON.stringify(answer)}\n`)
    },
  }
}

async function start() {
  const box = await openLetterbox()
  const phone: Phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'answer' })
  closers.push(() => phone.close())
  const dataDir = await mkdtemp(join(tmpdir(), 'letters-'))
  closers.push(() => rm(dataDir, { recursive: true }))
  const plan = planWith(phone.address.port)
  const clock = systemClock()
  const log = createLog({ level: 'silent', pretty: false })
  const heard: EngineEvent[] = []
  const listening = new Set<() => void>()
  let submit: Submit = async () => ({ refused: null })
  const early: EngineEvent[] = []
  const pagers = startPagers([...CHANNELS, letterChannel(box.port)], { plan, dataDir, clock, log }, event => {
    heard.push(event)
    for (const look of [...listening]) look()
    early.push(event)
    return submit(event)
  })
  const engine = await startEngine({
    plan,
    journal: memoryJournal(),
    clock,
    effects: { ...pagers, tell: () => {} },
    metrics: createMetrics(),
    log,
  })
  submit = engine.submit
  closers.push(async () => {
    await pagers.close()
    await engine.close()
  })
  for (const event of early.splice(0)) await submit(event)
  const incident = (id = 'i-0001'): IncidentView | undefined =>
    engine.desk.snapshot().incidents.find(each => each.id === id)
  const until = (fits: (incident: IncidentView) => boolean): Promise<IncidentView> =>
    new Promise(resolve => {
      const look = (): void => {
        const now = incident()
        if (now === undefined || !fits(now)) return
        stop()
        resolve(now)
      }
      const stop = engine.desk.subscribe(look)
      look()
    })
  /** Resolves once a channel has told this. */
  const untilTold = (fits: (event: EngineEvent) => boolean): Promise<EngineEvent> =>
    new Promise(resolve => {
      const look = (): void => {
        const event = heard.find(fits)
        if (event === undefined) return
        listening.delete(look)
        resolve(event)
      }
      listening.add(look)
      look()
    })
  return { box, phone, engine, until, untilTold }
}

const INTERVIEW = {
  id: 'interview',
  building: 'Northgate House',
  number: '214',
  floor: 'First floor',
  note: NOTE,
}
const HALL = { id: 'hall', building: 'Northgate House', number: '1', floor: 'Ground floor', note: null }
const FACTS: Message = {
  kind: 'cord',
  isVerified: true,
  isSuspect: false,
  wearer: 'Jane Smith',
  where: 'heard',
  rooms: [INTERVIEW, HALL],
  note: 'client is upset',
  isMoved: false,
}

it('gives the letter every fact of the incident, beside the call that says them', async () => {
  const { box, phone, engine, until } = await start()
  const signIn = { pendant: 'p-07', room: 'hall', forMs: 3_600_000, note: 'client is upset' }
  await engine.submit({ kind: 'sign-in', by: 'Ann', ...signIn })
  await engine.submit(report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 }))
  const letter = await box.until(({ is }) => is === 'page')
  expect(letter).toMatchObject({ page: 'i-0001-p2', to: TO })
  if (letter.is !== 'page') throw new Error('expected a page')
  expect(letter.message).toEqual(FACTS)
  expect(letter.text).toBe(
    'Personal alarm. Jane Smith. Northgate House, room 214, or room 1. First floor, or Ground floor. Room 214: Door locked from outside. The wearer’s note: client is upset.',
  )
  const { pages } = await until(({ pages: all }) => all.some(page => page.answeredAtMs !== undefined))
  expect(phone.calls()).toHaveLength(1)
  expect(pages.map(({ channel, said }) => [channel, said])).toEqual([
    ['sip', `${letter.text} Press 1 if you have it, 2 if you are on your way.`],
    [LETTER, letter.text],
  ])
})

it('says unverified, and another kind, and that nothing is known of the room', async () => {
  const { box, engine } = await start()
  const data = plainFrame({ counter: 1, kind: KIND_DURESS, alarmNumber: 1 })
  const reports = [{ address: PLAIN_ADDRESS, rssiDbm: -60, data, ageMs: 0 }]
  await engine.submit({ kind: 'reports', receiver: 'gone', wasRedelivered: false, reports })
  const letter = await box.until(({ is }) => is === 'page')
  expect(letter).toMatchObject({
    message: {
      kind: 'duress',
      isVerified: false,
      wearer: 'Omar Haddad',
      where: 'unknown',
      rooms: [],
      note: null,
    },
    text: 'Personal alarm, duress. Unverified. Omar Haddad. Room not known.',
  })
})

it('says that the alarm is suspect', async () => {
  const { box, engine } = await start()
  await engine.submit(report({ counter: 10 }))
  await engine.submit(report({ counter: 9_000_000, kind: KIND_CORD, alarmNumber: 9 }))
  expect(await box.until(({ is }) => is === 'page')).toMatchObject({
    message: { isSuspect: true },
    text: expect.stringMatching(/^Personal alarm\. Suspect, check\. Jane Smith\./),
  })
})

it('says first where the wearer is by now, in the next letter to somebody who was told of another place', async () => {
  const { box, engine, until } = await start()
  await engine.submit(report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 }))
  const first = await box.until(({ is }) => is === 'page')
  expect(first).toMatchObject({ message: { isMoved: false, rooms: [{ id: 'interview' }, { id: 'hall' }] } })
  const carried = (async () => {
    for (let counter = 11; ; counter++) {
      const [heard] = report({ counter, kind: KIND_CORD, alarmNumber: 1 }).reports
      const reports = [{ ...heard, rssiDbm: -40 } as NonNullable<typeof heard>]
      await engine.submit({ kind: 'reports', receiver: 'r-hall', wasRedelivered: false, reports })
      if (engine.desk.snapshot().incidents[0]?.whereabouts.room === 'hall') return
      // A pendant sends so often in an alarm, and a room is not changed more often than each second.
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  })()
  await until(({ whereabouts }) => whereabouts.room === 'hall')
  await carried
  box.answer({ page: first.page, isReturned: true })
  const next = await box.until(({ is, page }) => is === 'page' && page !== first.page)
  expect(next).toMatchObject({
    message: { isMoved: true, rooms: [{ id: 'hall' }] },
    text: expect.stringMatching(/^Now: Northgate House, room 1/),
  })
})

it('is accepted and reached before it is anybody’s; an answer to it is an answer, and the call is told', async () => {
  const { box, phone, engine, until, untilTold } = await start()
  await engine.submit(report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 }))
  const page = (await box.until(({ is }) => is === 'page')).page
  await until(({ pages }) => pages.some(each => each.channel === 'sip' && each.answeredAtMs !== undefined))
  const accepted = await until(({ pages }) => pages.find(({ id }) => id === page)?.ringingAtMs !== undefined)
  expect(accepted).toMatchObject({ state: 'raised', wearerTold: 'stored' })
  box.answer({ page })
  const reached = await until(({ pages }) => pages.find(({ id }) => id === page)?.answeredAtMs !== undefined)
  expect(reached).toMatchObject({ state: 'raised', wearerTold: 'stored' })
  box.answer({ page, with: '2', by: 'Ann' })
  const attended = await until(({ state }) => state === 'attended')
  expect(attended).toMatchObject({ attended: { by: `Ann (${TO} Duty officer)` }, wearerTold: 'coming' })
  expect(await box.until(each => each.is === 'reply')).toMatchObject({ page, what: 'coming', isLast: true })
  const call = (id: string) => (event: EngineEvent) =>
    event.kind === 'page' && event.page === id && event.progress.step === 'ended'
  expect(await untilTold(call('i-0001-p1'))).toMatchObject({
    progress: { outcome: 'withdrawn', detail: 'no longer needed, and told so' },
  })
  expect(phone.calls()).toHaveLength(1)
  const lines = attended.lines.map(({ text }) => text)
  expect(lines).toContain(`Handed over for ${TO} Duty officer: nobody is known to have seen it`)
  expect(lines).toContain(`${TO} Duty officer has it before them: nobody has answered yet`)
  expect(lines).toContain(`${TO} Duty officer pressed 2 (Ann)`)
})

it('is told that it grew worse, and what it has not told yet cannot be acknowledged', async () => {
  const { box, engine, until } = await start()
  await engine.submit(report({ counter: 10, kind: KIND_CORD, alarmNumber: 1 }))
  const page = (await box.until(({ is }) => is === 'page')).page
  box.answer({ page })
  await until(({ pages }) => pages.find(({ id }) => id === page)?.answeredAtMs !== undefined)
  await engine.submit(report({ counter: 20, kind: KIND_DURESS, alarmNumber: 2 }))
  const worse = await box.until(each => each.is === 'reply')
  expect(worse).toMatchObject({ page, what: 'worse', isLast: false })
  expect(worse.text).toContain('Personal alarm, duress.')
  box.answer({ page, with: '1' })
  const { acknowledged } = await until(({ pages }) => pages.find(({ id }) => id === page)?.key === '1')
  expect(acknowledged).toBeNull()
})

it('is proven as a target, and proves that an alarm would reach somebody', async () => {
  const { engine, untilTold } = await start()
  const proof = await untilTold(event => event.kind === 'target' && event.channel === LETTER)
  expect(proof).toEqual({ kind: 'target', channel: LETTER, target: TO, fault: null })
  await engine.submit({ kind: 'desk', desk: 'a', by: 'Ann', isAudible: true })
  await engine.submit({ kind: 'tick' })
  expect(engine.desk.snapshot().armed.reasons.join()).not.toContain('can be')
})

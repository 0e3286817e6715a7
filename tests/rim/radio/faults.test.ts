// Each fault of a controller, on the real process and a real pty: it is noticed, told in words, mended, and that is told.
// needs: socat
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'
import { openUart } from '../../../gateway/radio/hci/line/uart.ts'
import { PATIENCE } from '../../patience.ts'
import { withoutFiles } from '../../without-files.ts'
import { dataOf, onPty, stopAll } from './on-a-pty.ts'

afterEach(stopAll)

test('a command that is refused is named, with why; once it is not refused, that is told', async () => {
  const fault = { is: 'refused', command: 'LE Set Extended Scan Enable', status: 0x0c } as const
  const { controller, state } = await onPty({ fault })
  expect((await state('refused')).why).toBe(
    'the controller refused LE Set Extended Scan Enable: not allowed in its present state (status 0x0c)',
  )
  controller.fault(null)
  expect((await state('recovered')).why).toContain('it was refused: the controller refused LE Set')
  expect(controller.isScanning()).toBe(true)
})

test('a beacon that is refused makes it mute, not deaf', async () => {
  const { controller, radio, state, hearing } = await onPty()
  await state('listening')
  controller.fault({ is: 'refused', command: 'LE Set Extended Advertising Data', status: 0x07 })
  radio.broadcast([dataOf('b')])
  expect((await state('mute')).why).toContain('its memory is full')
  await hearing('still')
  controller.fault(null)
  radio.broadcast([dataOf('c')])
  expect((await state('listening', 1)).why).toBe('it broadcasts again')
})

test('a controller that falls silent is found out, reset, and heard again', async () => {
  const { controller, radio, state, states, hearing } = await onPty({ deafAfterMs: 500 })
  await hearing('before')
  controller.fault({ is: 'silent' })
  const deaf = await state('deaf')
  expect(deaf.why).toMatch(/^the controller did not answer Read BD_ADDR within 2 s; it is reset$|^no report/)
  controller.fault(null)
  const told = states.length
  await hearing('after')
  await state('recovered', told - 1)
  expect(radio.counters().heard).toBeGreaterThan(1)
})

test.each(['scan', 'reset'] as const)(
  'one that answers and hears nothing is helped by a new %s',
  async until => {
    const { controller, state, hearing } = await onPty({ deafAfterMs: 500 })
    await hearing('before')
    controller.fault({ is: 'deaf', until })
    expect((await state('deaf')).why).toContain(
      'no report of any kind for 0.5 s, though the controller answers',
    )
    await hearing('after')
    expect((await state('recovered')).why).toContain('it was deaf: no report')
  },
)

test('one that nothing helps is begun anew in another process, and that goes on being told as deaf', async () => {
  const { controller, radio, states, state } = await onPty({ deafAfterMs: 300 })
  await state('listening')
  controller.fault({ is: 'deaf', until: 'never' })
  await vi.waitFor(() => expect(radio.counters().restarts).toBeGreaterThan(0), PATIENCE)
  expect(new Set(states.slice(1).map(({ kind }) => kind))).toEqual(new Set(['deaf']))
})

test('a fault of its hardware is told at once, and a reset mends it, beacons and all', async () => {
  const { controller, radio, sent, state, hearing } = await onPty()
  radio.broadcast([dataOf('b')])
  await hearing('before')
  await vi.waitFor(() => expect(sent.length).toBeGreaterThan(0), PATIENCE)
  controller.hardwareError(0x42)
  expect((await state('deaf')).why).toBe(
    'the controller reports a fault of its hardware (code 66); it is reset',
  )
  await hearing('after')
  await state('recovered')
  sent.length = 0
  await vi.waitFor(() => expect(sent.length).toBeGreaterThan(0), PATIENCE)
})

test('junk on the line is counted and costs no report', async () => {
  const { controller, radio, heard, hearing } = await onPty()
  await hearing('first')
  const junk = ['ff', '00', '04', '043e', '043eff', '043e1f0d', '040e', '01030c00', '0400000000']
  for (let i = 0; i < 180; i += 1) {
    await controller.pour(Buffer.from(junk[i % junk.length] ?? '', 'hex'))
    controller.hear({ address: 'c7:f9:36:dd:b0:ca', data: dataOf(`n${i}`), rssiDbm: -60 })
  }
  const texts = () =>
    heard.map(({ data }) => Buffer.from(data.subarray(7)).toString()).filter(text => text !== 'first')
  await vi.waitFor(() => expect(texts().length).toBe(180), PATIENCE)
  expect(texts()).toEqual(Array.from({ length: 180 }, (_, i) => `n${i}`))
  await vi.waitFor(() => expect(radio.counters().malformed).toBeGreaterThanOrEqual(180), PATIENCE)
})

test('one that is pulled out is gone, and is heard again when it is back at its place', async () => {
  const { controller, radio, sent, state, hearing } = await onPty()
  radio.broadcast([dataOf('b')])
  await hearing('before')
  await controller.unplug()
  expect((await state('gone')).why).toContain('is gone')
  await controller.replug()
  expect((await state('recovered')).why).toContain('it was gone')
  sent.length = 0
  await hearing('after')
  await vi.waitFor(() => expect(sent.length).toBeGreaterThan(0), PATIENCE)
})

test('one that is not there is gone; one that comes is heard', async () => {
  const { controller, radio, states, state, hearing } = await onPty()
  await state('listening')
  await controller.unplug()
  await vi.waitFor(() => expect(states.at(-1)?.why).toContain('is not there'), PATIENCE)
  expect(radio.counters().restarts).toBeGreaterThan(0)
  await controller.replug()
  await hearing('after')
})

test('a slow one is waited for', async () => {
  const { state, states, hearing } = await onPty({ fault: { is: 'slow', byMs: 200 } })
  await state('listening')
  await hearing('it')
  expect(states.map(({ kind }) => kind)).toEqual(['listening'])
})

test.each([{ count: 0, leaveAfterMs: 50 }, { count: 3 }, { count: 255 }])(
  'strange numbers of credits: $count',
  async credits => {
    const { controller, state, hearing } = await onPty({ fault: { is: 'credits', ...credits } })
    await state('listening')
    await hearing('it')
    expect(controller.isScanning()).toBe(true)
  },
)

test('one that never gives leave is deaf, and says so', async () => {
  const { controller, state, hearing } = await onPty({ fault: { is: 'credits', count: 0 } })
  expect((await state('deaf')).why).toBe(
    'the controller gave no leave to send Read Local Version Information for 2 s',
  )
  controller.fault(null)
  await hearing('after')
})

test('a machine that has no files left to give costs the process of the radio, and not the one that holds it', async () => {
  const { controller, states, state, hearing } = await onPty()
  await hearing('before')
  const giveBack = await withoutFiles()
  await controller.unplug()
  const lost = await vi.waitUntil(() => states.find(({ why }) => why === 'too many files are open'), PATIENCE)
  expect(lost.kind).toBe('restarting')
  await giveBack()
  await controller.replug()
  await state('recovered')
  await hearing('after')
})

test('a process that crashes again and again is told to come and go', async () => {
  const { states, hearing } = await onPty()
  for (let times = 0; times < 3; times++) {
    await hearing(`life ${times}`)
    for (const pid of ownRadios()) process.kill(pid, 'SIGKILL')
    await vi.waitUntil(() => states.filter(({ kind }) => kind === 'restarting').length > times, PATIENCE)
  }
  expect(states.at(-1)).toEqual({
    kind: 'restarting',
    why: 'its process was ended by SIGKILL; it comes and goes',
  })
  const told = states.length
  await hearing('all the same')
  expect(states.length).toBe(told)
})

test.each(['/dev/null', tmpdir(), fileURLToPath(import.meta.url)])(
  'what is no serial line is refused as that, in words: %s',
  async path => {
    await expect(openUart(path)).rejects.toMatchObject({
      kind: 'refused',
      message: `${path} cannot be opened: it is no serial line`,
    })
  },
)

/** Processes of radios that this one has started. */
const ownRadios = (): number[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .filter(pid => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('radio-process'))

// A controller brought up and watched, on a line that is none and a clock that the test moves.
import { expect, test } from 'vitest'
import { fakeLine } from './fake-line.ts'

const RESET = 0x0c03
const READ_ADDRESS = 0x1009
const SCAN = 0x2042
const OLD_SCAN = 0x200c
const WITHOUT_SETS = { 8195: '2000000000000000' }

const BRING_UP = [RESET, 0x1001, 0x0c01, 0x1003, 0x2003, 0x2001, READ_ADDRESS, 0x203b, 0x2041, SCAN]

test('it asks what a controller can do, and listens by what it can', async () => {
  const line = fakeLine()
  await line.pass()
  expect(line.asked).toEqual(BRING_UP)
  expect(line.told).toEqual([
    {
      is: 'listening',
      why: 'it listens by the commands of Bluetooth 5, and can broadcast 4 packets at once',
    },
  ])
  line.report()
  expect(line.told.at(-1)).toEqual({ is: 'hearing' })
  expect(line.reports).toEqual(['020106'])
})

test('an older one is asked by the older commands only, one of two kinds is told that its host speaks Low Energy', async () => {
  const line = fakeLine({ results: { ...WITHOUT_SETS, 4099: '0000000040000000' } })
  await line.pass()
  expect(line.asked).toEqual([
    RESET,
    0x1001,
    0x0c01,
    0x1003,
    0x0c6d,
    0x2003,
    0x2001,
    READ_ADDRESS,
    0x200b,
    OLD_SCAN,
  ])
})

test('one without an address is given a static random one', async () => {
  const line = fakeLine({ results: { [READ_ADDRESS]: '000000000000' } })
  await line.pass()
  expect(line.asked).toContain(0x2005)
})

test.each([
  [
    { 4097: '0500000bffff0000' },
    'expected a controller of Bluetooth 4.0 or later (HCI version 6), came version 5',
  ],
  [{ 4099: '0000000000000000' }, 'the controller has no Bluetooth Low Energy'],
])('one that cannot do it is refused: %o', async (results, why) => {
  const line = fakeLine({ results })
  await line.pass()
  expect(line.told).toEqual([{ is: 'over', kind: 'refused', why }])
})

test.each(BRING_UP)('a refusal of command %d is told by its name and ends it', async opcode => {
  const line = fakeLine()
  line.refuse.set(opcode, 0x11)
  await line.pass()
  expect(line.told).toHaveLength(1)
  expect(line.told[0]).toMatchObject({ is: 'over', kind: 'refused' })
  expect(line.told[0]).toMatchObject({
    why: expect.stringMatching(/^the controller refused .+: it cannot do this \(status 0x11\)$/),
  })
  await line.pass(60_000)
  expect(line.asked.at(-1)).toBe(opcode)
})

test.each(BRING_UP)('silence at command %d is waited out, tried once more, and told', async opcode => {
  const line = fakeLine()
  line.silent.add(opcode)
  await line.pass(1999)
  expect(line.told).toEqual([])
  await line.pass(1)
  await line.pass(1999)
  expect(line.told).toEqual([])
  await line.pass(1)
  expect(line.told).toEqual([
    { is: 'over', kind: 'deaf', why: expect.stringMatching(/^the controller did not answer .+ within 2 s$/) },
  ])
  expect(line.asked.filter(each => each === opcode)).toHaveLength(2)
})

test('no command is sent without leave, and a leave by itself is enough', async () => {
  const line = fakeLine()
  line.setCredits(0)
  await line.pass()
  expect(line.asked).toEqual([RESET])
  await line.pass(1000)
  expect(line.asked).toEqual([RESET])
  line.say('040e03010000')
  await line.pass()
  expect(line.asked).toEqual([RESET, 0x1001])
})

test('answers that nobody asked for change nothing, and are counted', async () => {
  const line = fakeLine()
  line.silent.add(0x1001)
  await line.pass()
  line.say('040e0401032000')
  line.say('040e0400010c00')
  await line.pass()
  expect(line.asked).toEqual([RESET, 0x1001])
  expect(line.scanner.counted().malformed).toBe(1)
})

test('nothing heard: it is asked, then its scan is begun anew, then it is reset, then it is over', async () => {
  const line = fakeLine({ deafAfterMs: 10_000 })
  await line.pass()
  line.report()
  await line.pass(10_000)
  expect(line.told.at(-1)).toEqual({ is: 'hearing' })
  line.asked.length = 0
  line.told.length = 0
  await line.pass(10_000)
  expect(line.asked).toEqual([READ_ADDRESS, SCAN, SCAN])
  expect(line.told).toEqual([
    {
      is: 'deaf',
      why: 'no report of any kind for 10 s, though the controller answers; its scan is begun anew',
    },
  ])
  line.asked.length = 0
  await line.pass(10_000)
  expect(line.asked).toEqual([READ_ADDRESS, ...BRING_UP])
  await line.pass(10_000)
  expect(line.told.at(-1)).toEqual({
    is: 'over',
    kind: 'deaf',
    why: 'no report of any kind for 10 s, though the controller answers and was reset',
  })
})

test('a report at any step is the end of its deafness, and the steps begin anew', async () => {
  const line = fakeLine({ deafAfterMs: 10_000 })
  await line.pass()
  await line.pass(10_000)
  line.report()
  expect(line.told.at(-1)).toEqual({ is: 'hearing' })
  await line.pass(10_000)
  line.asked.length = 0
  await line.pass(10_000)
  expect(line.asked).toEqual([READ_ADDRESS, SCAN, SCAN])
})

test('one that does not answer the question is reset, and one that answers nothing is over', async () => {
  const line = fakeLine({ deafAfterMs: 10_000 })
  await line.pass()
  line.silent.add(READ_ADDRESS)
  await line.pass(10_000)
  await line.pass(2000)
  expect(line.told.at(-1)).toEqual({
    is: 'deaf',
    why: 'the controller did not answer Read BD_ADDR within 2 s; it is reset',
  })
  await line.pass(2000)
  await line.pass(2000)
  expect(line.told.at(-1)).toMatchObject({ is: 'over', kind: 'deaf' })
})

test('where a place may be empty for ever it is never deaf', async () => {
  const line = fakeLine()
  await line.pass()
  await line.pass(86_400_000)
  expect(line.asked).toEqual(BRING_UP)
})

test('the rest of a packet is waited for a moment, and then what stands behind it is read', async () => {
  const line = fakeLine()
  await line.pass()
  line.say('043eff')
  line.report()
  expect(line.reports).toEqual([])
  await line.pass(200)
  expect(line.reports).toEqual(['020106'])
})

test('a packet whose rest is late is whole when it comes', async () => {
  const line = fakeLine()
  await line.pass()
  line.say('043e0f0201030101')
  await line.pass(5000)
  line.say('00efbeadde03020106b9')
  expect(line.reports).toEqual(['020106'])
  expect(line.scanner.counted().malformed).toBe(0)
})

test('beacons: set up once, changed in place, each in its turn where there are more than sets', async () => {
  const line = fakeLine({ results: WITHOUT_SETS })
  await line.pass()
  line.asked.length = 0
  line.scanner.broadcast([Buffer.of(1), Buffer.of(2)])
  await line.pass()
  expect(line.asked).toEqual([0x2006, 0x2008, 0x200a])
  await line.pass(115)
  await line.pass(115)
  expect(line.asked).toEqual([0x2006, 0x2008, 0x200a, 0x2008, 0x2008])
  line.scanner.broadcast([])
  await line.pass(1000)
  expect(line.asked.slice(5)).toEqual([0x200a])
})

test('a beacon that is refused is told once, and leaves the scan alone', async () => {
  const line = fakeLine()
  await line.pass()
  line.refuse.set(0x2037, 0x07)
  line.scanner.broadcast([Buffer.of(1)])
  await line.pass()
  line.scanner.broadcast([Buffer.of(2)])
  await line.pass()
  line.refuse.clear()
  line.scanner.broadcast([Buffer.of(3)])
  await line.pass()
  expect(line.told.slice(1)).toEqual([
    {
      is: 'mute',
      why: 'the controller refused LE Set Extended Advertising Data: its memory is full (status 0x07)',
    },
    { is: 'mute', why: null },
  ])
})

test('after a reset the beacons are said again', async () => {
  const line = fakeLine()
  await line.pass()
  line.scanner.broadcast([Buffer.of(1)])
  await line.pass()
  line.asked.length = 0
  line.say('04100142')
  await line.pass()
  expect(line.told.slice(1)).toEqual([
    { is: 'deaf', why: 'the controller reports a fault of its hardware (code 66); it is reset' },
    { is: 'listening', why: expect.any(String) },
  ])
  expect(line.asked).toEqual([...BRING_UP, 0x2036, 0x2037, 0x2039])
})

test('a line that ends is gone, once, and nothing is asked after that', async () => {
  const line = fakeLine({ deafAfterMs: 10_000 })
  await line.pass()
  line.asked.length = 0
  line.end('/dev/ttyACM0 is gone')
  line.end('again')
  await line.pass(60_000)
  expect(line.told.slice(1)).toEqual([{ is: 'over', kind: 'gone', why: '/dev/ttyACM0 is gone' }])
  expect(line.asked).toEqual([])
})

test('closing resets the controller, and does not wait for one that is silent', async () => {
  const line = fakeLine()
  await line.pass()
  line.silent.add(RESET)
  const closed = line.scanner.close()
  await line.pass(500)
  await closed
  expect(line.asked.at(-1)).toBe(RESET)
})

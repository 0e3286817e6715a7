// The radio's own process on a real pty: what it hears, what it broadcasts meanwhile, what it leaves behind.
// needs: socat
import { afterEach, expect, test, vi } from 'vitest'
import { PATIENCE } from '../../patience.ts'
import { dataOf, onPty, stopAll } from './on-a-pty.ts'

afterEach(stopAll)
const ADDRESS = 'c7:f9:36:dd:b0:ca'

test.each([4, 5] as const)(
  'by the commands of Bluetooth %d each report comes whole and in order, with its level and kind',
  async bluetooth => {
    const { controller, heard, state, hearing } = await onPty({ bluetooth })
    expect(await state('listening')).toMatchObject({ why: expect.stringContaining(`Bluetooth ${bluetooth}`) })
    await hearing('first')
    const kinds = ['connectable', 'directed', 'scannable', 'nonconnectable', 'scan-response'] as const
    for (let i = 0; i < 500; i += 1)
      controller.hear({
        address: ADDRESS,
        data: dataOf(`n${i}`),
        rssiDbm: i % 100 === 0 ? null : -(i % 100),
        kind: kinds[i % 5] ?? 'connectable',
      })
    const numbered = () => heard.filter(({ data }) => !Buffer.from(data).includes('first'))
    await vi.waitFor(() => expect(numbered().length).toBe(500), PATIENCE)
    numbered().forEach((one, i) => {
      expect(one).toMatchObject({
        address: ADDRESS,
        rssiDbm: i % 100 === 0 ? null : -(i % 100),
        pdu: kinds[i % 5],
      })
      expect(Buffer.from(one.data)).toEqual(dataOf(`n${i}`))
    })
  },
)

test('a long packet of Bluetooth 5 is put together, and is heard at the instant it came', async () => {
  const { controller, heard, hearing } = await onPty()
  await hearing('first')
  const before = Date.now()
  const long = Buffer.alloc(1000, 'long')
  controller.hear({ address: ADDRESS, data: long, rssiDbm: -50, kind: 'extended' })
  const one = await vi.waitFor(() => {
    const found = heard.find(({ pdu }) => pdu === 'extended')
    if (found === undefined) throw new Error('expected an extended report')
    return found
  }, PATIENCE)
  expect(Buffer.from(one.data)).toEqual(long)
  expect(one.heardAtMs).toBeGreaterThanOrEqual(before - 1)
  expect(one.heardAtMs).toBeLessThanOrEqual(Date.now() + 1)
})

test.each([
  { bluetooth: 4, address: 'c0:ff:ee:00:00:01', sets: 1 },
  { bluetooth: 4, address: null, sets: 1 },
  { bluetooth: 5, address: 'c0:ff:ee:00:00:01', sets: 1 },
  { bluetooth: 5, address: null, sets: 8 },
] as const)(
  'beacons go out in turn while it listens, and stop: $bluetooth, $address, $sets',
  async options => {
    const { controller, radio, sent, hearing } = await onPty(options)
    const beacons = ['b-one', 'b-two', 'b-three', 'b-four', 'b-five']
    const hex = beacons.map(text => Buffer.from(dataOf(text)).toString('hex'))
    radio.broadcast(beacons.map(dataOf))
    await vi.waitFor(() => expect(new Set(sent)).toEqual(new Set(hex)), PATIENCE)
    await hearing('meanwhile')
    expect(controller.isScanning()).toBe(true)
    radio.broadcast([dataOf('b-two')])
    await vi.waitFor(() => {
      sent.splice(0, sent.length - 4)
      expect(sent).toEqual(new Array(4).fill(hex[1]))
    }, PATIENCE)
    radio.broadcast([])
    const switched = controller.asked().length
    await vi.waitFor(
      () => expect(controller.asked().slice(switched).join()).toContain('Advertising Enable'),
      PATIENCE,
    )
    sent.length = 0
    await hearing('after')
    expect(sent).toEqual([])
  },
)

test('whoever closes it leaves a controller that neither listens nor sends', async () => {
  const { controller, radio, sent, state } = await onPty()
  await state('listening')
  radio.broadcast([dataOf('b')])
  await vi.waitFor(() => expect(sent.length).toBeGreaterThan(2), PATIENCE)
  await radio.close()
  expect(controller.asked().at(-1)).toBe('Reset')
  expect(controller.isScanning()).toBe(false)
})

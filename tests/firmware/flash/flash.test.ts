// `tocsin flash` over a real serial device, end to end: put on, put on again, and cut at many places, on the simulated
// chip and, where ESPRUINO_BIN is set, on the real interpreter.
// needs: socat
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openConsole } from '../../../firmware/flash/console.ts'
import { type Flashed, flash } from '../../../firmware/flash/flash.ts'
import { inspect, type Pendant } from '../../../firmware/flash/inspect.ts'
import { openSerial, WireEnded } from '../../../firmware/flash/serial.ts'
import { builtBundle, builtProgram } from '../built.ts'
import { ADDRESS, type ChipOnPort, type ChipUnderTest, type Files, realChip, simulatedChip } from './chips.ts'

const KEY = '231d39c1d7cc1ab1aee224cd096db932'
const settings = (more = {}) => ({ id: 'p-07', text: JSON.stringify({ id: 'p-07', key: KEY, ...more }) })
const BAUD = 9600
const CUTS = 24

let plain: Buffer = Buffer.alloc(0)
let tokenised: Buffer = Buffer.alloc(0)
beforeAll(async () => {
  plain = Buffer.from(await builtBundle())
  tokenised = await builtProgram()
})

const binary = process.env.ESPRUINO_BIN ?? ''
const kinds: { name: string; isReal: boolean; make: (files: Files) => Promise<ChipUnderTest> }[] = [
  { name: 'the simulated chip', isReal: false, make: simulatedChip },
  ...(binary === ''
    ? []
    : [{ name: 'the real interpreter', isReal: true, make: (files: Files) => realChip(binary, files) }]),
]

const marked = (program: Uint8Array, mark: string): Buffer =>
  Buffer.concat([program, Buffer.from(`\n//${mark}`)])

const over = async <T>(
  port: ChipOnPort,
  work: (chip: ReturnType<typeof openConsole>) => Promise<T>,
): Promise<T> => {
  const chip = openConsole(await openSerial(port.path, BAUD))
  try {
    return await work(chip)
  } finally {
    await chip.close()
  }
}

const flashOn = (port: ChipOnPort, program: Uint8Array | null, written = settings()): Promise<Flashed> =>
  over(port, chip => flash(chip, { board: 'PUCKJS', program, settings: written, told: () => {} }))

const flashAll = async (
  chip: ChipUnderTest,
  program: Uint8Array | null,
  written = settings(),
): Promise<{ flashed: Flashed; bytes: number; pendant: Pendant }> => {
  const port = await chip.plug()
  try {
    const flashed = await flashOn(port, program, written)
    const bytes = port.received()
    return { flashed, bytes, pendant: await over(port, inspect) }
  } finally {
    await port.unplug()
  }
}

/**
 * Cut at this share of the bytes that a run takes, from what is kept. A run on a busy machine asks more often whether the chip
 * has started: one that was done before its cut tells how few bytes it takes, and is cut by these.
 */
const cutAt = async (
  chip: ChipUnderTest,
  share: number,
  bytes: number,
  run: (port: ChipOnPort) => Promise<unknown>,
): Promise<{ ended: unknown; bytes: number }> => {
  await chip.goBack()
  const port = await chip.plug(Math.round(bytes * share))
  const ended = await run(port).then(
    () => null,
    error => error,
  )
  const taken = port.received()
  await port.unplug()
  return ended === null ? cutAt(chip, share, taken, run) : { ended, bytes }
}

describe.each(kinds)('on $name', ({ isReal, make }) => {
  let chip: ChipUnderTest
  afterEach(() => chip.end())
  /** The simulated chip cannot read tokenised programs; the real one is given what is really flashed. */
  const firmware = (): Uint8Array => (isReal ? tokenised : plain)

  test('a blank pendant is flashed, runs, and is left alone by the next run', async () => {
    chip = await make({})
    const first = await flashAll(chip, firmware())
    expect(first.flashed).toMatchObject({
      address: ADDRESS,
      id: 'p-07',
      wroteFirmware: true,
      wroteSettings: true,
    })
    expect(first.pendant).toMatchObject({
      id: 'p-07',
      address: ADDRESS,
      running: { id: 'p-07', fault: null },
      stored: { hasLoader: true, otherStarts: [], hasPendingSettings: false },
    })
    expect(await chip.advertises()).toMatch(/^02010617(16|ff)d2fc45/)
    const second = await flashAll(chip, firmware())
    expect(second.flashed).toMatchObject({ wroteFirmware: false, wroteSettings: false })
    expect(second.flashed.firmware).toBe(first.flashed.firmware)
  })

  test('new firmware takes the place of old, and only one is kept', async () => {
    chip = await make({})
    await flashAll(chip, firmware())
    const { flashed, pendant } = await flashAll(chip, marked(firmware(), 'new'))
    expect(flashed).toMatchObject({ wroteFirmware: true, wroteSettings: false })
    expect(pendant.stored.slots).toHaveLength(1)
    expect(pendant.firmware).toMatchObject({ name: 'tocsin.b1', seq: 2, isWhole: true })
  })

  test('settings alone are changed without firmware being written', async () => {
    chip = await make({})
    const first = await flashAll(chip, firmware())
    const { flashed, bytes, pendant } = await flashAll(chip, null, settings({ idleMs: 2000 }))
    expect(flashed).toMatchObject({ wroteFirmware: false, wroteSettings: true })
    expect(pendant.firmware?.crc).toBe(first.pendant.firmware?.crc)
    expect(pendant.running).toMatchObject({ id: 'p-07', fault: null })
    expect(bytes).toBeLessThan(first.bytes / 3)
  })

  test('firmware that does not come up is taken back, and the old one runs', async () => {
    chip = await make({})
    await flashAll(chip, firmware())
    const port = await chip.plug()
    await expect(flashOn(port, Buffer.from('throw new Error("bad")'))).rejects.toThrow(
      /says nothing\. It runs the firmware again that it had before/,
    )
    await port.unplug()
    expect(await chip.advertises()).toMatch(/^0201061716d2fc45/)
  })

  test('a program put there by other means runs until ours is whole, and then no more', async () => {
    chip = await make({ '.bootcde': firmware(), 'tocsin.json': settings().text })
    const { pendant } = await flashAll(chip, marked(firmware(), 'new'))
    expect(pendant.stored).toMatchObject({ hasLoader: true, otherStarts: [] })
    expect(pendant.running?.id).toBe('p-07')
  })

  test.each([
    ['firmware of ours', () => ({})],
    [
      'a program put there by other means',
      () => ({ '.bootcde': firmware(), 'tocsin.json': settings().text }),
    ],
  ])(
    `cut at ${CUTS} points over %s, it advertises in between and the next run completes`,
    async (_, files) => {
      chip = await make(files())
      if (!('.bootcde' in files())) await flashAll(chip, firmware())
      await chip.keep()
      const next = marked(firmware(), 'next')
      const changed = settings({ idleMs: 2000 })
      let { bytes } = await flashAll(chip, next, changed)
      for (let i = 0; i < CUTS; i++) {
        // The last few bytes hold seal, switch and start: half of the cuts are there.
        const near = 1 - (i - CUTS / 2 + 1) / (CUTS / 2 + 1)
        const share = i < CUTS / 2 ? ((i + 1) / (CUTS / 2)) * 0.9 : 1 - near * 0.1
        const cut = await cutAt(chip, share, bytes, port => flashOn(port, next, changed))
        bytes = cut.bytes
        expect(cut.ended, `cut ${i}`).toBeInstanceOf(WireEnded)
        expect(await chip.advertises(), `cut ${i}`).toMatch(/^0201061716d2fc45/)
        const { pendant } = await flashAll(chip, next, changed)
        expect(pendant.firmware, `cut ${i}`).toMatchObject({ isWhole: true })
        expect(pendant.stored.slots, `cut ${i}`).toHaveLength(1)
        expect(pendant.running, `cut ${i}`).toMatchObject({ id: 'p-07', fault: null })
      }
    },
  )
})

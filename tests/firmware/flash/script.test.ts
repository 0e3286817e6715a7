// A script for a board that no cable reaches, sent line by line as the Web IDE does, to the simulated chip and, where
// ESPRUINO_BIN is set, to the real interpreter.
// needs: socat
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { buildFirmware } from '../../../firmware/build.ts'
import { openConsole } from '../../../firmware/flash/console.ts'
import { inspect, type Pendant } from '../../../firmware/flash/inspect.ts'
import { flashScript } from '../../../firmware/flash/script.ts'
import { openSerial } from '../../../firmware/flash/serial.ts'
import { type ChipUnderTest, type Files, realChip, simulatedChip } from './chips.ts'

const KEY = '231d39c1d7cc1ab1aee224cd096db932'
const settings = (more = {}) => ({ id: 'p-07', text: JSON.stringify({ id: 'p-07', key: KEY, ...more }) })
const STARTS_MAX = 3
/** The factory's start of a watch, as far as it matters here. */
const FACTORY = { '.boot0': 'global.isFactory=1', '.bootcde': 'global.isLauncher=1' }

let plain = new Uint8Array()
let tokenised = new Uint8Array()
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-firmware-'))
  const [built] = await buildFirmware(folder)
  plain = await readFile(built?.bundle ?? '')
  tokenised = await readFile(built?.program ?? '')
  await rm(folder, { recursive: true, force: true })
}, 60_000)

const binary = process.env.ESPRUINO_BIN ?? ''
const kinds: { name: string; isReal: boolean; make: (files: Files) => Promise<ChipUnderTest> }[] = [
  { name: 'the simulated chip', isReal: false, make: simulatedChip },
  ...(binary === ''
    ? []
    : [{ name: 'the real interpreter', isReal: true, make: (files: Files) => realChip(binary, files) }]),
]

/** Sends a script and looks at what is there when the chip has started anew, or has been asked why it did not. */
async function send(chip: ChipUnderTest, script: string): Promise<{ why: string; pendant: Pendant }> {
  const port = await chip.plug()
  try {
    const console_ = openConsole(await openSerial(port.path, 115_200))
    try {
      await console_.wake()
      const lines = script.split('\n').filter(line => line !== '')
      const last = lines.pop() ?? ''
      // The IDE waits for the prompt; here each line is a question, so that none goes on before it has come whole and is done.
      for (const line of lines) await console_.ask(line)
      const why = String(await console_.ask('T.why'))
      // The two seconds are for a reader. Without them, no answer from before the start is taken for one from after it.
      const start = last.replace('setTimeout(function(){', '(function(){').replace('},2000)', '})()')
      await console_.ask('(global.isBefore=1)')
      // A line that has no answer may come garbled, and does nothing then: it is sent again, as a person would.
      for (let i = 0; i < STARTS_MAX && (await console_.ask('typeof isBefore')) === 'number'; i++) {
        await console_.tell(start)
        if (why === '') await console_.waitForStart()
      }
      return { why, pendant: await inspect(console_) }
    } finally {
      await console_.close()
    }
  } finally {
    await port.unplug()
  }
}

describe.each(kinds)('on $name', { timeout: 300_000 }, ({ isReal, make }) => {
  let chip: ChipUnderTest
  afterEach(() => chip.end())
  const script = (more: { board?: string; program?: Uint8Array; idleMs?: number } = {}): string =>
    flashScript({
      board: more.board ?? 'PUCKJS',
      program: more.program ?? (isReal ? tokenised : plain),
      settings: settings(more.idleMs === undefined ? {} : { idleMs: more.idleMs }),
    })

  test('a board with its factory’s start becomes a pendant, and a second script takes the other slot', async () => {
    chip = await make(FACTORY)
    const first = await send(chip, script())
    expect(first.why).toBe('')
    expect(first.pendant).toMatchObject({
      id: 'p-07',
      running: { id: 'p-07', fault: null },
      firmware: { name: 'tocsin.b0', seq: 1, isWhole: true },
      stored: { hasLoader: true, otherStarts: [], hasPendingSettings: false },
    })
    expect(await chip.advertises()).toMatch(/^0201061716d2fc45/)
    const second = await send(chip, script({ idleMs: 2000 }))
    expect(second.pendant).toMatchObject({ firmware: { name: 'tocsin.b1', seq: 2, isWhole: true } })
    const third = await send(chip, script())
    expect(third.pendant).toMatchObject({ firmware: { name: 'tocsin.b0', seq: 3, isWhole: true } })
  })

  test('for another board, or with a garbled line, it changes nothing of what runs, and says why', async () => {
    chip = await make(FACTORY)
    await send(chip, script())
    await chip.keep()
    const other = await send(chip, script({ board: 'BANGLEJS2' }))
    expect(other).toMatchObject({
      why: 'expected the board BANGLEJS2, came PUCKJS',
      pendant: { firmware: { name: 'tocsin.b0', seq: 1 }, running: { fault: null } },
    })
    const lines = script({ idleMs: 2000 }).split('\n')
    const garbled = lines.map((line, i) => (i === 12 ? line.replace(/atob\("..../, 'atob("AAAA') : line))
    const torn = await send(chip, garbled.join('\n'))
    expect(torn).toMatchObject({
      why: 'a line came garbled',
      pendant: { firmware: { name: 'tocsin.b0', seq: 1 }, running: { fault: null } },
    })
    expect(await chip.advertises()).toMatch(/^0201061716d2fc45/)
  })

  test('left off in the middle, what ran before runs, and the next script completes', async () => {
    chip = await make({})
    await send(chip, script())
    const port = await chip.plug()
    const console_ = openConsole(await openSerial(port.path, 115_200))
    await console_.wake()
    for (const line of script({ idleMs: 2000 }).split('\n').slice(0, 30)) await console_.ask(line)
    await console_.close()
    await port.unplug()
    expect(await chip.advertises()).toMatch(/^0201061716d2fc45/)
    const { pendant } = await send(chip, script({ idleMs: 2000 }))
    expect(pendant).toMatchObject({ firmware: { name: 'tocsin.b1', seq: 2, isWhole: true } })
  })
})

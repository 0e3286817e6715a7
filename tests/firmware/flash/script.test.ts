// A script for a board that no cable reaches, sent line by line as the Web IDE does, to the simulated chip and, where
// ESPRUINO_BIN is set, to the real interpreter.
// needs: socat
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { pack } from '../../../firmware/build/pack.ts'
import { bundleFirmware } from '../../../firmware/build.ts'
import { type ChipConsole, ChipRefused, NoAnswer, openConsole } from '../../../firmware/flash/console.ts'
import { inspect, type Pendant } from '../../../firmware/flash/inspect.ts'
import { flashScript, NOT_FLASHED } from '../../../firmware/flash/script.ts'
import { openSerial } from '../../../firmware/flash/serial.ts'
import { steppedClock } from '../../../simulator/clock.ts'
import { memoryStorage } from '../../../simulator/espruino/chip/storage.ts'
import { createChipPort } from '../../../simulator/espruino/console.ts'
import { ADDRESS, type ChipUnderTest, type Files, realChip, simulatedChip } from './chips.ts'

const KEY = '231d39c1d7cc1ab1aee224cd096db932'
const settings = (more = {}) => ({ id: 'p-07', text: JSON.stringify({ id: 'p-07', key: KEY, ...more }) })
const STARTS_MAX = 3
/** The factory's start of a watch, as far as it matters here. */
const FACTORY = { '.boot0': 'global.isFactory=1', '.bootcde': 'global.isLauncher=1' }

let plain = new Uint8Array()
let tokenised = new Uint8Array()
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-firmware-'))
  plain = new TextEncoder().encode(await bundleFirmware('puckjs'))
  await writeFile(join(folder, 'puckjs.js'), plain)
  tokenised = await readFile((await pack(join(folder, 'puckjs.js'), folder, 'puckjs')).program)
  await rm(folder, { recursive: true, force: true })
})

const binary = process.env.ESPRUINO_BIN ?? ''
const kinds: { name: string; isReal: boolean; make: (files: Files) => Promise<ChipUnderTest> }[] = [
  { name: 'the simulated chip', isReal: false, make: simulatedChip },
  ...(binary === ''
    ? []
    : [{ name: 'the real interpreter', isReal: true, make: (files: Files) => realChip(binary, files) }]),
]

const SENDINGS_MAX = 5

/** Each line is a question, so that none goes on before it has come whole and is done; the last two come by themselves. */
async function sendLines(console_: ChipConsole, lines: readonly string[]): Promise<string> {
  for (const line of lines.slice(0, -2)) await console_.ask(line)
  return String(await console_.ask('T.why'))
}

/**
 * As a person would: where the console loses what is sent or stumbles, which the interpreter's Linux build does on a busy
 * machine (its thread that reads takes no lock), the whole script is sent again.
 */
async function sendUntilHeard(console_: ChipConsole, lines: readonly string[]): Promise<string> {
  for (let i = 1; ; i++) {
    try {
      await console_.wake()
      return await sendLines(console_, lines)
    } catch (error) {
      if (i === SENDINGS_MAX || !(error instanceof NoAnswer || error instanceof ChipRefused)) throw error
    }
  }
}

/** Sends a script and looks at what is there when the chip has started anew, or has been asked why it did not. */
async function send(chip: ChipUnderTest, script: string): Promise<{ why: string; pendant: Pendant }> {
  const port = await chip.plug()
  try {
    const console_ = openConsole(await openSerial(port.path, 115_200))
    try {
      const lines = script.split('\n').filter(line => line !== '')
      const why = await sendUntilHeard(console_, lines)
      await console_.ask('(global.isBefore=1)')
      // A line that has no answer may come garbled, and does nothing then: it is sent again, as a person would.
      for (let i = 0; i < STARTS_MAX && (await console_.ask('typeof isBefore')) === 'number'; i++) {
        await console_.tell(lines.at(-2) ?? '')
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

describe.each(kinds)('on $name', ({ isReal, make }) => {
  let chip: ChipUnderTest
  afterEach(() => chip.end())
  const script = (more: { board?: string; program?: Uint8Array; idleMs?: number } = {}): string =>
    flashScript({
      board: more.board ?? 'PUCKJS',
      program: more.program ?? (isReal ? tokenised : plain),
      settings: settings(more.idleMs === undefined ? {} : { idleMs: more.idleMs }),
      restartMs: 0,
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
    const garbled = lines.map((line, i) => (i === 12 ? line.replace(/atob\('..../, "atob('AAAA") : line))
    const torn = await send(chip, garbled.join('\n'))
    expect(torn).toMatchObject({
      why: 'line 13 came garbled',
      pendant: { firmware: { name: 'tocsin.b0', seq: 1 }, running: { fault: null } },
    })
    expect(await chip.advertises()).toMatch(/^0201061716d2fc45/)
  })

  test('left off in the middle, what ran before runs, and the next script completes', async () => {
    chip = await make({})
    await send(chip, script())
    const port = await chip.plug()
    const console_ = openConsole(await openSerial(port.path, 115_200))
    await sendUntilHeard(console_, script({ idleMs: 2000 }).split('\n').slice(0, 30))
    await console_.close()
    await port.unplug()
    expect(await chip.advertises()).toMatch(/^0201061716d2fc45/)
    const { pendant } = await send(chip, script({ idleMs: 2000 }))
    expect(pendant).toMatchObject({ firmware: { name: 'tocsin.b1', seq: 2, isWhole: true } })
  })
})

const CASES = 150

describe('a console that loses what is sent', () => {
  /** Types lines as they come, without asking anything; a chip that starts anew does so within the second. */
  const typed = (lines: readonly string[]) => {
    const clock = steppedClock(1_800_000_000_000)
    const storage = memoryStorage(FACTORY)
    let printed = ''
    const chip = createChipPort({
      ...{ address: ADDRESS, clock, storage },
      send: bytes => {
        printed += bytes
      },
    })
    chip.host.powerOn()
    for (const line of lines) chip.receive(`\x10${line}\n`)
    clock.advance(3000)
    chip.host.powerOff()
    const isLive = storage.read('.bootcde') === undefined
    return { printed, isLive, names: storage.list() }
  }
  const lines = (): string[] =>
    flashScript({ board: 'PUCKJS', program: plain, settings: settings() })
      .split('\n')
      .filter(line => line !== '')
  const WELL = 'p-07 is flashed; its address is'

  test('nothing lost: it says so, and is live', () => {
    const { printed, isLive } = typed(lines())
    expect(printed).toContain(WELL)
    expect(printed).not.toContain(NOT_FLASHED)
    expect(isLive).toBe(true)
  })

  test('whichever line is lost, nothing is made live, and it says that the script is to be sent again', () => {
    const all = lines()
    // Without the last one there is nobody left to say it: that it was flashed is not said either.
    for (let lost = 0; lost < all.length - 1; lost++) {
      const { printed, isLive, names } = typed(all.filter((_, i) => i !== lost))
      expect(isLive, `line ${lost + 1}`).toBe(false)
      expect(names, `line ${lost + 1}`).toContain('.bootcde')
      expect(printed, `line ${lost + 1}`).toMatch(new RegExp(`${NOT_FLASHED}.*Send the script again`))
      expect(printed).not.toContain(WELL)
    }
  })

  test('whichever letter comes as another, it is flashed as it should be or not at all', () => {
    const all = lines()
    for (let i = 0; i < CASES; i++) {
      const line = Math.floor((i * all.length) / CASES)
      const text = all[line] ?? ''
      const at = (i * 7919) % text.length
      const other = String.fromCharCode(33 + ((text.charCodeAt(at) + 1 + (i % 60)) % 90))
      const garbled = all.map((each, k) =>
        k === line ? text.slice(0, at) + other + text.slice(at + 1) : each,
      )
      const { printed, isLive } = typed(garbled)
      expect(isLive, `${line + 1}: ${at} ${other}`).toBe(printed.includes(WELL))
    }
  })
})

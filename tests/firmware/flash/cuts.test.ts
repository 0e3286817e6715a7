// The battery pulled at every single step that the flash takes while a pendant is flashed, and a wire that loses bytes:
// on the simulated chip with no port between, so that there can be many of them.
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { NoAnswer, openConsole } from '../../../firmware/flash/console.ts'
import { type Flashed, flash, WrongPendant } from '../../../firmware/flash/flash.ts'
import { inspect } from '../../../firmware/flash/inspect.ts'
import { LOADER, slotBody, slotSeal } from '../../../firmware/flash/loader.ts'
import { pendantText } from '../../../firmware/flash/pendant-text.ts'
import { type Wire, WireEnded } from '../../../firmware/flash/serial.ts'
import { realClock, steppedClock } from '../../../simulator/clock.ts'
import { type ChipStorage, memoryStorage, PowerCut } from '../../../simulator/espruino/chip/storage.ts'
import { type ChipPort, createChipPort } from '../../../simulator/espruino/console.ts'
import { builtBundle } from '../built.ts'
import { ADDRESS, type Files } from './chips.ts'

const KEY = '231d39c1d7cc1ab1aee224cd096db932'
const settings = (more = {}) => ({ id: 'p-07', text: JSON.stringify({ id: 'p-07', key: KEY, ...more }) })
/** More steps than a flashing takes; one that never ends is a failure. */
const STEPS_MAX = 200

let firmware = Buffer.alloc(0)
beforeAll(async () => {
  firmware = Buffer.from(await builtBundle())
})
// What waits here waits on timers alone, so the clock goes to the next of them whenever nothing else is left to do:
// seconds of patience pass at once, and none runs out because the machine is busy.
beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  })
  vi.setTimerTickMode('nextTimerAsync')
})
afterEach(() => vi.useRealTimers())
const next = (): Buffer => Buffer.concat([firmware, Buffer.from('\n//next')])

type Direct = { wire: Wire; chip: ChipPort; end: (why: string) => void }

/** A chip with a wire that carries what `carry` lets through to it, and `back` from it. */
const direct = (
  storage: ChipStorage,
  carry: (bytes: string) => string = bytes => bytes,
  back: (bytes: string) => string = bytes => bytes,
): Direct => {
  const hear: ((bytes: string) => void)[] = []
  const ends: ((why: string) => void)[] = []
  let isEnded = false
  const chip = createChipPort({
    address: ADDRESS,
    clock: realClock(),
    storage,
    send: bytes =>
      queueMicrotask(() => {
        for (const listener of hear) listener(back(bytes))
      }),
  })
  const end = (why: string): void => {
    isEnded = true
    for (const listener of ends) listener(why)
  }
  chip.host.powerOn()
  const wire: Wire = {
    write: async bytes => {
      if (isEnded) throw new WireEnded('the wire is cut')
      chip.receive(carry(bytes))
    },
    onBytes: listener => hear.push(listener),
    onEnd: listener => ends.push(listener),
    close: async () => chip.host.powerOff(),
  }
  return { wire, chip, end }
}

const flashOver = async (wire: Wire, program: Buffer | null, written = settings()): Promise<Flashed> => {
  const chip = openConsole(wire)
  try {
    return await flash(chip, { board: 'PUCKJS', program, settings: written, told: () => {} })
  } finally {
    await chip.close()
  }
}

/** Booted from this flash, on a clock of its own, it sends a sealed frame; undefined where it does not in a minute. */
const frameOf = (storage: ChipStorage): string | undefined => {
  const clock = steppedClock()
  const { host } = createChipPort({ address: ADDRESS, clock, storage, send: () => {} })
  let sealed: string | undefined
  host.onAdvertisement(({ data }) => {
    const frame = Buffer.from(data).toString('hex')
    if (frame.startsWith('0201061716d2fc45')) sealed = frame
  })
  host.powerOn()
  while (sealed === undefined && clock.nowMs() < 60_000) clock.advance(1000)
  host.powerOff()
  return sealed
}

const contents = (storage: ChipStorage): Files =>
  Object.fromEntries(storage.list().map(name => [name, Uint8Array.from(storage.read(name) ?? [])]))

const flashed = async (program: Buffer): Promise<Files> => {
  const storage = memoryStorage()
  await flashOver(direct(storage).wire, program)
  return contents(storage)
}

/** Flashes `next` with new settings and pulls the battery before step `at`; false where there was no such step. */
const cutAt = async (files: Files, at: number): Promise<{ wasCut: boolean; storage: ChipStorage }> => {
  let steps = 0
  let isPowered = true
  let end = (_why: string): void => {}
  const storage = memoryStorage(files, () => {
    if (!isPowered || steps++ !== at) return
    isPowered = false
    end('the battery is out')
    throw new PowerCut('the battery is out')
  })
  const bench = direct(storage)
  end = bench.end
  if (!isPowered) end('the battery was out while it started')
  const done = await flashOver(bench.wire, next(), settings({ idleMs: 2000 })).then(
    () => true,
    error => {
      if (error instanceof WireEnded) return false
      throw error
    },
  )
  return { wasCut: !done, storage: memoryStorage(contents(storage)) }
}

describe('cut at every step of the flash', () => {
  test.each([
    ['firmware of ours', () => flashed(firmware)],
    [
      'a program put there by other means',
      async () => ({ '.bootcde': new Uint8Array(firmware), 'tocsin.json': settings().text }),
    ],
  ])('over %s it advertises sealed frames in between, and the next run completes', async (_, make) => {
    const files = await make()
    let cuts = 0
    for (; cuts < STEPS_MAX; cuts++) {
      const { wasCut, storage } = await cutAt(files, cuts)
      if (!wasCut) break
      expect(frameOf(storage), `cut before step ${cuts}`).toBeDefined()
      const { id } = await flashOver(direct(storage).wire, next(), settings({ idleMs: 2000 }))
      expect(id).toBe('p-07')
      expect(storage.list().filter(name => name.startsWith('tocsin.b'))).toHaveLength(1)
      expect(storage.list()).not.toContain('.bootcde')
      expect(storage.list()).not.toContain('tocsin.new')
    }
    expect(cuts).toBeGreaterThan(40)
    expect(cuts).toBeLessThan(STEPS_MAX)
  })
})

test('a slot whose flash has worn is passed over for the older one', () => {
  const broken = slotBody(Buffer.from('throw new Error("worn")'), 2)
  const old = slotBody(firmware, 1)
  const storage = memoryStorage({
    '.boot0': LOADER,
    'tocsin.json': settings().text,
    'tocsin.b0': Buffer.concat([old, slotSeal(old)]),
    'tocsin.b1': Buffer.concat([broken, slotSeal(slotBody(Buffer.from('throw new Error("well")'), 2))]),
  })
  expect(frameOf(storage)).toBeDefined()
})

describe('a console', () => {
  /** Both ways, one byte in so many; `spoilt` is what comes of it. */
  const lossy = (each: number, from: number, spoilt: string) => {
    let carried = from
    return (bytes: string): string =>
      [...bytes].map(byte => (++carried % each === 0 ? spoilt : byte)).join('')
  }
  test.each(
    [0, 8003].flatMap(from => [
      { what: 'loses', spoilt: '', from },
      { what: 'garbles', spoilt: 'x', from },
    ]),
  )('that $what bytes costs time and not the firmware, from byte $from', async ({ spoilt, from }) => {
    const storage = memoryStorage()
    const bench = direct(storage, lossy(16_001, from, spoilt), lossy(2003, from, spoilt))
    const { wroteFirmware } = await flashOver(bench.wire, firmware)
    expect(wroteFirmware).toBe(true)
    expect(frameOf(storage)).toBeDefined()
  })

  test('whose question loses any one of its letters never answers another one', async () => {
    const expression = 'require("Storage").write("kept","0123456789",0,10)?[384,1]:0'
    let lost = -1
    let sent = ''
    const storage = memoryStorage()
    const { wire } = direct(storage, bytes => {
      if (!bytes.includes('Storage')) return bytes
      sent = bytes
      const carried = bytes.slice(0, lost) + bytes.slice(lost + 1)
      return lost < 0 ? bytes : carried
    })
    const chip = openConsole(wire)
    expect(await chip.ask(expression)).toEqual([384, 1])
    const from = sent.indexOf('require')
    for (lost = from; lost < from + expression.length; lost++) {
      storage.erase('kept')
      await expect(chip.ask(expression, { timeoutMs: 30 })).rejects.toThrow(NoAnswer)
      expect(storage.list(), sent.slice(lost)).not.toContain('kept')
    }
    await chip.close()
  })

  test('that loses any one byte of a line once is asked again, and answers', async () => {
    let lost = -1
    const storage = memoryStorage()
    const { wire } = direct(storage, bytes => {
      const carried = lost < 0 ? bytes : bytes.slice(0, lost) + bytes.slice(lost + 1)
      lost = -1
      return carried
    })
    const chip = openConsole(wire)
    for (let at = 0; at < 300; at++) {
      lost = at
      expect(await chip.ask('[6*7,"of"]'), `without byte ${at}`).toEqual([42, 'of'])
    }
    await chip.close()
  })

  test('of another board is left alone', async () => {
    const storage = memoryStorage({ '.bootcde': 'process.env.BOARD="BANGLEJS2"' })
    await expect(flashOver(direct(storage).wire, firmware)).rejects.toThrow(
      new WrongPendant('expected the board PUCKJS, came BANGLEJS2'),
    )
    expect(storage.list()).toEqual(['.bootcde'])
  })

  test('of an Espruino that is too old is left alone', async () => {
    const storage = memoryStorage({ '.bootcde': 'process.env.VERSION="2v25"' })
    await expect(flashOver(direct(storage).wire, firmware)).rejects.toThrow('expected Espruino 2v26 or newer')
    expect(storage.list()).toEqual(['.bootcde'])
  })

  test('that is no Espruino is named by what came', async () => {
    const hear: ((bytes: string) => void)[] = []
    const modem: Wire = {
      write: async () => {
        for (const listener of hear) listener('ERROR\r\n')
      },
      onBytes: listener => hear.push(listener),
      onEnd: () => {},
      close: async () => {},
    }
    const refused = flashOver(modem, firmware)
    await expect(refused).rejects.toThrow(NoAnswer)
    await expect(refused).rejects.toThrow(/expected an answer of an Espruino within 1\.5 s, came ".*ERROR"/)
  })

  test('says how its pendant is, and never its key', async () => {
    const storage = memoryStorage(await flashed(firmware))
    const { wire } = direct(storage)
    const chip = openConsole(wire)
    const text = pendantText(await inspect(chip))
    await chip.close()
    expect(text).toContain('pendant     p-07')
    expect(text).toContain(`address     ${ADDRESS}`)
    expect(text).toMatch(/firmware {4}[0-9a-f]{8} in tocsin\.b0/)
    expect(text).toMatch(/faults {6}none/)
    expect(text).not.toContain(KEY)
  })

  test('gets settings alone only where firmware of ours runs', async () => {
    const storage = memoryStorage({ '.bootcde': new Uint8Array(firmware) })
    await expect(flashOver(direct(storage).wire, null)).rejects.toThrow(
      'expected a pendant with firmware of ours',
    )
    expect(storage.list()).not.toContain('tocsin.new')
  })
})

// A Puck.js without the Puck: the built firmware bundle runs from its first line over Espruino's API on the simulator's
// clock. What the chip would refuse is refused here; the battery can be taken out at any instruction.
import { crc32 } from 'node:zlib'
import type { Acceleration, Advertisement, Lights, PendantHost, SimClock } from '../ports.ts'
import { byteString, bytesOf, mapInPlace } from './bytes.ts'
import { aesOf } from './chip/crypto.ts'
import { createMotion } from './chip/motion.ts'
import { ALIASES, createPins, type Levels } from './chip/pins.ts'
import { createRadio } from './chip/radio.ts'
import { type ChipStorage, memoryStorage, PowerCut } from './chip/storage.ts'
import { createTimers } from './chip/timers.ts'
import { bangleGlobals } from './chip/watch.ts'
import { storageModule } from './files.ts'
import { createRealm } from './realm.ts'

const CONSOLE_LINES_MAX = 1000

export type PendantHostOptions = {
  /** The text of dist/firmware/<board>.js. */
  bundle: string
  /** Which board it is; a Puck.js where none is given. */
  board?: ChipBoard
  /** False for a Puck.js v1, which has no accelerometer. */
  hasAccelerometer?: boolean
  /** Gets what a Bangle.js is asked for: its screen's words, its motor. */
  shown?: (what: string) => void
  /** As printed, lower case: c7:f9:36:dd:b0:ca. */
  address: string
  clock: SimClock
  /** Flash; an empty one where none is given, which a pendant shows as a fault. */
  storage?: ChipStorage
  batteryPercent?: () => number
  /** Seeds the advDelay of the radio; by default the address does. */
  seed?: number
  /** Gets each line that is printed. */
  printed?: (line: string) => void
}

/** mulberry32: small, seeded, good enough for radio timing. */
const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const seedOf = (address: string): number =>
  [...address].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) >>> 0, 7)

/** As `process.env.BOARD` has it. */
export type ChipBoard = 'PUCKJS' | 'MDBT42Q' | 'BANGLEJS2'

type Handlers = Map<string, ((...args: unknown[]) => void)[]>

/** A host whose console can be typed at, as a computer on the serial pins does. */
export type TypedHost = PendantHost & {
  /** Runs a line in the running realm; what it throws is for the caller. Nothing happens while the power is off. */
  type(line: string): unknown
}

/** Everything of one power-on; gone when the battery is. */
type Session = {
  isAlive: boolean
  pins: ReturnType<typeof createPins>
  radio: ReturnType<typeof createRadio>
  motion: ReturnType<typeof createMotion>
  timers: ReturnType<typeof createTimers>
  type: (line: string) => unknown
}

const say = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))

/** A board with the battery out. Nothing throws out of it: what the firmware throws is on its console. */
export const createPendantHost = (options: PendantHostOptions): TypedHost => {
  const { clock, address, board = 'PUCKJS' } = options
  const flash = options.storage ?? memoryStorage()
  const random = seeded(options.seed ?? seedOf(address))
  const lines: string[] = []
  const sentTo: ((advertisement: Advertisement) => void)[] = []
  const litFor: ((lights: Lights, atMs: number) => void)[] = []
  /** The cord is in and the button up until somebody says otherwise. */
  const levels: Levels = new Map([
    ['D0', 0],
    ['D1', 0],
  ])
  let lights: Lights = { red: false, green: false, blue: false }
  let acceleration: Acceleration = { x: 0, y: 0, z: 1 }
  let session: Session | null = null
  let cancelReboot = (): void => {}

  const print = (...values: unknown[]): void => {
    const line = values.map(say).join(' ')
    lines.push(line)
    options.printed?.(line)
    if (lines.length > CONSOLE_LINES_MAX) lines.shift()
  }

  const showLights = (next: Lights): void => {
    if (next.red === lights.red && next.green === lights.green && next.blue === lights.blue) return
    lights = next
    for (const listener of litFor) listener(next, clock.nowMs())
  }

  const powerOff = (): void => {
    cancelReboot()
    const ended = session
    session = null
    if (ended === null) return
    ended.isAlive = false
    ended.radio.off()
    ended.timers.off()
    ended.motion.off()
    ended.pins.off()
    showLights({ red: false, green: false, blue: false })
  }

  /** The line it stands in ends here, as on the chip. */
  const reboot = (): never => {
    powerOff()
    cancelReboot = clock.after(0, start)
    throw new PowerCut('it starts anew')
  }

  const start = (): void => {
    const handlers: Handlers = new Map()
    let own: Session | null = null
    const isAlive = (): boolean => own?.isAlive === true && session === own

    const call = (run: () => void): void => {
      if (!isAlive()) return
      try {
        run()
      } catch (error) {
        thrown(error)
      }
    }
    const thrown = (error: unknown): void => {
      if (error instanceof PowerCut || !isAlive()) return
      const caught = handlers.get('uncaughtException') ?? []
      if (caught.length === 0) print(`Uncaught ${error}`)
      for (const handler of caught) {
        try {
          handler(error)
        } catch (again) {
          if (!(again instanceof PowerCut)) print(`Uncaught ${again}`)
        }
      }
    }

    /** No instruction of the firmware has an effect once the power is gone, not even in its own catch blocks. */
    const guarded = <A extends unknown[], R>(run: (...args: A) => R): ((...args: A) => R) => {
      return (...args) => {
        if (!isAlive()) throw new PowerCut('the battery is out')
        try {
          return run(...args)
        } catch (error) {
          if (error instanceof PowerCut) powerOff()
          throw error
        }
      }
    }
    const guardedAll = (object: Readonly<Record<string, unknown>>): Record<string, unknown> =>
      Object.fromEntries(
        Object.entries(object).map(([name, value]) => [
          name,
          typeof value === 'function' ? guarded(value as (...args: unknown[]) => unknown) : value,
        ]),
      )

    const pins = createPins({
      clock,
      levels,
      call,
      written: () =>
        showLights({ red: pins.isOn('LED1'), green: pins.isOn('LED2'), blue: pins.isOn('LED3') }),
    })
    const radio = createRadio({
      clock,
      address,
      name: `Puck.js ${address.replaceAll(':', '').slice(-4)}`,
      random,
      call,
      sent: (data, txPowerDbm) => {
        const advertisement = { address, data: Uint8Array.from(data), atMs: clock.nowMs(), txPowerDbm }
        for (const listener of sentTo) listener(advertisement)
      },
    })
    const timers = createTimers(clock, call)
    const motion = createMotion(clock, call, () => acceleration, options.hasAccelerometer ?? true)
    own = { isAlive: true, pins, radio, motion, timers, type: line => run(line) }
    session = own

    const on = (event: string, handler: (...args: unknown[]) => void): void => {
      handlers.set(event, [...(handlers.get(event) ?? []), handler])
    }
    const modules: Readonly<Record<string, unknown>> = {
      Storage: guardedAll(storageModule(flash)),
      // Its module is there, with hashes; AES is not.
      crypto: board === 'MDBT42Q' ? {} : { AES: guardedAll(aesOf(print)) },
    }
    const watch = board === 'BANGLEJS2' ? bangleGlobals(what => options.shown?.(what), motion.bangle) : {}
    const globals = {
      ...Object.fromEntries(Object.entries(watch).map(([name, object]) => [name, guardedAll(object)])),
      ...(board === 'PUCKJS' ? { Puck: guardedAll(motion.puck) } : {}),
      ...guardedAll(pins.globals),
      ...guardedAll(timers.globals),
      NRF: guardedAll(radio.nrf),
      E: {
        ...guardedAll({
          getBattery: () => Math.round(options.batteryPercent?.() ?? 100),
          enableWatchdog: () => {},
          kickWatchdog: () => {},
          hwRand: () => Math.floor(random() * 4_294_967_296) | 0,
          toArrayBuffer: (data: unknown) => bytesOf(data).buffer,
          mapInPlace,
          CRC32: (data: unknown) => (data === undefined ? undefined : crc32(bytesOf(data))),
          on,
        }),
        // Not guarded, because it ends the power itself and begins it again.
        reboot,
      },
      process: { env: { BOARD: board, VERSION: '2v29' }, on: guarded(on) },
      console: { log: guarded(print) },
      print: guarded(print),
      getTime: () => clock.nowMs() / 1000,
      atob: (text: unknown) => byteString(Buffer.from(String(text), 'base64')),
      btoa: (text: unknown) => Buffer.from(bytesOf(text)).toString('base64'),
      require: (name: string): unknown => {
        const found = modules[name]
        if (found === undefined) throw new Error(`Module ${name} not found`)
        return found
      },
    }
    const run = createRealm(globals, { nowMs: () => clock.nowMs(), random })
    call(() => run(options.bundle))
  }

  return {
    address,
    powerOn: () => {
      powerOff()
      start()
    },
    powerOff,
    setPin: (name, level) => {
      const id = ALIASES[name] ?? name
      const before = session?.pins.level(id)
      levels.set(id, level)
      if (before !== undefined) session?.pins.changed(id, before)
    },
    move: felt => {
      acceleration = { ...felt }
    },
    onAdvertisement: listener => {
      sentTo.push(listener)
    },
    hear: heard => session?.radio.hear(heard.address, heard.data, heard.rssiDbm),
    lights: () => lights,
    onLights: listener => {
      litFor.push(listener)
    },
    console: () => lines,
    type: line => session?.type(line),
  }
}

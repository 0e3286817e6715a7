// The chip's pins: driven from outside (cord, button) or by the firmware (lights), and watched with the interpreter's
// own debounce: the change counts once the pin has stood still, and only if it then differs from before.
import type { SimClock } from '../../ports.ts'

const COUNT = 32
/** Puck.js: what its named parts are soldered to. */
export const ALIASES: Readonly<Record<string, string>> = {
  BTN: 'D0',
  BTN1: 'D0',
  LED: 'D5',
  LED1: 'D5',
  LED2: 'D4',
  LED3: 'D3',
}
const BUTTON_DEBOUNCE_MS = 25

export type Levels = Map<string, 0 | 1 | 'floating'>

export type PinsOutside = {
  clock: SimClock
  /** What the world outside puts on each pin; outlives the power. */
  levels: Levels
  call: (run: () => void) => void
  written: () => void
}

type WatchData = { state: boolean; time: number; lastTime: number; pin: Pin }
type Watch = {
  pin: string
  run: (data: WatchData) => void
  isRepeated: boolean
  edge: 0 | 1 | -1
  debounceMs: number
  state: boolean
  lastAtMs: number
  cancel: (() => void) | null
}

/** A pin object as the firmware holds it. */
export class Pin {
  readonly id: string
  readonly #pins: PinTable

  constructor(id: string, pins: PinTable) {
    this.id = id
    this.#pins = pins
  }

  read(): boolean {
    return this.#pins.level(this.id) === 1
  }

  write(value: unknown): void {
    this.#pins.write(this.id, value ? 1 : 0)
  }

  set(): void {
    this.write(1)
  }

  reset(): void {
    this.write(0)
  }

  toggle(): boolean {
    this.write(!this.read())
    return this.read()
  }

  mode(mode: string): void {
    this.#pins.modes.set(this.id, mode)
  }

  toString(): string {
    return this.id
  }
}

type PinTable = {
  modes: Map<string, string>
  level(id: string): 0 | 1
  write(id: string, value: 0 | 1): void
}

const EDGES: Readonly<Record<string, 0 | 1 | -1>> = { rising: 1, falling: -1, both: 0 }

const edgeOf = (edge: unknown, byDefault: 0 | 1): 0 | 1 | -1 => {
  if (edge === undefined) return byDefault
  if (typeof edge === 'number') return edge > 0 ? 1 : edge < 0 ? -1 : 0
  const named = EDGES[String(edge)]
  if (named === undefined)
    throw new TypeError("'edge' in setWatch should be 1, -1, 0, 'rising', 'falling' or 'both'")
  return named
}

/** The watches of one power-on: what `setWatch` was told, each with its debounce. */
const createWatches = (outside: PinsOutside, table: PinTable, pinOf: (pin: unknown) => Pin) => {
  const watches = new Map<number, Watch>()
  let watchCount = 0

  const tell = (id: number, watch: Watch, state: boolean, atMs: number): void => {
    const lastTime = watch.lastAtMs / 1000
    watch.lastAtMs = atMs
    watch.state = state
    if (watch.edge !== 0 && state !== (watch.edge === 1)) return
    if (!watch.isRepeated) watches.delete(id)
    outside.call(() => watch.run({ state, time: atMs / 1000, lastTime, pin: pinOf(watch.pin) }))
  }

  const settle = (id: number, watch: Watch): void => {
    const changedAtMs = outside.clock.nowMs()
    watch.cancel?.()
    watch.cancel = outside.clock.after(watch.debounceMs, () => {
      watch.cancel = null
      const state = table.level(watch.pin) === 1
      if (state !== watch.state) tell(id, watch, state, changedAtMs)
    })
  }

  const setWatch = (run: Watch['run'], pin: unknown, options: unknown = {}): number => {
    const given = (typeof options === 'object' && options !== null ? options : { repeat: options }) as {
      repeat?: unknown
      edge?: unknown
      debounce?: unknown
    }
    const id = pinOf(pin).id
    const isButton = id === ALIASES.BTN
    watches.set(++watchCount, {
      pin: id,
      run,
      isRepeated: Boolean(given.repeat),
      edge: edgeOf(given.edge, isButton ? 1 : 0),
      debounceMs: Math.max(0, Number(given.debounce ?? (isButton ? BUTTON_DEBOUNCE_MS : 0)) || 0),
      state: table.level(id) === 1,
      lastAtMs: outside.clock.nowMs(),
      cancel: null,
    })
    return watchCount
  }

  /** A pin has changed whose level was `before`: the world moved it, or its pull-up did. */
  const changed = (id: string, before: 0 | 1): void => {
    const now = table.level(id)
    for (const [number, watch] of [...watches]) {
      if (watch.pin !== id || now === before) continue
      if (watch.debounceMs > 0) settle(number, watch)
      else tell(number, watch, now === 1, outside.clock.nowMs())
    }
  }

  const stop = (id: number): void => {
    watches.get(id)?.cancel?.()
    watches.delete(id)
  }
  const stopAll = (): void => {
    for (const id of [...watches.keys()]) stop(id)
  }

  return { setWatch, changed, stop, stopAll }
}

/** The pins of one power-on: `globals` for the firmware, `changed` when the world moved one, `off` at the end. */
export const createPins = (outside: PinsOutside) => {
  const outputs = new Map<string, 0 | 1>()
  const table: PinTable = {
    modes: new Map(),
    level: id => {
      const outer = outside.levels.get(id) ?? 'floating'
      // Without a pull-up a floating pad keeps what little charge it has: it reads low.
      return (
        outputs.get(id) ?? (outer !== 'floating' ? outer : table.modes.get(id) === 'input_pullup' ? 1 : 0)
      )
    },
    write: (id, value) => {
      outputs.set(id, value)
      outside.written()
    },
  }
  const pins = new Map(Array.from({ length: COUNT }, (_, i) => [`D${i}`, new Pin(`D${i}`, table)]))
  const pinOf = (pin: unknown): Pin => {
    const found = pin instanceof Pin ? pin : pins.get(typeof pin === 'number' ? `D${pin}` : String(pin))
    if (found === undefined) throw new Error('Invalid pin')
    return found
  }

  const { setWatch, changed, stop, stopAll } = createWatches(outside, table, pinOf)

  return {
    globals: {
      ...Object.fromEntries(pins),
      ...Object.fromEntries(Object.entries(ALIASES).map(([alias, id]) => [alias, pins.get(id)])),
      setWatch,
      clearWatch: (id?: number) => (id === undefined ? stopAll() : stop(id)),
      pinMode: (pin: unknown, mode: string) => {
        const id = pinOf(pin).id
        const before = table.level(id)
        pinOf(pin).mode(mode)
        // The watch stays, as on the chip, and sees a pad that its pull-up lifts.
        changed(id, before)
      },
      // Of several, the first is the highest bit.
      digitalRead: (pin: unknown): number =>
        Array.isArray(pin)
          ? Array.from(pin).reduce((bits, each) => bits * 2 + table.level(pinOf(each).id), 0)
          : table.level(pinOf(pin).id),
      digitalWrite: (pin: unknown, value: unknown) => pinOf(pin).write(value),
    },
    isOn: (name: string): boolean => outputs.get(ALIASES[name] ?? name) === 1,
    changed,
    level: (id: string): 0 | 1 => table.level(id),
    off: stopAll,
  }
}

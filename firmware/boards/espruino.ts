// What every Espruino board does alike behind the port; a board's own file says which pins, which AES and which lights.
import { type Aes, type Board, SOUND_LOOSE, SOUND_PARTED, SOUND_WELL } from '../board.ts'

// By another name, because tools take require('crypto') for Node's own.
const chipModule = require
const files = chipModule('Storage')

/** Room for some twelve marks, each good for four alarms that begin and end: more than come in the hour to the next look. */
const FREE_BYTES_MIN = 1024

/** "c7:f9:36:dd:b0:ca", on some builds followed by its kind: "c7:f9:36:dd:b0:ca random". */
const addressBytes = (): number[] => {
  const printed: string = NRF.getAddress()
  return printed
    .substr(0, 17)
    .split(':')
    .map(pair => parseInt(pair, 16))
}

const writeFile = (name: string, text: string): boolean => {
  try {
    // Read back, because a full or worn flash can say yes and keep something else.
    return files.write(name, text) && files.read(name) === text
  } catch (_error) {
    return false
  }
}

/** The chip's own AES. */
export const chipAes = (): Aes => chipModule('crypto').AES

export const watch = (pin: Pin, debounceMs: number, run: (isHigh: number) => void): number => {
  setWatch((event: { state: boolean }) => run(event.state ? 1 : 0), pin, {
    repeat: true,
    edge: 'both',
    debounce: debounceMs,
  })
  return pin.read() ? 1 : 0
}

const listen = (heard: (data: Uint8Array) => void): void => {
  NRF.setScan(
    device => {
      if (device.manufacturerData) heard(new Uint8Array(device.manufacturerData))
    },
    // BEACON_COMPANY, as a literal because the chip has no computed keys.
    { filters: [{ manufacturerData: { 1424: {} } }] },
  )
}

/** A cord that closes `pin` to GND, pulled up: parted reads high. */
export const cordAt = (pin: Pin): Pick<Board, 'watchCord' | 'pullCord' | 'soundCord'> => {
  let isPulled = true
  return {
    // Pulled up while it is asked how it is, so that a pad whose resistor is missing is not taken for a cord that is in.
    watchCord: (debounceMs, run) => {
      pinMode(pin, 'input_pullup')
      return watch(pin, debounceMs, run)
    },
    // Changing the pull leaves the watch alone: an input keeps its SENSE bits in Espruino's jshPinSetState.
    pullCord: on => {
      isPulled = on
      pinMode(pin, on ? 'input_pullup' : 'input')
    },
    soundCord: () => {
      if (pin.read()) return SOUND_PARTED
      if (isPulled) return SOUND_WELL
      pinMode(pin, 'input_pullup')
      const isLoose = pin.read()
      pinMode(pin, 'input')
      return isLoose ? SOUND_LOOSE : SOUND_WELL
    },
  }
}

// Made once, because what each heartbeat makes anew costs it time.
const advertising: AdvertisingOptions = {
  interval: 0,
  connectable: false,
  scannable: false,
  manufacturer: false,
}
let waking: number | undefined
let awake = (): void => {}
const ring = (): void => {
  waking = undefined
  awake()
}

/** The port, but for what a board's own file adds. One object and no function making it, which costs 40 variables less. */
export const espruino: Omit<
  Board,
  'aes' | 'watchCord' | 'pullCord' | 'soundCord' | 'lights' | 'show' | 'watchMotion'
> = {
  nowMs: () => getTime() * 1000,
  address: addressBytes,
  batteryPercent: () => E.getBattery(),
  readFile: name => files.read(name),
  writeFile: writeFile,
  fillFile: (name, text, at) => {
    try {
      return files.write(name, text, at) && files.read(name, at, text.length) === text
    } catch (_error) {
      return false
    }
  },
  tidyFiles: () => {
    if (files.getFree() < FREE_BYTES_MIN) files.compact()
  },
  advertise: (data, intervalMs) => {
    advertising.interval = intervalMs
    NRF.setAdvertising(data, advertising)
  },
  setTxPower: dbm => NRF.setTxPower(dbm),
  scan: heard => {
    if (heard === null) NRF.setScan()
    else listen(heard)
  },
  watchButton: (debounceMs, run) => watch(BTN, debounceMs, run),
  wake: (delayMs, run) => {
    if (waking !== undefined) clearTimeout(waking)
    awake = run
    waking = setTimeout(ring, delayMs)
  },
  watchdog: seconds => E.enableWatchdog(seconds, true),
  onUncaught: run => process.on('uncaughtException', error => run(String(error))),
  log: text => console.log(text),
}

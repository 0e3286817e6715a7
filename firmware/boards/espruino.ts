// What every Espruino board does alike behind the port; a board's own file says which pins, which AES and which lights.
import type { Aes, Board } from '../board.ts'

// By another name, because tools take require('crypto') for Node's own.
const chipModule = require
const files = chipModule('Storage')

/** Room for some twenty marks, far more alarms than come in the ten minutes to the next look. */
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
export const chipAes = (): Aes => {
  const aes = chipModule('crypto').AES
  return {
    cbc: (blocks, key) => new Uint8Array(aes.encrypt(blocks, key, { mode: 'CBC' })),
    ecb: (blocks, key) => new Uint8Array(aes.encrypt(blocks, key, { mode: 'ECB' })),
  }
}

const watch = (pin: Pin, debounceMs: number, run: (isHigh: boolean) => void): boolean => {
  setWatch((event: { state: boolean }) => run(event.state), pin, {
    repeat: true,
    edge: 'both',
    debounce: debounceMs,
  })
  return pin.read()
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
export const watchCordAt = (pin: Pin, debounceMs: number, run: (isParted: boolean) => void): boolean => {
  pinMode(pin, 'input_pullup')
  return watch(pin, debounceMs, run)
}

let waking: number | undefined

/** The port, but for what a board's own file adds. One object and no function making it, which costs 40 variables less. */
export const espruino: Omit<Board, 'aes' | 'watchCord' | 'lights' | 'show'> = {
  nowMs: () => getTime() * 1000,
  address: addressBytes,
  batteryPercent: () => E.getBattery(),
  readFile: name => files.read(name),
  writeFile: writeFile,
  tidyFiles: () => {
    if (files.getFree() < FREE_BYTES_MIN) files.compact()
  },
  advertise: (data, intervalMs) =>
    NRF.setAdvertising(data, {
      interval: intervalMs,
      connectable: false,
      scannable: false,
      manufacturer: false,
    }),
  setTxPower: dbm => NRF.setTxPower(dbm),
  scan: heard => {
    if (heard === null) NRF.setScan()
    else listen(heard)
  },
  watchButton: (debounceMs, run) => watch(BTN, debounceMs, run),
  wake: (delayMs, run) => {
    if (waking !== undefined) clearTimeout(waking)
    waking = setTimeout(() => {
      waking = undefined
      run()
    }, delayMs)
  },
  watchdog: seconds => E.enableWatchdog(seconds, true),
  onUncaught: run => process.on('uncaughtException', error => run(String(error))),
  log: text => console.log(text),
}

// Puck.js: the board behind the port, and the entry of its bundle. D1 is closed to GND by the cord and pulled up, so
// parted reads high; BTN reads high while pressed; LED1 is red, LED2 green, LED3 blue.
import type { Board } from '../board.ts'
import { run } from '../main.ts'

// By another name, because tools take require('crypto') for Node's own.
const chipModule = require
const files = chipModule('Storage')
const aes = chipModule('crypto').AES

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

let waking: number | undefined

const puckjs: Board = {
  nowMs: () => getTime() * 1000,
  address: addressBytes,
  batteryPercent: () => E.getBattery(),
  readFile: name => files.read(name),
  writeFile: writeFile,
  tidyFiles: () => {
    if (files.getFree() < FREE_BYTES_MIN) files.compact()
  },
  aes: {
    cbc: (blocks, key) => new Uint8Array(aes.encrypt(blocks, key, { mode: 'CBC' })),
    ecb: (blocks, key) => new Uint8Array(aes.encrypt(blocks, key, { mode: 'ECB' })),
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
  watchCord: (debounceMs, run) => {
    pinMode(D1, 'input_pullup')
    return watch(D1, debounceMs, run)
  },
  watchButton: (debounceMs, run) => watch(BTN, debounceMs, run),
  lights: (red, green, blue) => {
    digitalWrite(LED1, red)
    digitalWrite(LED2, green)
    digitalWrite(LED3, blue)
  },
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

// Asked for by its name on the console, when it is flashed or looked after.
global.tocsin = run(puckjs)

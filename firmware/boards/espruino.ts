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

/** `cord` is closed to GND by the cord and pulled up, so parted reads high; null where there is none. */
export const espruino = (
  aes: Aes,
  cord: Pin | null,
  button: Pin,
  lights: (red: boolean, green: boolean, blue: boolean) => void,
  show?: (mood: number) => void,
): Board => {
  let waking: number | undefined
  return {
    nowMs: () => getTime() * 1000,
    address: addressBytes,
    batteryPercent: () => E.getBattery(),
    readFile: name => files.read(name),
    writeFile: writeFile,
    tidyFiles: () => {
      if (files.getFree() < FREE_BYTES_MIN) files.compact()
    },
    aes: aes,
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
      if (cord === null) return false
      pinMode(cord, 'input_pullup')
      return watch(cord, debounceMs, run)
    },
    watchButton: (debounceMs, run) => watch(button, debounceMs, run),
    lights: lights,
    show: show,
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
}

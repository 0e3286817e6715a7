// The boards as their makers document them, where the published types lack something or have it too narrow. Types only.
declare const LED1: Pin
declare const LED2: Pin
declare const LED3: Pin
declare const BTN: Pin
declare const g: {
  clear(): void
  flip(): void
  setFont(name: 'Vector', height: number): void
  setFontAlign(x: number, y: number): void
  drawString(text: string, x: number, y: number): void
}
type Xyz = { x: number; y: number; z: number }
declare const Bangle: {
  buzz(forMs: number): void
  setOptions(options: { btnLoadTimeout: number }): void
  on(event: 'accel', run: (g: Xyz) => void): void
}
declare const Puck: { accelOn(hz: number): void; on(event: 'accel', run: (a: { acc: Xyz }) => void): void }
declare const console: { log(text: string): void }
declare const global: { tocsin?: () => unknown }
declare const process: { on(event: 'uncaughtException', run: (error: unknown) => void): void }
declare function setTimeout(run: () => void, delayMs: number): number
declare function clearTimeout(id: number): void
declare function digitalRead(pins: Pin[]): number
declare function btoa(bytes: Uint8Array): string
declare function pinMode(pin: Pin, mode: 'input' | 'input_pullup'): void

type AdvertisingOptions = {
  interval: number
  connectable: boolean
  scannable: boolean
  manufacturer: false
}
type ChipStorage = {
  read(name: string, offset?: number, length?: number): string | undefined
  write(name: string, data: string, offset?: number): boolean
  getFree(): number
  compact(): void
}
type ChipAes = {
  encrypt(blocks: Uint8Array, key: Uint8Array, options?: { mode: 'CBC' | 'ECB' }): ArrayBuffer
}
declare function require(name: 'Storage'): ChipStorage
declare function require(name: 'crypto'): { AES: ChipAes }

declare namespace NRF {
  function setAdvertising(data: Uint8Array | Uint8Array[], options: AdvertisingOptions): void
  function setScan(
    run?: (device: { manufacturerData?: ArrayBuffer }) => void,
    options?: { filters: { manufacturerData: { [company: number]: object } }[] },
  ): void
}
declare namespace E {
  function getBattery(): number
  function mapInPlace(from: Uint8Array, to: Uint8Array | Int32Array, map: Uint8Array | Int32Array): void
  function enableWatchdog(seconds: number, isAuto: boolean): void
}

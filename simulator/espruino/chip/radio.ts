// The chip's radio: NRF. Advertisements leave at their real interval, each put off by the 0-10 ms of the standard, those of a
// list in turn; a scan hears only while it is on and only what its filters let through.
import type { SimClock } from '../../ports.ts'
import { bytesOf } from '../bytes.ts'

/** Core 5.2 Vol 6 Part B 4.4.2.2.1: each event is put off by a pseudo-random 0-10 ms. */
const ADV_DELAY_MS_MAX = 10
const ADVERTISEMENT_BYTES_MAX = 31
const NON_CONNECTABLE_MS_MIN = 100
/** Espruino's own, where a scan is not told another [targets/nrf5x/bluetooth.c]. */
const SCAN_INTERVAL_MS = 100
const ESPRUINO_COMPANY = 0x0590
const FLAGS = [0x02, 0x01, 0x06]
const INTERVAL_MS_DEFAULT = 375
const AD_NAME = 0x09
const AD_SERVICE_DATA = 0x16
const AD_MANUFACTURER = 0xff

export type RadioOutside = {
  clock: SimClock
  address: string
  name: string
  /** 0 ≤ r < 1; seeded, so that a run can be had again. */
  random: () => number
  sent: (data: Uint8Array, txPowerDbm: number) => void
  /** Runs firmware code, catching what it throws as the interpreter does. */
  call: (run: () => void) => void
}

type Options = {
  interval?: number
  connectable?: boolean
  scannable?: boolean
  showName?: boolean
  name?: string
  flags?: boolean
  manufacturer?: number | boolean
  manufacturerData?: unknown
}
type Filter = {
  manufacturerData?: object
  serviceData?: object
  name?: string
  namePrefix?: string
  id?: string
}
type Device = {
  id: string
  rssi: number
  data: ArrayBuffer
  name?: string
  serviceData?: Record<string, ArrayBuffer>
  manufacturer?: number
  manufacturerData?: ArrayBuffer
}

const structure = (type: number, data: readonly number[]): number[] => [data.length + 1, type, ...data]
const word = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff]

const fromObject = (data: object, options: Options, name: string): number[] => {
  const bytes = options.flags === false ? [] : [...FLAGS]
  for (const [uuid, value] of Object.entries(data)) {
    bytes.push(...structure(AD_SERVICE_DATA, [...word(Number(uuid)), ...bytesOf(value)]))
  }
  if (options.manufacturer !== false && options.manufacturer !== 0) {
    const company = typeof options.manufacturer === 'number' ? options.manufacturer : ESPRUINO_COMPANY
    const own = options.manufacturerData === undefined ? [] : [...bytesOf(options.manufacturerData)]
    bytes.push(...structure(AD_MANUFACTURER, [...word(company), ...own]))
  }
  if (options.showName !== false) {
    const room = Math.max(0, ADVERTISEMENT_BYTES_MAX - 2 - bytes.length)
    bytes.push(...structure(AD_NAME, [...Buffer.from(options.name ?? name)].slice(0, room)))
  }
  return bytes
}

const isBuffer = (data: unknown): boolean =>
  ArrayBuffer.isView(data) || Object.prototype.toString.call(data) === '[object ArrayBuffer]'
const isObject = (data: unknown): boolean =>
  data === undefined || (typeof data === 'object' && data !== null && !isBuffer(data) && !Array.isArray(data))

/** Raw bytes go out as they are; an object is laid out by the chip, which adds its maker unless told not to. */
const dataOf = (data: unknown, options: Options, name: string): Uint8Array => {
  const bytes = isObject(data)
    ? Uint8Array.from(fromObject((data ?? {}) as object, options, name))
    : bytesOf(data)
  if (bytes.length > ADVERTISEMENT_BYTES_MAX) throw new Error('Advertising data too long')
  return bytes
}

/**
 * The packets of a list, or null where it is no list but one packet's bytes. What is an object or an array in it becomes a buffer, in
 * the caller's own array; a buffer stays the caller's, and is read again each time its turn comes
 * [jswrap_ble_setAdvertising].
 */
const packetsOf = (data: unknown, options: Options, name: string): unknown[] | null => {
  if (!Array.isArray(data)) return null
  let isNested = false
  // The firmware's own arrays lack `entries`, as the chip's do.
  for (const [i, packet] of Array.from(data).entries()) {
    if (isObject(packet) || Array.isArray(packet)) data[i] = dataOf(packet, options, name)
    else if (!isBuffer(packet)) continue
    isNested = true
  }
  return isNested ? data : null
}

const bufferOf = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer

const deviceOf = (address: string, data: Uint8Array, rssiDbm: number): Device => {
  const device: Device = { id: address, rssi: Math.round(rssiDbm), data: bufferOf(data) }
  for (let at = 0; at + 1 < data.length; at += (data[at] ?? 0) + 1) {
    const length = data[at] ?? 0
    if (length === 0 || at + length >= data.length) break
    const [type, body] = [data[at + 1], data.subarray(at + 2, at + 1 + length)]
    const id = (body[0] ?? 0) | ((body[1] ?? 0) << 8)
    if (type === AD_NAME) device.name = Buffer.from(body).toString('latin1')
    if (type === AD_SERVICE_DATA) {
      const uuid = id.toString(16).padStart(4, '0')
      device.serviceData = { ...device.serviceData, [uuid]: bufferOf(body.subarray(2)) }
    }
    if (type === AD_MANUFACTURER) {
      device.manufacturer = id
      device.manufacturerData = bufferOf(body.subarray(2))
    }
  }
  return device
}

const matches = (filter: Filter, device: Device): boolean =>
  Object.keys(filter.manufacturerData ?? {}).every(company => Number(company) === device.manufacturer) &&
  Object.keys(filter.serviceData ?? {}).every(uuid => device.serviceData?.[uuid] !== undefined) &&
  (filter.name === undefined || filter.name === device.name) &&
  (filter.namePrefix === undefined || device.name?.startsWith(filter.namePrefix) === true) &&
  (filter.id === undefined || filter.id === device.id)

/** The radio of one power-on: `nrf` for the firmware, `hear` for the air, `off` when the battery goes. */
export const createRadio = (outside: RadioOutside) => {
  const kept = { intervalMs: INTERVAL_MS_DEFAULT, isConnectable: true, txPowerDbm: 0 }
  let data = dataOf({}, {}, outside.name)
  /** More than one, and whose turn is next; null where there is one alone. */
  let packets: unknown[] | null = null
  let nextPacket = 0
  let cancel = () => {}
  let cancelWindow = () => {}
  let scanning: { run: (device: Device) => void; filters: Filter[] | undefined } | null = null

  /**
   * After each event of the radio the chip puts the next packet in, the first one of a list once more after its first
   * event; what it cannot take ends the turns [SWI1_IRQHandler, with radio notification on inactive].
   */
  const turn = (): void => {
    if (packets === null) return
    try {
      data = dataOf(packets[nextPacket], {}, outside.name)
      nextPacket = (nextPacket + 1) % packets.length
    } catch {
      packets = null
    }
  }
  const send = (): void => {
    cancel = outside.clock.after(kept.intervalMs + outside.random() * ADV_DELAY_MS_MAX, send)
    outside.sent(data, kept.txPowerDbm)
    turn()
  }
  /** The end of a scan's window is an event of the radio too. */
  const watchWindow = (): void => {
    cancelWindow = outside.clock.after(SCAN_INTERVAL_MS, watchWindow)
    turn()
  }
  const start = (): void => {
    cancel()
    cancel = outside.clock.after(outside.random() * ADV_DELAY_MS_MAX, send)
  }

  const setAdvertising = (advertised: unknown, options: Options = {}): void => {
    if (options.interval !== undefined) kept.intervalMs = Math.min(10_000, Math.max(20, options.interval))
    if (options.connectable !== undefined) kept.isConnectable = options.connectable
    const list = packetsOf(advertised, options, outside.name)
    packets = list !== null && list.length > 1 ? list : null
    nextPacket = 0
    data = dataOf(list === null ? advertised : list[0], options, outside.name)
    cancel()
    if (!kept.isConnectable && kept.intervalMs < NON_CONNECTABLE_MS_MIN) {
      throw new Error('ERR 0x7 (INVALID_PARAM): a non-connectable advertisement needs an interval of 100 ms')
    }
    start()
  }

  const setScan = (run?: (device: Device) => void, options: { filters?: Filter[] } = {}): void => {
    scanning = typeof run === 'function' ? { run, filters: options.filters } : null
    cancelWindow()
    if (scanning !== null) cancelWindow = outside.clock.after(SCAN_INTERVAL_MS, watchWindow)
  }

  start()
  return {
    nrf: {
      getAddress: () => outside.address,
      setAddress: () => {},
      setTxPower: (dbm: number) => {
        kept.txPowerDbm = dbm
      },
      setAdvertising,
      setScan,
      sleep: () => cancel(),
      wake: start,
    },
    hear: (address: string, heard: Uint8Array, rssiDbm: number): void => {
      const now = scanning
      if (now === null) return
      const device = deviceOf(address, heard, rssiDbm)
      if (now.filters === undefined || now.filters.some(filter => matches(filter, device))) {
        outside.call(() => now.run(device))
      }
    },
    off: (): void => {
      cancel()
      cancelWindow()
      scanning = null
    },
  }
}

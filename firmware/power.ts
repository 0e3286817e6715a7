// In: the settings, and a cell. Out: what the pendant draws on average while idle, term by term, how long the cell lasts,
// and what ten minutes of alarm cost. Published figures only, each with its source; arithmetic, and nothing measured here.
import { BURST_INTERVAL_MS } from './state.ts'

/** What the report needs of the settings, so that a file of settings, or a table in a test, will do. */
export type PowerSettings = {
  idleMs: number
  heartbeatMs: number
  burstMs: number
  slowMs: number
  resealMs: number
  scanMs: number
  scanEveryMs: number
  txPowerDbm: number
  /** Through the cord while it is in; 230 with the internal pull-up, 1.4 with 2.2 MOhm (firmware/WIRING.md). */
  cordUa: number
}

/** `selfDischarge` is the part of it that is lost in a year on a shelf. */
export type Cell = { name: string; mah: number; selfDischarge: number }

/** Makers' nominal capacity to 2.0 V, and about 1 % a year [Energizer CR2032, Panasonic CR2032]. */
export const CR2032: Cell = { name: 'CR2032', mah: 220, selfDischarge: 0.01 }

export type Term = { name: string; ua: number; why: string }

export type PowerReport = {
  cell: string
  /** Largest first. */
  terms: Term[]
  ua: number
  months: number
  /** The largest term's name. */
  worst: string
  /** What ten minutes of alarm take, in uAh, in the mood that takes most, and as days of the idle life. */
  alarmUah: number
  alarmDays: number
}

/** "Sleep, with bluetooth advertising disabled: 0.003 mA" [espruino.com, Power Consumption]. */
export const SLEEP_UA = 3
/** "100% CPU usage running JavaScript: 4 mA" [espruino.com, Puck.js, Power Consumption]; 3.7 mA in nRF52832 PS, ICPU. */
export const CPU_MA = 4
/** "One LED lit: 1-2 mA" [ibidem]; the greater. */
export const LED_MA = 2
/** nRF52832 PS v1.4, 5.5: radio receiving at 1 Mbit/s, DC/DC, 3 V. */
export const RX_MA = 5.4
/** nRF52832 PS v1.4, 5.5: radio transmitting with DC/DC at 3 V, [dBm, mA]; Puck.js has the DC/DC [boards/PUCKJS.py]. */
const TX_MA: readonly (readonly [number, number])[] = [
  [-40, 2.7],
  [-20, 3.2],
  [-16, 3.3],
  [-12, 3.5],
  [-8, 3.8],
  [-4, 4.2],
  [0, 5.3],
  [4, 7.5],
]
/** Core 5.2 Vol 6 Part B 2.1: preamble 1, access address 4, header 2, address 6, CRC 3; 8 us a byte at 1 Mbit/s. */
const PACKET_BYTES = 1 + 4 + 2 + 6 + 3
const US_PER_BYTE = 8
const CHANNELS = 3
/** A sealed frame; 31 is the most there is. */
const FRAME_BYTES = 27
/**
 * Crystal, ramp-up and Bluetooth stack of one event: what is left of the maker's 20 uA when advertising each 750 ms at
 * 0 dBm [espruino.com, Puck.js], with 3 uA of sleep and the air time taken off. Of a connectable one, which also
 * listens: more than ours.
 */
export const EVENT_UC = 7
/** Core 5.2 Vol 6 Part B 4.4.2.2.1: each event is put off by 0-10 ms. */
const ADV_DELAY_MS = 5
/**
 * The processor's time for one turn, in ms. Counted on the real interpreter and scaled: tests/firmware/budget.test.ts
 * has the how. A turn that seals; one that only moves lights or ear.
 */
export const SEAL_TURN_MS = 30
export const TURN_MS = 12
/** main sleeps no longer than this, because of the watchdog. */
const WAKE_MS_MAX = 10_000
/** Green is on 3 s of 4 in 'coming', the mood that lights most (firmware/lights.ts), in two turns. */
const LIT_PART = 0.75
const LIGHT_TURNS_PER_S = 0.5
const ALARM_S = 600
const HOURS_PER_YEAR = 8766
const MONTHS_PER_YEAR = 12
const S_PER_HOUR = 3600

const txMa = (dbm: number): number => {
  for (const [atMost, ma] of TX_MA) if (dbm <= atMost) return ma
  // nRF52840 at 8 dBm with DC/DC [nRF52840 PS v1.7, 5.2].
  return 16.4
}

/** Charge of one advertising event on three channels, in uC. */
export const eventUc = (txPowerDbm: number, bytes = FRAME_BYTES): number =>
  (CHANNELS * (PACKET_BYTES + bytes) * US_PER_BYTE * txMa(txPowerDbm)) / 1000 + EVENT_UC

const perSecond = (uc: number, everyMs: number): number => (uc * 1000) / everyMs

/** Turns that seal nothing while idle: where no frame is due for longer than main sleeps. */
const spareTurnsUa = (heartbeatMs: number): number => {
  const turns = Math.ceil(heartbeatMs / WAKE_MS_MAX) - 1
  return perSecond(turns * TURN_MS * CPU_MA, heartbeatMs)
}

const idleTerms = (s: PowerSettings, cell: Cell): Term[] => [
  { name: 'sleep', ua: SLEEP_UA, why: 'clock, memory and watchdog' },
  {
    name: 'advertising',
    ua: perSecond(eventUc(s.txPowerDbm), s.idleMs + ADV_DELAY_MS),
    why: `${eventUc(s.txPowerDbm).toFixed(1)} uC each ${s.idleMs} ms at ${s.txPowerDbm} dBm`,
  },
  {
    name: 'sealing',
    ua: perSecond(SEAL_TURN_MS * CPU_MA, s.heartbeatMs) + spareTurnsUa(s.heartbeatMs),
    why: `${SEAL_TURN_MS} ms of JavaScript at ${CPU_MA} mA each ${s.heartbeatMs} ms`,
  },
  { name: 'cord', ua: s.cordUa, why: 'through the pull-up while the cord is in' },
  {
    name: 'self-discharge',
    ua: (cell.mah * 1000 * cell.selfDischarge) / HOURS_PER_YEAR,
    why: `${cell.selfDischarge * 100} % a year`,
  },
]

/** Ten minutes of an alarm that is on its way for all of them, in uAh. */
const alarmUah = (s: PowerSettings): number => {
  const burstS = s.burstMs / 1000
  const events = (burstS * 1000) / BURST_INTERVAL_MS + ((ALARM_S - burstS) * 1000) / s.slowMs
  const earTurnsPerS = 2000 / s.scanEveryMs
  const turnsMsPerS = perSecond(SEAL_TURN_MS, s.resealMs) + (earTurnsPerS + LIGHT_TURNS_PER_S) * TURN_MS
  const earPart = Math.min(1, s.scanMs / s.scanEveryMs)
  const ma = earPart * RX_MA + LIT_PART * LED_MA + (turnsMsPerS / 1000) * CPU_MA + s.cordUa / 1000
  return (events * eventUc(s.txPowerDbm)) / S_PER_HOUR + (ma * 1000 * ALARM_S) / S_PER_HOUR
}

/** What the settings cost on this cell. A Puck.js with its cord in, never pressed, at room temperature. */
export const powerReport = (settings: PowerSettings, cell: Cell = CR2032): PowerReport => {
  const terms = idleTerms(settings, cell).sort((a, b) => b.ua - a.ua)
  const ua = terms.reduce((sum, term) => sum + term.ua, 0)
  const alarm = alarmUah(settings)
  return {
    cell: cell.name,
    terms: terms,
    ua: ua,
    months: ((cell.mah * 1000) / ua / HOURS_PER_YEAR) * MONTHS_PER_YEAR,
    worst: terms.reduce((worst, term) => (term.ua > worst.ua ? term : worst)).name,
    alarmUah: alarm,
    alarmDays: alarm / (ua * 24),
  }
}

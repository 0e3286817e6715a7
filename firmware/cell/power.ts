// In: the settings, and a cell. Out: what the pendant draws on average while idle, term by term, how long the cell lasts,
// and what ten minutes of alarm cost. Published figures only, each with its source; arithmetic, and nothing measured here.

import { besideMs, IBEACON_BYTES } from '../air/ibeacon.ts'
import { FRAME_BYTES } from '../air/seal.ts'
import { BURST_INTERVAL_MS, MEASURE_MS } from '../state.ts'
import {
  CPU_MA,
  eventsPerHeartbeat,
  eventUc,
  HEARTBEAT_TURN_MS,
  MOTION_HZ,
  MOTION_UA,
  motionUa,
  PULL_UP_UA,
  RX_MA,
  SAMPLE_MS,
  SEAL_TURN_MS,
  SLEEP_UA,
  SPARE_TURN_MS,
  TURN_MS,
  txMa,
} from './current.ts'

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
  /** 1 is the chip's own pull-up; with 0, `cordUa` flows through the cord's own resistor (firmware/WIRING.md). */
  cordPull: number
  cordUa: number
  askEveryMs: number
  manDown: number
  /** Null, or left out, where no iBeacon identity is aired. */
  iBeacon?: readonly Uint8Array[] | null
}

/** `radio` is what its radio draws for one that has a DC/DC converter, `heartbeatTurnMs` all that it does for one idle frame. */
export type Chip = {
  sleepUa: number
  cpuMa: number
  rxMa: number
  ledMa: number
  radio: number
  heartbeatTurnMs: number
  sealTurnMs: number
  hasAccelerometer: boolean
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

/** main sleeps no longer than this, because of the watchdog. */
const WAKE_MS_MAX = 10_000
/** In 'coming', the mood that lights most (firmware/wearer/lights.ts), green is on 2 s of 3 and red 1 s of them, in three turns. */
const LIT_PART = 1
const LIGHT_TURNS_PER_S = 1
/**
 * Puck.js: one LED lit 1-2 mA, the greater [espruino.com, Puck.js]. MDBT42Q, its breakout board: 5 uA without advertising,
 * 8 mA of processor, 12 mA of scanning, 10 mA for an LED [espruino.com, MDBT42Q]. Espruino leaves its DC/DC converter off:
 * 16.6 mA for 7.5, 11.6 for 5.3 [nRF52832 PS v1.4, 5.5], and twice a Puck.js's while advertising [its page, and Puck.js's].
 * It works out its AES in JavaScript, by the same yardstick: 175 ms for an idle frame and the alarms ready beside it, and
 * with the turn that sends it 196 for each frame of an alarm or an ask.
 */
export const CHIPS: { readonly [board in 'puckjs' | 'mdbt42q']: Chip } = {
  puckjs: {
    ...{ sleepUa: SLEEP_UA, cpuMa: CPU_MA, rxMa: RX_MA, ledMa: 2, radio: 1 },
    ...{ heartbeatTurnMs: HEARTBEAT_TURN_MS, sealTurnMs: SEAL_TURN_MS, hasAccelerometer: true },
  },
  mdbt42q: {
    ...{ sleepUa: 5, cpuMa: 8, rxMa: 12, ledMa: 10, radio: 2.2 },
    ...{ heartbeatTurnMs: 180, sealTurnMs: 200, hasAccelerometer: false },
  },
}
const ALARM_S = 600
const HOURS_PER_YEAR = 8766
const MONTHS_PER_YEAR = 12
const S_PER_HOUR = 3600

const perSecond = (uc: number, everyMs: number): number => (uc * 1000) / everyMs

const airUc = (chip: Chip, dbm: number): number => eventUc(dbm) * chip.radio

/** As current.ts has them, for any chip. */
const measureUc = (chip: Chip, dbm: number): number =>
  20 * airUc(chip, dbm) + 2 * chip.sealTurnMs * chip.cpuMa
const askUc = (chip: Chip, s: PowerSettings): number =>
  11 * airUc(chip, s.txPowerDbm) + (4 * chip.sealTurnMs + 2 * TURN_MS) * chip.cpuMa + s.scanMs * chip.rxMa

/** Turns that seal nothing while idle: where no frame is due for longer than main sleeps. */
const spareTurnsUa = (heartbeatMs: number, chip: Chip): number => {
  const turns = Math.ceil(heartbeatMs / WAKE_MS_MAX) - 1
  return perSecond(turns * SPARE_TURN_MS * chip.cpuMa, heartbeatMs)
}

const cordUa = (s: PowerSettings): number => (s.cordPull > 0 ? PULL_UP_UA : s.cordUa)

const manDownTerm: Term = {
  name: 'man-down',
  ua: motionUa(),
  why: `${MOTION_UA} uA of the sensor [Espruino, libs/puckjs], and ${MOTION_HZ} samples a second of ${SAMPLE_MS} ms each [counted]; Puck.js v2`,
}

/** What the list costs the turn that seals, beyond a frame alone; counted by tests/firmware/cell/budget.test.ts too. */
export const IBEACON_TURN_MS = 0.5
/** By how much its packet is longer than a sealed frame, on three channels of 8 us a byte. */
const IBEACON_LONGER_US = 3 * (IBEACON_BYTES - FRAME_BYTES) * 8

/** The packets beyond those of a pendant without an identity: half are the identity's, the others the sealed frame's. */
const iBeaconTerm = (s: PowerSettings, chip: Chip): Term => {
  const before = eventsPerHeartbeat(s.idleMs, s.heartbeatMs)
  const events = eventsPerHeartbeat(besideMs(s), s.heartbeatMs)
  const identities = Math.floor((events - 1) / 2)
  const longerUc = (identities * IBEACON_LONGER_US * txMa(s.txPowerDbm) * chip.radio) / 1000
  const radioUc = (events - before) * airUc(chip, s.txPowerDbm) + longerUc
  return {
    name: 'iBeacon',
    ua: perSecond(radioUc + IBEACON_TURN_MS * chip.cpuMa, s.heartbeatMs),
    why: `${identities} of it and ${events - before - identities} more of the frame each ${s.heartbeatMs} ms, at ${s.txPowerDbm} dBm`,
  }
}

const idleTerms = (s: PowerSettings, cell: Cell, chip: Chip): Term[] => [
  { name: 'sleep', ua: chip.sleepUa, why: 'clock, memory and watchdog [espruino.com, Power Consumption]' },
  {
    name: 'advertising',
    ua: perSecond(airUc(chip, s.txPowerDbm) * eventsPerHeartbeat(s.idleMs, s.heartbeatMs), s.heartbeatMs),
    why: `${eventsPerHeartbeat(s.idleMs, s.heartbeatMs)} x ${airUc(chip, s.txPowerDbm).toFixed(1)} uC each ${s.heartbeatMs} ms at ${s.txPowerDbm} dBm [nRF52832 PS 5.5; espruino.com, Puck.js]`,
  },
  {
    name: 'sealing',
    ua: perSecond(chip.heartbeatTurnMs * chip.cpuMa, s.heartbeatMs) + spareTurnsUa(s.heartbeatMs, chip),
    why: `${chip.heartbeatTurnMs} ms of JavaScript at ${chip.cpuMa} mA each ${s.heartbeatMs} ms [counted; espruino.com, the board's page]`,
  },
  {
    name: 'cord',
    ua: cordUa(s),
    why: 'through the pull-up while the cord is in [nRF52832 PS, GPIO; WIRING.md]',
  },
  {
    name: 'battery',
    ua: perSecond(measureUc(chip, s.txPowerDbm), MEASURE_MS),
    why: 'measured each hour, in a burst of its own',
  },
  {
    name: 'asking',
    ua: s.askEveryMs > 0 ? perSecond(askUc(chip, s), s.askEveryMs) : 0,
    why: `whether anybody listens, each ${s.askEveryMs / 60_000} min, answered in the ear's first window`,
  },
  ...(s.manDown > 0 && chip.hasAccelerometer ? [manDownTerm] : []),
  ...(s.iBeacon ? [iBeaconTerm(s, chip)] : []),
  {
    name: 'self-discharge',
    ua: (cell.mah * 1000 * cell.selfDischarge) / HOURS_PER_YEAR,
    why: `${cell.selfDischarge * 100} % a year [Energizer CR2032]`,
  },
]

/** Ten minutes of an alarm, in uAh, in the mood of `lights`, its frames as far apart as they are before it is acknowledged. */
const alarmIn = (s: PowerSettings, chip: Chip, litPart: number, lightTurnsPerS: number): number => {
  const burstS = s.burstMs / 1000
  const events = (burstS * 1000) / BURST_INTERVAL_MS + ((ALARM_S - burstS) * 1000) / s.slowMs
  const earTurnsPerS = 2000 / s.scanEveryMs
  const turnsMsPerS = perSecond(chip.sealTurnMs, s.resealMs) + (earTurnsPerS + lightTurnsPerS) * TURN_MS
  const earPart = Math.min(1, s.scanMs / s.scanEveryMs)
  // With the button's alarm the cord is still in.
  const ma = earPart * chip.rxMa + litPart * chip.ledMa + (turnsMsPerS / 1000) * chip.cpuMa + cordUa(s) / 1000
  return (events * airUc(chip, s.txPowerDbm)) / S_PER_HOUR + (ma * 1000 * ALARM_S) / S_PER_HOUR
}

/** In the mood that takes most: that one, or red 100 ms of 500 in four turns a second (lights.ts). */
const alarmUah = (s: PowerSettings, chip: Chip): number =>
  Math.max(alarmIn(s, chip, LIT_PART, LIGHT_TURNS_PER_S), alarmIn(s, chip, 0.2, 4))

/** What the settings cost on this cell. A Puck.js with its cord in, never pressed, at room temperature. */
export const powerReport = (
  settings: PowerSettings,
  cell: Cell = CR2032,
  chip: Chip = CHIPS.puckjs,
): PowerReport => {
  const terms = idleTerms(settings, cell, chip).sort((a, b) => b.ua - a.ua)
  const ua = terms.reduce((sum, term) => sum + term.ua, 0)
  const alarm = alarmUah(settings, chip)
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

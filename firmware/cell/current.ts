// What a Puck.js draws: the one set of figures that the chip's own estimate (battery.ts) and the report (power.ts) count
// with. Published ones, each with its source; the processor's times are counted by tests/firmware/cell/budget.test.ts, which
// fails where they are less than it sees.

/**
 * "Sleep, with bluetooth advertising disabled: 0.003 mA" [espruino.com, Power Consumption]; "not doing anything: 3 uA", and
 * 5 to 9 more while a pin is watched [espruino.com, Puck.js; of 2016 and 2020]. That is not counted: since 2v09 a watch
 * leaves the high speed oscillator off [Espruino, ChangeLog], and nRF52832 PS has far less than 1 uA for it. Not measured.
 */
export const SLEEP_UA = 3
/** "100% CPU usage running JavaScript: 4 mA" [espruino.com, Puck.js, Power Consumption]; 3.7 mA in nRF52832 PS, ICPU. */
export const CPU_MA = 4
/** The turn of an idle pendant that seals the next frame, in ms of the processor. */
export const HEARTBEAT_TURN_MS = 6.5
/** The turn that seals in an alarm, in a test or in an ask; one for lights or ear; and one in which nothing is due. */
export const SEAL_TURN_MS = 23
export const TURN_MS = 15
export const SPARE_TURN_MS = 5
/** nRF52832 PS v1.1, power management: radio receiving at 1 Mbit/s with its clock, DC/DC, 3 V. */
export const RX_MA = 6.5
/** The accelerometer of a Puck.js v2 at its slowest, and each of its samples, in ms of the processor [Espruino, libs/puckjs]. */
export const MOTION_UA = 40
export const MOTION_HZ = 1.6
export const SAMPLE_MS = 4
/** The chip's own pull-up with the cord in: 3 V over 13 kOhm [nRF52832 PS v1.4, GPIO: 11 to 16]. */
export const PULL_UP_UA = 230
/** One hundredth of a CR2032's 220 mAh a year [Energizer CR2032, Panasonic CR2032], which is lost on a shelf too. */
export const SELF_DISCHARGE_UA = 0.25
/**
 * Crystal, ramp-up and Bluetooth stack of one event: what is left of the maker's "advertising, 375 ms 0 dBm (nonconnectable,
 * nonscannable): 22 uA" [espruino.com, Puck.js], with 3 uA of sleep and 17 bytes of air time (flags and name) taken off.
 * Its "2000 ms: under 10 uA" says the same.
 */
export const EVENT_UC = 3
/** 27 bytes and the 16 around them [Core 5.2 Vol 6 Part B 2.1] on three channels, 8 us a byte. */
const AIR_US = 3 * (27 + 16) * 8
/** Core 5.2 Vol 6 Part B 4.4.2.2.1: each event is put off by 0-10 ms. */
export const ADV_DELAY_MS = 5

/** What man-down draws: the sensor, its samples, and a turn a minute that sees to it that they come. */
export const motionUa = (): number => MOTION_UA + MOTION_HZ * SAMPLE_MS * CPU_MA + (TURN_MS * CPU_MA) / 60

/** The radio transmitting with DC/DC at 3 V, in mA [nRF52832 PS v1.4, 5.5; at 8 dBm nRF52840 PS v1.7, 5.2]. */
export const txMa = (dbm: number): number => (dbm > 4 ? 16.4 : dbm > 0 ? 7.5 : dbm > -4 ? 5.3 : 4.2)

/** Charge of one advertising event of a sealed frame, in uC. */
export const eventUc = (dbm: number): number => (AIR_US * txMa(dbm)) / 1000 + EVENT_UC

/** Espruino starts advertising anew with each frame it is given: one event at once, and one each `idleMs` until the next. */
export const eventsPerHeartbeat = (idleMs: number, heartbeatMs: number): number =>
  Math.max(1, Math.ceil((heartbeatMs - ADV_DELAY_MS) / (idleMs + ADV_DELAY_MS)))

/**
 * What it costs beyond the heartbeat, in uC: the burst in which the battery is measured, 20 events and two whole turns; an
 * ask that is answered in its first window, which is one of 150 ms: 11 events, three turns that seal, one that opens the
 * answer, and two of the ear. One that is not answered has three windows and four more turns of the ear.
 */
export const measureUc = (dbm: number): number => 20 * eventUc(dbm) + 2 * SEAL_TURN_MS * CPU_MA
export const askUc = (dbm: number, scanMs: number): number =>
  11 * eventUc(dbm) + (4 * SEAL_TURN_MS + 2 * TURN_MS) * CPU_MA + scanMs * RX_MA

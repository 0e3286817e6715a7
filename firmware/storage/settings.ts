// In: the text of `tocsin.json` from the chip's Storage. Out: every setting, with defaults, inside its bounds, and what
// was wrong with the file. A missing or broken file is never silent: it comes out as a fault and a pendant without a key.
import { KEY_BYTES } from '../../schemas/frame.ts'
import { IBEACON_BYTES } from '../air/ibeacon.ts'
import { type State, setAt } from '../fields.ts'

export const SETTINGS_FILE = 'tocsin.json'

/** What the file says that is no number. */
export type Settings = {
  id: string
  /** AES-128 key; null where there is none to be had, and frames then go out plain with the fault flag. */
  key: Uint8Array | null
  /** A place for a frame, and the packet of an iBeacon identity (schemas/ibeacon.ts); null, as by default, is none. */
  iBeacon: Uint8Array[] | null
  /** What is wrong with the file, in words; null where nothing is. */
  fault: string | null
}

/**
 * Every number of the file: its name, default, least and most, in the order of
 * SETTING_FIELDS. A value outside is brought to the nearer bound. It is one
 * text and not a table of objects because the chip keeps a text in flash and would spend 200 of its variables on those.
 */
export const numberLines = (): string[] =>
  `counter 0 0 4294967295
holdMs 600 200 5000
cordDebounceMs 20 0 500
buttonDebounceMs 25 0 200
heartbeatMs 1980 500 60000
idleMs 2000 100 10000
burstMs 12000 10000 60000
resealMs 1000 500 5000
slowMs 500 100 2000
toldMs 1000 100 5000
timeoutMs 1800000 300000 86400000
scanMs 150 100 10000
scanEveryMs 1000 200 60000
batteryLowPercent 15 0 100
txPowerDbm 4 -40 8
pressMinMs 50 25 150
pressMaxMs 400 200 1000
gapMinMs 60 25 150
gapMaxMs 350 200 1000
quietMs 700 300 3000
cancelHoldMs 1500 1000 3000
cancelHoldMaxMs 4000 3500 10000
testPresses 4 3 8
testPaceMs 2500 1200 5000
okayMs 5000 1000 30000
cancelMs 12000 10000 60000
testMs 20000 10000 60000
stuckMs 60000 10000 600000
cordArmMs 1000 0 10000
cordSettleMs 3000 500 30000
cordPull 0 0 1
capacityMah 220 50 2000
cordUa 1.4 0 1000
askEveryMs 2700000 0 86400000
telling 2 0 2
manDown 0 0 1
stillMs 30000 10000 600000
tiltDeg 60 30 85
preAlarmMs 15000 5000 60000
moveMg 100 20 1000`.split('\n')

/** What the file has as hex, the key and an iBeacon packet; null where it is not of as many bytes. */
const bytesOf = (file: Record<string, unknown>): (Uint8Array | null)[] =>
  [KEY_BYTES, IBEACON_BYTES].map((length, at) => {
    const hex = file[at === 0 ? 'key' : 'iBeacon']
    if (typeof hex !== 'string' || hex.length !== length * 2) return null
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) {
      const pair = hex.substr(i * 2, 2)
      // parseInt alone would read "1x" as 1.
      if (!/^[0-9a-fA-F][0-9a-fA-F]$/.test(pair)) return null
      bytes[i] = parseInt(pair, 16)
    }
    return bytes
  })

const parsed = (text: string | undefined): Record<string, unknown> | null => {
  if (text === undefined) return null
  try {
    const file = JSON.parse(text)
    return typeof file === 'object' && file !== null ? file : null
  } catch (_error) {
    return null
  }
}

const faultOf = (
  text: string | undefined,
  file: Record<string, unknown> | null,
  key: unknown,
): string | null => {
  if (text === undefined) return `expected ${SETTINGS_FILE} in Storage, found none`
  if (file === null) return `expected JSON in ${SETTINGS_FILE}, came ${text.length} characters that are not`
  if (key === null) return `expected "key" of 32 hex digits in ${SETTINGS_FILE}`
  return null
}

/**
 * Reads the settings, the numbers of them into `s`; never throws. A number that is not one is its default and a fault.
 * `own`: the board's own defaults, where they are others.
 */
export const readSettings = (
  text: string | undefined,
  s: State,
  own: Readonly<Record<string, number>> | undefined,
): Settings => {
  const file = parsed(text)
  const given: Record<string, unknown> = Object.assign(
    {},
    own === undefined ? {} : own,
    file === null ? {} : file,
  )
  const bytes = bytesOf(given)
  const key = bytes[0] as Uint8Array | null
  const iBeacon = bytes[1] as Uint8Array | null
  const settings: Settings = {
    id: typeof given.id === 'string' ? given.id : '',
    key: key,
    iBeacon: iBeacon === null ? null : [iBeacon, iBeacon],
    fault: faultOf(text, file, key),
  }
  if (iBeacon === null && given.iBeacon && settings.fault === null) {
    settings.fault = `expected "iBeacon" of 60 hex digits in ${SETTINGS_FILE}`
  }
  const lines = numberLines()
  for (let i = 0; i < lines.length; i++) {
    const fields = (lines[i] as string).split(' ')
    const name = fields[0] as string
    const value = given[name]
    const isNumber = typeof value === 'number'
    setAt(
      s,
      i,
      isNumber
        ? Math.max(Number(fields[2]), Math.min(Number(fields[3]), Math.round(value)))
        : Number(fields[1]),
    )
    if (!isNumber && value !== undefined && settings.fault === null) {
      settings.fault = `expected a number for "${name}" in ${SETTINGS_FILE}`
    }
  }
  return settings
}

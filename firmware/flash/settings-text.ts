// In: the text of a `tocsin.json` on this side of the wire. Out: the same settings as the chip is to keep them. What the
// chip would only mend or pass over (a number out of bounds, a name it does not know) is refused here, where it can be put right.
import { iBeaconOfSetting } from '../../schemas/ibeacon.ts'
import { settingsIn } from '../storage/settings-file.ts'
import type { SettingsText } from './flash.ts'

/** The settings cannot be put on a pendant. Never says what the key is. */
export class SettingsRefused extends Error {
  override readonly name = 'SettingsRefused'
}

const objectOf = (text: string, fileName: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Told of below, without the text: there may be a key in it.
  }
  throw new SettingsRefused(
    `expected a JSON object in ${fileName}, came ${text.length} characters that are none`,
  )
}

/** Asked of the firmware's own reader: what it takes another way than it is written would be a surprise on a wrist. */
const numberProblems = (file: Record<string, unknown>, taken: Record<string, unknown>): string[] =>
  Object.entries(file).flatMap(([name, value]) => {
    if (!(name in taken)) return [`expected a setting that the firmware knows, came "${name}"`]
    if (typeof value !== 'number' || taken[name] === value) return []
    return [
      `expected "${name}" within its bounds, came ${value}, which the firmware would take as ${taken[name]}`,
    ]
  })

/** The chip airs whatever packet stands there; here it is one of an iBeacon or none. */
const packetProblems = ({ iBeacon }: Record<string, unknown>): string[] =>
  iBeacon === undefined || iBeacon === '' || iBeaconOfSetting(iBeacon) !== null
    ? []
    : ['expected "iBeacon" as the packet of an iBeacon, 60 hex digits that tocsin enrol --ibeacon writes']

/** Throws SettingsRefused with all that is wrong. */
export const settingsText = (text: string, fileName: string): SettingsText => {
  const file = objectOf(text, fileName)
  const taken = settingsIn(JSON.stringify(file))
  const { id, fault } = taken
  const problems = [
    ...(id === '' ? ['expected "id", the name of the pendant in the site file'] : []),
    ...(fault === null ? [] : [fault]),
    ...numberProblems(file, taken),
    ...packetProblems(file),
  ]
  if (problems.length > 0) throw new SettingsRefused(`${fileName}: ${problems.join('; ')}`)
  return { id, text: JSON.stringify(file) }
}

/** The key in settings that `settingsText` let through, to be held against the site's. */
export const keyIn = (settings: SettingsText): string => {
  const { key } = JSON.parse(settings.text) as { key: string }
  return key.toLowerCase()
}

/** The identity that these settings air, as the site file has it; undefined where they air none. */
export const iBeaconIn = (settings: SettingsText): string | undefined => {
  const { iBeacon } = JSON.parse(settings.text) as { iBeacon?: unknown }
  return iBeaconOfSetting(iBeacon) ?? undefined
}

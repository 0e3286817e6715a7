// In: the text of a settings file, on a desk machine. Out: all that the pendant would take from it, by name.
import { blank, SETTING_FIELDS, type SettingField } from '../fields.ts'
import { readSettings, type Settings } from './settings.ts'

export type AllSettings = Settings & { [name in SettingField]: number }

/** Reads a file as the pendant does; undefined is no file. `own`: a board's own defaults (boards/defaults.ts). Never throws. */
export const settingsIn = (text: string | undefined, own?: Readonly<Record<string, number>>): AllSettings => {
  const numbers = blank()
  const settings = readSettings(text, numbers, own)
  const named = Object.fromEntries(SETTING_FIELDS.map(name => [name, numbers[name]]))
  return { ...(named as { [name in SettingField]: number }), ...settings }
}

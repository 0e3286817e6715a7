// In: the text of a settings file, on a desk machine. Out: all that the pendant would take from it, by name.
import { blank, SETTING_FIELDS, type SettingField } from './fields.ts'
import { readSettings, type Settings } from './settings.ts'

export type AllSettings = Settings & { [name in SettingField]: number }

/** Reads a file as the pendant does; undefined is no file. Never throws. */
export const settingsIn = (text: string | undefined): AllSettings => {
  const numbers = blank()
  const settings = readSettings(text, numbers)
  const named = Object.fromEntries(SETTING_FIELDS.map(name => [name, numbers[name]]))
  return { ...(named as { [name in SettingField]: number }), ...settings }
}

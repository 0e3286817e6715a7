// In: a settings file's path, or nothing for the defaults. Out: as lines of text, what a pendant with these settings draws,
// term by term, and how long a CR2032 lasts.
import { readFile } from 'node:fs/promises'
import { MDBT42Q_DEFAULTS } from '../boards/defaults.ts'
import { CHIPS, CR2032, type PowerReport, powerReport } from '../cell/power.ts'
import { settingsIn } from '../storage/settings-file.ts'

/** The report as lines of text. */
export const powerLines = (report: PowerReport): string[] => [
  ...report.terms.map(({ name, ua, why }) => `${name.padEnd(16)}${ua.toFixed(1).padStart(7)} uA  ${why}`),
  `${'together'.padEnd(16)}${report.ua.toFixed(1).padStart(7)} uA  most of it ${report.worst}`,
  `${report.months.toFixed(1)} months on a ${report.cell}`,
  `an alarm of 10 minutes: ${(report.alarmUah / 1000).toFixed(2)} mAh, ${report.alarmDays.toFixed(2)} days of that life`,
]

/** Reads the settings at `path`, the defaults where there is none, and reports. Throws what reading the file throws. */
export const powerOf = async (path?: string, board: keyof typeof CHIPS = 'puckjs'): Promise<string[]> =>
  powerLines(
    powerReport(
      settingsIn(
        path === undefined ? '{}' : await readFile(path, 'utf8'),
        board === 'mdbt42q' ? MDBT42Q_DEFAULTS : {},
      ),
      CR2032,
      CHIPS[board],
    ),
  )

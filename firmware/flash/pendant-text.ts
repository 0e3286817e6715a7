// What a pendant told on its console, as lines for a person; faults last, and in plain words.
import type { Pendant } from './inspect.ts'

/** Flags of the firmware's state that mean that something is wrong. */
const FAULT = /fault|lost|unset|erred|stuck/i

const faultsOf = ({ firmware, stored, running, chip }: Pendant): string[] => [
  ...(running === null ? ['the firmware does not run, or is too old to say how it is'] : []),
  ...(running?.fault == null ? [] : [running.fault]),
  ...(running?.flags.filter(flag => FAULT.test(flag)) ?? []),
  ...(firmware === null && stored.otherStarts.length === 0 ? ['there is no whole firmware in it'] : []),
  ...(stored.otherStarts.length === 0 ? [] : [`it starts other code: ${stored.otherStarts.join(', ')}`]),
  ...(stored.hasPendingSettings ? ['new settings wait for its next start'] : []),
  ...(chip.lacks.length === 0 ? [] : [`it lacks ${chip.lacks.join(', ')}`]),
]

const hex = (crc: number): string => crc.toString(16).padStart(8, '0')

/** Lines of "name: value". */
export const pendantText = (pendant: Pendant): string => {
  const { chip, address, id, firmware, running, mark, freeBytes } = pendant
  const faults = faultsOf(pendant)
  const rows: [string, string][] = [
    ['pendant', id === '' ? 'has no name' : id],
    ['address', address],
    ['board', `${chip.board}, Espruino ${chip.version}`],
    [
      'firmware',
      firmware === null ? 'not put there by tocsin flash' : `${hex(firmware.crc)} in ${firmware.name}`,
    ],
    ['running', running === null ? 'unknown' : `${running.id}${running.inAlarm ? ', in an alarm' : ''}`],
    ['counter', `${running?.counter ?? 'unknown'}, reserved up to ${mark?.counter ?? 'nothing'}`],
    ['last alarm', mark === null ? 'unknown' : mark.number === 0 ? 'none yet' : `number ${mark.number}`],
    ['battery', running === null ? 'unknown' : `${running.battery} %`],
    ['flash free', `${freeBytes} bytes`],
    ['faults', faults.length === 0 ? 'none' : faults.join('; ')],
  ]
  return rows.map(([name, value]) => `${name.padEnd(11)} ${value}`).join('\n')
}

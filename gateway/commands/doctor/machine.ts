// The machine, tried: whether its clock is kept right by a time service, and which Bluetooth adapters it has.
import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { faultWords } from '../../../schemas/fault-words.ts'
import type { Receiver } from '../../../schemas/site.ts'
import { isSerial } from '../../radio/hci/line/line.ts'
import { broken, type Finding, ok, warning } from './finding.ts'

const ANSWER_MS = 5_000
/** systemd's own time service touches it when it has set the clock. */
const SYNCHRONISED = '/run/systemd/timesync/synchronized'
const ADAPTERS = '/sys/class/bluetooth'
const SET = 'timedatectl set-ntp true, or chrony'

/** What cannot be known is said to be unknown, never to be well. */
export async function tryClock(): Promise<Finding> {
  const said = await timedatectl()
  const isSynchronised = said?.NTPSynchronized ?? (existsSync(SYNCHRONISED) ? 'yes' : undefined)
  if (isSynchronised === 'yes') return ok('clock', 'it is kept right by a time service')
  if (isSynchronised === undefined)
    return warning('clock', 'whether a time service keeps it right is not known: nobody here can say', SET)
  if (said?.NTP === 'no')
    return broken('clock', 'no time service keeps it right: times in the record will be wrong', SET)
  return warning('clock', 'a time service is on, and has not set it yet', 'see whether it reaches its server')
}

function timedatectl(): Promise<Record<string, string> | null> {
  return new Promise(resolve => {
    const args = ['show', '-p', 'NTP', '-p', 'NTPSynchronized']
    execFile('timedatectl', args, { timeout: ANSWER_MS }, (error, out) => {
      if (error !== null) return resolve(null)
      resolve(
        Object.fromEntries(out.split('\n').flatMap(line => (line.includes('=') ? [line.split('=')] : []))),
      )
    })
  })
}

/** What there is; and each radio that the site file says this machine has. */
export function tryRadio(receivers: readonly Pick<Receiver, 'id' | 'radio'>[], folder = ADAPTERS): Finding[] {
  const adapters = existsSync(folder) ? readdirSync(folder).filter(name => /^hci\d+$/.test(name)) : []
  const own = receivers.flatMap(({ id, radio }) => (radio === undefined ? [] : [{ id, radio }]))
  if (own.length > 0) return own.map(each => tryOwn(each, adapters))
  return [
    adapters.length > 0
      ? ok('radio', `this machine has ${adapters.sort().join(', ')}`)
      : ok('radio', 'this machine has no Bluetooth adapter: it needs none where receivers hang elsewhere'),
  ]
}

/** Whether it is there and may be used; nothing is sent to it, for a gateway may have it. */
function tryOwn({ id, radio }: { id: string; radio: string }, adapters: readonly string[]): Finding {
  if (!isSerial(radio))
    return adapters.includes(radio)
      ? ok('radio', `receiver ${id} has ${radio}`)
      : broken(
          'radio',
          `receiver ${id} hears nothing: this machine has no ${radio}`,
          'plug it in; bluetoothctl list',
        )
  try {
    accessSync(radio, constants.R_OK | constants.W_OK)
    return ok('radio', `receiver ${id} has ${radio}`)
  } catch (error) {
    const why = `receiver ${id} hears nothing: ${radio} cannot be used: ${faultWords(error)}`
    return broken(
      'radio',
      why,
      'plug it in; the user of the gateway must be in the group that owns it (dialout)',
    )
  }
}

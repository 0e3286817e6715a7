// `tocsin doctor`: everything that an alarm needs on this machine is tried, and what is amiss is said with what to do about it.
// Promises to change nothing: what it writes to try the disk is gone again, and it never takes the telephone of a gateway that runs.
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Site } from '../../../schemas/site.ts'
import { type Endpoint, parseEndpoint } from '../../config.ts'
import { checkAccounts } from '../../site/accounts/check.ts'
import { AccountsFailed } from '../../site/accounts/file.ts'
import { checkSite, problemText, SiteRefused } from '../../site/read.ts'
import { counted } from '../counted.ts'
import { certificateMend, tryCertificate } from './certificate.ts'
import { tryData, tryHolder } from './data.ts'
import { broken, type Finding, ok, warning } from './finding.ts'
import { tryClock, tryRadio } from './machine.ts'
import { tryPorts } from './ports.ts'
import { tryTargets } from './targets.ts'
import { tryVoice } from './voice.ts'

const WIDTH = 10

type Asked = { site: string; data: string; http: Endpoint; mqtt: Endpoint; json?: true }

const endpoint = (text: string): Endpoint => {
  try {
    return parseEndpoint(text)
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'try everything that an alarm needs here, and say what is amiss and what to do; changes nothing',
    )
    .requiredOption('--site <file>', 'the site file (YAML)')
    .requiredOption('--data <dir>', "the gateway's data folder")
    .addOption(
      new Option('--http <host:port>', 'its desk')
        .argParser(endpoint)
        .default(parseEndpoint('127.0.0.1:8080'), '127.0.0.1:8080'),
    )
    .addOption(
      new Option('--mqtt <host:port>', 'its broker')
        .argParser(endpoint)
        .default(parseEndpoint('127.0.0.1:1883'), '127.0.0.1:1883'),
    )
    .option('--json', 'as a JSON list, for programs')
    .action(doctor)
}

async function doctor({ json, ...asked }: Asked): Promise<void> {
  const found = await tryAll(asked)
  if (json) console.log(JSON.stringify(found, null, 2))
  else for (const finding of found) console.log(textOf(finding))
  if (found.some(({ is }) => is === 'broken')) process.exitCode = 1
}

async function tryAll({ site: file, data, http, mqtt }: Omit<Asked, 'json'>): Promise<Finding[]> {
  const { site, found } = trySite(file)
  if (site !== null) found.push(...tryAccounts(site, file))
  const ports = await tryPorts(http, mqtt, site)
  const hidden = tryHolder(data, ports.isRunning)
  const gateway = [...ports.found, ...(hidden === null ? [] : [hidden])]
  const machine = [
    ...tryData(data),
    await tryClock(),
    ...tryRadio(site?.receivers ?? []),
    ...gateway,
    ...tryCertificate(site?.mqtt.tls),
  ]
  if (site === null) return [...found, ...machine]
  // Its own telephone is on the exchange already, and says what it cannot call.
  const targets = ports.isRunning || hidden !== null ? [] : await tryTargets(site)
  return [...found, ...machine, await tryVoice(site.speech), ...targets]
}

function trySite(file: string): { site: Site | null; found: Finding[] } {
  try {
    const { site, warnings } = checkSite(file)
    const { receivers, pendants } = site
    const about = `${site.site}: ${counted(receivers.length, 'receiver')}, ${counted(pendants.length, 'pendant')}`
    // Its dates are said with the certificate itself.
    const odd = warnings.filter(({ path }) => path !== 'mqtt.tls.cert')
    return { site, found: [ok('site', about), ...odd.map(each => warning('site', problemText(each)))] }
  } catch (error) {
    if (!(error instanceof SiteRefused)) throw error
    return {
      site: null,
      found: error.problems.map(each => broken('site', problemText(each), certificateMend(each.path))),
    }
  }
}

function tryAccounts(site: Site, file: string): Finding[] {
  try {
    const { accounts, warnings, hint } = checkAccounts(site, file)
    const odd = warnings.map(each => warning('accounts', problemText(each)))
    if (hint !== null) odd.push(warning('accounts', hint))
    const count = accounts.filter(each => 'hash' in each).length
    const revoked = accounts.length - count
    return odd.length > 0
      ? odd
      : [ok('accounts', `${counted(count, 'account')}, ${revoked} revoked; no password in plain text`)]
  } catch (error) {
    if (!(error instanceof AccountsFailed)) throw error
    return [broken('accounts', error.message)]
  }
}

const textOf = ({ is, tried, came, mend }: Finding): string =>
  `${is.padEnd(WIDTH)}${tried.padEnd(WIDTH)}${came}${mend === undefined ? '' : `\n${' '.repeat(2 * WIDTH)}→ ${mend}`}`

// The command line: `tocsin serve`, `init`, `check`, `account`, `verify`, `backup`, `doctor`, `schema`, the pendants' `enrol`, `flash`, `pendant`, and `walk`.
// Each refusal says what was expected and what came, on standard error, and exits non-zero.
import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import { faultText } from '../../schemas/fault-words.ts'
import { parseEndpoint } from '../config.ts'
import { addAccountCommands } from './account/account.ts'
import { addCopyCommands } from './copies.ts'
import { addDoctorCommand } from './doctor/doctor.ts'
import { addInitCommand } from './init/init.ts'
import { addJournalCommands } from './journal.ts'
import { addPendantCommands } from './pendants.ts'
import { addReceiverCommand } from './receiver.ts'
import { serve } from './serve.ts'
import { addSiteCommands } from './site.ts'
import { addWalkRecordCommands } from './walk/record-command.ts'
import { addWalkCommands } from './walk/walk.ts'

const endpoint = (text: string) => {
  try {
    return parseEndpoint(text)
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}

// Journal, speech, copies of the site, keys: what this program makes is for its own user alone.
process.umask(0o077)

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const program = new Command('tocsin')
  .description('The gateway of a personal alarm system')
  .version(version, '--version', 'say which version this is')

program
  .command('serve')
  .description('run the gateway of one site')
  .requiredOption('--site <file>', 'the site file (YAML)')
  .requiredOption('--data <dir>', 'where the journal and the rendered speech are kept')
  .addOption(
    new Option('--http <host:port>', 'desk page and API')
      .argParser(endpoint)
      .default(parseEndpoint('127.0.0.1:8080'), '127.0.0.1:8080'),
  )
  .addOption(
    new Option('--mqtt <host:port>', 'broker for the receivers')
      .argParser(endpoint)
      .default(parseEndpoint('127.0.0.1:1883'), '127.0.0.1:1883'),
  )
  .addOption(
    new Option('--log-level <level>')
      .choices(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
      .default('info'),
  )
  .option('--log-pretty', 'readable log lines instead of JSON', false)
  .action(serve)

addReceiverCommand(program)
addSiteCommands(program)
addAccountCommands(program)
addJournalCommands(program)
addInitCommand(program)
addCopyCommands(program)
addDoctorCommand(program)
addPendantCommands(program)
addWalkCommands(program)
addWalkRecordCommands(program)

program.parseAsync().catch(error => {
  console.error(faultText(error))
  process.exit(1)
})

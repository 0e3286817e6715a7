// The command line: `tocsin serve`, `check`, `verify`, `schema`, the pendants' `enrol`, `flash`, `pendant`, and `walk`.
// Each refusal says what was expected and what came, on standard error, and exits non-zero.
import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import { addPendantCommands } from './cli-pendants.ts'
import { addSiteCommands } from './cli-site.ts'
import { addWalkCommands } from './cli-walk.ts'
import { addWalkRecordCommands } from './cli-walk-record.ts'
import { parseEndpoint } from './config.ts'
import { createLog, type LogLevel } from './log.ts'
import { startGateway } from './main.ts'
import { verifyJournal } from './store/verify.ts'

const endpoint = (text: string) => {
  try {
    return parseEndpoint(text)
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
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

program
  .command('verify')
  .description('check that no row of a journal was altered, removed or put in between')
  .argument('<journal>')
  .action((file: string) => {
    const { rows, headHash, broken } = verifyJournal(file)
    console.log(`${file}: ${rows} rows are as they were written; the newest has hash ${headHash}`)
    if (broken === null) return
    console.error(
      `${file}: row ${broken.seq} was altered, removed or put in: expected ${broken.expected}, came ${broken.came}`,
    )
    process.exitCode = 1
  })

addSiteCommands(program)
addPendantCommands(program)
addWalkCommands(program)
addWalkRecordCommands(program)

type ServeOptions = {
  site: string
  data: string
  http: { host: string; port: number }
  mqtt: { host: string; port: number }
  logLevel: LogLevel
  logPretty: boolean
}

async function serve(options: ServeOptions): Promise<void> {
  const log = createLog({ level: options.logLevel, pretty: options.logPretty })
  process.on('uncaughtException', error => {
    log.fatal(
      { err: error },
      'a bug: the process ends here, and the journal replays when it is started again',
    )
    process.exit(70)
  })
  const { site: siteFile, data: dataDir, http, mqtt, logLevel } = options
  const gateway = await startGateway({ siteFile, dataDir, http, mqtt, logLevel }, log)
  log.info({ http: gateway.url, mqtt: `${gateway.mqtt.host}:${gateway.mqtt.port}` }, 'ready')
  let isStopping = false
  // One Ctrl-C comes more than once: from the terminal, and handed on by whoever started this. None may cut the farewell.
  const stop = (signal: string): void => {
    if (isStopping) return
    isStopping = true
    log.info({ signal }, 'stopping')
    gateway.close().then(
      () => process.exit(0),
      error => {
        log.error({ err: error }, 'did not stop cleanly')
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

try {
  await program.parseAsync()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(1)
}

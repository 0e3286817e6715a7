// `tocsin receiver`: one receiver as a process of its own, on a small box with a radio. What is wrong with its options is said before it
// starts; what goes wrong later is said in its log and at the desk, and it goes on.
import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { faultWords } from '../../schemas/fault-words.ts'
import { Id } from '../../schemas/fields.ts'
import { systemClock } from '../clock.ts'
import type { LogLevel } from '../log.ts'
import { openRadio } from '../radio/hci/process/keeper.ts'
import type { BrokerAddress } from '../radio/link.ts'
import { bootClock } from '../radio/spool/boot.ts'
import { mayOthersRead } from '../store/disk/modes.ts'
import { beginLifetime } from './lifetime.ts'
import { superviseBySystemd } from './supervision.ts'

type ReceiverCommand = {
  id: string
  broker: { host: string; port: number; isTls: boolean }
  passwordFile: string
  radio: string
  baud?: number
  spool?: string
  ca?: string
  logLevel: LogLevel
  logPretty: boolean
}

const PORTS = { 'mqtt:': 1883, 'mqtts:': 8883 } as const
const PASSWORD_LENGTH_MIN = 8
const PASSWORD_LENGTH_MAX = 128
const PEM = '-----BEGIN CERTIFICATE-----'

export function addReceiverCommand(program: Command): void {
  program
    .command('receiver')
    .description('run a receiver: hear pendants by Bluetooth and tell the gateway')
    .requiredOption('--id <id>', 'the id of the receiver, as in the site file', checkedBy(readId))
    .requiredOption(
      '--broker <url>',
      'the gateway’s broker: mqtt://HOST:PORT or mqtts://HOST:PORT',
      checkedBy(readBroker),
    )
    .requiredOption(
      '--password-file <file>',
      'the file with its password that tocsin init or tocsin account add made',
    )
    .requiredOption(
      '--radio <device>',
      'hci0, or a serial device that speaks H4: /dev/ttyACM0',
      checkedBy(readDevice),
    )
    .option('--baud <rate>', 'of a serial device', checkedBy(readBaud))
    .option('--spool <dir>', 'where what it hears outlives a restart while the broker is away')
    .option('--ca <file>', 'with mqtts: the certificates (PEM) that the broker’s is to be signed by')
    .addOption(
      new Option('--log-level <level>')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
        .default('info'),
    )
    .option('--log-pretty', 'readable log lines instead of JSON', false)
    .action(receive)
}

/** Runs until a signal. Throws with what was expected and what came. */
async function receive(options: ReceiverCommand): Promise<void> {
  const { id, passwordFile, radio: device, baud, spool } = options
  const password = readPassword(passwordFile, id)
  const broker = brokerOf(options)
  const ofABug = 'a bug: the receiver ends here; what it heard is told when it is started again'
  const { log, stopper } = beginLifetime({ ...options, ofABug })
  if (mayOthersRead(passwordFile))
    log.warn({ file: passwordFile }, `others may read ${passwordFile}: chmod go= ${passwordFile}`)
  if (spool === undefined)
    log.warn('without --spool what it hears while the broker is away is lost where it is restarted')
  // Its MQTT client is not a gateway's: nothing else of the command line loads it.
  const { startDaemon } = await import('../radio/daemon.ts')
  const clock = bootClock(systemClock())
  const radio = openRadio({ device, clock, log, ...(baud !== undefined && { baudRate: baud }) })
  const daemon = startDaemon({ id, password, broker, spoolFolder: spool ?? null, radio, clock, log })
  // It lives while its events are carried out: this is one of them.
  const supervision = superviseBySystemd({ env: process.env, clock, log, isAlive: async () => undefined })
  void supervision.ready()
  const stop = stopper(() => {
    supervision.stopping()
    return daemon.close()
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  log.info({ receiver: id, radio: device, broker: `${broker.host}:${broker.port}` }, 'ready')
}

/** Wraps a reader for commander, which wants an error of its own kind. */
const checkedBy =
  <T>(read: (text: string) => T) =>
  (text: string): T => {
    try {
      return read(text)
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message)
    }
  }

function readId(text: string): string {
  const id = Id.safeParse(text)
  if (id.success) return id.data
  throw new Error(`${id.error.issues[0]?.message}, came "${text}"`)
}

/** Reads "mqtts://gateway.example:8883". */
export function readBroker(text: string): ReceiverCommand['broker'] {
  const url = URL.canParse(text) ? new URL(text) : null
  const isTls = url?.protocol === 'mqtts:'
  const isOurs = url !== null && (isTls || url.protocol === 'mqtt:') && url.hostname !== ''
  const isBare =
    isOurs && `${url.username}${url.password}${url.search}${url.hash}` === '' && /^\/?$/.test(url.pathname)
  if (!isBare)
    throw new Error(`expected mqtt://HOST:PORT or mqtts://HOST:PORT, and nothing else in it, came "${text}"`)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return { host, port: url.port === '' ? PORTS[isTls ? 'mqtts:' : 'mqtt:'] : Number(url.port), isTls }
}

function readDevice(text: string): string {
  if (/^hci\d{1,2}$/.test(text) || text.includes('/')) return text
  throw new Error(`expected an adapter like hci0, or a device like /dev/ttyACM0, came "${text}"`)
}

function readBaud(text: string): number {
  const rate = Number(text)
  if (Number.isInteger(rate) && rate >= 9_600 && rate <= 8_000_000) return rate
  throw new Error(`expected a rate of 9600 to 8000000, came "${text}"`)
}

function readPassword(file: string, id: string): string {
  const text = readText(file, `the password of receiver ${id}`).replace(/\r?\n$/, '')
  const is = /[\r\n]/.test(text) ? 'several lines' : text === '' ? 'nothing' : `${text.length} characters`
  const isOne =
    !/[\r\n]/.test(text) && text.length >= PASSWORD_LENGTH_MIN && text.length <= PASSWORD_LENGTH_MAX
  if (isOne) return text
  throw new Error(
    `${file}: expected one line with a password of ${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters, came ${is}`,
  )
}

function brokerOf({ broker: { host, port, isTls }, ca }: ReceiverCommand): BrokerAddress {
  if (!isTls && ca !== undefined)
    throw new Error('expected --ca with mqtts:// only, came mqtt://, which is not encrypted')
  if (!isTls) return { host, port }
  if (ca === undefined) return { host, port, tls: {} }
  const text = readText(ca, 'certificates')
  if (!text.includes(PEM)) throw new Error(`${ca}: expected certificates as PEM ("${PEM}"), came none`)
  return { host, port, tls: { ca: text } }
}

function readText(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error(`${file}: expected a file with ${what}, came ${faultWords(error)}`)
  }
}

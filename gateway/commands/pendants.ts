// `tocsin enrol`, `tocsin flash`, `tocsin pendant`: a pendant's way from a number in the site file to a wrist, and the
// look at one on the desk. The only place of the gateway that reaches the chip's side, and only its console.
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import { powerOf } from '../../firmware/build/power.ts'
import { CHIPS } from '../../firmware/cell/power.ts'
import { BOARDS, type FlashBoard, WITHOUT_CABLE } from '../../firmware/flash/boards.ts'
import { type ChipConsole, openConsole } from '../../firmware/flash/console.ts'
import { flash, type SettingsText } from '../../firmware/flash/flash.ts'
import { inspect } from '../../firmware/flash/inspect.ts'
import { pendantText } from '../../firmware/flash/pendant-text.ts'
import { flashScript } from '../../firmware/flash/script.ts'
import { openSerial } from '../../firmware/flash/serial.ts'
import { iBeaconIn, keyIn, settingsText } from '../../firmware/flash/settings-text.ts'
import { IBeacon, IBeaconUuid } from '../../schemas/ibeacon.ts'
import { Address } from '../../schemas/report.ts'
import { enrol } from './enrol/enrol.ts'
import { siteChange } from './enrol/flash-site.ts'
import { writeNewFile } from './new-file.ts'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const BAUD = 9600
/** What a gateway that runs does not see by itself. */
const RELOAD =
  'have a gateway that runs read its site file again (kill -HUP PID), or it does not know this pendant'

const address = (text: string): string => {
  const parsed = Address.safeParse(text.toLowerCase())
  if (!parsed.success) throw new InvalidArgumentError('expected an address like c7:f9:36:dd:b0:ca')
  return parsed.data
}

const iBeacon = (text: string): string => {
  const identity = text.toLowerCase()
  if (!IBeaconUuid.safeParse(identity).success && !IBeacon.safeParse(identity).success)
    throw new InvalidArgumentError(
      'expected a UUID like e5ca1ade-f007-ba11-0000-000000000000, alone or with -major-minor after it',
    )
  return identity
}

const baud = (text: string): number => {
  const parsed = z.coerce.number().int().min(300).max(4_000_000).safeParse(text)
  if (!parsed.success) throw new InvalidArgumentError('expected a speed in baud, such as 9600')
  return parsed.data
}

const portOption = (): Option =>
  new Option('--port <device>', 'serial port of the pendant').makeOptionMandatory()
const baudOption = (): Option => new Option('--baud <rate>', 'its speed').argParser(baud).default(BAUD)

/** Adds the commands that deal with pendants. */
export const addPendantCommands = (program: Command): void => {
  program
    .command('enrol')
    .description('make a pendant: id, key, its place in the site file, its settings and label')
    .requiredOption('--site <file>', 'the site file (YAML)')
    .requiredOption('--wearer <id>', 'who wears it: a person of the site')
    .option('--id <id>', 'by default the next p-01, p-02 …')
    .addOption(new Option('--address <address>', 'by default read when it is flashed').argParser(address))
    .addOption(
      new Option(
        '--ibeacon <uuid>',
        'air an iBeacon identity too, which anybody can follow: uuid, or uuid-major-minor',
      ).argParser(iBeacon),
    )
    .option('--out <dir>', 'where its files go; by default a folder of its id')
    .option('--another', 'though one of this wearer waits to be flashed')
    .action(enrolPendant)
  program
    .command('flash')
    .description('put firmware and settings on a pendant, read them back, and see it run')
    .option('--port <device>', 'serial port of the pendant')
    .option(
      '--script <file>',
      'for a board that no cable reaches: a script for its console, to be sent by hand',
    )
    .addOption(baudOption())
    .requiredOption('--settings <file>', 'its tocsin.json')
    .addOption(new Option('--board <name>').choices(Object.keys(BOARDS)).default('puckjs'))
    .option('--program <file>', 'by default what npm run build made for the board')
    .option('--settings-only', 'leave the firmware as it is', false)
    .option('--site <file>', 'site file that is to have the address of this pendant')
    .option('--wearer <id>', 'who wears it, if it is not in the site file yet')
    .action(flashPendant)
  program
    .command('pendant')
    .description('say how the pendant on a port is')
    .argument('[id]', 'the pendant that it should be')
    .addOption(portOption())
    .addOption(baudOption())
    .action(showPendant)
  program
    .command('power')
    .description('say what a pendant draws, term by term, how long its cell lasts, and what an alarm costs')
    .argument('[settings]', 'its tocsin.json; the defaults without one')
    .addOption(new Option('--board <name>').choices(Object.keys(CHIPS)).default('puckjs'))
    .action(showPower)
}

async function showPower(
  settings: string | undefined,
  options: { board: keyof typeof CHIPS },
): Promise<void> {
  for (const line of await powerOf(settings, options.board)) console.log(line)
}

async function enrolPendant(options: {
  site: string
  wearer: string
  id?: string
  address?: string
  ibeacon?: string
  out?: string
  another?: true
}): Promise<void> {
  const { site: siteFile, ibeacon, another = false, ...rest } = options
  const asked = {
    siteFile,
    ...rest,
    isAnother: another,
    ...(ibeacon === undefined ? {} : { iBeacon: ibeacon }),
  }
  const { id, folder, isInSite, code, iBeacon: identity } = await enrol(asked)
  console.log(code)
  if (identity !== undefined)
    console.log(
      `${id} airs iBeacon:${identity} while idle: whoever hears it knows the pendant and can follow its wearer, and the cell lasts eight months instead of twelve and a half (firmware/README.md)`,
    )
  console.log(
    `${id}: settings and label are in ${folder}. The settings hold the pendant's key: nobody else may read them`,
  )
  const settings = join(folder, 'tocsin.json')
  console.log(
    isInSite
      ? `${id} is in ${siteFile}. Next: tocsin flash --port … --settings ${settings}; then ${RELOAD}`
      : `${id} goes into ${siteFile} when its address is read: tocsin flash --port … --settings ${settings} --site ${siteFile}; then ${RELOAD}`,
  )
}

/** Runs `work` on the console of a port and closes it, whatever comes. */
async function onPort<T>(port: string, rate: number, work: (chip: ChipConsole) => Promise<T>): Promise<T> {
  const chip = openConsole(await openSerial(port, rate))
  try {
    return await work(chip)
  } finally {
    await chip.close()
  }
}

type FlashOptions = {
  port?: string
  script?: string
  baud: number
  settings: string
  board: FlashBoard
  program?: string
  settingsOnly: boolean
  site?: string
  wearer?: string
}

async function programOf({ settingsOnly, program, board }: FlashOptions): Promise<Uint8Array | null> {
  if (settingsOnly) return null
  const file = program ?? join(ROOT, 'dist', 'firmware', `${board}.bootcde`)
  try {
    return await readFile(file)
  } catch (cause) {
    throw new Error(`expected the firmware of ${board} in ${file}, came none: npm run build makes it`, {
      cause,
    })
  }
}

/** The board has no cable, or none was named. */
export class NoWayIn extends Error {
  override readonly name = 'NoWayIn'
}

/** The port, or the file for the script: whichever the board can take. Throws NoWayIn. */
function wayIn({ board, port, script }: FlashOptions): { port: string } | { script: string } {
  if (!WITHOUT_CABLE.includes(board)) {
    if (port !== undefined && script === undefined) return { port }
    throw new NoWayIn(`expected --port for ${board}, came ${script === undefined ? 'none' : '--script'}`)
  }
  if (script !== undefined && port === undefined) return { script }
  throw new NoWayIn(
    `expected --script FILE for ${board}, came ${port === undefined ? 'none' : '--port'}: no pin of its console is brought out, and over Bluetooth nobody could see whether it runs (firmware/flash/README.md)`,
  )
}

/** Writes the script and changes nothing else: whether it was sent, and went well, only who sends it can say. */
async function writeScript(
  script: string,
  { board, settingsOnly, site }: FlashOptions,
  program: Uint8Array | null,
  settings: SettingsText,
): Promise<void> {
  if (program === null || settingsOnly)
    throw new NoWayIn('expected firmware in a script, came --settings-only: it writes both')
  if (site !== undefined)
    throw new NoWayIn(
      'expected no --site with a script, which tells the address at its end: enrol with --address',
    )
  const text = flashScript({ board: BOARDS[board], program, settings })
  await writeNewFile(script, text)
  console.log(
    `${script}: send it to ${settings.id} with Espruino's Web IDE, and delete it: it holds its key. At the end the watch says that it is flashed, and its address`,
  )
}

async function flashPendant(options: FlashOptions): Promise<void> {
  const way = wayIn(options)
  const settings = settingsText(await readFile(options.settings, 'utf8'), options.settings)
  const program = await programOf(options)
  if ('script' in way) return writeScript(way.script, options, program, settings)
  const change = await siteChange(options, {
    id: settings.id,
    key: keyIn(settings),
    iBeacon: iBeaconIn(settings),
  })
  const told = (what: string): void => console.log(what)
  const flashed = await onPort(way.port, options.baud, chip =>
    flash(chip, { board: BOARDS[options.board], program, settings, told }),
  )
  await change(flashed.address)
  const { id, address: at, firmware } = flashed
  console.log(
    `${id} at ${at} runs firmware ${firmware}${options.site === undefined ? '' : `, as ${options.site} says`}`,
  )
}

async function showPendant(id: string | undefined, options: { port: string; baud: number }): Promise<void> {
  const pendant = await onPort(options.port, options.baud, inspect)
  console.log(pendantText(pendant))
  if (id === undefined || pendant.id === id) return
  console.error(
    `expected ${id} on ${options.port}, came ${pendant.id === '' ? 'a pendant without a name' : pendant.id}`,
  )
  process.exitCode = 1
}

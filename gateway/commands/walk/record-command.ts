// `tocsin walk record`, `export` and `undo`: the walk test from the command line, by the API of a running gateway.
// Without a terminal the same lines come from a file or a pipe.
import { userInfo } from 'node:os'
import { createInterface } from 'node:readline'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { walkClient } from './client.ts'
import { exportWalk } from './export.ts'
import { recordWalk } from './record.ts'

const address = (text: string): URL => {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('expected the address of a gateway, such as http://127.0.0.1:8080')
  return new URL(text)
}
const number = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected the number of a walk, such as 3')
  return Number(text)
}

const urlOption = (): Option =>
  new Option('--url <url>', 'the gateway’s desk address').argParser(address).makeOptionMandatory()
const byOption = (): Option =>
  new Option('--by <name>', 'who does it, for the record').default(userInfo().username)

/** Adds to `tocsin walk`, which is made where nobody has made it yet. */
export function addWalkRecordCommands(program: Command): void {
  const walk =
    program.commands.find(command => command.name() === 'walk') ??
    program.command('walk').description('walk tests: record, take away, undo')
  walk
    .command('record')
    .description('record a walk test: type the number of each room as you enter it')
    .addOption(urlOption())
    .requiredOption('--pendant <id>', 'the pendant that is carried')
    .addOption(byOption())
    .action(record)
  walk
    .command('export')
    .description('write a stored walk as sightings.csv, truth.csv and layout.json')
    .addOption(urlOption())
    .addOption(new Option('--walk <number>').argParser(number).makeOptionMandatory())
    .requiredOption('--dir <dir>', 'the folder, made where it is not there')
    .action(takeAway)
  walk
    .command('undo')
    .description('take back the newest walk test that stands')
    .addOption(urlOption())
    .addOption(byOption())
    .action(undo)
}

async function record({ url, pendant, by }: { url: URL; pendant: string; by: string }): Promise<void> {
  const isTerminal = process.stdin.isTTY === true
  const lines = createInterface({
    input: process.stdin,
    terminal: isTerminal,
    ...(isTerminal ? { output: process.stdout } : {}),
  })
  // A Ctrl-C at the prompt ends the lines, and so the recording, rather than leaving it running.
  lines.on('SIGINT', () => lines.close())
  try {
    const { isKept, complaints } = await recordWalk({
      client: walkClient(url, by),
      pendant,
      lines,
      say: text => console.log(text),
    })
    // A person has read what was not taken and tapped again; a script has not.
    if (complaints > 0 && !isTerminal) {
      console.error(`${complaints} lines were not taken${isKept ? ', though the walk was kept' : ''}`)
      process.exitCode = 1
    }
  } finally {
    lines.close()
  }
}

async function takeAway({ url, walk, dir }: { url: URL; walk: number; dir: string }): Promise<void> {
  const client = walkClient(url, '')
  const whole = await client.walk(walk)
  await exportWalk(whole, await client.layout(), dir)
  console.log(
    `${dir}: walk ${walk}, ${whole.readings.length} readings of ${whole.receivers.length} receivers in ${whole.stays.length} stays`,
  )
}

async function undo({ url, by }: { url: URL; by: string }): Promise<void> {
  const client = walkClient(url, by)
  const newest = (await client.walks()).walks.find(({ withdrawn }) => withdrawn === null)
  if (newest === undefined) throw new Error('expected a walk test that stands; none is left')
  await client.withdraw(newest.walk)
  console.log(`Walk ${newest.walk} by ${newest.by} is taken back`)
}

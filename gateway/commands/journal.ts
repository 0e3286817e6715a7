// `tocsin verify`, `repair` and `accept`: what became of a journal, said row by row, and a new one made of what can be read.
import { type Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { type Repaired, repairJournal } from '../store/damage/repair.ts'
import { verifyJournal } from '../store/verify.ts'
import { counted } from './counted.ts'
import { askGateway } from './walk/client.ts'

/** Something of the journal is lost, doubtful or damaged; all else is done. 1 is that it could not be done. */
const LOSS = 3

export function addJournalCommands(program: Command): void {
  program
    .command('verify')
    .description('check that no row of a journal was altered, removed, put in between or cut off its end')
    .argument('<journal>')
    .action(verify)
  program
    .command('repair')
    .description(
      'say what can still be read of a journal; with --to, make a new one of it (FILE is only read)',
    )
    .argument('<journal>')
    .option('--to <file>', 'the new journal; no such file yet')
    .action((file: string, { to }: { to?: string }) => say(repairJournal(file, to ?? null)))
  program
    .command('accept')
    .description(
      'tell a running gateway that the missing rows of its journal are known, and that it goes on without them',
    )
    .requiredOption('--by <name>', 'who says so')
    .option('--gateway <url>', 'its desk', urlOf, urlOf('http://127.0.0.1:8080'))
    .action(accept)
}

function verify(file: string): void {
  const { rows, headHash, broken, erased, missing } = verifyJournal(file)
  console.log(
    `${file}: ${rows === 1 ? '1 row is as it was' : `${rows} rows are as they were`} written; the newest has hash ${headHash}`,
  )
  if (erased > 0) console.log(`${file}: of ${erased} of them the body was erased, and a row says so`)
  if (broken !== null)
    console.error(
      `${file}: row ${broken.seq} was altered, removed or put in: expected ${broken.expected}, came ${broken.came}`,
    )
  if (missing !== null)
    console.error(
      `${file}: its end was noted as row ${missing.seq} with hash ${missing.hash}, and that row is not there`,
    )
  if (broken !== null || missing !== null) process.exitCode = 1
}

function say({ file, rows, lost, doubtful, damage, to }: Repaired): void {
  console.log(`${file}: ${counted(rows, 'row')} can be read`)
  for (const [from, upTo] of lost)
    console.error(`${file}: ${from === upTo ? `row ${from} is` : `rows ${from} to ${upTo} are`} lost`)
  for (const seq of doubtful)
    console.error(`${file}: row ${seq} is not as it was written, and is kept as it reads`)
  if (damage !== null)
    console.error(`${file}: no row of it is lost, but a start would put it aside as damaged: ${damage}`)
  const isWhole = lost.length === 0 && doubtful.length === 0 && damage === null
  if (to !== null)
    console.log(
      isWhole
        ? `${to}: a new journal of them; nothing is lost`
        : `${to}: a new journal of them, with a last row that says what is lost or doubtful, or that it was damaged`,
    )
  if (!isWhole) process.exitCode = LOSS
}

async function accept({ by, gateway }: { by: string; gateway: URL }): Promise<void> {
  await askGateway(gateway, '/api/journal/accept', z.unknown(), { by })
  console.log('The gateway goes on with the journal as it is.')
}

function urlOf(text: string): URL {
  if (!URL.canParse(text))
    throw new InvalidArgumentError(`expected a URL like http://127.0.0.1:8080, came "${text}"`)
  return new URL(text)
}

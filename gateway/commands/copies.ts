// `tocsin backup` and `tocsin restore`: a copy of the journal, made while the gateway runs, and put back while it does not.
import { join } from 'node:path'
import type { Command } from 'commander'
import { backupJournal } from '../store/copies/backup.ts'
import { restoreJournal } from '../store/copies/restore.ts'

const journalIn = (folder: string): string => join(folder, 'journal.sqlite')

/** Adds the commands that copy a journal and put a copy back. */
export function addCopyCommands(program: Command): void {
  program
    .command('backup')
    .description(
      'copy the journal into one file, also while the gateway runs, and check every row of the copy',
    )
    .requiredOption('--data <dir>', "the gateway's data folder")
    .requiredOption('--to <file>', 'the copy; no such file yet')
    .action(backup)
  program
    .command('restore')
    .description(
      'put a copy back in the place of the journal, which is kept; the gateway is stopped meanwhile',
    )
    .argument('<file>', 'what tocsin backup wrote')
    .requiredOption('--data <dir>', "the gateway's data folder")
    .action(restore)
}

async function backup({ data, to }: { data: string; to: string }): Promise<void> {
  const { rows, headHash } = await backupJournal(journalIn(data), to)
  console.log(`${to}: ${rows} rows, each as it was written; the newest has hash ${headHash}`)
  console.log('It holds names, rooms and notes: keep it as one keeps the site file, which is not in it.')
}

function restore(file: string, { data }: { data: string }): void {
  const { rows, lastAtMs, aside, missing } = restoreJournal(file, journalIn(data), Date.now())
  const until = lastAtMs === null ? '' : `, the last of ${new Date(lastAtMs).toISOString()}`
  console.log(`${journalIn(data)}: ${rows} rows from ${file}${until}`)
  if (aside !== null) console.log(`What stood there before lies in ${aside}`)
  console.log(
    missing
      ? 'What happened after that is not in it. Next: start the gateway. It calls again about every alarm that is open in the copy, and the desk says that rows are missing until somebody has looked into it: tocsin accept --by NAME'
      : 'It has every row that the journal had. Next: start the gateway.',
  )
}

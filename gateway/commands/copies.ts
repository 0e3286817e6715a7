// `tocsin backup` and `tocsin restore`: a copy of the journal, and of the accounts beside it, made while the gateway runs, and put back while it does not.
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import {
  accountsBeside,
  accountsToCopy,
  copyAccounts,
  type PutBack,
  putBackAccounts,
} from '../site/accounts/copy.ts'
import { backupJournal } from '../store/copies/backup.ts'
import { restoreJournal } from '../store/copies/restore.ts'
import { counted } from './counted.ts'

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
    .option('--site <file>', 'the site file: its accounts too, beside the copy')
    .action(backup)
  program
    .command('restore')
    .description(
      'put a copy back in the place of the journal, which is kept; the gateway is stopped meanwhile',
    )
    .argument('<file>', 'what tocsin backup wrote')
    .requiredOption('--data <dir>', "the gateway's data folder")
    .option('--site <file>', 'the site file: its accounts too, where none are left')
    .action(restore)
}

async function backup({ data, to, site }: { data: string; to: string; site?: string }): Promise<void> {
  const accounts = site === undefined ? null : accountsToCopy(site, to)
  const { rows, headHash } = await backupJournal(journalIn(data), to)
  if (accounts !== null)
    await copyAccounts(accounts, to).catch(error => {
      rmSync(to, { force: true })
      throw error
    })
  console.log(`${to}: ${counted(rows, 'row')}, each as it was written; the newest has hash ${headHash}`)
  if (accounts !== null) console.log(`${accountsBeside(to)}: ${counted(accounts.length, 'account')}`)
  console.log('It holds names, rooms and notes: keep it as one keeps the site file, which is not in it.')
}

async function restore(file: string, { data, site }: { data: string; site?: string }): Promise<void> {
  const { rows, lastAtMs, aside, missing } = restoreJournal(file, journalIn(data), Date.now())
  const until = lastAtMs === null ? '' : `, the last of ${new Date(lastAtMs).toISOString()}`
  console.log(`${journalIn(data)}: ${counted(rows, 'row')} from ${file}${until}`)
  if (aside !== null) console.log(`What stood there before lies in ${aside}`)
  if (site !== undefined) console.log(accountsWords(await putBackAccounts(file, site, Date.now()), file))
  else if (existsSync(accountsBeside(file)))
    console.log(`The accounts in ${accountsBeside(file)} were not put back: --site says where they belong`)
  console.log(
    missing
      ? 'What happened after that is not in it. Next: start the gateway. It calls again about every alarm that is open in the copy, and the desk says that rows are missing until somebody has looked into it: tocsin accept --by NAME'
      : 'It has every row that the journal had. Next: start the gateway.',
  )
}

function accountsWords({ is, file, aside }: PutBack, copy: string): string {
  const before = aside === null ? '' : `. What stood there could not be read, and lies in ${aside}`
  const left = `left as it is, since an older copy could let in whoever was revoked since. If it is to go all the same, move it away and copy ${accountsBeside(copy)} there`
  const words = {
    put: `the accounts of ${accountsBeside(copy)}${before}`,
    left,
    same: 'as in the copy',
    none: `there are no accounts beside ${copy}`,
  }
  return `${file}: ${words[is]}`
}

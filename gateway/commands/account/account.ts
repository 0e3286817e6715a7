// `tocsin account add | list | revoke | take`: who may use the gateway's own broker. Secrets go in and, once, out; what is kept is a
// hash. A gateway that runs takes each up within seconds.
import { type Command, InvalidArgumentError, Option } from 'commander'
import { Id } from '../../../schemas/fields.ts'
import { OUT_PREFIX, ROLES, type Role } from '../../../schemas/site/accounts.ts'
import { accountsFileOf, readAccounts } from '../../site/accounts/file.ts'
import { readSeen } from '../../site/accounts/seen.ts'
import { readSite } from '../../site/read.ts'
import { addAccount, revokeAccount, takeOver } from './change.ts'
import { listed, listText } from './list.ts'
import { passwordFrom } from './password.ts'

const SOON = 'A gateway that runs takes it up within seconds.'

function anId(text: string): string {
  const id = Id.safeParse(text)
  if (id.success) return id.data
  throw new InvalidArgumentError(`${id.error.issues[0]?.message}, came ${JSON.stringify(text)}`)
}

export function addAccountCommands(program: Command): void {
  const account = program
    .command('account')
    .description('who may use the gateway’s broker: receivers, and programs that only read')
  account
    .command('add')
    .description('make an account with a new password, which is shown this once, or with one that is read')
    .argument('<id>', 'the id of the receiver, or the name of a subscriber', anId)
    .requiredOption('--site <file>', 'the site file (YAML)')
    .addOption(
      new Option('--role <role>', `receiver, or subscriber: reads ${OUT_PREFIX}/…, says nothing`).choices(
        ROLES,
      ),
    )
    .option(
      '--password-file <file>',
      'read the password from this file, from standard input with -, and show nothing',
    )
    .option('--out <file>', 'write the password into this file, for the receiver, and show nothing')
    .option(
      '--renew',
      'give one that is there, or was revoked, a new password; who uses the old one is disconnected',
    )
    .action(add)
  account
    .command('list')
    .description('say who has an account, since when, and what it may do; never a password')
    .requiredOption('--site <file>', 'the site file (YAML)')
    .option('--data <dir>', "the gateway's data folder: also when each came in last")
    .option('--json', 'as a JSON list, for programs')
    .action(list)
  account
    .command('revoke')
    .description('let nobody in by this account any more; who uses it is disconnected')
    .argument('<id>', 'whose', anId)
    .requiredOption('--site <file>', 'the site file (YAML)')
    .action(revoke)
  account
    .command('take')
    .description(
      'make hashes of passwords that stand in the site file, and take them out of it; they stay what they are',
    )
    .argument('[ids...]', 'of these receivers; of all where none is named')
    .requiredOption('--site <file>', 'the site file (YAML)')
    .action(take)
}

type AddOptions = { site: string; role?: Role; passwordFile?: string; out?: string; renew?: true }

async function add(
  id: string,
  { site: siteFile, passwordFile, out, renew, role }: AddOptions,
): Promise<void> {
  const password = passwordFrom(passwordFile)
  const made = await addAccount({
    ...{ siteFile, id, password, isRenewed: renew === true },
    ...(role !== undefined && { role }),
    ...(out !== undefined && { out }),
  })
  console.log(`${id}: has an account as ${made}. ${SOON}`)
  if (out !== undefined) console.log(`Its password is in ${out}`)
  else if (password.isMade) console.log(`Its password, shown this once: ${password.text}`)
}

function list({ site: siteFile, data, json }: { site: string; data?: string; json?: true }): void {
  const seen = data === undefined ? new Map<string, number>() : readSeen(data)
  const all = listed(readSite(siteFile), readAccounts(accountsFileOf(siteFile)), seen)
  console.log(json ? JSON.stringify(all, null, 2) : listText(all, data !== undefined))
}

async function revoke(id: string, { site }: { site: string }): Promise<void> {
  const isNew = await revokeAccount(site, id)
  console.log(isNew ? `${id}: revoked. ${SOON}` : `${id}: was revoked before`)
}

async function take(ids: string[], { site }: { site: string }): Promise<void> {
  const taken = await takeOver(site, ids)
  if (taken.length === 0) console.log(`${site}: no password of a receiver stands in it`)
  else
    console.log(
      `${taken.join(', ')}: the password is as it was, and stands in ${site} no more. Next: systemctl reload tocsin`,
    )
}

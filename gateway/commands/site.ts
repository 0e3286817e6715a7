// `tocsin check` and `tocsin schema`: what an administrator asks about a site file before a gateway is given it.
import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { checkAccounts } from '../site/accounts/check.ts'
import { checkSite, problemText, type SiteChecked, SiteRefused, siteJsonSchema } from '../site/read.ts'
import { counted } from './counted.ts'

/** Adds the commands that deal with the site file. */
export function addSiteCommands(program: Command): void {
  program
    .command('check')
    .description('check a site file and say everything that is wrong or odd in it')
    .argument('<site>')
    .action(check)
  program
    .command('schema')
    .description('print the JSON Schema of the site file, for editors')
    .option('--out <file>', 'write it there instead')
    .action(schema)
}

function check(file: string): void {
  const { site, ...about } = checked(file)
  const accounts = checkAccounts(site, file)
  const warnings = [...about.warnings, ...accounts.warnings]
  for (const warning of warnings) console.error(`warning: ${problemText(warning)}`)
  const has = [counted(site.receivers.length, 'receiver'), counted(site.pendants.length, 'pendant')]
  const odd = warnings.length === 0 ? [] : [counted(warnings.length, 'warning')]
  console.log(`${file}: ${site.site} is fine: ${[...has, ...odd].join(', ')}`)
  if (accounts.hint !== null) console.log(accounts.hint)
}

/** Throws SiteRefused, having said where it is not about everything yet. */
function checked(file: string): SiteChecked {
  try {
    return checkSite(file)
  } catch (error) {
    if (error instanceof SiteRefused && !error.isWhole)
      console.error(
        'Mend these first: names that lead nowhere and things that are there twice are looked for then.',
      )
    throw error
  }
}

/** The schema would be printed behind lines of another program. */
export class NotAlone extends Error {
  override readonly name = 'NotAlone'
}

function schema({ out }: { out?: string }): void {
  const text = `${JSON.stringify(siteJsonSchema(), null, 2)}\n`
  if (out !== undefined) {
    writeFileSync(out, text)
    return
  }
  // `npm run` prints two lines of its own before, which a file must not hold.
  const { npm_lifecycle_event: script, npm_config_loglevel: level } = process.env
  if (script === 'tocsin' && level !== 'silent' && !process.stdout.isTTY)
    throw new NotAlone(
      'expected to write JSON alone, and npm puts lines of its own before it: use `npm run -s tocsin -- schema`, `npx tocsin schema` or `--out FILE`',
    )
  process.stdout.write(text)
}

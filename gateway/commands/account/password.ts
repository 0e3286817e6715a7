// The password of a new account: made, or read from a file or standard input; and put into a file for its receiver, or shown once.
// Promises that a password which was put into no file is on the terminal, and one that was is not.
import { existsSync, readFileSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { faultWords } from '../../../schemas/fault-words.ts'
import { isVisible } from '../../../schemas/text.ts'
import {
  COST_OF_CHOSEN,
  COST_OF_MADE,
  type Cost,
  newPassword,
  PASSWORD_LENGTH_MAX,
} from '../../site/accounts/phc.ts'
import { AccountRefused } from './refused.ts'

/** What a person chose must be long enough not to be guessed by whoever has the hash. */
const LENGTH_MIN = 12
const OWNER_ONLY = 0o600

export type Password = { text: string; cost: Cost; isMade: boolean }

/** `from`: a file, `-` for standard input; undefined makes one. Throws AccountRefused. */
export function passwordFrom(from: string | undefined): Password {
  if (from === undefined) return { text: newPassword(), cost: COST_OF_MADE, isMade: true }
  const name = from === '-' ? 'standard input' : from
  const text = read(from, name).replace(/\r?\n$/, '')
  const { length } = text
  if (length < LENGTH_MIN || length > PASSWORD_LENGTH_MAX)
    throw new AccountRefused(
      `${name}: expected a password of ${LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters on one line, came ${length} characters`,
    )
  if (/[\r\n]/.test(text) || !isVisible(text))
    throw new AccountRefused(
      `${name}: expected a password alone on one line, came several lines or what cannot be seen`,
    )
  return { text, cost: COST_OF_CHOSEN, isMade: false }
}

function read(from: string, name: string): string {
  try {
    return readFileSync(from === '-' ? 0 : from, 'utf8')
  } catch (error) {
    throw new AccountRefused(`${name}: expected a password on one line, came ${faultWords(error)}`)
  }
}

/**
 * Puts the password into a file of its own around `act`: it is whole on the disk before, and has its name after. Throws
 * AccountRefused, and what `act` throws; then no file is left.
 */
export async function keptIn(
  file: string | undefined,
  { text }: Password,
  mayReplace: boolean,
  act: () => Promise<void>,
): Promise<void> {
  if (file === undefined) return act()
  if (!mayReplace && existsSync(file))
    throw new AccountRefused(`${file}: expected no such file yet, came one: it is left as it is`)
  const unfinished = `${file}.${process.pid}.new`
  try {
    await write(unfinished, `${text}\n`).catch(error => {
      throw new AccountRefused(`${file}: could not be written: ${faultWords(error)}; nothing was changed`)
    })
    await act()
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
  await rename(unfinished, file).catch(error => {
    throw new AccountRefused(
      `${file}: could not be written: ${faultWords(error)}. The account has its password, which is in ${unfinished}`,
    )
  })
}

async function write(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', OWNER_ONLY)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

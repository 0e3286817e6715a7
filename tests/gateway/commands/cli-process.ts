// The command line as its own process: what it printed where, and how it ended.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { LOADER } from '../../loader.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

export type Ran = { status: number; out: string; err: string }

const run = (words: readonly string[]): Promise<Ran> =>
  new Promise(resolve => {
    execFile(process.execPath, words, { cwd: ROOT }, (error, out, err) =>
      resolve({ status: error === null ? 0 : Number(error.code), out, err }),
    )
  })

export const tocsin = (...args: string[]): Promise<Ran> =>
  run([...LOADER, 'gateway/commands/cli.ts', ...args])

/** As it was built, which is faster to start. */
export const builtTocsin = (...args: string[]): Promise<Ran> => run(['gateway/tocsin.mjs', ...args])

// The command line as its own process: what it printed where, and how it ended.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { LOADER } from '../../loader.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

export type Ran = { status: number; out: string; err: string }

export const tocsin = (...args: string[]): Promise<Ran> =>
  new Promise(resolve => {
    const command = [...LOADER, 'gateway/commands/cli.ts', ...args]
    execFile(process.execPath, command, { cwd: ROOT }, (error, out, err) =>
      resolve({ status: error === null ? 0 : Number(error.code), out, err }),
    )
  })

// A machine that has no files left to give to this process, as one that thousands of connections have used up. By prlimit, which every Linux has.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Fewer than any process has open. */
const FEW = 3

/** From when it resolves nothing can be opened or started here; what it resolves with gives all back. */
export async function withoutFiles(): Promise<() => Promise<void>> {
  const soft = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
  const limit = (files: string | number | undefined): string =>
    `prlimit --pid ${process.pid} --nofile=${files}: && echo done`
  // It is there before: none can be started then.
  const helper = spawn('sh', ['-c', `${limit(FEW)}; read -r _; ${limit(soft)}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const done = (): Promise<void> => new Promise(resolve => helper.stdout.once('data', () => resolve()))
  await done()
  return async () => {
    const given = done()
    helper.stdin.end('\n')
    await given
  }
}

// A real peer as a child process in a directory of its own: started, waited for by what it prints, ended by its pid.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const STOP_LIMIT_MS = 3000
const KEPT_CHARACTERS = 200_000

export type Program = {
  readonly directory: string
  /** All it has printed, both ways, newest last. */
  printed(): string
  /** Resolves once what it printed fits; rejects, with all of it, where the program ends first. */
  until(fits: RegExp): Promise<string>
  /** Resolves with its exit code. */
  exited: Promise<number | null>
  /** SIGTERM, then SIGKILL; its directory goes with it. */
  stop(): Promise<void>
}

/** Writes `files` (name to content) into a new directory and starts `command` there; `args` may need its path. */
export async function startProgram(
  command: string,
  args: (directory: string) => string[],
  files: (directory: string) => Record<string, string | Buffer>,
): Promise<Program> {
  const directory = await mkdtemp(join(tmpdir(), `${command}-`))
  for (const [name, content] of Object.entries(files(directory)))
    await writeFile(join(directory, name), content)
  const child = spawn(command, args(directory), { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
  return follow(child, command, directory)
}

function follow(child: ChildProcess, command: string, directory: string): Program {
  // A test that fails before it could stop us must not leave a telephone ringing.
  const leave = (): void => void child.kill('SIGTERM')
  process.once('exit', leave)
  let text = ''
  const waiting = new Set<() => void>()
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve(code))
  })
  const heard = (chunk: Buffer): void => {
    text = (text + chunk.toString('utf8')).slice(-KEPT_CHARACTERS)
    for (const look of waiting) look()
  }
  child.stdout?.on('data', heard)
  child.stderr?.on('data', heard)
  return {
    directory,
    exited,
    printed: () => text,
    until: fits =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = fits.exec(text)
          if (!found) return
          waiting.delete(look)
          resolve(found[0])
        }
        waiting.add(look)
        look()
        exited.then(
          code => reject(new Error(`${command} ended with ${code} before it printed ${fits}:\n${text}`)),
          reject,
        )
      }),
    async stop() {
      process.removeListener('exit', leave)
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
        await exited
        clearTimeout(limit)
      }
      await rm(directory, { recursive: true, force: true })
    },
  }
}

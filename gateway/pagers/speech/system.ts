// Debian's espeak-ng: one process for each phrase, the phrase on its standard input and never through a shell.
import { spawn } from 'node:child_process'
import { codeOf } from '../../../schemas/fault-words.ts'
import type { Speech } from '../../../schemas/site/paging.ts'
import { type Engine, SpeechFailed } from './program.ts'
import { readWav } from './wav.ts'

const PROGRAM = 'espeak-ng'
/** A sentence takes 12 ms; a process that takes this long has hung. */
const RENDER_LIMIT_MS = 5000
/** Four minutes of speech: no phrase is longer. */
const OUTPUT_LIMIT_BYTES = 10_000_000

/** What a machine says that has no files, processes or memory left to give just now. */
const SHORT: readonly (string | null)[] = ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']

/** Null where espeak-ng is not installed. Throws SpeechFailed where that cannot be known now. */
export async function createSystemEngine(speech: Speech): Promise<Engine | null> {
  const args = ['-v', speech.voice, '-s', String(speech.wordsPerMinute), '-b', '1', '--stdin', '--stdout']
  try {
    await run(['--version'], '')
  } catch (error) {
    if (error instanceof SpeechFailed && SHORT.includes(codeOf(error.cause))) throw error
    return null
  }
  return {
    name: PROGRAM,
    async render(phrase) {
      return soundOf(await run(args, phrase), phrase)
    },
    close() {},
  }
}

function soundOf(output: Buffer, phrase: string) {
  try {
    return readWav(output)
  } catch (cause) {
    throw new SpeechFailed(`${PROGRAM} spoke ${JSON.stringify(phrase)} unreadably`, { cause })
  }
}

function run(args: string[], input: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(PROGRAM, args, { timeout: RENDER_LIMIT_MS, killSignal: 'SIGKILL' })
    const output: Buffer[] = []
    let length = 0
    let complaint = ''
    // Where the machine has no files left to give, it has no pipes.
    child.stdout?.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= OUTPUT_LIMIT_BYTES) output.push(chunk)
      else child.kill('SIGKILL')
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString('utf8')).slice(0, 500)
    })
    child.on('error', cause => reject(new SpeechFailed(`${PROGRAM} could not be started`, { cause })))
    child.on('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(output))
      else reject(new SpeechFailed(`${PROGRAM} ended with ${signal ?? code}: ${complaint.trim()}`))
    })
    // It may end before it has read everything; its exit code says so.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}

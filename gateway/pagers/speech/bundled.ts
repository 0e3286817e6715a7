// The npm build of espeak-ng as an engine: its process starts with the first phrase (0.4 s), speaks one after another,
// and ends when nothing was asked for a while. Phrase in, samples out.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Speech } from '../../../schemas/site/paging.ts'
import { type Engine, SpeechFailed } from './program.ts'
import { type Sound, samplesOf } from './wav.ts'

const PACKAGE = '@echogarden/espeak-ng-emscripten'
/** Loading takes 0.4 s and a sentence 0.3 s; a slow board may need ten times that. */
const RENDER_LIMIT_MS = 15_000
const IDLE_MS = 10_000

type Asked = { phrase: string; resolve(sound: Sound): void; reject(error: SpeechFailed): void }

/** Null where the optional package is not installed. */
export function createBundledEngine(speech: Speech): Engine | null {
  try {
    createRequire(import.meta.url).resolve(PACKAGE)
  } catch {
    return null
  }
  const waiting: Asked[] = []
  let child: ChildProcessWithoutNullStreams | null = null
  let timer: NodeJS.Timeout | null = null
  let held: Buffer = Buffer.alloc(0)

  const limit = (ms: number, run: () => void): void => {
    if (timer) clearTimeout(timer)
    timer = setTimeout(run, ms)
  }

  const end = (why: string): void => {
    if (timer) clearTimeout(timer)
    child?.removeAllListeners()
    child?.kill('SIGKILL')
    child = null
    held = Buffer.alloc(0)
    for (const asked of waiting.splice(0)) asked.reject(new SpeechFailed(`${PACKAGE}: ${why}`))
  }

  const start = (): ChildProcessWithoutNullStreams => {
    const started = spawn(process.execPath, [fileURLToPath(new URL('./espeak.mjs', import.meta.url))])
    started.on('error', cause => end(`could not be started: ${cause.message}`))
    started.on('close', code => end(`its process ended with ${code}`))
    // Where the machine has no files left to give, it has no pipes.
    started.stdin?.on('error', () => {})
    started.stderr?.resume()
    started.stdout?.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      while (takeOne());
    })
    return started
  }

  /** Cuts one whole answer from what has come; false where more must come first. */
  const takeOne = (): boolean => {
    const line = held.indexOf(10)
    if (line < 0) return false
    const { error, bytes, rateHz } = JSON.parse(held.toString('utf8', 0, line))
    if (held.length < line + 1 + bytes) return false
    const samples = samplesOf(held.subarray(line + 1, line + 1 + bytes))
    held = held.subarray(line + 1 + bytes)
    const asked = waiting.shift()
    if (error) asked?.reject(new SpeechFailed(`${PACKAGE}: ${error}`))
    else asked?.resolve({ rateHz, samples })
    if (waiting.length > 0) limit(RENDER_LIMIT_MS, () => end(`no answer within ${RENDER_LIMIT_MS} ms`))
    else limit(IDLE_MS, () => end('idle'))
    return true
  }

  return {
    name: 'espeak-ng-emscripten',
    render: phrase =>
      new Promise((resolve, reject) => {
        waiting.push({ phrase, resolve, reject })
        child ??= start()
        child.stdin?.write(`${JSON.stringify({ ...speech, phrase })}\n`)
        if (waiting.length === 1) limit(RENDER_LIMIT_MS, () => end(`no answer within ${RENDER_LIMIT_MS} ms`))
      }),
    close: () => end('closed'),
  }
}

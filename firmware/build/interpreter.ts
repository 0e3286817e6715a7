// In: a script for the chip, and the path of a Linux build of Espruino. Out: the lines it printed with an @ in front.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PATIENCE_MS = 60_000

/** What a script said to whoever listens, and not what the interpreter prints of itself. */
export const said = (output: string): string[] =>
  output.split('\n').flatMap(line => {
    const at = line.indexOf('@')
    return at < 0 ? [] : [line.slice(at + 1).trimEnd()]
  })

const output = (binary: string, folder: string, file: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(binary, [file], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS,
    })
    let text = ''
    child.stdout.setEncoding('latin1').on('data', (part: string) => {
      text += part
    })
    child.once('error', reject)
    child.once('close', () => resolve(text))
  })

/** It keeps its flash in a file of the folder it runs in, which here is new each time. */
export const onInterpreter = async (binary: string, script: string, forMs: number): Promise<string[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-espruino-'))
  try {
    await writeFile(join(folder, 'script.js'), `${script}\nsetTimeout(function () { quit() }, ${forMs});\n`)
    return said(await output(binary, folder, 'script.js'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

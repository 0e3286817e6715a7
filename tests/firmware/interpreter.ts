// Two interpreters that run a script for the chip and give back the lines it printed with an @ in front: the simulated
// one, always there, and the real one where ESPRUINO_BIN names a Linux build of Espruino.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { steppedClock } from '../../simulator/clock.ts'
import { createPendantHost } from '../../simulator/espruino/host.ts'

export type Interpreter = {
  name: string
  isReal: boolean
  run(script: string, forMs: number): Promise<string[]>
}

const PATIENCE_MS = 20_000

const said = (output: string): string[] =>
  output.split('\n').flatMap(line => {
    const at = line.indexOf('@')
    return at < 0 ? [] : [line.slice(at + 1).trimEnd()]
  })

const simulated: Interpreter = {
  name: 'the simulated chip',
  isReal: false,
  run: async (script, forMs) => {
    const clock = steppedClock()
    const host = createPendantHost({ bundle: script, address: 'c7:f9:36:dd:b0:ca', clock })
    host.powerOn()
    clock.advance(forMs)
    return said(host.console().join('\n'))
  },
}

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
const real = (binary: string): Interpreter => ({
  name: 'the real interpreter',
  isReal: true,
  run: async (script, forMs) => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-espruino-'))
    try {
      await writeFile(join(folder, 'script.js'), `${script}\nsetTimeout(function () { quit() }, ${forMs});\n`)
      return said(await output(binary, folder, 'script.js'))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
})

const binary = process.env.ESPRUINO_BIN
export const interpreters: readonly Interpreter[] =
  binary === undefined || binary === '' ? [simulated] : [simulated, real(binary)]

// Has V8 compile what a start of the gateway runs, and keep it (compiled.mjs): a gateway of the example site, on free ports, is
// started, asked for its desk and ended.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const SITE = 'simulator/building/northgate.yaml'
const ANY = '127.0.0.1:0'

/** `root` holds a built gateway. Throws where the gateway did not start: without compiled code it starts as well, but later. */
export async function compile(root) {
  const data = mkdtempSync(join(tmpdir(), 'tocsin-compile-'))
  try {
    const serve = [
      'gateway/tocsin.mjs',
      'serve',
      '--site',
      SITE,
      '--data',
      data,
      '--http',
      ANY,
      '--mqtt',
      ANY,
    ]
    const gateway = spawn(process.execPath, serve, {
      cwd: root,
      env: { ...process.env, TOCSIN_COMPILE: '1', NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said = []
    const ended = new Promise((resolve, reject) => gateway.on('close', resolve).on('error', reject))
    const asked = askDesk(gateway, said).finally(() => gateway.kill('SIGTERM'))
    gateway.stderr.on('data', text => said.push(text))
    const code = await ended
    if (!(await asked) || code !== 0)
      throw new Error(`expected the gateway of ${SITE} to start and end, came code ${code}: ${said.join('')}`)
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

/** Whether it said that it is ready, and answered. */
async function askDesk(gateway, said) {
  for await (const line of createInterface({ input: gateway.stdout })) {
    said.push(`${line}\n`)
    const { msg, http } = JSON.parse(line)
    if (msg !== 'ready') continue
    const answers = await Promise.all(['/', '/api/desk'].map(path => fetch(new URL(path, http))))
    for (const answer of answers) await answer.arrayBuffer()
    return answers.every(({ ok }) => ok)
  }
  return false
}

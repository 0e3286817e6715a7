// A site file of the user's, checked by the gateway's own command before anything starts: one check, one set of words.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Its warnings go to standard error. Throws with everything that is wrong where the gateway would not take it. */
export async function checkSite(file: string): Promise<void> {
  const command = [`${ROOT}gateway/tocsin.mjs`, 'check', file]
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', chunk => {
    said += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`expected a site file that can be used, came ${file}:\n${said.trim()}`)
  if (said !== '') console.error(said.trim())
}

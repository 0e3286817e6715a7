// SIGHUP while a gateway starts: the site file that is written then is taken up as soon as it runs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { site as smallSite } from '../gateway/core/building.ts'
import { siteFolder, untilDesk } from '../gateways/gateway-process.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NEW = {
  id: 'p-09',
  address: 'c7:f9:36:dd:b0:cc',
  key: '321d39c1d7cc1ab1aee224cd096db932',
  wearer: 'omar',
}

const site = smallSite()
const folder = siteFolder(site)
afterAll(() => folder.remove())

it('is remembered, and the file is read again', async () => {
  const ports = ['--http', '127.0.0.1:0', '--mqtt', '127.0.0.1:0']
  const words = ['gateway/tocsin.mjs', 'serve', '--site', folder.siteFile, '--data', folder.data, ...ports]
  const gateway = spawn(process.execPath, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(gateway, 'exit')
  try {
    let isHungUp = false
    for await (const text of createInterface({ input: gateway.stdout })) {
      const { msg, http } = JSON.parse(text)
      // The first line comes once the site has been read.
      if (!isHungUp) {
        isHungUp = true
        writeFileSync(folder.siteFile, JSON.stringify({ ...site, pendants: [...site.pendants, NEW] }))
        gateway.kill('SIGHUP')
      }
      if (msg !== 'ready') continue
      const { siteChanged } = await untilDesk(http, desk => desk.siteChanged !== undefined && desk)
      expect(siteChanged).toMatchObject({ by: 'SIGHUP', text: 'pendants: p-09 added' })
      return
    }
    throw new Error('expected a gateway that is ready, came the end of its log')
  } finally {
    gateway.kill('SIGTERM')
    gateway.stdout.resume()
    await ended
  }
})

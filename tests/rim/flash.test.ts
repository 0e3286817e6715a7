// From `tocsin enrol` to a pendant that runs, by the command line alone, over a real serial device.
// needs: socat
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readSite } from '../../gateway/site/read.ts'
import { builtBundle } from '../firmware/built.ts'
import { ADDRESS, type ChipOnPort, type ChipUnderTest, simulatedChip } from '../firmware/flash/chips.ts'
import { LOADER } from '../loader.ts'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const NORTHGATE = join(ROOT, 'simulator', 'building', 'northgate.yaml')
/** Of p-07, who is given to the simulated chip's address. */
const FREE_ADDRESS = 'c8:00:00:00:00:07'

type Ended = { code: number; said: string }

const tocsin = (...args: string[]): Promise<Ended> =>
  new Promise(resolve => {
    const command = [...LOADER, join(ROOT, 'gateway', 'commands', 'cli.ts'), ...args]
    execFile(process.execPath, command, { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), said: stdout + stderr })
    })
  })

let folder = ''
let siteFile = ''
let program = ''
let chip: ChipUnderTest
let port: ChipOnPort
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-rim-flash-'))
  siteFile = join(folder, 'northgate.yaml')
  program = join(folder, 'puckjs.js')
  await writeFile(siteFile, (await readFile(NORTHGATE, 'utf8')).replace(ADDRESS, FREE_ADDRESS))
  await writeFile(program, await builtBundle())
  chip = await simulatedChip({})
  port = await chip.plug()
})
afterEach(async () => {
  await port.unplug()
  await chip.end()
  await rm(folder, { recursive: true, force: true })
})

const keyAt = async (file: string): Promise<string> =>
  (JSON.parse(await readFile(file, 'utf8')) as { key: string }).key

test('a pendant is enrolled, flashed, found in the site file and looked at, and its key is never shown', async () => {
  const out = join(folder, 'p-08')
  const settings = join(out, 'tocsin.json')
  const enrolled = await tocsin('enrol', '--site', siteFile, '--wearer', 'ben', '--out', out)
  expect(enrolled).toMatchObject({ code: 0 })
  expect(enrolled.said).toContain('goes into')

  const order = ['--port', port.path, '--settings', settings, '--site', siteFile]
  const flashed = await tocsin('flash', ...order, '--program', program)
  expect(flashed).toMatchObject({ code: 0 })
  expect(flashed.said).toContain(`p-08 at ${ADDRESS} runs firmware`)
  const key = await keyAt(settings)
  expect(readSite(siteFile).pendants.at(-1)).toEqual({ id: 'p-08', address: ADDRESS, key, wearer: 'ben' })

  const again = await tocsin('flash', ...order, '--settings-only')
  expect(again).toMatchObject({ code: 0 })
  const shown = await tocsin('pendant', 'p-08', '--port', port.path)
  expect(shown).toMatchObject({ code: 0 })
  expect(shown.said).toMatch(/faults {6}none/)
  const other = await tocsin('pendant', 'p-01', '--port', port.path)
  expect(other.code).toBe(1)
  expect(other.said).toContain(`expected p-01 on ${port.path}, came p-08`)
  for (const { said } of [enrolled, flashed, again, shown, other]) expect(said).not.toContain(key)
})

test('a pendant already in the site file gets its address from the chip', async () => {
  const settings = join(folder, 'tocsin.json')
  const key = readSite(siteFile).pendants.find(({ id }) => id === 'p-07')?.key
  await writeFile(settings, JSON.stringify({ id: 'p-07', key }))
  const before = await readFile(siteFile, 'utf8')
  const order = ['--port', port.path, '--settings', settings, '--site', siteFile, '--program', program]
  expect(await tocsin('flash', ...order)).toMatchObject({ code: 0 })
  expect(await readFile(siteFile, 'utf8')).toBe(before.replace(FREE_ADDRESS, ADDRESS))
})

test('nothing is touched where the site has another key, or the port is not there', async () => {
  const settings = join(folder, 'tocsin.json')
  await writeFile(settings, JSON.stringify({ id: 'p-07', key: '00112233445566778899001122334455' }))
  const order = ['--settings', settings, '--program', program]
  const before = await readFile(siteFile, 'utf8')
  const wrongKey = await tocsin('flash', '--port', port.path, ...order, '--site', siteFile)
  expect(wrongKey.code).toBe(1)
  expect(wrongKey.said).toContain('expected the key of p-07')
  expect(port.received()).toBe(0)
  const noPort = await tocsin('flash', '--port', join(folder, 'none'), ...order)
  expect(noPort.code).toBe(1)
  expect(noPort.said).toMatch(/^expected a serial port at .*none, came: no such port\. Ports here: /)
  expect(await readFile(siteFile, 'utf8')).toBe(before)
})

test('a Bangle.js 2 is refused a port, in words, and given a script that only its owner can read', async () => {
  const settings = join(folder, 'tocsin.json')
  const key = '00112233445566778899aabbccddeeff'
  await writeFile(settings, JSON.stringify({ id: 'p-07', key }))
  const order = ['--board', 'banglejs2', '--settings', settings, '--program', program]
  const script = join(folder, 'bangle.js')
  const refused = await tocsin('flash', '--port', port.path, ...order)
  expect(refused.code).toBe(1)
  expect(refused.said).toMatch(
    /^expected --script FILE for banglejs2, came --port: no pin of its console is brought out/,
  )
  expect(port.received()).toBe(0)
  const written = await tocsin('flash', '--script', script, ...order)
  expect(written).toMatchObject({ code: 0 })
  expect(await readFile(script, 'utf8')).toContain(String.raw`process.env.BOARD!=\"BANGLEJS2\"`)
  expect((await stat(script)).mode & 0o777).toBe(0o600)
  expect(written.said + refused.said).not.toContain(key)
  const none = await tocsin('flash', '--settings', settings, '--program', program)
  expect(none.said).toContain('expected --port for puckjs, came none')
})

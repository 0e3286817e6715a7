// Two of our radios, each on a controller that isn't ours: BlueZ's emulator, which puts its controllers within reach of one another.
// needs: socat, btvirt, cc
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../../gateway/clock.ts'
import { openRadio } from '../../../gateway/radio/hci/process/keeper.ts'
import type { Heard, Radio, RadioState } from '../../../gateway/radio/radio.ts'
import { PATIENCE } from '../../patience.ts'
import { dataOf } from './on-a-pty.ts'

const SHIM = join(import.meta.dirname, 'btvirt.c')

let folder = ''
const running: ChildProcess[] = []
const radios: Radio[] = []

const start = async (appears: string, command: string, ...args: string[]): Promise<ChildProcess> => {
  const env = { ...process.env, BTVIRT_FOLDER: folder }
  const preload = command === 'btvirt' ? { LD_PRELOAD: join(folder, 'btvirt.so') } : {}
  const child = spawn(command, args, { env: { ...env, ...preload }, stdio: 'ignore' })
  running.push(child)
  await vi.waitFor(() => expect(existsSync(appears), `${command} makes ${appears}`).toBe(true), PATIENCE)
  return child
}
const end = (child: ChildProcess): Promise<void> =>
  new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })

/** A pty of the folder, and on it a controller of its own. */
const controller = (name: string): Promise<ChildProcess> =>
  start(
    join(folder, name),
    'socat',
    '-b65536',
    `UNIX-CONNECT:${join(folder, 'le')}`,
    `PTY,link=${join(folder, name)},rawer`,
  )

const listen = (name: string) => {
  const log = { info: () => {}, warn: () => {}, error: console.error }
  const clock = systemClock()
  const radio = openRadio({ device: join(folder, name), deafAfterMs: Number.POSITIVE_INFINITY, clock, log })
  const heard: Heard[] = []
  const states: RadioState['kind'][] = []
  radio.onReport(one => void heard.push(one))
  radio.onState(({ kind }) => void states.push(kind))
  radios.push(radio)
  return {
    radio,
    heard,
    state: (kind: RadioState['kind']) => vi.waitFor(() => expect(states).toContain(kind), PATIENCE),
    hears: (text: string) =>
      vi.waitFor(() => {
        const one = heard.find(({ data }) => Buffer.from(data).equals(dataOf(text)))
        expect(one, text).toMatchObject({
          pdu: 'nonconnectable',
          address: expect.stringMatching(/^00:aa:01:/),
        })
      }, PATIENCE),
  }
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-btvirt-'))
  execFileSync('cc', ['-shared', '-fPIC', '-o', join(folder, 'btvirt.so'), SHIM, '-ldl'])
  await start(join(folder, 'le'), 'btvirt', '-s')
})
afterEach(async () => {
  for (const radio of radios.splice(0)) await radio.close()
  for (const child of running.splice(0).reverse()) await end(child)
  rmSync(folder, { recursive: true, force: true })
})

test('each hears what the other broadcasts, while it broadcasts itself', async () => {
  await controller('one')
  await controller('two')
  const one = listen('one')
  const two = listen('two')
  await one.state('listening')
  await two.state('listening')
  one.radio.broadcast([dataOf('from one')])
  await two.hears('from one')
  two.radio.broadcast([dataOf('from two')])
  await one.hears('from two')
})

test('a controller that goes is gone, and another at its place is heard', async () => {
  const gone = await controller('one')
  await controller('two')
  const one = listen('one')
  const two = listen('two')
  await one.state('listening')
  await two.state('listening')
  await end(gone)
  await one.state('gone')
  await controller('one')
  await one.state('recovered')
  two.radio.broadcast([dataOf('after')])
  await one.hears('after')
})

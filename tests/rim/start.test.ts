// `npm start` as a newcomer meets it: everything comes up, a cord pulled on the building's page is at the desk and rings
// 5150, a killed gateway comes back with the incident, and one Ctrl-C ends all of it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { DeskSnapshot, type IncidentView } from '../../schemas/api/desk.ts'
import type { BuildingView } from '../../simulator/page/building.ts'
import { site } from '../gateway/core/building.ts'
import { PATIENCE } from '../patience.ts'
import { freePort } from './telephone/port.ts'

const LOOK_MS = 50
const BUTTON = { id: 'b-01', address: '54:48:e6:8f:80:a5', wearer: 'omar', bthome: { allowPlain: true } }

const directory = mkdtempSync(join(tmpdir(), 'start-'))
const data = join(directory, 'data')
const said: string[] = []
let building: ChildProcess
let deskUrl = ''
let pageUrl = ''

beforeAll(async () => {
  building = spawn(process.execPath, ['dist/simulator/main.mjs', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (building.stdout !== null)
    createInterface({ input: building.stdout }).on('line', line => said.push(line))
  await until('the building says how to stop it', () => said.some(line => line.startsWith('Ctrl-C')))
  deskUrl = urlAfter('The security desk')
  pageUrl = urlAfter('The simulated building')
})
afterAll(async () => {
  if (building.exitCode === null && building.signalCode === null) {
    building.kill('SIGKILL')
    await once(building, 'exit')
  }
  rmSync(directory, { recursive: true, force: true })
})

test('the whole building comes up: six receivers at the desk, six pendants on the air', async () => {
  await until('every receiver is online', async () =>
    (await desk()).receivers.every(receiver => receiver.isOnline),
  )
  await until('every pendant has sent a frame', async () =>
    (await view()).pendants.every(pendant => pendant.lastFrame !== undefined),
  )
  const { rooms, receivers, pendants, phone } = await view()
  expect([rooms.length, receivers.length, pendants.length]).toEqual([6, 6, 6])
  expect(phone).toMatchObject({ extension: '5150', mode: 'manual', calls: [] })
})

test('it says that what it keeps in a folder of yours stays', () => {
  expect(said.find(line => line.startsWith('Ctrl-C'))).toBe(
    `Ctrl-C stops everything. What is in ${data} stays.`,
  )
})

test('a cord pulled in the building is an incident at the desk, and 5150 rings there', async () => {
  await act('pendants/p-07/cord', { isParted: true })
  await until('5150 rings', async () => (await view()).phone.calls.some(({ state }) => state === 'ringing'))
  expect(await incident()).toMatchObject({
    state: 'raised',
    kind: 'cord',
    wearer: 'Grace Okafor',
    verified: true,
  })
  expect((await view()).pendants.find(({ id }) => id === 'p-07')?.alarm).toBe('cord')
})

test('a gateway that is killed comes back by itself and calls again about the same incident', async () => {
  process.kill(gatewayPid(), 'SIGKILL')
  await until('it is said', () => said.some(line => line.includes('THE GATEWAY WAS ENDED BY SIGKILL')))
  await until('it is back', () => said.some(line => line.includes('The gateway is back')))
  await until('5150 rings again', async () => (await ringing()).length === 1)
  expect((await view()).phone.calls.map(({ state }) => state)).toEqual(['ended', 'ringing'])
  expect((await desk()).incidents).toHaveLength(1)
})

test('5150 answers and presses 1: the desk has it acknowledged, and the pendant says so', async () => {
  await act('phone/answer', {})
  await until('it hears the new call', async () => ((await view()).phone.calls.at(-1)?.heardSeconds ?? 0) > 1)
  const heard = (await view()).phone.calls.at(-1)
  expect(heard?.said).toMatch(/^Personal alarm\. Grace Okafor\. Northgate House, room \d+/)
  const sound = await fetch(`${pageUrl}api/phone/calls/${encodeURIComponent(heard?.id ?? '')}/sound`)
  const samples = new Int16Array((await sound.arrayBuffer()).slice(44))
  expect(samples.some(sample => Math.abs(sample) > 1_000)).toBe(true)
  await act('phone/press', { key: '1' })
  await until('it is acknowledged', async () => (await incident()).state === 'acknowledged')
  await until('the pendant says that somebody has it', async () => {
    const lights = (await view()).pendants.find(({ id }) => id === 'p-07')?.lights
    return lights?.green === true && !lights.blue
  })
})

test('one Ctrl-C while 5150 rings stops everything, cleanly, without a complaint and with no process left', async () => {
  await act('pendants/p-01/cord', { isParted: true })
  await until('5150 rings', async () => (await ringing()).length === 1)
  const gateway = gatewayPid()
  const exit = once(building, 'exit')
  const before = said.length
  // A terminal tells both.
  process.kill(gateway, 'SIGINT')
  building.kill('SIGINT')
  expect(await exit).toEqual([0, null])
  expect(said.slice(before).filter(line => line !== '')).toEqual(['Stopping.'])
  expect(() => process.kill(gateway, 0)).toThrow('ESRCH')
  expect(existsSync(join(data, 'journal.sqlite'))).toBe(true)
})

test('a site of the user’s runs as well, on ports that were asked for', async () => {
  const own = stringify({
    ...site(),
    site: 'Southgate',
    sip: { server: 'pbx.example', user: 'x', password: 'secret', register: true },
    pendants: [...site().pendants, BUTTON],
  })
  const file = join(directory, 'own.yaml')
  writeFileSync(file, own, { mode: 0o600 })
  const [desk, page] = [await freePort(), await freePort()]
  const ports = ['--desk-port', `${desk}`, '--page-port', `${page}`]
  building = spawn(process.execPath, ['dist/simulator/main.mjs', '--site', file, ...ports], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  said.length = 0
  if (building.stdout !== null)
    createInterface({ input: building.stdout }).on('line', line => said.push(line))
  await until('it is up', () => said.some(line => line.startsWith('Ctrl-C')))
  expect(said).toContain('Southgate is running.')
  deskUrl = `http://127.0.0.1:${desk}/`
  pageUrl = `http://127.0.0.1:${page}/`
  expect((await view()).rooms.every(({ rect }) => rect !== undefined)).toBe(true)
  await act('pendants/p-07/cord', { isParted: true })
  await until('5150 rings', async () => (await ringing()).length === 1)
  expect(await incident()).toMatchObject({ wearer: 'Jane Smith', building: 'Northgate House' })
  const exit = once(building, 'exit')
  building.kill('SIGINT')
  expect(await exit).toEqual([0, null])
})

// ---- looking ---------------------------------------------------------------------------------------------------

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const endAtMs = Date.now() + PATIENCE.timeout
  // The desk refuses connections while the gateway is being started again.
  while (!(await Promise.resolve(holds()).catch(() => false))) {
    if (Date.now() > endAtMs) throw new Error(`expected that ${what}; it said:\n${said.join('\n')}`)
    await new Promise(resolve => setTimeout(resolve, LOOK_MS))
  }
}

function urlAfter(name: string): string {
  return /http:\S+/.exec(said.find(line => line.includes(name)) ?? '')?.[0] ?? ''
}

async function desk(): Promise<DeskSnapshot> {
  return DeskSnapshot.parse(await (await fetch(`${deskUrl}api/desk`)).json())
}

async function incident(): Promise<IncidentView> {
  const [first] = (await desk()).incidents
  if (first === undefined) throw new Error('expected an incident at the desk, came none')
  return first
}

async function view(): Promise<BuildingView> {
  return (await (await fetch(`${pageUrl}api/view`)).json()) as BuildingView
}

async function ringing() {
  return (await view()).phone.calls.filter(({ state }) => state === 'ringing')
}

async function act(path: string, body: object): Promise<void> {
  const answer = await fetch(`${pageUrl}api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`expected ${path} to be done, came ${answer.status} ${await answer.text()}`)
}

/** The one child of the building. */
function gatewayPid(): number {
  const pid = readFileSync(`/proc/${building.pid}/task/${building.pid}/children`, 'utf8')
  return Number(pid.trim().split(' ').at(-1))
}

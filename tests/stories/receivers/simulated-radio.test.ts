// A receiver of a developer's own in the simulated building: its daemon runs as users run it, on the pty of a virtual controller that
// hears the pendants by the radio model. The one receiver there is: what the gateway knows came by it, and what the pendant is
// told goes out by it.
// needs: socat
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { atDesk, untilIncident } from '../../gateways/gateway-process.ts'
import { type Daemon, startReceiverOn } from '../../gateways/receiver-process.ts'
import { type Simulated, startSimulated } from '../../gateways/simulated-building.ts'
import { PATIENCE } from '../../patience.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-radio-'))
const radio = join(folder, 'a3')
let simulated: Simulated
let daemon: Daemon
/** Of each packet as the radio model has it heard there. */
const levels: number[] = []

beforeAll(async () => {
  simulated = await startSimulated({ pendants: ['p-07'], radios: new Map([['a3', radio]]) })
  const { building, gateway } = simulated
  building.world.listen('a3', ({ rssiDbm }) => levels.push(rssiDbm))
  for (const { id } of building.view().receivers) building.setReceiver(id, false)
  const broker = `mqtt://127.0.0.1:${gateway.mqtt.port}`
  daemon = await startReceiverOn(radio, { id: 'a3', password: 'example-only-a3', broker })
})
afterAll(async () => {
  await daemon?.end('SIGTERM')
  await simulated?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const lights = () => simulated.building.view().pendants[0]?.lights

it('a simulated press is an incident by what the real daemon heard, at the level of the radio model', async () => {
  simulated.building.pull('p-07')
  const incident = await untilIncident(simulated.gateway.url, ({ whereabouts }) =>
    whereabouts.because.some(({ receiver }) => receiver === 'a3'),
  )
  expect(incident).toMatchObject({ pendant: 'p-07', kind: 'cord', state: 'raised', verified: true })
  // What others heard before they were pulled out counts for the room a while.
  const level = incident.whereabouts.because.find(({ receiver }) => receiver === 'a3')?.rssiDbm ?? 0
  expect(level).toBeGreaterThanOrEqual(Math.min(...levels))
  expect(level).toBeLessThanOrEqual(Math.max(...levels))
})

it('what the daemon is told to broadcast is heard by the simulated pendant: its wearer sees that somebody comes', async () => {
  const { url } = simulated.gateway
  const { id } = await untilIncident(url, () => true)
  expect(await atDesk(url, id, 'attend', { by: 'Ann' })).toBe(200)
  await expect
    .poll(() => lights()?.green === true && lights()?.blue === false, { ...PATIENCE, interval: 20 })
    .toBe(true)
})

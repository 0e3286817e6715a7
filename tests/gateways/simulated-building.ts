// The example building around a whole gateway in a process of its own: real firmware on every pendant, receivers on real
// MQTT. In real time, or on a clock that the test moves. What is started here is ended by `stop`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createBuilding, type RunningBuilding } from '../../simulator/building/building.ts'
import { readBundle } from '../../simulator/building/pendants.ts'
import { northgatePlan } from '../../simulator/building/plan.ts'
import { realClock, type SteppedClock } from '../../simulator/clock.ts'
import { hangRadios } from '../../simulator/controller/in-building.ts'
import { readSite } from '../../simulator/gateway/site.ts'
import { servePage } from '../../simulator/page/server.ts'
import { createPhone } from '../../simulator/phones/phone.ts'
import type { Phone, SimClock } from '../../simulator/ports.ts'
import {
  deskOf,
  type Folder,
  type GatewayProcess,
  siteFolder,
  startGatewayProcess,
  untilDesk,
} from './gateway-process.ts'

const UI_DIR = fileURLToPath(new URL('../../dist/ui/building', import.meta.url))
/** Fine enough for a pendant that listens 150 ms of each second: no answer comes a window late. */
const STEP_MS = 250

export type Simulated = {
  gateway: GatewayProcess
  folder: Folder
  building: RunningBuilding
  phone: Phone
  /** Where the building's page is served. */
  pageUrl: string
  stop(): Promise<void>
}

/** Northgate House with these of its pendants (all where none are named), every receiver online. */
export async function startSimulated(
  options: {
    pendants?: readonly string[]
    clock?: SimClock
    /** Receivers that are programs of their own, and where their radios are put. */
    radios?: ReadonlyMap<string, string>
  } = {},
): Promise<Simulated> {
  const { clock = realClock(), radios = new Map() } = options
  const northgate = await readSite('simulator/building/northgate.yaml')
  const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'manual' })
  const site = {
    ...northgate,
    pendants: northgate.pendants.filter(({ id }) => options.pendants?.includes(id) !== false),
    sip: { ...northgate.sip, port: phone.address.port },
  }
  const folder = siteFolder(site)
  const flashDirectory = mkdtempSync(join(tmpdir(), 'tocsin-flash-'))
  const gateway = await startGatewayProcess(folder)
  const building = createBuilding({
    site,
    plan: northgatePlan,
    clock,
    bundle: await readBundle(),
    flashDirectory,
    broker: gateway.mqtt,
    phone,
    deskUrl: gateway.url,
    elsewhere: new Set(radios.keys()),
  })
  const hung = await hangRadios({ radios, world: building.world, clock })
  const page = await servePage({ host: '127.0.0.1', port: 0, building, uiDir: UI_DIR })
  await untilDesk(gateway.url, ({ receivers }) =>
    receivers.every(({ id, isOnline }) => isOnline || radios.has(id)),
  )
  return {
    gateway,
    folder,
    building,
    phone,
    pageUrl: page.url,
    async stop() {
      await page.close()
      await hung.close()
      await building.stop()
      await gateway.stop()
      await phone.close()
      folder.remove()
      rmSync(flashDirectory, { recursive: true, force: true })
    },
  }
}

/**
 * Lets so much of the building's time go by, no faster than the gateway can follow: whatever is on its way there is
 * confirmed before the next step.
 */
export async function pass({ building }: Simulated, clock: SteppedClock, ms: number): Promise<void> {
  await step(clock, ms, async () => {
    do await setImmediate()
    while (building.unconfirmed() > 0)
  })
}

/** As `pass`, but whatever the gateway has to say to that is heard too before the next step: for when it is asked. */
export async function passClosely(simulated: Simulated, clock: SteppedClock, ms: number): Promise<void> {
  const { building, gateway } = simulated
  await step(clock, ms, async () => {
    do await deskOf(gateway.url)
    while (building.unconfirmed() > 0)
  })
}

async function step(clock: SteppedClock, ms: number, settle: () => Promise<void>): Promise<void> {
  const endMs = clock.nowMs() + ms
  while (clock.nowMs() < endMs) {
    clock.advance(Math.min(STEP_MS, endMs - clock.nowMs()))
    await settle()
  }
}

// The example building around a whole gateway in a process of its own: real firmware on every pendant, receivers on real
// MQTT, all of it in real time. What is started here is ended by `stop`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBuilding, type RunningBuilding } from '../simulator/building.ts'
import { realClock } from '../simulator/clock.ts'
import { readBundle } from '../simulator/pendants.ts'
import { createPhone } from '../simulator/phones/phone.ts'
import { northgatePlan } from '../simulator/plan.ts'
import { readSite } from '../simulator/site.ts'
import {
  type Folder,
  type GatewayProcess,
  siteFolder,
  startGatewayProcess,
  untilDesk,
} from './gateway-process.ts'

export type Simulated = {
  gateway: GatewayProcess
  folder: Folder
  building: RunningBuilding
  stop(): Promise<void>
}

/** Northgate House with these of its pendants, every receiver online. */
export async function startSimulated(pendants: readonly string[]): Promise<Simulated> {
  const northgate = await readSite('simulator/northgate.yaml')
  const phone = await createPhone({ host: '127.0.0.1', name: '5150', mode: 'manual' })
  const site = {
    ...northgate,
    pendants: northgate.pendants.filter(({ id }) => pendants.includes(id)),
    sip: { ...northgate.sip, port: phone.address.port },
  }
  const folder = siteFolder(site)
  const flashDirectory = mkdtempSync(join(tmpdir(), 'tocsin-flash-'))
  const gateway = await startGatewayProcess(folder)
  const building = createBuilding({
    site,
    plan: northgatePlan,
    clock: realClock(),
    bundle: await readBundle(),
    flashDirectory,
    broker: gateway.mqtt,
    phone,
    deskUrl: gateway.url,
  })
  await untilDesk(gateway.url, ({ receivers }) => receivers.every(({ isOnline }) => isOnline))
  return {
    gateway,
    folder,
    building,
    async stop() {
      await building.stop()
      await gateway.stop()
      await phone.close()
      folder.remove()
      rmSync(flashDirectory, { recursive: true, force: true })
    },
  }
}

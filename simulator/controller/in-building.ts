// Virtual controllers that hang in the building, each in the place of a receiver. In: what pendants advertise, as the radio model has
// it heard there; and by the pty what a host broadcasts. Out: reports to that host with their RSSI, and beacons to the pendants in
// range. The receiver itself is another program: `tocsin receiver --radio PATH`.
import type { World } from '../building/world.ts'
import type { SimClock } from '../ports.ts'
import { type Controller, createController } from './controller.ts'

export type HungRadios = {
  /** By the id of the receiver. */
  controllers: ReadonlyMap<string, Controller>
  close(): Promise<void>
}

/** `radios`: for each receiver where its pty is put. Throws where something is there already. */
export async function hangRadios(options: {
  radios: ReadonlyMap<string, string>
  world: World
  clock: SimClock
}): Promise<HungRadios> {
  const { radios, world, clock } = options
  const controllers = new Map<string, Controller>()
  const stops: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const stop of stops.splice(0)) await stop()
  }
  try {
    for (const [receiver, path] of radios) {
      const controller = await createController({ path, clock })
      stops.push(
        world.listen(receiver, heard => controller.hear(heard)),
        () => controller.close(),
      )
      controller.onBroadcast(data => world.broadcast(receiver, data))
      controllers.set(receiver, controller)
    }
  } catch (error) {
    await close()
    throw error
  }
  return { controllers, close }
}

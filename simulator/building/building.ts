// The whole building put together: pendants with the real firmware on people who walk about, receivers on the ceilings,
// the telephone at 5150. What the developer's page shows and does is this.
import { join } from 'node:path'
import type { Receiver, Site } from '../../schemas/site.ts'
import { createModelledAir } from '../air/air.ts'
import { quietOffice } from '../air/radio.ts'
import { createRandom, seedOf } from '../air/random.ts'
import { watchDesk } from '../gateway/desk-watch.ts'
import type { Building, RoomView } from '../page/building.ts'
import { createWearer, type Wearer } from '../people/wearer.ts'
import type { Phone, SimClock } from '../ports.ts'
import { type Ceiling, createCeiling } from '../receivers/ceiling.ts'
import { openFlash } from './flash.ts'
import { createPendant } from './pendants.ts'
import type { Plan } from './plan.ts'
import { createWorld, type World } from './world.ts'

export type BuildingOptions = {
  site: Site
  plan: Plan
  clock: SimClock
  /** The text of the built firmware. */
  bundle: string
  /** Where each pendant's flash is kept. */
  flashDirectory: string
  broker: { host: string; port: number }
  phone: Phone
  deskUrl: string
  onLink?: (receiver: string, isConnected: boolean, reason: string) => void
  /** Receivers that are programs of their own: here only their radios hang (controller/in-building.ts). */
  elsewhere?: ReadonlySet<string>
}

/** Gateways of other systems are not simulated, but for a Shelly that speaks as a receiver of ours. */
const isSimulated = ({ foreign }: Receiver): boolean =>
  foreign === undefined || (foreign.kind === 'shelly' && foreign.script === 'tocsin')

export type RunningBuilding = Building & {
  connectedReceivers(): number
  /** Batches of reports that the gateway has not confirmed yet. */
  unconfirmed(): number
  /** What is on the air, for whoever else hears and sends there. */
  readonly world: World
  stop(): Promise<void>
}

/** Puts everything up and the batteries in. Throws where the plan lacks a room of the site. */
export function createBuilding(options: BuildingOptions): RunningBuilding {
  const { site, plan, clock, broker, phone, elsewhere = new Set() } = options
  const listeners = new Set<() => void>()
  const onChange = () => {
    for (const listener of listeners) listener()
  }
  const world = createWorld(clock)
  const { onLink } = options
  const ceiling: Ceiling = createCeiling({
    receivers: site.receivers.filter(each => isSimulated(each) && !elsewhere.has(each.id)),
    broker,
    world,
    clock,
    knownMacs: new Set(site.pendants.flatMap(({ address, espresense }) => (espresense ? [address] : []))),
    onChange,
    ...(onLink === undefined ? {} : { onLink }),
  })
  const wearers = createWearers(options, world, onChange)
  phone.onChange(onChange)
  const desk = watchDesk(options.deskUrl, clock, onChange)
  const wearing = (id: string): Wearer => {
    const wearer = wearers.get(id)
    if (wearer === undefined)
      throw new Error(`expected one of the pendants ${[...wearers.keys()].join(', ')}, came ${id}`)
    return wearer
  }
  const [telephone] = site.telephones

  return {
    view: () => ({
      simulatedAtMs: clock.nowMs(),
      site: site.site,
      deskUrl: options.deskUrl,
      armed: desk.armed(),
      rooms: roomViews(site, plan),
      receivers: ceiling.views(),
      pendants: [...wearers.values()].map(wearer => wearer.view()),
      phone: {
        extension: telephone?.number ?? '',
        mode: phone.mode(),
        calls: desk.withSaid(phone.calls()),
      },
    }),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    pull: id => wearing(id).pull(),
    replaceCord: id => wearing(id).replaceCord(),
    press: (id, heldMs) => wearing(id).press(heldMs),
    button: (id, isDown) => wearing(id).button(isDown),
    gesture: (id, name) => wearing(id).gesture(name),
    move: (id, room) => wearing(id).walkTo(room),
    setReceiver: ceiling.set,
    phone: {
      answer: call => phone.answer(call),
      hangUp: call => phone.hangUp(call),
      heard: call => phone.heard(call),
      press: key => phone.press(key),
      setMode: mode => phone.setMode(mode),
    },
    connectedReceivers: ceiling.connected,
    unconfirmed: ceiling.unconfirmed,
    world,
    async stop() {
      listeners.clear()
      desk.stop()
      for (const wearer of wearers.values()) wearer.stop()
      await ceiling.stop()
    },
  }
}

function createWearers(options: BuildingOptions, world: World, onChange: () => void): Map<string, Wearer> {
  const { site, plan, clock, bundle } = options
  const receivers = new Map(
    site.receivers.map(({ id, at: [x, y, height] = [0, 0, 0] }) => [id, { x, y, height }]),
  )
  const rooms = roomsOf(site)
  const doors = new Map(rooms.map(({ id, adjacent }) => [id, adjacent]))
  const create = (index: number, pendant: Site['pendants'][number]): Wearer => {
    const flash = openFlash(join(options.flashDirectory, `${pendant.id}.json`))
    const host = createPendant({ pendant, bundle, flash, clock })
    const random = createRandom(seedOf('air', pendant.id))
    const air = { settings: quietOffice, plan, receivers, random }
    world.addPendant(host, createModelledAir({ ...air, placeNow: () => wearer.place() }))
    const name = site.people.find(({ id }) => id === pendant.wearer)?.name ?? pendant.wearer
    const room = rooms[index % rooms.length]?.id ?? ''
    const wearer = createWearer({
      id: pendant.id,
      name,
      key: pendant.key,
      host,
      clock,
      plan,
      doors,
      room,
      onChange,
    })
    wearer.start()
    return wearer
  }
  return new Map(site.pendants.map((pendant, index) => [pendant.id, create(index, pendant)]))
}

function roomsOf(site: Site) {
  return site.buildings.flatMap(({ floors }) =>
    floors.flatMap(floor => floor.rooms.map(room => ({ ...room, floor: floor.name }))),
  )
}

function roomViews(site: Site, plan: Plan): RoomView[] {
  return roomsOf(site).map(({ id, number, name, floor }) => {
    const rect = plan.get(id)
    return { id, number, name: name ?? '', floor, ...(rect === undefined ? {} : { rect }) }
  })
}
